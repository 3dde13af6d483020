import { describe, expect, it } from "vitest";
import { checkTrust, parsePolicy, type TrustRules } from "../../../../lib/iam";
import { ACCOUNT, type Json, SCOPE } from "../canonical";
import { OTHER_ACCOUNT, root, role } from "./ask";

/** What guards a trust (IAM User Guide, "The confused deputy problem"; "Condition operators"). Proves which conditions count as a guard. */

const HOST = "token.actions.githubusercontent.com";
const SUB = "repo:acme@1/app@2:environment:release";
const RULES: TrustRules = {
    scope: { ...SCOPE, orgId: "o-own" },
    services: [{ name: "states.amazonaws.com", sendsSource: true }],
    awsPrincipals: [],
    entitlements: [{ provider: HOST, claims: { aud: ["sts.amazonaws.com"], sub: [SUB], job_workflow_ref: ["w"] } }],
    tagSession: false,
};

function codes(statement: Json, rules = RULES): string[] {
    const text = JSON.stringify({ Version: "2012-10-17", Statement: { Effect: "Allow", ...statement } });
    return checkTrust(parsePolicy(text, "trust"), rules)
        .filter(({ level }) => level === "violation")
        .map(({ code }) => code);
}

describe("a service that sends its source", () => {
    const source = (condition: Json): string[] =>
        codes({ Principal: { Service: "states.amazonaws.com" }, Action: "sts:AssumeRole", Condition: condition });
    const machine = (account: string): string => `arn:aws:states:eu-west-1:${account}:stateMachine:m`;

    it.each<[string, Json]>([
        ["the account", { StringEquals: { "aws:SourceAccount": ACCOUNT } }],
        ["the account, in another case", { StringEquals: { "AWS:sourceaccount": [ACCOUNT] } }],
        ["a source", { StringEquals: { "aws:SourceArn": machine(ACCOUNT) } }],
        ["sources, field by field", { ArnLike: { "aws:SourceArn": `arn:aws:states:*:${ACCOUNT}:*` } }],
        ["sources of one region", { StringLike: { "aws:SourceArn": `arn:aws:states:eu-west-1:${ACCOUNT}:*` } }],
    ])("is guarded by %s", (_, condition) => expect(source(condition)).toEqual([]));

    it.each<[string, Json]>([
        ["nothing", {}],
        // arn:aws:states:eu-west-1:444455556666:execution:111122223333:run is another account's.
        [
            "a glob whose star may take another account",
            { StringLike: { "aws:SourceArn": `arn:aws:states:*:${ACCOUNT}:*` } },
        ],
        ["a glob over the service", { StringLike: { "aws:SourceArn": `arn:aws:*:eu-west-1:${ACCOUNT}:*` } }],
        ["another account", { StringEquals: { "aws:SourceAccount": OTHER_ACCOUNT } }],
        ["one of two accounts", { StringEquals: { "aws:SourceAccount": [ACCOUNT, OTHER_ACCOUNT] } }],
        ["a glob over accounts", { StringLike: { "aws:SourceAccount": "1111*" } }],
        ["no values", { StringEquals: { "aws:SourceAccount": [] } }],
        ["an absent key that is let in", { StringEqualsIfExists: { "aws:SourceAccount": ACCOUNT } }],
        ["a set that may be empty", { "ForAllValues:StringEquals": { "aws:SourceAccount": ACCOUNT } }],
        ["a negation", { StringNotEquals: { "aws:SourceAccount": OTHER_ACCOUNT } }],
        ["the account as a number", { NumericEquals: { "aws:SourceAccount": ACCOUNT } }],
        ["the account as a source", { StringEquals: { "aws:SourceArn": ACCOUNT } }],
        ["any source", { ArnLike: { "aws:SourceArn": "*" } }],
        ["a source of any account", { ArnLike: { "aws:SourceArn": "arn:aws:states:*:*:*" } }],
    ])("is not guarded by %s", (_, condition) => expect(source(condition)).toEqual(["ServiceSource"]));
});

describe("another account that is configured", () => {
    const partner = role("partner", OTHER_ACCOUNT);
    const cross = (condition: Json): string[] =>
        codes(
            { Principal: { AWS: partner }, Action: "sts:AssumeRole", Condition: condition },
            { ...RULES, awsPrincipals: [partner] },
        );
    it.each<[string, Json]>([
        ["an external id", { StringEquals: { "sts:ExternalId": "7f3c" } }],
        ["the organisation", { StringEquals: { "aws:PrincipalOrgID": "o-own" } }],
    ])("is guarded by %s", (_, condition) => expect(cross(condition)).toEqual([]));
    it.each<[string, Json]>([
        ["any external id", { StringLike: { "sts:ExternalId": "*" } }],
        ["an empty external id", { StringEquals: { "sts:ExternalId": "" } }],
        ["an external id of the caller's choice", { StringEquals: { "sts:ExternalId": "${aws:username}" } }],
        ["any organisation", { StringLike: { "aws:PrincipalOrgID": "o-*" } }],
        ["another organisation", { StringEquals: { "aws:PrincipalOrgID": "o-other" } }],
        ["an absent id that is let in", { StringEqualsIfExists: { "sts:ExternalId": "7f3c" } }],
        ["several factors", { Bool: { "aws:MultiFactorAuthPresent": "true" } }],
    ])("is not guarded by %s", (_, condition) => expect(cross(condition)).toEqual(["CrossAccount"]));
});

describe("a wildcard under StringEquals, where it is literal", () => {
    const web = (claims: Json): string[] =>
        codes({
            Principal: { Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/${HOST}` },
            Action: "sts:AssumeRoleWithWebIdentity",
            Condition: {
                StringEquals: Object.fromEntries(
                    Object.entries({ aud: "sts.amazonaws.com", sub: SUB, job_workflow_ref: "w", ...claims }).map(
                        ([claim, value]) => [`${HOST}:${claim}`, value],
                    ),
                ),
            },
        });
    it("has a baseline", () => expect(web({})).toEqual([]));
    it.each<[string, Json]>([
        ["an owner", { sub: [SUB, "repo:*"] }],
        ["a repository", { sub: [SUB, "repo:acme/*"] }],
        ["a ref", { sub: [SUB, "repo:acme/app:ref:refs/heads/*"] }],
        ["an audience", { aud: ["sts.amazonaws.com", "*"] }],
    ])("grants nothing where %s stands", (_, claims) => expect(web(claims)).toEqual([]));
    it.each<[string, Json]>([
        ["an environment", { sub: [SUB, "repo:evil@3/evil@4:environment:*"] }],
        ["an environment's end", { sub: [SUB, "repo:evil@3/evil@4:environment:release?"] }],
        ["a workflow's file", { job_workflow_ref: ["w", "acme/app/.github/workflows/*.yml@refs/heads/x"] }],
    ])("may be the name of %s", (_, claims) => expect(web(claims)).toEqual(["Subject"]));
});

describe("actions of a trust", () => {
    const actions = (...names: string[]): string[] =>
        codes({ Principal: { AWS: root() }, Action: names }, { ...RULES, awsPrincipals: [root()] });
    it.each(["sts:AssumeRole", "STS:assumerole"])("%s", (name) => expect(actions(name)).toEqual([]));
    it.each([
        "*",
        "sts:*",
        "sts:Assume*",
        "sts:AssumeRol?",
        "sts:TagSession",
        "sts:SetSourceIdentity",
        "sts:AssumeRoleWithSAML",
        "sts:AssumeRoot",
        "sts:SetContext",
    ])("%s is more than was configured", (name) => expect(actions("sts:AssumeRole", name)).toEqual(["Action"]));
});
