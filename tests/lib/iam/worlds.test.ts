import { expect, it } from "vitest";
import { createRandom } from "./random";
import { type World, world } from "./worlds";

/** What the generated worlds hold. Proves that each feature of the evaluator is asked about, often enough to meet the others. */

const WORLDS = 5_000;
const COMPARED = "(?:String|Arn)(?:Not)?(?:Equals|Like)|StringEqualsIgnoreCase|StringNotEqualsIgnoreCase";
const ORDERED = "(?:Not)?Equals|(?:Less|Greater)Than(?:Equals)?";

/** By what a world's JSON matches. */
const FEATURES: Readonly<Record<string, RegExp>> = {
    ...Object.fromEntries(
        [
            "StringEquals",
            "StringNotEquals",
            "StringLike",
            "StringNotLike",
            "StringEqualsIgnoreCase",
            "StringNotEqualsIgnoreCase",
        ]
            .concat([
                "ArnEquals",
                "ArnNotEquals",
                "ArnLike",
                "ArnNotLike",
                "Bool",
                "Null",
                "BinaryEquals",
                "IpAddress",
                "NotIpAddress",
            ])
            .concat(
                ["Date", "Numeric"].flatMap((type) =>
                    ["Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"].map(
                        (end) => `${type}${end}`,
                    ),
                ),
            )
            .map((operator) => [operator, new RegExp(`"${operator}":`)]),
    ),
    "IfExists on text": new RegExp(`"(?:${COMPARED})IfExists":`),
    "IfExists on order": new RegExp(`"(?:Date|Numeric)(?:${ORDERED})IfExists":`),
    ForAllValues: new RegExp(`"ForAllValues:(?:${COMPARED})":`),
    ForAnyValue: new RegExp(`"ForAnyValue:(?:${COMPARED})":`),
    "ForAllValues with IfExists": new RegExp(`"ForAllValues:(?:${COMPARED})IfExists":`),
    "ForAnyValue with IfExists": new RegExp(`"ForAnyValue:(?:${COMPARED})IfExists":`),
    "set operators on Bool": /"For(?:All|Any)Values?:Bool/,
    "a list without values": /":\[\]/,
    "Null with both values": /"Null":\{"[^"]*":\["(?:true","false|false","true)"\]/,
    ...Object.fromEntries(
        [
            "PrincipalArn",
            "PrincipalAccount",
            "PrincipalOrgID",
            "PrincipalType",
            "PrincipalIsAWSService",
            "username",
            "userid",
        ].map((key) => [`aws:${key}`, new RegExp(`"aws:${key}":`, "i")]),
    ),
    "kms:CallerAccount": /"kms:CallerAccount":/i,
    "a key in a letter that looks like another": /"\u212ams:/i,
    "truth in another case": /"(?:True|FALSE|False)"/,
    "letters of open case": /\u017f/,
    "names under operators that are not for text":
        /"(?:Numeric|Date|NotIp|Ip|Bool|Binary)\w*":\{"aws:(?:principala|principalt|username)/i,
    "an account's digits as glob": /1111\*/,
    "a variable in a condition": /Condition.*"[^"]*\$\{aws:/,
    "a variable with a default": /\$\{[^}]*, '/,
    "an escape": /\$\{[*?]\}/,
    "a variable in a Resource": /Resource":\[[^\]]*\$\{aws:/,
    "an escape in a Resource": /Resource":\[[^\]]*\$\{\*\}/,
    "an old Version": /"Version":"2008-10-17"/,
    "no Version": /\{"Statement":/,
    NotAction: /"NotAction"/,
    NotResource: /"NotResource"/,
    everyone: /"Principal":"\*"/,
    "everyone, as AWS": /"AWS":\["\*"/,
    "a service": /"Principal":\{"Service"/,
    "a service beside others": /"AWS":\[[^\]]*\],"Service"/,
    "a session": /"AWS":\[[^\]]*:assumed-role\/[a-z]+\/s/,
    "a federated user": /"AWS":\[[^\]]*:federated-user\//,
    "a unique id": /"Principal":\{"AWS":\[[^\]]*"A(?:ROA|IDA)EXAMPLE/,
    "a wildcard in a principal": /"AWS":\[[^\]]*role\/\*/,
    NotPrincipal: /"NotPrincipal":\{"AWS"/,
    "NotPrincipal of a service": /"NotPrincipal":\{"Service"/,
    "NotPrincipal of a user and its account": /"NotPrincipal":\{"AWS":\[[^\]]*:user\/eve[^\]]*:root/,
    "NotPrincipal of a session": /"NotPrincipal":\{"AWS":\[[^\]]*:assumed-role/,
    "NotPrincipal of a unique id": /"NotPrincipal":\{"AWS":\[[^\]]*"AROA/,
    "a grant to a session": /"grantee":"[^"]*:assumed-role/,
    "a grant to an account": /"grantee":"[^"]*:root"/,
    "a grant to a federated user": /"grantee":"[^"]*federated-user/,
    "a grant to a service": /"grantee":"lambda/,
    "a grant of everything": /\{"grantee":"[^"]*"\}/,
};

const SHAPES: Readonly<Record<string, (one: World) => boolean>> = {
    "the default policy": ({ isDefault }) => isDefault,
    "a known key": ({ keyArn }) => keyArn !== undefined,
    "an unknown organisation": ({ knowsOrg }) => !knowsOrg,
    "documents that could not be had": ({ incomplete }) => incomplete.length > 0,
    "a boundary": ({ boundary }) => Object.keys(boundary).length > 0,
    "one statement": ({ keyPolicy }) => keyPolicy.Statement.length === 1,
};

const worlds = ((): readonly { small: World; text: string }[] => {
    const random = createRandom(3);
    return Array.from({ length: WORLDS }, () => {
        const small = world(random, true);
        return { small, text: JSON.stringify(small) };
    });
})();

it.each(Object.entries(FEATURES))("%s", (_, shape) =>
    expect(worlds.filter(({ text }) => shape.test(text)).length).toBeGreaterThan(20),
);
it.each(Object.entries(SHAPES))("%s", (_, holds) =>
    expect(worlds.filter(({ small }) => holds(small)).length).toBeGreaterThan(100),
);
