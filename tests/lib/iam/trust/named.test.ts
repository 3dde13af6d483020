import { describe, expect, it } from "vitest";
import { ACCOUNT, HOST, rules, trust, web, exact, codes } from "./ask";

/** Proves which principals and actions a trust policy may name. */

describe("who is named", () => {
    it.each<[string, string, object]>([
        ["everyone", "Everyone", { Principal: "*" }],
        ["everyone of AWS", "Everyone", { Principal: { AWS: "*" } }],
        ["NotPrincipal", "Negation", { NotPrincipal: { AWS: ACCOUNT } }],
        ["an account", "AwsPrincipal", { Principal: { AWS: ACCOUNT } }],
        ["a role", "AwsPrincipal", { Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/x` } }],
        ["a unique id", "AwsPrincipal", { Principal: { AWS: "AROAEXAMPLEEXAMPLE12" } }],
        ["a service", "Service", { Principal: { Service: "states.amazonaws.com" } }],
        ["a canonical user", "Principal", { Principal: { CanonicalUser: "79a59df9" } }],
        [
            "another provider",
            "Provider",
            { Principal: { Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/gitlab.com` } },
        ],
        [
            "the provider with a path",
            "Provider",
            { Principal: { Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/${HOST}/evil` } },
        ],
        [
            "another account's provider",
            "Provider",
            { Principal: { Federated: `arn:aws:iam::444455556666:oidc-provider/${HOST}` } },
        ],
        ["SAML", "Provider", { Principal: { Federated: `arn:aws:iam::${ACCOUNT}:saml-provider/x` } }],
        ["Cognito", "Provider", { Principal: { Federated: "cognito-identity.amazonaws.com" } }],
        ["an unreadable statement", "NotUnderstood", { Principal: "*", Extra: 1 }],
    ])("refuses %s", (_, code, who) => {
        const { Principal: _principal, ...rest } = web({ StringEquals: exact }) as Record<string, unknown>;
        expect(codes(trust({ ...rest, ...who }))).toContain(code);
    });

    it.each([["sts:*"], ["*"], ["sts:SetSourceIdentity"], ["sts:TagSession"], ["sts:Assume*"]])(
        "refuses the action %s",
        (action) =>
            expect(
                codes(trust(web({ StringEquals: exact }, { Action: ["sts:AssumeRoleWithWebIdentity", action] }))),
            ).toContain("Action"),
    );

    it("refuses NotAction", () => {
        const { Action: _, ...rest } = web({ StringEquals: exact }) as Record<string, unknown>;
        expect(codes(trust({ ...rest, NotAction: "sts:TagSession" }))).toEqual(["Negation"]);
    });

    it("refuses AssumeRole for a provider, and takes TagSession where configured", () => {
        expect(codes(trust(web({ StringEquals: exact }, { Action: "sts:AssumeRole" })))).toEqual(["Action"]);
        const tags = web({ StringEquals: exact }, { Action: ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"] });
        expect(codes(trust(tags), rules({ tagSession: true }))).toEqual([]);
    });

    const allow = (principal: object, condition?: object): object => ({
        Effect: "Allow",
        Principal: principal,
        Action: "sts:AssumeRole",
        ...(condition && { Condition: condition }),
    });

    it("accepts the configured service, and its source where it sends one", () => {
        const lambda = rules({ services: [{ name: "lambda.amazonaws.com", sendsSource: false }] });
        expect(codes(trust(allow({ Service: "lambda.amazonaws.com" })), lambda)).toEqual([]);
        expect(codes(trust(allow({ Service: ["lambda.amazonaws.com", "states.amazonaws.com"] })), lambda)).toEqual([
            "Service",
        ]);
        const scheduler = rules({ services: [{ name: "scheduler.amazonaws.com", sendsSource: true }] });
        const from = (condition?: object): string[] =>
            codes(trust(allow({ Service: "scheduler.amazonaws.com" }, condition)), scheduler);
        expect(from()).toEqual(["ServiceSource"]);
        expect(from({ StringEquals: { "aws:SourceAccount": ACCOUNT } })).toEqual([]);
        expect(from({ ArnLike: { "aws:SourceArn": `arn:aws:scheduler:eu-west-1:${ACCOUNT}:schedule/*` } })).toEqual([]);
        expect(from({ StringEquals: { "aws:SourceAccount": "444455556666" } })).toEqual(["ServiceSource"]);
        expect(from({ StringEqualsIfExists: { "aws:SourceAccount": ACCOUNT } })).toEqual(["ServiceSource"]);
        expect(from({ ArnLike: { "aws:SourceArn": "*" } })).toEqual(["ServiceSource"]);
    });

    it("wants exactly the configured AWS principals, guarded across accounts", () => {
        const deployer = `arn:aws:iam::${ACCOUNT}:role/deployer`;
        expect(codes(trust(allow({ AWS: deployer })), rules({ awsPrincipals: [deployer] }))).toEqual([]);
        expect(
            codes(trust(allow({ AWS: ACCOUNT })), rules({ awsPrincipals: [`arn:aws:iam::${ACCOUNT}:root`] })),
        ).toEqual([]);
        expect(codes(trust(web({ StringEquals: exact })), rules({ awsPrincipals: [deployer] }))).toEqual([
            "AwsPrincipal",
        ]);
        const foreign = "arn:aws:iam::444455556666:role/ci";
        expect(codes(trust(allow({ AWS: foreign })), rules({ awsPrincipals: [foreign] }))).toEqual(["CrossAccount"]);
        const guarded = allow({ AWS: foreign }, { StringEquals: { "sts:ExternalId": "x" } });
        expect(codes(trust(guarded), rules({ awsPrincipals: [foreign] }))).toEqual([]);
    });
});
