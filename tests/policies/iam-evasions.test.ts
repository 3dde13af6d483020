/**
 * Spellings by which a document or trust once passed, or would pass a rule that looks at names instead of meaning.
 * Proves nothing about the engine: the SDK's own analysis in this process judges them.
 */
import { describe, expect, it } from "vitest";
import type { Example } from "../../policies/rule";
import { RULES } from "../../policies/rules";
import {
    EXAMPLE_SETTINGS,
    LAMBDA_TRUST,
    policyExample,
    roleExample,
    signerExample,
} from "../../policies/rules/example";
import type { Settings } from "../../policies/settings";
import { type Registered, urnOf } from "../support/pack-process";
import { inProcess } from "../support/recorded";
import { UNKNOWN, violations } from "../support/rules";

const SIGNER = { role: "countersign-dev-modules-v1-signer", name: "modules-signer" };
const FUNCTION = "arn:aws:lambda:eu-west-1:111122223333:function:countersign-dev-modules-v1-sign";
const GITHUB = "token.actions.githubusercontent.com";

function judge(id: string, example: Example, settings?: Partial<Settings>): Promise<string[]> {
    return violations(ruleOf(id), example, settings);
}

function ruleOf(id: string): (typeof RULES)[number] {
    const rule = RULES.find((one) => one.id === id);
    if (rule === undefined) throw new Error(`no rule ${id}`);
    return rule;
}

/** Messages of a rule's stack half alone. */
async function judgeStack(id: string, ...resources: readonly Registered[]): Promise<string[]> {
    const found = await inProcess([ruleOf(id)], EXAMPLE_SETTINGS).analyzeStack(resources);
    expect(found.filter(({ level }) => level !== 1)).toEqual([]);
    return found.map(({ message }) => message);
}

function registered(
    { type, name, props, provider }: Example,
    from: Registered["propertyDependencies"] = {},
): Registered {
    return {
        type: type!,
        name: name!,
        properties: { ...props },
        propertyDependencies: from,
        ...(provider && { provider: { type: provider.type, name: provider.name, properties: provider.props } }),
    };
}

function serviceTrust(condition: Record<string, Record<string, string>>): Example {
    return roleExample({ Principal: { Service: "states.amazonaws.com" }, Condition: condition });
}

describe("iam-trust-no-wildcard", () => {
    it.each([
        ["any account", { StringLike: { "aws:SourceAccount": "*" } }],
        ["another account", { StringEquals: { "aws:SourceAccount": "444455556666" } }],
        ["another account's source", { ArnLike: { "aws:SourceArn": "arn:aws:states:eu-west-1:444455556666:*" } }],
        ["any account's source", { ArnLike: { "aws:SourceArn": "arn:aws:states:*:*:stateMachine:*" } }],
        ["an absent source", { StringEqualsIfExists: { "aws:SourceAccount": "111122223333" } }],
    ])("refuses a service for %s", async (_, condition) =>
        expect(await judge("iam-trust-no-wildcard", serviceTrust(condition))).toHaveLength(1),
    );

    it.each([
        ["account", { StringEquals: { "aws:SourceAccount": "111122223333" } }],
        ["source", { ArnLike: { "aws:SourceArn": "arn:aws:states:eu-west-1:111122223333:stateMachine:*" } }],
    ])("accepts a service for this %s", async (_, condition) =>
        expect(await judge("iam-trust-no-wildcard", serviceTrust(condition))).toEqual([]),
    );

    it("refuses an external id that is any", async () => {
        const settings = { ...EXAMPLE_SETTINGS, externalAccounts: ["444455556666"] };
        const trust = (Condition: unknown): Example =>
            roleExample({ Principal: { AWS: "arn:aws:iam::444455556666:role/ci" }, Condition });
        const judged = (condition: unknown): Promise<string[]> =>
            judge("iam-trust-no-wildcard", trust(condition), settings);
        expect(await judged({ StringLike: { "sts:ExternalId": "*" } })).toHaveLength(1);
        expect(await judged({ StringEquals: { "sts:ExternalId": "7d1f" } })).toEqual([]);
    });
});

