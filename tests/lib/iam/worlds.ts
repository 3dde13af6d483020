import { type Documents, type Person, contextOf, type RawPolicy, type RawStatement } from "./oracle";
import type { Random } from "./random";

/** Small worlds: few names, many ways to combine them, weighted so that about half of the questions are answered yes. */

export const ACCOUNT = "111122223333";
const OTHER = "444455556666";
export const KEY_IDS = ["1234abcd-0000-4000-8000-00000000000a", "abcdef01-0000-4000-8000-00000000000b"];
export const KEY_ARNS = KEY_IDS.map((id) => `arn:aws:kms:eu-west-1:${ACCOUNT}:key/${id}`);
const role = (name: string, account = ACCOUNT): string => `arn:aws:iam::${account}:role/${name}`;

export const SIGNER = role("signing/signer");
export const DECLARED = [SIGNER, role("runner"), role("ci/admin"), `arn:aws:iam::${ACCOUNT}:user/eve`];

export const PEOPLE: readonly Person[] = [
    ...[
        SIGNER,
        role("runner"),
        role("ci/admin"),
        role("signex"),
        role("signing/signer-evil"),
        role("stranger"),
        role("ci/x-signer"),
    ].map((arn): Person => ({ type: "AssumedRole", arn, account: ACCOUNT, session: "s1" })),
    { type: "User", arn: `arn:aws:iam::${ACCOUNT}:user/eve`, account: ACCOUNT },
    { type: "User", arn: `arn:aws:iam::${ACCOUNT}:user/signing/mallory`, account: ACCOUNT },
    { type: "Account", arn: `arn:aws:iam::${ACCOUNT}:root`, account: ACCOUNT },
    { type: "AssumedRole", arn: role("signing/signer", OTHER), account: OTHER, session: "s1" },
    { type: "AssumedRole", arn: role("x", "777788889999"), account: "777788889999", session: "s2" },
    { type: "Account", arn: `arn:aws:iam::${OTHER}:root`, account: OTHER },
    { type: "Service", arn: "lambda.amazonaws.com" },
    { type: "Service", arn: "dnssec-route53.amazonaws.com" },
    { type: "Anonymous", arn: "anonymous" },
];

export const ACTIONS = ["kms:Sign", "kms:CreateGrant", "kms:PutKeyPolicy"];

/** Keys that a caller may choose; every combination of values is tried. */
export const FREE_KEYS: Readonly<Record<string, readonly (string | string[] | undefined)[]>> = {
    "kms:messagetype": ["DIGEST", "RAW"],
    "aws:sourcevpce": [undefined, "vpce-1", "vpce-2"],
    "aws:principaltag/team": [undefined, "release"],
    "aws:tagkeys": [undefined, ["a"], ["a", "b"]],
    "aws:multifactorauthpresent": [undefined, "true", "false"],
    "aws:currenttime": ["2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"],
    "aws:sourceip": ["10.0.0.1", "192.0.2.7"],
    "kms:trailingdayswithoutkeyusage": ["10", "40"],
};

/** Of accounts that the world says nothing about. */
export const ORGS: readonly (string | undefined)[] = [undefined, "o-own", "o-other"];

const PRINCIPAL_VALUES = [
    SIGNER,
    SIGNER,
    role("runner"),
    role("signex"),
    `arn:aws:iam::${ACCOUNT}:root`,
    `arn:aws:iam::${ACCOUNT}:user/eve`,
];
const PRINCIPAL_GLOBS = [
    role("signing/*"),
    role("signing/signer*"),
    role("*"),
    role("*signer"),
    role("*/signer"),
    role("signe?"),
    role("s*", "*"),
    "*",
    "arn:*",
    "*signer*",
    `arn:aws:iam::${ACCOUNT}:*`,
    `arn:aws:iam::${ACCOUNT}:user/*`,
    "arn:aws:iam::*:role/signing/signer",
    role("c*n"),
    role("r*"),
    // Wildcards before the name, over one field and over several.
    role("runner", "*"),
    role("*", "*"),
    role("signing/signer", "????????????"),
    role("signing/*", "1111*"),
    `arn:*:iam::${ACCOUNT}:role/runner`,
    "arn:*:iam::*:role/ci/*",
    "arn:*:*:*:*:role/runner",
    "arn:aws:i*:runner",
    "arn:aws:iam*signer",
    "*:role/ci/*",
];

