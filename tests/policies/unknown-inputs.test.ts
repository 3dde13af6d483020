/**
 * Every input of every role, document, key and alias of the program, and those that it does not set, unknown at preview with no
 * dependency to resolve it: some mandatory violation, always. Proves nothing about other areas' inputs.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { RULES } from "../../policies/rules";
import type { Registered } from "../support/pack-process";
import { inProcess } from "../support/recorded";
import { UNKNOWN } from "../support/rules";
import { type Program, recordProgram } from "./mutations/program";

/**
 * Inputs that decide nothing, by type, or by type and name. Everything else that a resource has or `OPTIONAL` names has to be refused.
 * `namePrefix` is none of them: the provider takes it without `name` only, and `name` is required.
 */
const INERT: Readonly<Record<string, readonly string[]>> = {
    "aws:iam/role:Role": ["description", "forceDetachPolicies", "tags"],
    "aws:iam/rolePolicy:RolePolicy": ["name"],
    "aws:kms/key:Key": ["description"],
    // Its usage alone says that it cannot sign; where its material lives is no matter of signing.
    "aws:kms/key:Key data": ["customerMasterKeySpec", "customKeyStoreId", "xksKeyId"],
    "aws:kms/alias:Alias": [],
};

/** What the program leaves out, and what somebody may put in. */
const OPTIONAL: Readonly<Record<string, readonly string[]>> = {
    "aws:iam/role:Role": ["inlinePolicies", "managedPolicyArns", "maxSessionDuration", "path"],
    "aws:iam/rolePolicy:RolePolicy": [],
    "aws:kms/key:Key": ["multiRegion", "customKeyStoreId", "xksKeyId", "bypassPolicyLockoutSafetyCheck", "isEnabled"],
    "aws:kms/alias:Alias": [],
};

let program: Program;
beforeAll(async () => {
    program = await recordProgram();
}, 120_000);

async function violationsOf(resource: Registered): Promise<string[]> {
    const pack = inProcess(RULES, program.settings);
    const stack = program.resources.map((one) => (one.urn === resource.urn ? resource : one));
    const found = [...(await pack.analyze(resource)), ...(await pack.analyzeStack(stack))];
    return found.filter(({ level }) => level === 1).map(({ message }) => message);
}

describe.each(Object.keys(OPTIONAL))("%s", (type) => {
    it("is never passed in silence with an unknown input", async () => {
        const silent: string[] = [];
        const seen = new Set<string>();
        for (const resource of program.resources.filter((one) => one.type === type)) {
            const inert = [...(INERT[type] ?? []), ...(INERT[`${type} ${resource.name}`] ?? []), "__defaults"];
            const inputs = new Set([...Object.keys(resource.properties), ...OPTIONAL[type]!]);
            for (const input of [...inputs].filter((one) => !inert.includes(one))) {
                seen.add(input);
                const { [input]: _gone, ...propertyDependencies } = resource.propertyDependencies ?? {};
                const properties = { ...resource.properties, [input]: UNKNOWN };
                const found = await violationsOf({ ...resource, properties, propertyDependencies });
                if (found.length === 0) silent.push(`${resource.name} ${input}`);
            }
        }
        expect(silent).toEqual([]);
        expect([...seen].length).toBeGreaterThan(1);
    }, 120_000);
});