describe("iam-oidc-conditions", () => {
    const trust = (audience: string): Example =>
        roleExample({
            Principal: { Federated: `arn:aws:iam::111122223333:oidc-provider/${GITHUB}` },
            Action: "sts:AssumeRoleWithWebIdentity",
            Condition: {
                StringEquals: {
                    [`${GITHUB}:aud`]: audience,
                    [`${GITHUB}:sub`]: "repo:example@1001/release@2002:ref:refs/tags/v1.0.0",
                    [`${GITHUB}:job_workflow_ref`]: "example/release/.github/workflows/submit.yml@refs/tags/v1.0.0",
                },
            },
        });
    const settings = {
        ...EXAMPLE_SETTINGS,
        oidcProviders: [...EXAMPLE_SETTINGS.oidcProviders!, { url: "https://gitlab.com", audiences: ["elsewhere"] }],
    };

    it("takes the configured place", async () =>
        expect(await judge("iam-oidc-conditions", trust("sts.amazonaws.com"), settings)).toEqual([]));

    it("does not take the audience of another issuer", async () =>
        expect(await judge("iam-oidc-conditions", trust("elsewhere"), settings)).not.toEqual([]));
});

describe("iam-admin-star", () => {
    it.each([
        ["*?", "*"],
        ["?*", "arn:aws:s3:::other"],
        ["s3:?*", "*"],
        ["s3:*", "arn:aws:s3:::*"],
        ["s3:*", "arn:*"],
        ["s?:*", "arn:aws:*"],
        ["S3:**", "**"],
    ])("refuses %s on %s", async (Action, Resource) =>
        expect(await judge("iam-admin-star", policyExample({ Action, Resource }))).not.toEqual([]),
    );

    it.each([
        ["s3:*", "arn:aws:s3:::countersign-dev-results/*"],
        ["logs:*", "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/countersign-dev-prepare:*"],
        ["sqs:Get*", "*"],
    ])("accepts %s on %s", async (Action, Resource) =>
        expect(await judge("iam-admin-star", policyExample({ Action, Resource }))).toEqual([]),
    );
});

describe("iam-managed-policy-denylist", () => {
    it("refuses an AWS policy that the table does not have", async () =>
        expect(
            await judge(
                "iam-managed-policy-denylist",
                roleExample(LAMBDA_TRUST, { managedPolicyArns: ["arn:aws:iam::aws:policy/MadeUpToday"] }),
            ),
        ).toHaveLength(1));

    it("resolves an unknown policy by dependency only", async () => {
        const attachment: Example = {
            type: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
            name: "own",
            props: { role: "countersign-dev-prepare", policyArn: UNKNOWN },
        };
        const policy: Registered = { type: "aws:iam/policy:Policy", name: "own", properties: { policy: "{}" } };
        const own = registered(attachment, { policyArn: [urnOf(policy.type, policy.name)] });
        const id = "iam-managed-policy-denylist";
        expect(await judgeStack(id, policy, own)).toEqual([]);
        expect(await judgeStack(id, policy, registered(attachment))).toHaveLength(1);
        expect(await judgeStack(id, own)).toHaveLength(1);
    });
});