/** AWS refuses wildcards in Principal, so they stand only where that is asked for: then either reading of them must be provided for. */
const WILD_PRINCIPALS = [
    role("signing/signer", "*"),
    `arn:*:iam::${ACCOUNT}:role/runner`,
    `arn:aws:iam::${ACCOUNT}:role/*`,
    "arn:aws:iam::*:*/eve",
    "arn:*signer",
    `arn:aws:sts::${ACCOUNT}:assumed-role/*/s1`,
    "arn:aws:*:runner*",
];

/** Operators that say something about absence, beside one that compares. */
function absence(random: Random): RawStatement["Condition"] {
    const [key, values] = random.pick<[string, string[]]>([
        ["aws:SourceVpce", ["vpce-1"]],
        ["aws:PrincipalTag/team", ["release"]],
        ["aws:TagKeys", ["a"]],
        ["aws:username", ["eve"]],
        ["aws:PrincipalArn", [SIGNER]],
    ]);
    const operator = random.pick([
        "StringEqualsIfExists",
        "StringNotEqualsIfExists",
        "ForAllValues:StringEquals",
        "ForAllValues:StringLikeIfExists",
        "ForAnyValue:StringEqualsIfExists",
        "ForAnyValue:StringNotEquals",
    ]);
    return { Null: { [key]: random.pick(["true", "false", "false"]) }, [operator]: { [key]: values } };
}

function condition(random: Random): RawStatement["Condition"] {
    if (random.chance(0.08)) return absence(random);
    const block: Record<string, Record<string, string | string[]>> = {};
    const rounds = random.chance(0.25) ? 2 : 1;
    for (let i = 0; i < rounds; i++) {
        const [operator, key, values] = clause(random);
        const suffix = operator !== "Null" && random.chance(0.12) ? "IfExists" : "";
        const prefix =
            operator !== "Null" && !operator.includes(":") && random.chance(0.06)
                ? random.pick(["ForAllValues:", "ForAnyValue:"])
                : "";
        const spelled = random.chance(0.2) ? key.toUpperCase() : key;
        const name = `${prefix}${operator}${suffix}`;
        block[name] = {
            ...block[name],
            [spelled]: values.length === 1 && random.chance(0.5) ? (values[0] as string) : values,
        };
        // One key in two spellings is refused by the parser.
        const lower = Object.keys(block[name]).map((one) => one.toLowerCase());
        if (new Set(lower).size !== lower.length) block[name] = { [spelled]: values };
    }
    return block;
}

function clause(random: Random): [string, string, string[]] {
    const pick = random.int(20);
    if (pick < 6)
        return [
            random.pick(["StringEquals", "StringNotEquals", "ArnEquals", "ArnNotEquals"]),
            "aws:PrincipalArn",
            random.some(PRINCIPAL_VALUES, 2),
        ];
    if (pick < 10)
        return [
            random.pick(["StringLike", "StringNotLike", "ArnLike", "ArnNotLike"]),
            "aws:PrincipalArn",
            random.some(PRINCIPAL_GLOBS, 2),
        ];
    if (pick === 10)
        return [
            random.pick(["StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"]),
            "aws:PrincipalArn",
            [SIGNER.toUpperCase()],
        ];
    if (pick === 11) {
        const key = random.pick(["aws:PrincipalAccount", "kms:CallerAccount"]);
        return [
            random.pick(["StringEquals", "StringNotEquals", "StringLike"]),
            key,
            [random.pick([ACCOUNT, OTHER, "1111*", "*"])],
        ];
    }
    if (pick === 12)
        return [
            random.pick(["StringEquals", "StringNotEquals", "StringLike"]),
            "aws:PrincipalOrgID",
            [random.pick(["o-own", "o-other", "o-*"])],
        ];
    if (pick === 13)
        return ["StringEquals", "aws:PrincipalType", random.some(["AssumedRole", "User", "Account", "Anonymous"], 2)];
    if (pick === 14) return ["Bool", "aws:PrincipalIsAWSService", [random.pick(["true", "false"])]];
    if (pick === 15)
        return [
            random.pick(["StringEquals", "StringLike", "StringNotLike"]),
            "aws:username",
            [random.pick(["eve", "e*", "*", "mallory"])],
        ];
    if (pick === 16) {
        const key = random.pick(["aws:PrincipalArn", "aws:username", "aws:SourceVpce", "aws:PrincipalTag/team"]);
        return ["Null", key, [random.pick(["true", "false"])]];
    }
    if (pick === 17)
        return [
            random.pick(["StringEquals", "StringLike"]),
            "aws:PrincipalArn",
            [random.pick(["${aws:PrincipalArn}", `arn:aws:iam::${ACCOUNT}:user/\${aws:username}`, "${aws:username}*"])],
        ];
    return freeClause(random);
}

