/**
 * Rules on random trust policies, against an oracle that shares no code with them: it tries strangers one by one. No stranger that a trust
 * admits may pass. Proves nothing about trusts outside the generator's words, nor about what forges put into tokens.
 */
import { describe, expect, it } from "vitest";
import type { ResourceView } from "../../policies/rule";
import { RULES } from "../../policies/rules";
import { EXAMPLE_PROVIDER, EXAMPLE_SETTINGS } from "../../policies/rules/example";
import { settingsOf } from "../../policies/settings";
import { createRandom, type Random } from "../lib/iam/random";
import { matchesPattern } from "../support/pattern";

const ACCOUNT = "111122223333";
const IAM = `arn:aws:iam::${ACCOUNT}`;
const GITHUB = "token.actions.githubusercontent.com";
const PROVIDER = `${IAM}:oidc-provider/${GITHUB}`;
const SUBJECT = "repo:example@1001/release@2002:ref:refs/tags/v1.0.0";
const WORKFLOW = "example/release/.github/workflows/submit.yml@refs/tags/v1.0.0";

type Context = Readonly<Record<string, string | undefined>>;

/** Who asks, by which action, with what in the request. */
interface Caller {
    readonly kind: "AWS" | "Service" | "Federated";
    /** Each of these in Principal means it. */
    readonly names: readonly string[];
    readonly action: string;
    readonly context: Context;
}

const token = (sub: string, more: Context = {}, provider = PROVIDER): Caller => ({
    kind: "Federated",
    names: [provider],
    action: "sts:AssumeRoleWithWebIdentity",
    context: {
        [`${GITHUB}:aud`]: "sts.amazonaws.com",
        [`${GITHUB}:sub`]: sub,
        [`${GITHUB}:job_workflow_ref`]: WORKFLOW,
        ...more,
    },
});
const role = (arn: string, account: string, org?: string): Caller => ({
    kind: "AWS",
    names: ["*", arn, account, `arn:aws:iam::${account}:root`],
    action: "sts:AssumeRole",
    context: {
        "aws:PrincipalArn": arn,
        "aws:PrincipalAccount": account,
        "aws:PrincipalOrgID": org,
        "sts:ExternalId": "known",
    },
});
const service = (name: string, account: string): Caller => ({
    kind: "Service",
    names: [name],
    action: "sts:AssumeRole",
    context: { "aws:SourceAccount": account, "aws:SourceArn": `arn:aws:x:eu-west-1:${account}:x` },
});

/** None of these may become a role of the program. */
const STRANGERS: readonly Caller[] = [
    token("repo:evil@6/release@7:ref:refs/tags/v1.0.0"),
    token("repo:example@1001/release@2002:pull_request"),
    token("repo:example@1001/release@2002:ref:refs/heads/x"),
    token("repo:example@1001/other@3:ref:refs/tags/v1.0.0"),
    token("repo:example/release:ref:refs/tags/v1.0.0"),
    token(SUBJECT, { [`${GITHUB}:job_workflow_ref`]: "evil/x/.github/workflows/x.yml@refs/heads/x" }),
    token(SUBJECT, { [`${GITHUB}:aud`]: "https://github.com/evil" }),
    token(SUBJECT, {}, `${PROVIDER}/evil`),
    role(`${IAM}:role/stranger`, ACCOUNT, "o-abcdefghij"),
    role("arn:aws:iam::444455556666:role/x", "444455556666", "o-abcdefghij"),
    role("arn:aws:iam::999999999999:role/x", "999999999999"),
    service("events.amazonaws.com", "444455556666"),
    service("states.amazonaws.com", "444455556666"),
    service("rolesanywhere.amazonaws.com", ACCOUNT),
];
/** Of a signer neither these. */
const FRIENDS: readonly Caller[] = [
    token(SUBJECT),
    service("states.amazonaws.com", ACCOUNT),
    role(`${IAM}:role/countersign-dev-prepare`, ACCOUNT),
];

