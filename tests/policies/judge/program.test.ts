/**
 * The whole program as a stack export: clean as it stands, and refused once its state is spoiled. The records are the language host's, with
 * made-up outputs; that a real export looks so is tests/engine.
 */
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { record } from "../../support/record-harness";
import type { EngineRecord } from "../../support/record-harness";
import { computedOutputs } from "../../support/fake-aws";
import { ROOT } from "../../support/native";
import { folder, policy } from "./command";

const SETTINGS = join(ROOT, "policies", "settings.local.json");

let records: readonly EngineRecord[];
beforeAll(async () => {
    const recording = await record({ dryRun: false });
    expect(recording.errors).toEqual([]);
    records = recording.records;
}, 120_000);

function exported(change: (one: EngineRecord) => EngineRecord | undefined = (one) => one): string {
    const resources = records
        .flatMap((one) => change(one) ?? [])
        .map(({ urn, type, custom, parent, properties, protect, propertyDependencies, provider }) => ({
            urn,
            type,
            custom,
            parent,
            protect,
            inputs: properties,
            outputs: { ...properties, ...computedOutputs({ type, urn, properties }) },
            propertyDependencies,
            provider: provider === "" ? "" : `${provider}::id`,
        }));
    return join(folder({ "stack.json": { version: 3, deployment: { resources } } }), "stack.json");
}

const is = ({ type, name }: EngineRecord, wanted: string, of: string): boolean =>
    type.endsWith(`:${wanted}`) && name === of;

describe("an export of the program", () => {
    it("gives no violation and no notice", async () => {
        const { status, stdout } = await policy(exported(), "--settings", SETTINGS, "--json");
        expect({ status, found: JSON.parse(stdout) as unknown }).toEqual({
            status: 0,
            found: { violations: [], notices: [] },
        });
    });

    const spoiled: [string, string, (one: EngineRecord) => EngineRecord | undefined][] = [
        [
            "a key without protection",
            "kms-key-protect-and-window",
            (one) => withRecord(one, "Key", "modules-v1", { protect: false }),
        ],
        ["no trail", "cloudtrail-complete", (one) => (is(one, "Trail", "trail") ? undefined : one)],
        [
            "a step that may change the signer's code",
            "iam-signer-takeover",
            (one) =>
                withInputs(one, "RolePolicy", "pipeline-publish", {
                    policy: JSON.stringify({
                        Version: "2012-10-17",
                        Statement: [{ Effect: "Allow", Action: "lambda:UpdateFunctionCode", Resource: "*" }],
                    }),
                }),
        ],
        [
            "a signer that trusts another service",
            "iam-signer-trust-exact",
            (one) =>
                withInputs(one, "Role", "modules-v1-signer", {
                    assumeRolePolicy: JSON.stringify({
                        Version: "2012-10-17",
                        Statement: [
                            {
                                Effect: "Allow",
                                Principal: { Service: "states.amazonaws.com" },
                                Action: "sts:AssumeRole",
                            },
                        ],
                    }),
                }),
        ],
        [
            "a provider of another account",
            "provider-pinned",
            (one) => withInputs(one, "aws", "aws", { allowedAccountIds: '["444455556666"]' }),
        ],
    ];
    it.each(spoiled)("with %s is refused by %s", async (_name, rule, change) => {
        const { status, stdout } = await policy(exported(change), "--settings", SETTINGS, "--json");
        const { violations } = JSON.parse(stdout) as { violations: { rule: string; path: string }[] };
        expect(status).toBe(1);
        expect(violations.map((one) => one.rule)).toContain(rule);
    });

    it("prints the whole way to the key", async () => {
        const [, , change] = spoiled.find(([, rule]) => rule === "iam-signer-takeover")!;
        const { stdout } = await policy(exported(change), "--settings", SETTINGS, "--json");
        const { violations } = JSON.parse(stdout) as { violations: { rule: string; path: string }[] };
        const path = violations.find(({ rule }) => rule === "iam-signer-takeover")!.path.split(" -> ");
        expect(path[0]).toContain("countersign-local-publish");
        expect(path[1]).toContain("lambda:UpdateFunctionCode");
        expect(path.length).toBeGreaterThanOrEqual(4);
    });
});

function withRecord(one: EngineRecord, type: string, name: string, change: Partial<EngineRecord>): EngineRecord {
    return is(one, type, name) ? { ...one, ...change } : one;
}

function withInputs(one: EngineRecord, type: string, name: string, inputs: Record<string, unknown>): EngineRecord {
    return withRecord(one, type, name, { properties: { ...one.properties, ...inputs } });
}
