/**
 * Rules on random identity documents, against an oracle that shares no code with them: it tries callers, contexts and resources one by one.
 * Nothing that some holder could do may pass. Proves nothing about documents outside the generator's words.
 */
import { describe, expect, it } from "vitest";
import type { ResourceView } from "../../policies/rule";
import { RULES } from "../../policies/rules";
import { EXAMPLE_PROVIDER, EXAMPLE_SETTINGS } from "../../policies/rules/example";
import { settingsOf } from "../../policies/settings";
import { createRandom, type Random } from "../lib/iam/random";
import { matchesPattern } from "../support/pattern";

const IAM = "arn:aws:iam::111122223333";
const KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const LAMBDA = "arn:aws:lambda:eu-west-1:111122223333:function";
const TABLE = "arn:aws:dynamodb:eu-west-1:111122223333:table/countersign-dev-requests";
const SIGNER = "countersign-dev-modules-v1-sign";

/** What a rule has to refuse: an action on a resource. */
const ASKED: readonly (readonly [rule: string, action: string, resource: string])[] = [
    ["iam-sign-identity-docs", "kms:Sign", KEY],
    ["iam-sign-identity-docs", "kms:CreateGrant", KEY],
    ["iam-sign-identity-docs", "kms:PutKeyPolicy", KEY],
    ["iam-no-chains", "sts:AssumeRole", `${IAM}:role/Admin`],
    ["iam-no-chains", "iam:CreateAccessKey", `${IAM}:user/admin`],
    ["iam-no-chains", "lambda:UpdateFunctionCode", `${LAMBDA}:admin`],
    ["iam-passrole-scoped", "iam:PassRole", `${IAM}:role/Admin`],
    ["iam-signer-takeover", "lambda:UpdateFunctionCode", `${LAMBDA}:${SIGNER}`],
    ["iam-signer-takeover", "lambda:InvokeFunction", `${LAMBDA}:${SIGNER}:$LATEST`],
    ["iam-signer-takeover", "iam:UpdateAssumeRolePolicy", `${IAM}:role/signing/${SIGNER}er`],
    ["iam-signer-takeover", "kms:UpdateAlias", KEY],
    ["control-tables", "dynamodb:PutItem", TABLE],
];

const ACTIONS = [
    ...ASKED.map(([, action]) => action),
    "*",
    "kms:*",
    "kms:S*",
    "KMS:?ign",
    "k?s:*",
    "kms:*n*",
    "kms:Get*",
    "s3:GetObject",
    "lambda:*Function",
    "lambda:Update*",
    "lambda:Get*",
    "iam:*Role*",
    "sts:*",
    "iam:Pass*",
    "iam:Get*",
    "dynamodb:*Item",
    "dynamodb:Get*",
];
const RESOURCES = [
    ...ASKED.map(([, , resource]) => resource),
    "*",
    "arn:*",
    `${KEY.slice(0, -8)}*`,
    "arn:aws:kms:*:*:key/*",
    "arn:aws:kms:us-east-1:*:key/*",
    "arn:aws:kms:*:444455556666:*",
    "arn:aws:s3:::b/*",
    `${IAM}:role/*`,
    `${IAM}:*`,
    "arn:aws:iam::444455556666:role/*",
    `${LAMBDA}:*`,
    `${LAMBDA}:*:*`,
    `${LAMBDA}:countersign-dev-*`,
    `${LAMBDA}:other`,
    `${TABLE}*`,
    "arn:aws:dynamodb:*:*:table/other",
    `${IAM}:role/signing/*`,
    `${IAM}:user/*`,
];
const VALUES: Readonly<Record<string, readonly string[]>> = {
    "aws:PrincipalArn": [
        `${IAM}:role/helper`,
        `${IAM}:role/x/helper`,
        `${IAM}:role/*`,
        `${IAM}:user/u`,
        `${IAM}:role/signing/${SIGNER}er`,
        "*",
    ],
    "aws:PrincipalAccount": ["111122223333", "444455556666", "1*"],
    "aws:username": ["u", "v", "*"],
    "aws:PrincipalType": ["AssumedRole", "User"],
    "kms:ViaService": ["s3.eu-west-1.amazonaws.com", "s3*"],
    "aws:MultiFactorAuthPresent": ["true", "false"],
};
const OPERATORS = [
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringNotLike",
    "StringEqualsIfExists",
    "StringNotEqualsIfExists",
    "Null",
    "ForAllValues:StringEquals",
    "ForAnyValue:StringLike",
    "ArnEquals",
    "ArnNotLike",
    "ArnLikeIfExists",
];

type Condition = Record<string, Record<string, string[]>>;
interface Statement {
    Effect: string;
    Action?: string[];
    NotAction?: string[];
    Resource?: string[];
    NotResource?: string[];
    Condition?: Condition;
}

