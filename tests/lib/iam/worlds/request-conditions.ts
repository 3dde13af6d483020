import type { Random } from "../random";
import type { Clause } from "./caller-conditions";

/** Conditions on what a caller may choose, and the values it may choose from; every combination of values is tried. */
export const FREE_KEYS: Readonly<Record<string, readonly (string | string[] | undefined)[]>> = {
    "kms:messagetype": ["DIGEST", "RAW"],
    "aws:sourcevpce": [undefined, "vpce-1", "vpce-2"],
    "aws:principaltag/team": [undefined, "release"],
    "aws:principaltag/name": [undefined, "eve", "e*"],
    "aws:tagkeys": [undefined, ["a"], ["a", "b"]],
    "aws:multifactorauthpresent": [undefined, "true", "false"],
    "aws:currenttime": ["2026-01-01T00:00:00Z", "2026-06-01T00:00:00Z", "2027-01-01T00:00:00Z"],
    "aws:sourceip": ["10.0.0.1", "192.0.2.7", "2001:db8::1"],
    "kms:trailingdayswithoutkeyusage": ["10", "30", "40"],
    "aws:requesttag/hash": [undefined, "QUI="],
};

const TAG_KEY_OPERATORS = [
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
];
const ORDER = ["Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"];

const CLAUSES: readonly ((random: Random) => Clause)[] = [
    (random) => [
        random.pick(["StringEquals", "StringNotEquals"]),
        "kms:MessageType",
        random.some(["DIGEST", "RAW"], 2),
    ],
    (random) => [
        random.pick(["StringEquals", "StringNotEquals", "StringLike"]),
        "aws:SourceVpce",
        [random.pick(["vpce-1", "vpce-*", "${aws:SourceVpce, 'vpce-2'}"])],
    ],
    () => ["StringEquals", "aws:PrincipalTag/team", ["release"]],
    (random) => [random.pick(TAG_KEY_OPERATORS), "aws:TagKeys", random.some(["a", "b", "?", "A"], 2)],
    (random) => ["Bool", "aws:MultiFactorAuthPresent", [random.pick(["true", "false"])]],
    (random) => [
        `Date${random.pick(ORDER)}`,
        "aws:CurrentTime",
        [random.pick(["2026-06-01T00:00:00Z", "1780272000", "2026-06-01T02:00:00+02:00"])],
    ],
    (random) => [
        random.pick(["IpAddress", "NotIpAddress"]),
        "aws:SourceIp",
        random.some(["10.0.0.0/8", "2001:db8::/32", "::/0", "192.0.2.7"], 2),
    ],
    (random) => [
        `Numeric${random.pick(ORDER)}`,
        "kms:TrailingDaysWithoutKeyUsage",
        [random.pick(["30", "3e1", "30.5"])],
    ],
    (random) => ["BinaryEquals", "aws:RequestTag/hash", random.some(["QUI=", "QUJD", "Q"], 2)],
    (random) => [
        random.pick(["StringEquals", "StringLike"]),
        "aws:PrincipalTag/name",
        [random.pick(["eve", "${*}", "e${*}", "*"])],
    ],
];

export function requestClause(random: Random): Clause {
    return random.pick(CLAUSES)(random);
}
