import type { Random } from "../random";
import { ACCOUNT, BOB, EVE, OTHER, ROLE_ID, role, ROOT, SIGNER } from "./names";

/** Conditions on who calls. A clause is an operator, a key and values. */
export type Clause = [operator: string, key: string, values: string[]];

const PRINCIPAL_VALUES = [SIGNER, SIGNER, role("runner"), role("signex"), ROOT, EVE, BOB];
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
    `arn:aws:sts::${ACCOUNT}:federated-user/*`,
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
    // A role's session calls itself by its role's ARN.
    `arn:aws:sts::${ACCOUNT}:assumed-role/*`,
];
/** Variables, and characters that only look like wildcards. */
const PRINCIPAL_VARIABLES = [
    "${aws:PrincipalArn}",
    `arn:aws:iam::${ACCOUNT}:user/\${aws:username}`,
    "${aws:username}*",
    "${*}",
    `arn:aws:iam::${ACCOUNT}:role/\${*}`,
    `arn:aws:iam::${ACCOUNT}:role/*\${*}*`,
    `arn:aws:iam::${ACCOUNT}:role/runne\${?}`,
    `arn:aws:iam::${ACCOUNT}:user/\${aws:PrincipalTag/name, 'eve'}`,
    "arn:aws:iam::${aws:PrincipalAccount}:role/r*",
];
const STRINGS = ["StringEquals", "StringNotEquals", "StringLike", "StringNotLike"];
const ARNS = ["ArnLike", "ArnNotLike", "ArnEquals", "ArnNotEquals"];

const CLAUSES: readonly [weight: number, make: (random: Random) => Clause][] = [
    [6, (random) => [random.pick(["StringEquals", "StringNotEquals", "ArnEquals", "ArnNotEquals"]), "aws:PrincipalArn", random.some(PRINCIPAL_VALUES, 2)]],
    [4, (random) => [random.pick([...ARNS, "StringLike", "StringNotLike"]), "aws:PrincipalArn", random.some(PRINCIPAL_GLOBS, 2)]],
    [1, (random) => [random.pick(["StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"]), "aws:PrincipalArn", [random.pick([SIGNER.toUpperCase(), SIGNER.replace("s", "\u017f")])]]],
    [1, account],
    [1, (random) => [random.pick(["StringEquals", "StringNotEquals", "StringLike"]), "aws:PrincipalOrgID", [random.pick(["o-own", "o-other", "o-*"])]]],
    [1, (random) => [random.pick(["StringEquals", "StringNotEquals", "StringLike"]), "aws:PrincipalType", random.some(["AssumedRole", "User", "Account", "Anonymous", "FederatedUser", "A*"], 2)]],
    [1, (random) => ["Bool", "aws:PrincipalIsAWSService", [random.pick(["true", "false"])]]],
    [1, (random) => [random.pick(STRINGS), "aws:username", [random.pick(["eve", "e*", "*", "mallory", "${aws:username}"])]]],
    [1, (random) => [random.pick(STRINGS), "aws:userid", [random.pick([`${ROLE_ID}:*`, "AROAX:*", "*:s1", "AIDAX", ACCOUNT, "A*", "*"])]]],
    [1, absent],
    [1, (random) => [random.pick([...STRINGS, ...ARNS]), "aws:PrincipalArn", [random.pick(PRINCIPAL_VARIABLES)]]],
    [1, open],
]; // prettier-ignore

function account(random: Random): Clause {
    const key = random.pick(["aws:PrincipalAccount", "kms:CallerAccount", "\u212ams:CallerAccount"]);
    return [
        random.pick(["StringEquals", "StringNotEquals", "StringLike"]),
        key,
        [random.pick([ACCOUNT, OTHER, "1111*", "*"])],
    ];
}

function absent(random: Random): Clause {
    const key = random.pick(["aws:PrincipalArn", "aws:username", "aws:SourceVpce", "aws:PrincipalTag/team"]);
    const service = random.chance(0.2) ? "aws:PrincipalIsAWSService" : key;
    return ["Null", service, random.some(["true", "false"], random.chance(0.1) ? 2 : 1)];
}

/** Operators that are not for text, lists without values, IfExists under ForAnyValue: AWS leaves open what they say. */
function open(random: Random): Clause {
    const key = random.pick(["aws:PrincipalAccount", "aws:PrincipalArn", "aws:username", "aws:PrincipalType"]);
    return random.pick<Clause>([
        [random.pick(["NumericEquals", "NumericNotEquals", "NumericLessThan"]), key, [ACCOUNT]],
        [random.pick(["NotIpAddress", "IpAddress"]), key, ["10.0.0.0/8"]],
        [random.pick(["DateNotEquals", "DateLessThan"]), key, ["2026-06-01T00:00:00Z"]],
        ["Bool", key, ["false"]],
        ["Bool", "aws:PrincipalIsAWSService", [random.pick(["True", "FALSE"])]],
        ["Null", key, [random.pick(["True", "False"])]],
        [random.pick(["ForAnyValue:StringEqualsIfExists", "ForAnyValue:StringLikeIfExists"]), "aws:username", ["*"]],
        ["BinaryEquals", key, ["QUI="]],
        [random.pick(["StringEquals", "StringNotEquals", "ForAllValues:StringEquals", "ArnNotLike"]), key, []],
    ]);
}

const WEIGHT = CLAUSES.reduce((sum, [weight]) => sum + weight, 0);

export function callerClause(random: Random): Clause {
    let left = random.int(WEIGHT);
    for (const [weight, make] of CLAUSES) {
        left -= weight;
        if (left < 0) return make(random);
    }
    throw new Error("weights do not add up");
}