function freeClause(random: Random): [string, string, string[]] {
    switch (random.int(8)) {
        case 0:
            return [
                random.pick(["StringEquals", "StringNotEquals"]),
                "kms:MessageType",
                random.some(["DIGEST", "RAW"], 2),
            ];
        case 1:
            return [
                random.pick(["StringEquals", "StringNotEquals", "StringLike"]),
                "aws:SourceVpce",
                [random.pick(["vpce-1", "vpce-*"])],
            ];
        case 2:
            return ["StringEquals", "aws:PrincipalTag/team", ["release"]];
        case 3:
            return [
                random.pick([
                    "ForAllValues:StringEquals",
                    "ForAnyValue:StringEquals",
                    "ForAllValues:StringNotEquals",
                    "ForAllValues:StringNotLike",
                    "ForAllValues:StringEqualsIgnoreCase",
                    "ForAnyValue:StringLike",
                    "ForAnyValue:StringNotEquals",
                    "ForAnyValue:StringNotLike",
                    "StringEquals",
                    "StringNotLike",
                ]),
                "aws:TagKeys",
                random.some(["a", "b", "?", "A"], 2),
            ];
        case 4:
            return ["Bool", "aws:MultiFactorAuthPresent", [random.pick(["true", "false"])]];
        case 5:
            return [
                random.pick(["DateLessThan", "DateGreaterThanEquals", "DateNotEquals"]),
                "aws:CurrentTime",
                ["2026-06-01T00:00:00Z"],
            ];
        case 6:
            return [random.pick(["IpAddress", "NotIpAddress"]), "aws:SourceIp", ["10.0.0.0/8"]];
        default:
            return [
                random.pick(["NumericLessThan", "NumericGreaterThan", "NumericNotEquals"]),
                "kms:TrailingDaysWithoutKeyUsage",
                ["30"],
            ];
    }
}

const ACTION_GLOBS = [
    "kms:Sign",
    "kms:Sign",
    "KMS:SIGN",
    "kms:*",
    "kms:S*",
    "kms:?ign",
    "*",
    "*:*",
    "kms:Create*",
    "kms:CreateGrant",
    "kms:PutKeyPolicy",
    "kms:Get*",
    "s3:*",
    "kms:P*y",
];
const RESOURCES = [
    "*",
    "*",
    "*",
    "arn:aws:kms:*:*:key/*",
    "arn:aws:kms:eu-west-1:*:key/1234*",
    KEY_ARNS[0] as string,
    "arn:aws:kms:us-east-1:*:key/*",
    `arn:aws:kms:eu-west-1:${ACCOUNT}:alias/*`,
    "arn:aws:kms:*:*:key/mrk-*",
    "arn:aws:kms:*:${aws:PrincipalAccount}:key/*",
    "arn:aws:kms:*",
];
const AWS_PRINCIPALS = [
    SIGNER,
    role("runner"),
    role("ci/admin"),
    ACCOUNT,
    `arn:aws:iam::${ACCOUNT}:root`,
    `arn:aws:iam::${ACCOUNT}:user/eve`,
    OTHER,
    role("signing/signer", OTHER),
    `arn:aws:sts::${ACCOUNT}:assumed-role/stranger/s1`,
    `arn:aws:sts::${ACCOUNT}:assumed-role/runner/s2`,
    "*",
    "*",
];

function principal(random: Random, isWild: boolean): "*" | Record<string, string | string[]> {
    if (isWild && random.chance(0.3)) return { AWS: random.some([...WILD_PRINCIPALS, role("runner")], 2) };
    if (random.chance(0.3)) return "*";
    if (random.chance(0.1)) return { Service: random.pick(["lambda.amazonaws.com", "dnssec-route53.amazonaws.com"]) };
    return { AWS: random.some(AWS_PRINCIPALS, 2) };
}

