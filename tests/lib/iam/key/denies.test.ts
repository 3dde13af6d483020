import { describe, expect, it } from "vitest";
import { ACCOUNT, ADMIN, type Json } from "../canonical";
import { world, who, rootStar, without } from "./ask";

/** Proves which Denies bite. Proves nothing about AWS's own evaluation. */

describe("Denies that do not bite", () => {
    const others = (deny: Json): string[] =>
        who(world([...without("DenySignOthers"), rootStar, { Sid: "D", Effect: "Deny", Principal: "*", ...deny }]));

    it.each<[string, Json]>([
        [
            "conditional",
            { Action: "kms:Sign", Resource: "*", Condition: { Bool: { "aws:MultiFactorAuthPresent": "false" } } },
        ],
        ["an alias", { Action: "kms:Sign", Resource: `arn:aws:kms:eu-west-1:${ACCOUNT}:alias/release` }],
        ["another region", { Action: "kms:Sign", Resource: `arn:aws:kms:eu-west-2:${ACCOUNT}:key/*` }],
        [
            "one key id",
            {
                Action: "kms:Sign",
                Resource: `arn:aws:kms:eu-west-1:${ACCOUNT}:key/12345678-1234-1234-1234-123456789012`,
            },
        ],
        ["too few fields", { Action: "kms:Sign", Resource: "arn:aws:kms:*" }],
        ["NotAction", { NotAction: "kms:S*", Resource: "*" }],
        ["an absent action", { Action: "kms:Verify", Resource: "*" }],
        [
            "a variable",
            {
                Action: "kms:Sign",
                Resource: "*",
                Condition: { ArnNotEquals: { "aws:PrincipalArn": "${aws:PrincipalArn}" } },
            },
        ],
        [
            "an empty negation",
            {
                Action: "kms:Sign",
                Resource: "*",
                Condition: { StringNotEqualsIfExists: { "aws:SourceVpce": "vpce-1" } },
            },
        ],
    ])("%s", (_, deny) => expect(others(deny)).toContain(`delegated ${ADMIN}`));

    it.each<[string, Json]>([
        ["kms:*", { Action: "kms:*", Resource: "*" }],
        ["any case", { Action: "KMS:sIGN", Resource: "*" }],
        ["the key glob", { Action: "kms:Sign", Resource: `arn:aws:kms:eu-west-1:${ACCOUNT}:key/*` }],
        ["NotAction of something else", { NotAction: "kms:Describe*", Resource: "*" }],
        ["NotResource of aliases", { Action: "kms:Sign", NotResource: `arn:aws:kms:eu-west-1:${ACCOUNT}:alias/*` }],
    ])("bites: %s", (_, deny) => expect(others(deny)).toEqual([]));
});
