import type { RawPolicy, RawStatement } from "../oracle";
import type { Random } from "../random";
import { condition } from "./conditions";
import { ACCOUNT, BOB, EVE, KEY_ARNS, OTHER, role, ROLE_ID, ROOT, session, SIGNER, USER_ID } from "./names";

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
    "kms:Sign?",
    "kms:*Grant*",
];
const RESOURCES = [
    "*",
    "*",
    "*",
    "*",
    "arn:aws:kms:*:*:key/*",
    "arn:aws:kms:eu-west-1:*:key/1234*",
    KEY_ARNS[0] as string,
    "arn:aws:kms:us-east-1:*:key/*",
    "arn:aws-cn:kms:*:*:key/*",
    `arn:aws:kms:eu-west-1:${ACCOUNT}:alias/*`,
    "arn:aws:kms:*:*:key/mrk-*",
    "arn:aws:kms:*:${aws:PrincipalAccount}:key/*",
    "arn:aws:kms:*:*:key/${aws:PrincipalTag/name, '1234abcd-0000-4000-8000-00000000000a'}",
    "arn:aws:kms:*:*:key/${*}",
    "arn:aws:kms:*:*:key/????????-????-????-????-????????????",
    "arn:aws:kms:*",
];
const AWS_PRINCIPALS = [
    SIGNER,
    role("runner"),
    role("ci/admin"),
    ACCOUNT,
    ROOT,
    EVE,
    BOB,
    OTHER,
    role("signing/signer", OTHER),
    session("stranger", "s1"),
    session("runner", "s2"),
    ROLE_ID,
    USER_ID,
    "*",
    "*",
    "*",
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
const SERVICES = ["lambda.amazonaws.com", "dnssec-route53.amazonaws.com"];

function principal(random: Random, isWild: boolean): "*" | Record<string, string | string[]> {
    if (isWild && random.chance(0.3)) return { AWS: random.some([...WILD_PRINCIPALS, role("runner")], 2) };
    if (random.chance(0.3)) return "*";
    if (random.chance(0.1)) return { Service: random.pick(SERVICES) };
    const named = random.some(AWS_PRINCIPALS, 2);
    return { AWS: named, ...(random.chance(0.05) && { Service: SERVICES }) };
}

/** Often with the account, without which AWS may not find the listed. */
function listed(random: Random, isWild: boolean): Record<string, string | string[]> {
    if (random.chance(0.1)) return { Service: random.pick(SERVICES) };
    const named = [SIGNER, ACCOUNT, role("runner"), EVE, ROLE_ID, USER_ID, OTHER, session("runner", "s1"), "*"];
    const some = random.some([...named, ...(isWild ? WILD_PRINCIPALS : [])], 3);
    return { AWS: random.chance(0.3) ? [...some, ROOT] : some };
}

function statement(random: Random, isKeyPolicy: boolean, isWild: boolean): RawStatement {
    const isDeny = random.chance(0.38);
    const actions = random.some(ACTION_GLOBS, 2);
    const resources = random.some(RESOURCES, 2);
    return {
        Effect: isDeny ? "Deny" : "Allow",
        ...(isKeyPolicy &&
            (random.chance(isWild ? 0.15 : 0.06)
                ? { NotPrincipal: listed(random, isWild) }
                : { Principal: isDeny && random.chance(0.6) ? "*" : principal(random, isWild) })),
        ...(random.chance(0.12) ? { NotAction: actions } : { Action: actions }),
        ...(random.chance(0.08) ? { NotResource: resources } : { Resource: resources }),
        ...(random.chance(isDeny ? 0.85 : 0.4) && { Condition: condition(random) }),
    };
}

export function policy(random: Random, isKeyPolicy: boolean, isWild = false): RawPolicy {
    const version = random.chance(0.05) ? random.pick([{ Version: "2008-10-17" }, {}] as const) : undefined;
    return {
        ...(version ?? { Version: "2012-10-17" }),
        Statement: Array.from({ length: 1 + random.int(isKeyPolicy ? 4 : 2) }, () =>
            statement(random, isKeyPolicy, isWild),
        ),
    };
}
