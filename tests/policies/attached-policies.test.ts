/**
 * What the settings say of managed policies, read by the rule that judges attachments. Proves nothing about the engine: the SDK's own analysis
 * in this process judges, and what is attached to whom at AWS nobody here sees.
 */
import { describe, expect, it } from "vitest";
import type { Example } from "../../policies/rule";
import { RULES } from "../../policies/rules";
import { EXAMPLE_PROVIDER, EXAMPLE_SETTINGS, LAMBDA_TRUST, roleExample } from "../../policies/rules/example";
import type { Settings } from "../../policies/settings";
import { settingsProblems } from "../../policies/settings-check";
import { type Registered, urnOf } from "../support/pack-process";
import { inProcess } from "../support/recorded";
import { UNKNOWN, violations } from "../support/rules";

const RULE = RULES.find(({ id }) => id === "iam-managed-policy-denylist")!;
const ARN = "arn:aws:iam::111122223333:policy";

const attachment = (policyArn: string): Example => ({
    type: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    name: "attachment",
    provider: EXAMPLE_PROVIDER,
    props: { role: "countersign-dev-prepare", policyArn },
});
const judge = (example: Example, settings: Partial<Settings>): Promise<string[]> =>
    violations(RULE, example, { ...EXAMPLE_SETTINGS, ...settings });

const allow = (Action: string, Resource = "*"): Record<string, unknown> => ({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action, Resource }],
});

describe("outsidePolicies", () => {
    const arn = `${ARN}/team/helper`;
    const judged = (document: unknown): Promise<string[]> =>
        judge(attachment(arn), { outsidePolicies: [{ arn, document: document as string }] });

    it("accepts a document that reads, as an object and as text", async () => {
        expect(await judged(allow("s3:GetObject"))).toEqual([]);
        expect(await judged(JSON.stringify(allow("s3:GetObject"), undefined, 4))).toEqual([]);
    });

    it.each([
        ["signs", allow("kms:Sign"), "may be granted kms:Sign"],
        ["grants", allow("kms:CreateGrant"), "may be granted kms:CreateGrant"],
        ["rewrites key policies", allow("kms:PutKey*"), "may be granted kms:PutKeyPolicy"],
        [
            "passes the signer, with nothing to start",
            allow("iam:PassRole", "arn:aws:iam::111122223333:role/signing/*"),
            "hands a signer to a service",
        ],
        ["changes the signer's code", allow("lambda:UpdateFunctionCode"), "reaches a signer"],
        ["becomes others", allow("sts:AssumeRole"), "may become a pattern"],
        ["is no JSON", "{", "NotJson"],
        ["is a list", [], "NotJson"],
        ["is nothing", null, "NotJson"],
    ])("refuses a document that %s", async (_, document, saw) => {
        const found = await judged(document);
        expect(found.length).toBeGreaterThan(0);
        expect(found.join("\n")).toContain(saw);
    });

    it("judges every document that the settings give for one ARN", async () =>
        expect(
            await judge(attachment(arn), {
                outsidePolicies: [
                    { arn, document: allow("s3:GetObject") },
                    { arn, document: allow("kms:Sign") },
                ],
            }),
        ).toHaveLength(1));

    it("takes a document as object or text, and nothing else", () => {
        const problems = (document: unknown): string[] => settingsProblems({ outsidePolicies: [{ arn, document }] });
        expect(problems(allow("s3:GetObject"))).toEqual([]);
        expect(problems("{}")).toEqual([]);
        expect(problems(["x"])).toEqual(["outsidePolicies[0].document is none of object, string"]);
        expect(settingsProblems({ outsidePolicies: [{ arn, sha256: "0".repeat(64) }] })).toEqual([
            "outsidePolicies[0].document is missing",
            "outsidePolicies[0].sha256 is no member of it, expected one of arn, document",
        ]);
    });
});

const policy = (name: string, props: Record<string, unknown> = {}): Registered => ({
    type: "aws:iam/policy:Policy",
    name,
    properties: { name, policy: JSON.stringify(allow("s3:GetObject")), ...props },
    provider: { type: EXAMPLE_PROVIDER.type, name: EXAMPLE_PROVIDER.name, properties: EXAMPLE_PROVIDER.props },
});
const attached = (policyArn: string, from: readonly Registered[] = []): Registered => ({
    type: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    name: "attachment",
    properties: { role: "countersign-dev-prepare", policyArn },
    propertyDependencies: { policyArn: from.map(({ type, name }) => urnOf(type, name)) },
    provider: { type: EXAMPLE_PROVIDER.type, name: EXAMPLE_PROVIDER.name, properties: EXAMPLE_PROVIDER.props },
});
async function judgeStack(settings: Partial<Settings>, ...resources: readonly Registered[]): Promise<string[]> {
    const found = await inProcess([RULE], { ...EXAMPLE_SETTINGS, ...settings }).analyzeStack(resources);
    return found.map(({ message }) => message);
}