describe("iam-signer-least-privilege", () => {
    const id = "iam-signer-least-privilege";
    const role = registered(signerExample());
    const roleUrn = urnOf(role.type, role.name);
    const deny = (operator: string, value: string): Registered => ({
        ...registered(policyExample({}, SIGNER)),
        properties: {
            role: SIGNER.role,
            policy: JSON.stringify({
                Version: "2012-10-17",
                Statement: {
                    Effect: "Deny",
                    Action: "kms:Sign",
                    Resource: "*",
                    Condition: { [operator]: { "lambda:SourceFunctionArn": value } },
                },
            }),
        },
    });
    const denied = deny("ArnNotEquals", FUNCTION);

    it("accepts the Deny of every other function", async () => expect(await judgeStack(id, role, denied)).toEqual([]));

    it.each([
        ["none", undefined],
        ["functions that begin alike", deny("ArnNotLike", `${FUNCTION}*`)],
        ["functions that end alike", deny("ArnNotLike", FUNCTION.replace("countersign-dev", "*"))],
        ["one other letter", deny("ArnNotLike", FUNCTION.replace("v1", "v?"))],
        ["any region", deny("ArnNotLike", FUNCTION.replace("eu-west-1", "*"))],
        ["another function", deny("ArnNotEquals", `${FUNCTION}er`)],
        ["absence", deny("ArnNotEqualsIfExists", `${FUNCTION}*`)],
        ["positive condition", deny("ArnEquals", FUNCTION)],
    ])("refuses a Deny that leaves out %s", async (_, policy) =>
        expect(await judgeStack(id, role, ...(policy ? [policy] : []))).toHaveLength(1),
    );

    it("finds what the signer gets under an unknown name, by dependency", async () => {
        const more = policyExample({ Action: "s3:PutObject", Resource: "*" }, { ...SIGNER, name: "more" });
        const unknown = { ...more, props: { ...more.props, role: UNKNOWN } };
        // What it allows, and that it lacks the Deny that each of the signer's documents holds.
        expect(await judgeStack(id, role, denied, registered(unknown, { role: [roleUrn] }))).toHaveLength(2);
    });

    it("refuses a document of an unknown role that is none of the stack's", async () => {
        const stray = policyExample({ Action: "s3:GetObject", Resource: "*" });
        const unknown = registered({ ...stray, props: { ...stray.props, role: UNKNOWN } });
        expect(await judgeStack(id, role, denied, unknown)).toHaveLength(1);
        const other = registered(roleExample(LAMBDA_TRUST));
        const resolved = { ...unknown, propertyDependencies: { role: [urnOf(other.type, other.name)] } };
        expect(await judgeStack(id, role, other, denied, resolved)).toEqual([]);
    });

    it.each([
        ["RolePolicyAttachment", { role: SIGNER.role, policyArn: "arn:aws:iam::aws:policy/AWSXrayReadOnlyAccess" }],
        [
            "PolicyAttachment",
            { roles: ["other", SIGNER.role], policyArn: "arn:aws:iam::aws:policy/AWSXrayReadOnlyAccess" },
        ],
        ["RolePolicyAttachmentsExclusive", { roleName: SIGNER.role, policyArns: ["arn:aws:iam::aws:policy/x"] }],
    ])("refuses a managed policy for the signer by %s", async (kind, props) => {
        const type = `aws:iam/${kind[0]!.toLowerCase()}${kind.slice(1)}:${kind}`;
        expect(await judge(id, { ...policyExample({}), type, name: "xray", props })).toHaveLength(1);
    });

    it("accepts the same for another role, and the exclusion of all for the signer", async () => {
        const type = "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive";
        const given = (roleName: string, policyArns: string[]): Example => ({
            ...policyExample({}),
            type,
            props: { roleName, policyArns },
        });
        expect(await judge(id, given("countersign-dev-prepare", ["arn:aws:iam::aws:policy/x"]))).toEqual([]);
        expect(await judge(id, given(SIGNER.role, []))).toEqual([]);
    });

    it("knows the signer in any case", async () =>
        expect(
            await judge(
                id,
                policyExample(
                    { Action: "s3:PutObject", Resource: "*" },
                    { ...SIGNER, role: SIGNER.role.toUpperCase() },
                ),
            ),
        ).not.toEqual([]));
});

describe("iam-signer-trust-exact", () => {
    it("refuses two resources that are one role in AWS", async () => {
        const role = registered(signerExample());
        const twin = registered({ ...signerExample(), name: "twin" });
        expect(await judgeStack("iam-signer-trust-exact", role)).toEqual([]);
        expect(await judgeStack("iam-signer-trust-exact", role, twin)).toHaveLength(1);
    });

    it("knows the signer in any case", async () =>
        expect(
            await judge(
                "iam-signer-trust-exact",
                roleExample({ Principal: { AWS: "*" } }, { name: SIGNER.role.toUpperCase() }),
            ),
        ).not.toEqual([]));
});

