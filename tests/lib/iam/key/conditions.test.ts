import { describe, expect, it } from "vitest";
import { type KeyWorld, waysToKey } from "../../../../lib/iam";
import { ACCOUNT, type Json, SIGNER } from "../canonical";
import { world, who, without, allowSign } from "./ask";

/** Proves which conditions of an Allow restrict, and which only look so. Proves nothing about AWS's own evaluation. */

describe("allows that look restrictive", () => {
    const policy = (...more: Json[]): KeyWorld => world([...without("DenySignOthers"), ...more]);
    const others = (value: KeyWorld): string[] => who(value).filter((name) => name !== `direct ${SIGNER}`);

    it.each<[string, Json]>([
        ["StringEquals kms:CallerAccount", { StringEquals: { "kms:CallerAccount": ACCOUNT } }],
        ["aws:PrincipalOrgID", { StringEquals: { "aws:PrincipalOrgID": "o-example" } }],
        ["aws:SourceVpce", { StringEquals: { "aws:SourceVpce": "vpce-1" } }],
        ["kms:ViaService", { StringEquals: { "kms:ViaService": "s3.eu-west-1.amazonaws.com" } }],
        ["a principal tag", { StringEquals: { "aws:PrincipalTag/team": "release" } }],
        ["Null true", { Null: { "aws:PrincipalTag/team": "true" } }],
        ["ForAllValues", { "ForAllValues:StringEquals": { "aws:PrincipalTag/team": "release" } }],
        ["IfExists", { StringEqualsIfExists: { "aws:SourceVpce": "vpce-1" } }],
        ["a date", { DateLessThan: { "aws:CurrentTime": "2020-01-01T00:00:00Z" } }],
        ["a variable", { StringEquals: { "aws:PrincipalArn": "${aws:PrincipalArn}" } }],
        ["an IfExists on an absent key", { StringEqualsIfExists: { "aws:PrincipalArn": SIGNER } }],
    ])("do not restrict: everyone under %s", (_, condition) =>
        expect(others(policy(allowSign("*", condition))).length).toBeGreaterThan(0),
    );

    it.each<[string, Json]>([
        ["StringEquals", { StringEquals: { "aws:PrincipalArn": SIGNER } }],
        ["ArnEquals", { ArnEquals: { "AWS:principalARN": SIGNER } }],
        ["StringLike without a wildcard", { StringLike: { "aws:PrincipalArn": [SIGNER] } }],
        ["ArnLike without a wildcard", { ArnLike: { "aws:PrincipalArn": SIGNER } }],
        [
            "a Null beside StringEquals",
            { Null: { "aws:PrincipalArn": "false" }, StringEquals: { "aws:PrincipalArn": SIGNER } },
        ],
        [
            "a star under StringEquals beside the whole",
            { StringEquals: { "aws:PrincipalArn": [SIGNER, `${SIGNER}*`, "signer"] } },
        ],
        ["ForAnyValue", { "ForAnyValue:StringEquals": { "aws:PrincipalArn": SIGNER } }],
    ])("restrict: everyone under %s of the signer's ARN", (_, condition) =>
        expect(others(policy(allowSign("*", condition)))).toEqual([]),
    );

    it.each([
        [`arn:aws:iam::${ACCOUNT}:role/signing/countersign*`],
        [`arn:aws:iam::*:role/signing/*`],
        [`*signer`],
        [`arn:*:role/*/countersign-dev-files-v1-signe?`],
    ])("find a witness for the pattern %s", (pattern) => {
        const ways = waysToKey(policy(allowSign("*", { StringLike: { "aws:PrincipalArn": pattern } })), "kms:Sign");
        const found = ways.find(({ principal }) => principal.isClass && principal.kind === "role");
        expect(found?.principal.witness).toMatch(/^arn:aws:iam::[0-9]{12}:role\//);
        expect(found?.principal.witness).not.toBe(SIGNER);
    });

    it("finds the pattern in a Principal, which AWS refuses", () => {
        const value = policy(allowSign({ AWS: `arn:aws:iam::${ACCOUNT}:role/signing/*` }));
        expect(value.keyPolicy?.problems).toEqual([expect.objectContaining({ code: "PrincipalWildcard" })]);
        expect(others(value)).toContain(`direct arn:aws:iam::${ACCOUNT}:role/signing/*`);
    });

    it("finds the one role that two patterns share", () => {
        const prefix = `arn:aws:iam::${ACCOUNT}:role/`;
        const denyRest = { Effect: "Deny", Principal: "*", Action: "kms:Sign", Resource: "*" };
        const shared = policy(allowSign("*", { ArnLike: { "aws:PrincipalArn": `${prefix}a*` } }), {
            ...denyRest,
            Condition: { ArnNotLike: { "aws:PrincipalArn": [`${prefix}*b`, SIGNER] } },
        });
        expect(others(shared).length).toBeGreaterThan(0);
        const apart = policy(allowSign("*", { ArnLike: { "aws:PrincipalArn": `${prefix}a*` } }), {
            ...denyRest,
            Condition: { ArnNotLike: { "aws:PrincipalArn": [`${prefix}b*`, SIGNER] } },
        });
        expect(others(apart)).toEqual([]);
    });
});