const PRINCIPALS: readonly (readonly [string, string])[] = [
    ["AWS", "*"],
    ["AWS", ACCOUNT],
    ["AWS", `${IAM}:root`],
    ["AWS", `${IAM}:role/stranger`],
    ["AWS", `${IAM}:role/countersign-dev-prepare`],
    ["AWS", "444455556666"],
    ["AWS", "arn:aws:iam::999999999999:role/x"],
    ["Service", "lambda.amazonaws.com"],
    ["Service", "states.amazonaws.com"],
    ["Service", "events.amazonaws.com"],
    ["Service", "rolesanywhere.amazonaws.com"],
    ["Federated", PROVIDER],
    ["Federated", PROVIDER],
    ["Federated", PROVIDER],
    ["Federated", `${PROVIDER}/evil`],
];
const VALUES: Readonly<Record<string, readonly string[]>> = {
    [`${GITHUB}:aud`]: ["sts.amazonaws.com", "sts.amazonaws.com", "*", "https://github.com/*"],
    [`${GITHUB}:sub`]: [
        SUBJECT,
        SUBJECT,
        "repo:example@1001/*",
        "repo:example*",
        "*",
        "repo:example@1001/release@2002:*",
        "repo:example@1001/release@2002:pull_request",
        "repo:example/release:ref:refs/tags/v1.0.0",
        "repo:*:ref:refs/tags/v1.0.?",
    ],
    [`${GITHUB}:job_workflow_ref`]: [WORKFLOW, WORKFLOW, "*", "example/*"],
    "aws:SourceAccount": [ACCOUNT, ACCOUNT, "444455556666", "*"],
    "aws:PrincipalArn": [`${IAM}:role/countersign-dev-prepare`, `${IAM}:role/*`, "*"],
    "aws:PrincipalAccount": [ACCOUNT, "444455556666"],
    "aws:PrincipalOrgID": ["o-abcdefghij"],
    "sts:ExternalId": ["known", "other", "*"],
};
const OPERATORS = [
    "StringEquals",
    "StringEquals",
    "StringEquals",
    "StringLike",
    "StringLike",
    "StringEqualsIfExists",
    "StringNotEquals",
    "Null",
    "ForAllValues:StringEquals",
    "ForAnyValue:StringLike",
];
const ACTIONS = [
    "sts:AssumeRole",
    "sts:AssumeRole",
    "sts:AssumeRoleWithWebIdentity",
    "sts:AssumeRoleWithWebIdentity",
    "sts:*",
    "STS:assumerole*",
];

interface Statement {
    readonly Effect: string;
    readonly Principal?: Record<string, string[]>;
    readonly NotPrincipal?: Record<string, string[]>;
    readonly Action: string[];
    readonly Condition: Record<string, Record<string, string[]>>;
}

function statement(random: Random): Statement {
    const named: Record<string, string[]> = {};
    for (const [kind, text] of random.some(PRINCIPALS, random.chance(0.3) ? 2 : 1))
        named[kind] = [...(named[kind] ?? []), text];
    const isToken = named["Federated"] !== undefined;
    const Condition: Record<string, Record<string, string[]>> = {};
    const add = (operator: string, key: string): void => {
        const values = operator === "Null" ? [random.pick(["true", "false"])] : random.some(VALUES[key]!, 2);
        Condition[operator] = { ...Condition[operator], [key]: values };
    };
    // A token that is asked for all it should be asked for, as often as not.
    if (isToken && random.chance(0.8))
        for (const key of ["aud", "sub", "job_workflow_ref"])
            if (random.chance(0.95)) add(random.pick(OPERATORS), `${GITHUB}:${key}`);
    for (let i = random.int(3); i > 0; i--) add(random.pick(OPERATORS), random.pick(Object.keys(VALUES)));
    return {
        Effect: random.chance(0.9) ? "Allow" : "Deny",
        ...(random.chance(0.04) ? { NotPrincipal: named } : { Principal: named }),
        Action: random.chance(0.8)
            ? [isToken ? "sts:AssumeRoleWithWebIdentity" : "sts:AssumeRole"]
            : random.some(ACTIONS, 2),
        Condition,
    };
}