describe("stackPolicies", () => {
    const settings = { stackPolicies: ["reader"] };

    it("accepts the policy by its ARN, whatever its path", async () => {
        expect(await judge(attachment(`${ARN}/reader`), settings)).toEqual([]);
        expect(await judge(attachment(`${ARN}/a/b/reader`), settings)).toEqual([]);
        expect(await judge(roleExample(LAMBDA_TRUST, { managedPolicyArns: [`${ARN}/reader`] }), settings)).toEqual([]);
    });

    it.each([
        ["another name", `${ARN}/readers`],
        ["another account", "arn:aws:iam::444455556666:policy/reader"],
        ["another partition", "arn:aws-cn:iam::111122223333:policy/reader"],
        ["another kind", "arn:aws:iam::111122223333:role/reader"],
        ["a path that begins alike", `${ARN}-x/reader`],
    ])("refuses %s", async (_, arn) => expect(await judge(attachment(arn), settings)).toHaveLength(1));

    it("refuses it where the account is not known", async () => {
        const unplaced = { ...attachment(`${ARN}/reader`), provider: { ...EXAMPLE_PROVIDER, props: {} } };
        expect(await judge(unplaced, { ...settings, accountId: "", regions: [] })).toHaveLength(1);
    });

    it("wants the stack to declare it, under the ARN that is attached, with a known document", async () => {
        expect(await judgeStack(settings, policy("reader"), attached(`${ARN}/reader`))).toEqual([]);
        expect(await judgeStack(settings, policy("reader", { path: "/a/" }), attached(`${ARN}/a/reader`))).toEqual([]);
        expect(await judgeStack(settings, attached(`${ARN}/reader`))).toHaveLength(1);
        expect(await judgeStack(settings, policy("other"), attached(`${ARN}/reader`))).toHaveLength(1);
        expect(await judgeStack(settings, policy("reader"), attached(`${ARN}/a/reader`))).toHaveLength(1);
        expect(await judgeStack(settings, policy("reader", { path: UNKNOWN }), attached(`${ARN}/reader`))).toHaveLength(
            1,
        );
        expect(
            await judgeStack(settings, policy("reader", { policy: UNKNOWN }), attached(`${ARN}/reader`)),
        ).toHaveLength(1);
    });
});

describe("boundaryPolicies", () => {
    const settings = { boundaryPolicies: ["ceiling"], stackPolicies: ["ceiling"] };
    const wide = { name: "ceiling", policy: JSON.stringify(allow("*")) };

    it.each([
        "iam-sign-identity-docs",
        "iam-signer-takeover",
        "iam-no-chains",
        "iam-passrole-scoped",
        "iam-admin-star",
    ])("are not judged by %s, as long as their name is known", async (id) => {
        const rule = RULES.find((one) => one.id === id)!;
        const of = (props: Record<string, unknown>, type = "aws:iam/policy:Policy"): Promise<string[]> =>
            violations(
                rule,
                { type, name: "ceiling", provider: EXAMPLE_PROVIDER, props },
                { ...EXAMPLE_SETTINGS, ...settings },
            );
        expect(await of(wide)).toEqual([]);
        expect(await of({ ...wide, name: UNKNOWN })).not.toEqual([]);
        expect(await of({ policy: wide.policy })).not.toEqual([]);
        expect(await of({ ...wide, name: "Ceiling" })).not.toEqual([]);
        expect(await of({ ...wide, role: "countersign-dev-prepare" }, "aws:iam/rolePolicy:RolePolicy")).not.toEqual([]);
    });

    it("are attached nowhere, in whatever case, though stackPolicies name them too", async () => {
        for (const name of ["ceiling", "CEILING", "a/ceiling"])
            expect(await judge(attachment(`${ARN}/${name}`), settings), name).toHaveLength(1);
        expect(await judgeStack(settings, policy("ceiling"), attached(UNKNOWN, [policy("ceiling")]))).toHaveLength(1);
        expect(await judgeStack({}, policy("ceiling"), attached(UNKNOWN, [policy("ceiling")]))).toEqual([]);
    });
});
