/** Each rule on its own examples. Proves nothing about the engine, nor that the rules together keep the promise. */
import { basename } from "node:path";
import { globSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { RULES } from "../../policies/rules";
import { toPolicy } from "../../policies/to-policy";
import { UNKNOWN, violations } from "../support/rules";

describe.each(RULES.map((rule) => [rule.id, rule] as const))("%s", (id, rule) => {
    it("accepts its good example", async () => expect(await violations(rule, rule.good)).toEqual([]));

    it("refuses its bad example, naming itself and what to do", async () => {
        const found = await violations(rule, rule.bad);
        expect(found.length).toBeGreaterThan(0);
        for (const line of found) {
            expect(line.startsWith(`[${id}] `)).toBe(true);
            expect(line.endsWith(` | fix: ${rule.fix}`)).toBe(true);
        }
    });

    it("is mandatory, unless it only announces, and says what it is for", () => {
        const policy = toPolicy(rule);
        expect(policy.enforcementLevel).toBe(id === "iam-trust-notices" ? "advisory" : "mandatory");
        expect(policy).toMatchObject({
            name: id,
            description: rule.description,
            tags: rule.threats,
            remediationSteps: rule.fix,
        });
    });
});

describe("the pack", () => {
    it("holds every rule of its folder, under the file's name", () => {
        const files = globSync("policies/rules/*/*.ts")
            .map((file) => basename(file, ".ts"))
            .filter((name) => name !== "example");
        expect(RULES.map(({ id }) => id).sort()).toEqual(files.sort());
    });
});

describe("unknown inputs", () => {
    const secured = [
        ["kms-sign-exclusive", "policy"],
        ["kms-sign-explicit-deny", "policy"],
        ["kms-no-iam-delegation-of-sign", "policy"],
        ["kms-signing-key-shape", "keyUsage"],
        ["kms-signing-key-shape", "customerMasterKeySpec"],
        ["kms-key-protect-and-window", "deletionWindowInDays"],
        ["kms-no-grants", "operations"],
        ["iam-policy-doc-known", "policy"],
        ["provider-pinned", "region"],
        ["provider-pinned", "allowedAccountIds"],
        ["lambda-hardening", "role"],
    ] as const;
    it.each(secured)("%s fails on an unknown %s instead of passing it", async (id, property) => {
        const rule = RULES.find((one) => one.id === id)!;
        expect(
            await violations(rule, { ...rule.good, props: { ...rule.good.props, [property]: UNKNOWN } }),
        ).not.toEqual([]);
    });
});