describe("what a document says of its holder", () => {
    const allow = (Action: string, Condition: unknown): string =>
        JSON.stringify({ Version: "2012-10-17", Statement: { Effect: "Allow", Action, Resource: "*", Condition } });
    const inline = (policy: string): Example => ({
        ...policyExample({}, { role: "helper", name: "helper" }),
        props: { name: "helper", role: "helper", policy },
    });
    const managed = (policy: string): Example => ({
        ...inline(policy),
        type: "aws:iam/policy:Policy",
        props: { name: "helper", policy },
    });
    const ARN = "arn:aws:iam::111122223333:role";
    const denied = (Condition: unknown): string =>
        JSON.stringify({
            Version: "2012-10-17",
            Statement: [
                { Effect: "Allow", Action: ["kms:Sign", "lambda:UpdateFunctionCode"], Resource: "*" },
                { Effect: "Deny", Action: ["kms:Sign", "lambda:UpdateFunctionCode"], Resource: "*", Condition },
            ],
        });

    it.each([
        ["a path", { ArnEquals: { "aws:PrincipalArn": `${ARN}/x/helper` } }],
        ["another case", { StringEquals: { "aws:PrincipalArn": `${ARN}/Helper` } }],
        ["all but one", { StringNotEquals: { "aws:PrincipalArn": `${ARN}/helper` } }],
        ["a pattern", { ArnLike: { "aws:PrincipalArn": `${ARN}/*/helper` } }],
    ])("inline, is not taken for a restriction: %s", async (_, condition) => {
        for (const [id, action] of [
            ["iam-sign-identity-docs", "kms:Sign"],
            ["iam-signer-takeover", "lambda:UpdateFunctionCode"],
            ["iam-signer-takeover", "kms:UpdateAlias"],
        ] as const)
            expect(await judge(id, inline(allow(action, condition))), `${id} ${action}`).not.toEqual([]);
    });

    it.each([
        ["a role", { ArnEquals: { "aws:PrincipalArn": `${ARN}/countersign-dev-prepare` } }],
        ["a user", { StringEquals: { "aws:username": "u" } }],
        ["users", { StringEquals: { "aws:PrincipalType": "User" } }],
        ["an id", { StringLike: { "aws:userid": "AIDAEXAMPLEEXAMPLE123" } }],
    ])("managed, is not taken for a restriction: %s", async (_, condition) => {
        for (const [id, action] of [
            ["iam-sign-identity-docs", "kms:Sign"],
            ["iam-signer-takeover", "lambda:UpdateFunctionCode"],
        ] as const)
            expect(await judge(id, managed(allow(action, condition))), id).not.toEqual([]);
    });

    it.each([
        ["the role by a path that it may not have", { ArnEquals: { "aws:PrincipalArn": `${ARN}/helper` } }],
        ["all but a role", { ArnNotEquals: { "aws:PrincipalArn": `${ARN}/x/helper` } }],
    ])("does not count as a Deny: %s", async (_, condition) => {
        for (const example of [inline(denied(condition)), managed(denied(condition))]) {
            expect(await judge("iam-sign-identity-docs", example)).not.toEqual([]);
            expect(await judge("iam-signer-takeover", example)).not.toEqual([]);
        }
    });

    it("counts where it leaves nobody but the signer", async () => {
        const signer = `${ARN}/signing/${SIGNER.role}`;
        const only = { ArnEquals: { "aws:PrincipalArn": signer } };
        const but = { ArnNotEquals: { "aws:PrincipalArn": signer } };
        const elsewhere = { StringEquals: { "aws:PrincipalAccount": "444455556666" } };
        for (const example of [
            inline(allow("kms:Sign", only)),
            managed(allow("kms:Sign", only)),
            inline(allow("kms:Sign", elsewhere)),
            inline(denied(but)),
            managed(denied(but)),
        ])
            expect(await judge("iam-sign-identity-docs", example)).toEqual([]);
    });
});

describe("kms-alias-target", () => {
    it("refuses an alias of an alias, by name or ARN", async () => {
        for (const targetKeyId of ["alias/another", "arn:aws:kms:eu-west-1:111122223333:alias/another"]) {
            const { good } = ruleOf("kms-alias-target");
            expect(await judge("kms-alias-target", { ...good, props: { ...good.props, targetKeyId } })).toHaveLength(1);
        }
    });
});

describe("every rule", () => {
    it.each(RULES.map((rule) => [rule.id, rule] as const))("%s reads no setting but those it declares", (_, rule) => {
        const strict = new Proxy({ ...EXAMPLE_SETTINGS } as Settings, {
            ownKeys: () => [...rule.reads],
            get: (target, key) => {
                if (typeof key === "string" && !(rule.reads as readonly string[]).includes(key))
                    throw new Error(`reads ${key}, which the engine would not hand over`);
                return Reflect.get(target, key) ?? [];
            },
        });
        for (const example of [rule.good, rule.bad]) {
            const type = example.type ?? (rule.types === "any" ? "aws:kms/key:Key" : rule.types[0]!);
            const view = {
                name: "example",
                urn: "urn",
                opts: { protect: false, ignoreChanges: [] },
                ...example,
                type,
                props: example.props as Record<string, unknown>,
            };
            rule.check?.(view, strict);
            rule.checkStack?.([{ ...view, dependencies: {} }], strict);
        }
        expect(rule.check ?? rule.checkStack).toBeDefined();
    });
});
