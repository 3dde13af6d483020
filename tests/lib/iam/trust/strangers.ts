import type { OneOrMany, RawStatement } from "../oracle";
import type { Random } from "../random";
import { ACCOUNT, HOST, SUB, WORKFLOW } from "./ask";

/** Random conditions of a trust, and who must not pass them: tried one by one, by the oracle's operators. */

export const OTHER = "444455556666";
export const SERVICE = "states.amazonaws.com";
export const PARTNER = `arn:aws:iam::${OTHER}:role/partner`;
export type Kind = "service" | "partner" | "token";
type Context = Readonly<Record<string, OneOrMany>>;

const machine = (account: string, name: string): string => `arn:aws:states:eu-west-1:${account}:${name}`;
const token = (sub: string, workflow = WORKFLOW, aud = "sts.amazonaws.com"): Context => ({
    [`${HOST}:aud`]: aud,
    [`${HOST}:sub`]: sub,
    [`${HOST}:job_workflow_ref`]: workflow,
});
const source = (account: string, arn: string): Context => ({ "aws:sourceaccount": account, "aws:sourcearn": arn });
const partner = (org: string | undefined, externalId: string | undefined): Context => ({
    ...(org !== undefined && { "aws:principalorgid": org }),
    ...(externalId !== undefined && { "sts:externalid": externalId }),
});

/** What they may spell: names that hold the account's digits, wildcards, or the beginning of what is trusted. */
export const STRANGERS: Readonly<Record<Kind, readonly Context[]>> = {
    service: [
        source(OTHER, machine(OTHER, "stateMachine:m")),
        source(OTHER, machine(OTHER, `execution:${ACCOUNT}:run`)),
        source(OTHER, machine(OTHER, `stateMachine:x:${ACCOUNT}:y`)),
        source(OTHER, `arn:aws:s3:::${ACCOUNT}`),
        {},
    ],
    partner: [
        partner("o-other", undefined),
        partner("o-other", "guess"),
        partner("o-other", ""),
        partner(undefined, "*"),
    ],
    token: [
        token("repo:evil@9/evil@9:environment:release"),
        token("repo:evil@9/evil@9:environment:*"),
        token("repo:acme@123/app@456:environment:*", "acme/app/.github/workflows/*.yml@refs/heads/x"),
        token("repo:acme@123/app@456:pull_request"),
        token("repo:acme/app:environment:release"),
        token("repo:acme-evil@9/app@456:environment:release"),
        token(SUB, "evil/evil/.github/workflows/submit.yml@refs/tags/v3"),
        token(SUB, "acme/app/.github/workflows/*.yml@refs/heads/x"),
        token(SUB, WORKFLOW, "https://github.com/evil"),
    ],
};

/** Who is meant, so that a generator of nothing but refusals shows. */
export const MEANT: Readonly<Record<Kind, Context>> = {
    service: source(ACCOUNT, machine(ACCOUNT, "stateMachine:m")),
    partner: partner("o-own", "7f3c"),
    token: token(SUB),
};

const VALUES: Readonly<Record<Kind, Readonly<Record<string, readonly string[]>>>> = {
    service: {
        "aws:SourceAccount": [ACCOUNT, ACCOUNT, OTHER, "1111*", "*"],
        "aws:SourceArn": [
            machine(ACCOUNT, "stateMachine:m"),
            machine(ACCOUNT, "*"),
            `arn:aws:states:*:${ACCOUNT}:*`,
            `arn:aws:*:*:${ACCOUNT}:*`,
            `arn:*:${ACCOUNT}:*`,
            `arn:aws:s3:::${ACCOUNT}`,
            ACCOUNT,
            "*",
        ],
    },
    partner: {
        "sts:ExternalId": ["7f3c", "7f3c", "*", "", "7*", "${aws:username}"],
        "aws:PrincipalOrgID": ["o-own", "o-own", "o-other", "o-*"],
    },
    token: {
        [`${HOST}:aud`]: ["sts.amazonaws.com", "sts.amazonaws.com", "sts.amazonaws.com", "*"],
        [`${HOST}:sub`]: [
            SUB,
            SUB,
            SUB,
            "repo:acme*/app@456:environment:release",
            "repo:acme@123/app@456:*",
            "repo:evil@9/evil@9:environment:*",
            "repo:acme@123/app@456:environment:*",
            "repo:acme/*",
        ],
        [`${HOST}:job_workflow_ref`]: [
            WORKFLOW,
            WORKFLOW,
            WORKFLOW,
            "acme/app/.github/workflows/*.yml@refs/heads/x",
            "*",
        ],
    },
};
const OPERATORS = [
    "StringEquals",
    "StringEquals",
    "StringEquals",
    "StringLike",
    "ArnLike",
    "ArnEquals",
    "StringNotEquals",
];
const SPOILED = ["StringEqualsIgnoreCase", "NumericEquals", "ForAllValues:StringEquals", "ForAnyValue:StringLike"];

export function condition(kind: Kind, random: Random): NonNullable<RawStatement["Condition"]> {
    const block: Record<string, Record<string, OneOrMany>> = {};
    for (const [key, values] of Object.entries(VALUES[kind])) {
        if (random.chance(kind === "token" ? 0.05 : 0.4)) continue;
        const isPlain = kind === "token" && random.chance(0.6);
        const bare = isPlain ? "StringEquals" : random.chance(0.12) ? random.pick(SPOILED) : random.pick(OPERATORS);
        const operator = random.chance(0.05) ? `${bare}IfExists` : bare;
        const some = random.chance(0.03) ? [] : random.some(values, 2);
        block[operator] = { ...block[operator], [key]: some };
    }
    return block;
}
