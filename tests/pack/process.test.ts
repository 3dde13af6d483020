/** The real pack process over gRPC. Proves nothing about when the engine asks it: that is tests/engine. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packConfig } from "../../policies/config";
import type { Example } from "../../policies/rule";
import { RULES } from "../../policies/rules";
import { EXAMPLE_SETTINGS } from "../../policies/rules/example";
import { type PackProcess, type Registered, startPack, urnOf } from "../support/pack-process";
import { UNKNOWN } from "../support/rules";

let pack: PackProcess;
beforeAll(async () => {
    pack = await startPack();
    await pack.configure(packConfig(EXAMPLE_SETTINGS) as Record<string, Record<string, unknown>>);
});
afterAll(() => pack.stop());

describe("the pack as the engine sees it", () => {
    it("announces every rule as mandatory, because the default is advisory", async () => {
        const { name, policies } = await pack.info();
        expect(name).toBe("countersign");
        expect(policies.map((policy) => policy.name).sort()).toEqual(
            [...RULES.map(({ id }) => id), "provider-internals"].sort(),
        );
        expect(policies.filter(({ level }) => level !== 1)).toEqual([
            { name: "iam-trust-notices", level: 0 },
            // It shows, and provider-pinned refuses.
            { name: "provider-internals", level: 3 },
        ]);
    });

    it.each(RULES.filter(({ check }) => check).map((rule) => [rule.id, rule] as const))(
        "%s judges its examples",
        async (id, rule) => {
            const type = rule.types === "any" ? rule.good.type! : rule.types[0]!;
            expect((await pack.analyze(registered(rule.good, type))).filter(({ policy }) => policy === id)).toEqual([]);
            const found = (await pack.analyze(registered(rule.bad, type))).filter(({ policy }) => policy === id);
            expect(found.length).toBeGreaterThan(0);
            expect(found.filter(({ level }) => level !== (id === "iam-trust-notices" ? 0 : 1))).toEqual([]);
        },
    );

    it("turns an unknown key policy into a mandatory violation, where the SDK alone would say advisory", async () => {
        const { good } = RULES.find(({ id }) => id === "kms-sign-exclusive")!;
        const found = await pack.analyze(
            registered({ ...good, props: { ...good.props, policy: UNKNOWN } }, "aws:kms/key:Key"),
        );
        expect(found.filter(({ level }) => level === 0)).toEqual([]);
        expect(found.map(({ policy }) => policy)).toContain("kms-sign-exclusive");
        expect(found.map(({ policy }) => policy)).toContain("iam-policy-doc-known");
    });

    it.each(["pluginDownloadURL", "parameterization"])(
        "refuses a provider's %s, which the engine shows to remediations only",
        async (hidden) => {
            const plain = { region: "eu-west-1", allowedAccountIds: '["111122223333"]', endpoints: UNKNOWN };
            const provider = { type: "pulumi:providers:aws", name: "aws" };
            const inputs = await pack.remediate({
                ...provider,
                properties: { ...plain, __internal: { [hidden]: "https://plugins.example.net" } },
            });
            const { __internal: _stripped, ...shown } = inputs;
            const found = await pack.analyze({ ...provider, properties: shown });
            expect(found.map(({ message, level }) => `${level} ${message}`).join("\n")).toContain(`| at ${hidden} |`);
            expect(await pack.remediate({ ...provider, properties: plain })).toEqual(plain);
        },
    );

    it("finds a second policy of a key by dependency, with the key's id unknown", async () => {
        const { good } = RULES.find(({ id }) => id === "kms-sign-exclusive")!;
        const key = registered(good, "aws:kms/key:Key");
        const second: Registered = {
            type: "aws:kms/keyPolicy:KeyPolicy",
            name: "second",
            properties: { keyId: UNKNOWN, policy: "{}" },
            propertyDependencies: { keyId: [urnOf(key.type, key.name)] },
        };
        const found = await pack.analyzeStack([key, second]);
        expect(found.map(({ policy, level }) => ({ policy, level }))).toContainEqual({
            policy: "kms-sign-exclusive",
            level: 1,
        });
        expect((await pack.analyzeStack([key])).filter(({ policy }) => policy === "kms-sign-exclusive")).toEqual([]);
    });
});

function registered(
    { type, name = "example", props, protect = false, provider, ignoreChanges = [], code }: Example,
    defaultType: string,
): Registered {
    return {
        type: type ?? defaultType,
        name,
        properties: { ...props, ...(code !== undefined && { code: archiveOf(code) }) },
        protect,
        ignoreChanges,
        ...(provider && { provider: { type: provider.type, name: provider.name, properties: provider.props } }),
    };
}

/** An archive of one text, as the engine sends it. */
function archiveOf(text: string): Record<string, unknown> {
    const signature = "4dabf18193072939515e22adb298388d";
    return {
        [signature]: "0def7320c3a5731c473e5ecbe6d01bc7",
        assets: { "__index.js": { [signature]: "c44067f5952c0a294b673a41bacd8c17", text } },
    };
}