function listed(random: Random, isWild: boolean): string[] {
    return random.some([SIGNER, ACCOUNT, role("runner"), ...(isWild ? WILD_PRINCIPALS : [])], 2);
}

function statement(random: Random, isKeyPolicy: boolean, isWild: boolean): RawStatement {
    const isDeny = random.chance(0.38);
    const actions = random.some(ACTION_GLOBS, 2);
    const resources = random.some(RESOURCES, 2);
    return {
        Effect: isDeny ? "Deny" : "Allow",
        ...(isKeyPolicy &&
            (random.chance(isWild ? 0.15 : 0.06)
                ? { NotPrincipal: { AWS: listed(random, isWild) } }
                : { Principal: isDeny && random.chance(0.6) ? "*" : principal(random, isWild) })),
        ...(random.chance(0.12) ? { NotAction: actions } : { Action: actions }),
        ...(random.chance(0.08) ? { NotResource: resources } : { Resource: resources }),
        ...(random.chance(isDeny ? 0.85 : 0.4) && { Condition: condition(random) }),
    };
}

export function policy(random: Random, isKeyPolicy: boolean, isWild = false): RawPolicy {
    return {
        Version: "2012-10-17",
        Statement: Array.from({ length: 1 + random.int(isKeyPolicy ? 4 : 2) }, () =>
            statement(random, isKeyPolicy, isWild),
        ),
    };
}

const HALF = {
    Version: "2012-10-17" as const,
    Statement: [{ Effect: "Allow" as const, Action: "kms:*", Resource: "*" }],
};

/** Documents of everyone who is declared; a key policy that delegates about half of the time. */
export interface World {
    keyPolicy: RawPolicy;
    identity: Record<string, RawPolicy[]>;
    boundary: Record<string, RawPolicy>;
    grants: { grantee: string; operations?: string[] }[];
    /** Wildcards stand in principals. */
    isWild: boolean;
}

export function world(random: Random, mayBeWild = false): World {
    const isWild = mayBeWild && random.chance(0.2);
    const keyPolicy = policy(random, true, isWild);
    if (random.chance(0.45)) {
        keyPolicy.Statement.push({
            Effect: "Allow",
            Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
            Action: "kms:*",
            Resource: "*",
        });
    }
    const identity = Object.fromEntries(
        DECLARED.map((arn) => [arn, random.chance(0.3) ? [HALF] : random.chance(0.6) ? [policy(random, false)] : []]),
    );
    const bounded = random.chance(0.25) ? random.some(DECLARED, 2) : [];
    const boundary = Object.fromEntries(bounded.map((arn) => [arn, random.chance(0.3) ? HALF : policy(random, false)]));
    const grants = random.chance(0.12) ? [grant(random), ...(random.chance(0.3) ? [grant(random)] : [])] : [];
    return { keyPolicy, identity, boundary, grants, isWild };
}

/** To somebody who is declared, who is not, who is of another account, or a service. */
function grant(random: Random): World["grants"][number] {
    const grantee = random.pick([
        role("runner"),
        role("stranger"),
        SIGNER,
        role("signing/signer", OTHER),
        "lambda.amazonaws.com",
    ]);
    return random.chance(0.2)
        ? { grantee }
        : { grantee, operations: random.some(["Sign", "Verify", "CreateGrant"], 2) };
}

/** The keys of a policy that a caller may choose. */
export function freeKeysOf(policies: readonly RawPolicy[]): string[] {
    const text = JSON.stringify(policies).toLowerCase();
    return Object.keys(FREE_KEYS).filter((key) => text.includes(`"${key}"`));
}

/** Every context in which a person may make a request, as far as the documents can tell contexts apart. */
export function contexts(
    who: Person,
    keys: readonly string[],
    needsOrg: boolean,
): Documents["identity"] extends never ? never : Record<string, string | string[]>[] {
    const isOwn = who.account === ACCOUNT;
    const orgs = isOwn ? ["o-own"] : who.account !== undefined && needsOrg ? ORGS : [undefined];
    let all: Record<string, string | string[]>[] = orgs.map((org) => ({
        ...(contextOf(who) as Record<string, string>),
        ...(org !== undefined && { "aws:principalorgid": org }),
    }));
    for (const key of keys) {
        all = all.flatMap((context) =>
            (FREE_KEYS[key] ?? []).map((value) => (value === undefined ? context : { ...context, [key]: value })),
        );
    }
    return all;
}