/** Half of them about what is asked, by one name or several, or most documents would be about something else. */
function statement(random: Random, [, action, resource]: (typeof ASKED)[number]): Statement {
    const near = (pattern: string, text: string): boolean => matchesPattern(pattern, text, "i");
    const actions = random.some(random.chance(0.5) ? ACTIONS.filter((one) => near(one, action)) : ACTIONS, 3);
    const resources = random.some(random.chance(0.5) ? RESOURCES.filter((one) => near(one, resource)) : RESOURCES, 3);
    return {
        Effect: random.chance(0.8) ? "Allow" : "Deny",
        ...(random.chance(0.15) ? { NotAction: actions } : { Action: actions }),
        ...(random.chance(0.15) ? { NotResource: resources } : { Resource: resources }),
        ...(random.chance(0.4) && { Condition: condition(random) }),
    };
}

function condition(random: Random): Condition {
    const entries = random.some(OPERATORS, 2).map((operator): [string, Record<string, string[]>] => {
        const key = operator.startsWith("Arn") ? "aws:PrincipalArn" : random.pick(Object.keys(VALUES));
        const values = operator === "Null" ? [random.pick(["true", "false"])] : random.some(VALUES[key]!, 2);
        return [operator, { [key]: values }];
    });
    return Object.fromEntries(entries);
}

// The oracle.
type Context = Readonly<Record<string, string | undefined>>;

function holds(conditions: Condition, context: Context): boolean {
    return Object.entries(conditions).every(([operator, keys]) =>
        Object.entries(keys).every(([key, values]) => {
            const value = context[key];
            if (operator === "Null") return values.some((one) => (one === "true") === (value === undefined));
            const negated = operator.includes("Not");
            if (value === undefined) return operator.startsWith("ForAll") || operator.endsWith("IfExists") || negated;
            const hit = values.some((one) => (/Like|Arn/.test(operator) ? matchesPattern(one, value) : one === value));
            return hit !== negated;
        }),
    );
}

function speaksOf(one: Statement, action: string, resource: string, context: Context): boolean {
    const named = (one.Action ?? one.NotAction!).some((pattern) => matchesPattern(pattern, action, "i"));
    const placed = (one.Resource ?? one.NotResource!).some((pattern) => matchesPattern(pattern, resource));
    return (
        named === (one.Action !== undefined) &&
        placed === (one.Resource !== undefined) &&
        holds(one.Condition ?? {}, context)
    );
}

const ROLES = ["helper", "x/helper"].map((name) => ({
    "aws:PrincipalArn": `${IAM}:role/${name}`,
    "aws:PrincipalType": "AssumedRole",
    "aws:username": undefined,
}));
const USER = { "aws:PrincipalArn": `${IAM}:user/u`, "aws:PrincipalType": "User", "aws:username": "u" };

/** Every context in which one of the holders may ask. */
function contexts(holders: readonly Context[]): Context[] {
    return holders.flatMap((holder) =>
        [undefined, ...VALUES["kms:ViaService"]!.slice(0, 1)].flatMap((via) =>
            [undefined, "true", "false"].map((mfa) => ({
                ...holder,
                "aws:PrincipalAccount": "111122223333",
                "kms:ViaService": via,
                "aws:MultiFactorAuthPresent": mfa,
            })),
        ),
    );
}

function may(document: readonly Statement[], action: string, resource: string, all: readonly Context[]): boolean {
    return all.some((context) => {
        const hits = document.filter((one) => speaksOf(one, action, resource, context));
        return hits.some(({ Effect }) => Effect === "Allow") && !hits.some(({ Effect }) => Effect === "Deny");
    });
}

const settings = settingsOf(EXAMPLE_SETTINGS);
const rules = new Map(RULES.map((rule) => [rule.id, rule]));

function view(policy: string, type: string): ResourceView {
    return {
        type,
        name: "helper",
        urn: "urn",
        props: { name: "helper", policy, ...(type.includes("rolePolicy") && { role: "helper" }) },
        opts: { protect: false, ignoreChanges: [] },
        provider: EXAMPLE_PROVIDER,
    };
}

const TYPES: readonly (readonly [string, readonly Context[]])[] = [
    ["aws:iam/rolePolicy:RolePolicy", contexts(ROLES)],
    ["aws:iam/policy:Policy", contexts([...ROLES, USER])],
];
const CASES = 4_000;

describe.each(TYPES)("random documents of %s", (type, all) => {
    it(`${CASES} of them: what a holder may do is refused`, { timeout: 120_000 }, () => {
        const random = createRandom(type.length);
        const missed: string[] = [];
        const count = { allowed: 0, over: 0 };
        for (let i = 0; i < CASES; i++) {
            const asked = random.pick(ASKED);
            const [id, action, resource] = asked;
            const document = Array.from({ length: 1 + random.int(3) }, () => statement(random, asked));
            const policy = JSON.stringify({ Version: "2012-10-17", Statement: document });
            const refused = rules.get(id)!.check!(view(policy, type), settings).length > 0;
            const allowed = may(document, action, resource, all);
            count.allowed += Number(allowed);
            // Of another question that the rule asks, of a condition that it does not follow, or of half a pattern.
            count.over += Number(refused && !allowed);
            if (allowed && !refused) missed.push(`${id} ${action} ${policy}`);
        }
        console.log(`${type}: ${count.allowed} of ${CASES} allowed, ${count.over} refused beside what was asked`);
        expect(missed).toEqual([]);
        // Else the test would be about nothing.
        expect(count.allowed / CASES).toBeGreaterThan(0.3);
        expect(count.allowed / CASES).toBeLessThan(0.7);
    });
});