// The oracle.
function holds(conditions: Statement["Condition"], context: Context): boolean {
    return Object.entries(conditions).every(([operator, keys]) =>
        Object.entries(keys).every(([key, values]) => {
            const value = context[key];
            if (operator === "Null") return values.some((one) => (one === "true") === (value === undefined));
            const negated = operator.includes("Not");
            if (value === undefined) return operator.startsWith("ForAll") || operator.endsWith("IfExists") || negated;
            return (
                values.some((one) => (operator.includes("Like") ? matchesPattern(one, value) : one === value)) !==
                negated
            );
        }),
    );
}

function admits(document: readonly Statement[], { kind, names, action, context }: Caller): boolean {
    const hits = document.filter(({ Principal, NotPrincipal, Action, Condition }) => {
        const listed = (Principal ?? NotPrincipal!)[kind]?.some((one) => names.includes(one)) ?? false;
        return (
            listed === (Principal !== undefined) &&
            Action.some((one) => matchesPattern(one, action, "i")) &&
            holds(Condition, context)
        );
    });
    return hits.some(({ Effect }) => Effect === "Allow") && !hits.some(({ Effect }) => Effect === "Deny");
}

const settings = settingsOf(EXAMPLE_SETTINGS);
const JUDGES = ["iam-trust-no-wildcard", "iam-oidc-conditions", "iam-signer-trust-exact", "iam-policy-doc-strict-json"];

function refused(policy: string, name: string, path: string): string[] {
    const view: ResourceView = {
        type: "aws:iam/role:Role",
        name: "role",
        urn: "urn",
        props: { name, path, assumeRolePolicy: policy },
        opts: { protect: false, ignoreChanges: [] },
        provider: EXAMPLE_PROVIDER,
    };
    return RULES.filter(({ id }) => JUDGES.includes(id)).flatMap((rule) =>
        rule.check!(view, settings).length > 0 ? [rule.id] : [],
    );
}

const CASES = 4_000;

describe.each([
    ["a role of the program", "countersign-dev-verify", "/", STRANGERS],
    ["a signer", "countersign-dev-modules-v1-signer", "/signing/", [...STRANGERS, ...FRIENDS]],
] as const)("random trusts of %s", (_role, name, path, strangers) => {
    it(`${CASES} of them: one that admits a stranger is refused`, { timeout: 120_000 }, () => {
        const random = createRandom(name.length);
        const missed: string[] = [];
        const count = { admitted: 0, over: 0 };
        for (let i = 0; i < CASES; i++) {
            const document = Array.from({ length: 1 + random.int(2) }, () => statement(random));
            const policy = JSON.stringify({ Version: "2012-10-17", Statement: document });
            const found = refused(policy, name, path);
            const stranger = strangers.find((one) => admits(document, one));
            count.admitted += Number(stranger !== undefined);
            count.over += Number(found.length > 0 && stranger === undefined);
            if (stranger !== undefined && found.length === 0) missed.push(`${JSON.stringify(stranger)} ${policy}`);
        }
        console.log(`${name}: ${count.admitted} of ${CASES} admit a stranger, ${count.over} are refused beside`);
        expect(missed).toEqual([]);
        // Else the test would be about nothing.
        expect(count.admitted / CASES).toBeGreaterThan(0.3);
        expect(count.admitted / CASES).toBeLessThan(0.7);
    });

    it("what is right passes", () => {
        const text = (...all: object[]): string => JSON.stringify({ Version: "2012-10-17", Statement: all });
        const lambda = { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" };
        expect(refused(text(lambda), name, path)).toEqual([]);
    });
});
