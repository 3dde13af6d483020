import { describe, expect, it } from "vitest";
import { type DeclaredPrincipal, parsePolicy } from "../../../../lib/iam";
import { ACCOUNT, documentOf, type Json } from "../canonical";
import { allow, deny, maySign, OTHER_ACCOUNT, role, root } from "./ask";

/** Identity policies, boundaries and the resources they name (IAM User Guide, "Policy evaluation logic"; KMS Developer Guide, "Key policies"). */

const RUNNER = role("runner");
const KEY = `arn:aws:kms:eu-west-1:${ACCOUNT}:key/1234abcd-0000-4000-8000-00000000000a`;
const DELEGATED = [allow({ Principal: { AWS: root() }, Action: "kms:*" })];
const DIRECT = [allow({ Principal: { AWS: RUNNER } })];
const own = (more: Json = {}): Json => ({ Effect: "Allow", Action: "kms:Sign", Resource: "*", ...more });
const identity = (...statements: Json[]): ReturnType<typeof parsePolicy> =>
    parsePolicy(documentOf(statements), "identity");
const holder = (statements: Json[], more: Partial<DeclaredPrincipal> = {}): DeclaredPrincipal => ({
    arn: RUNNER,
    policies: statements.map((one, i) => ({ name: `${i}`, policy: identity(one) })),
    complete: true,
    ...more,
});
const withBoundary = (...statements: Json[]): Partial<DeclaredPrincipal> => ({
    boundary: { name: "boundary", policy: identity(...statements) },
});

describe.each<[string, Json, boolean]>([
    ["any key", {}, true],
    ["keys of any region", { Resource: "arn:aws:kms:*:*:key/*" }, true],
    ["this region's keys", { Resource: `arn:aws:kms:eu-west-1:${ACCOUNT}:key/*` }, true],
    ["one key, whose id the new one may get", { Resource: KEY }, true],
    ["ids of that beginning", { Resource: "arn:aws:kms:eu-west-1:*:key/1234*" }, true],
    [
        "ids of single characters",
        { Resource: "arn:aws:kms:eu-west-1:*:key/????????-????-????-????-????????????" },
        true,
    ],
    ["ids too short", { Resource: "arn:aws:kms:eu-west-1:*:key/????" }, false],
    ["ids that are no ids", { Resource: "arn:aws:kms:eu-west-1:*:key/x*" }, false],
    ["ids in capitals", { Resource: KEY.replace("abcd", "ABCD") }, false],
    ["keys of several regions", { Resource: "arn:aws:kms:*:*:key/mrk-*" }, false],
    ["another region's keys", { Resource: "arn:aws:kms:us-east-1:*:key/*" }, false],
    ["another account's keys", { Resource: `arn:aws:kms:*:${OTHER_ACCOUNT}:key/*` }, false],
    ["another partition's keys", { Resource: "arn:aws-cn:kms:*:*:key/*" }, false],
    ["any partition's keys", { Resource: "arn:*:kms:*:*:key/*" }, true],
    ["aliases", { Resource: "arn:aws:kms:*:*:alias/*" }, false],
    ["one star over many fields", { Resource: "arn:aws:k*" }, true],
    ["a star in the middle of a field", { Resource: "arn:aws:kms:eu-*-1:*:k*/*" }, true],
    ["everything but aliases", { Resource: undefined, NotResource: "arn:aws:kms:*:*:alias/*" }, true],
    ["everything but this region's keys", { Resource: undefined, NotResource: "arn:aws:kms:eu-west-1:*:key/*" }, false],
    ["everything but one key", { Resource: undefined, NotResource: KEY }, true],
    ["everything but what is no ARN", { Resource: undefined, NotResource: "*" }, false],
    ["another action", { Action: "kms:Verify" }, false],
    ["an action in another case", { Action: "KMS:sIGN" }, true],
    ["an action with one character open", { Action: "kms:Sig?" }, true],
    ["an action one character too long", { Action: "kms:Sign?" }, false],
    ["an action with nothing for its star", { Action: "kms:Sign*" }, true],
    ["a service of like name", { Action: "kms-x:*" }, false],
    ["everything but reading", { Action: undefined, NotAction: ["kms:Get*", "kms:List*"] }, true],
    ["everything but signing", { Action: undefined, NotAction: "kms:S*n" }, false],
    ["everything but all", { Action: undefined, NotAction: "*" }, false],
])("an identity policy that allows %s", (_, more, expected) => {
    it(`lets sign where the key's policy leaves it to the account: ${expected}`, () =>
        expect(maySign(DELEGATED, RUNNER, { principals: [holder([own(more)])] })).toBe(expected));
    it("lets nobody sign where it does not", () =>
        expect(maySign([deny({ Action: "kms:Get*" })], RUNNER, { principals: [holder([own(more)])] })).toBe(false));
});

describe("a boundary", () => {
    it.each<[string, Json[], boolean]>([
        ["that allows", [own()], true],
        ["that allows something else", [own({ Action: "s3:*" })], false],
        ["that denies", [own(), own({ Effect: "Deny" })], false],
        ["that denies elsewhere", [own(), own({ Effect: "Deny", Resource: "arn:aws:kms:us-east-1:*:key/*" })], true],
        [
            "that denies perhaps",
            [own(), own({ Effect: "Deny", Condition: { Bool: { "aws:ViaAWSService": "true" } } })],
            true,
        ],
        ["that allows perhaps", [own({ Condition: { StringEquals: { "aws:RequestedRegion": "eu-west-1" } } })], true],
    ])("%s narrows what the account was given, and grants nothing", (_, statements, expected) => {
        const more = withBoundary(...statements);
        expect(maySign(DELEGATED, RUNNER, { principals: [holder([own()], more)] })).toBe(expected);
        expect(maySign(DELEGATED, RUNNER, { principals: [holder([], more)] })).toBe(false);
        expect(maySign(DELEGATED, RUNNER, { principals: [holder([], { ...more, complete: false })] })).toBe(expected);
    });
    it("is never counted on against a key's policy that names its holder", () =>
        expect(maySign(DIRECT, RUNNER, { principals: [holder([], withBoundary(own({ Action: "s3:*" })))] })).toBe(
            true,
        ));
});

describe("documents of a caller", () => {
    it("take away by a sure Deny, whatever the key's policy gives", () => {
        expect(maySign(DIRECT, RUNNER, { principals: [holder([own({ Effect: "Deny" })])] })).toBe(false);
        expect(maySign(DIRECT, RUNNER, { principals: [holder([own({ Effect: "Deny", Resource: KEY })])] })).toBe(true);
        const keyArn = KEY;
        expect(
            maySign(DIRECT, RUNNER, { keyArn, principals: [holder([own({ Effect: "Deny", Resource: KEY })])] }),
        ).toBe(false);
    });
    it("count as Allow everything where one could not be had", () =>
        expect(maySign(DELEGATED, RUNNER, { principals: [holder([], { complete: false })] })).toBe(true));
    it("count as unknown where two go by one name", () => {
        const two = [holder([own()]), holder([own({ Effect: "Deny" })])];
        expect(maySign(DELEGATED, RUNNER, { principals: two })).toBe(true);
        expect(maySign(DELEGATED, RUNNER, { principals: [...two].reverse() })).toBe(true);
        expect(maySign(DIRECT, RUNNER, { principals: two })).toBe(true);
        expect(maySign([...DELEGATED, deny()], RUNNER, { principals: two })).toBe(false);
    });
});
