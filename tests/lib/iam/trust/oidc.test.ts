import { describe, expect, it } from "vitest";
import { oidcWeaknesses } from "../../../../lib/iam";
import { ACCOUNT, exact, HOST, trust, web, withSub } from "./ask";

/** Proves what any trust in an OpenID Connect provider lacks, configured or not. */

describe("any trust in an OpenID Connect provider", () => {
    const saws = (condition: object): string[] => oidcWeaknesses(trust(web(condition))).map(({ saw }) => saw);
    it.each<[string, object, number]>([
        ["literal claims with ids", { StringEquals: exact }, 0],
        ["a name without ids", { StringEquals: withSub("repo:acme/app:environment:release") }, 1],
        [
            "a name beside the repository's id",
            { StringEquals: { ...withSub("repo:acme/app:environment:x"), [`${HOST}:repository_id`]: "456" } },
            0,
        ],
        [
            "ids alone",
            {
                StringEquals: {
                    [`${HOST}:aud`]: "x",
                    [`${HOST}:repository_id`]: "4",
                    [`${HOST}:repository_owner_id`]: "1",
                },
            },
            0,
        ],
        ["nothing", {}, 2],
        ["a wildcard", { StringLike: { ...exact, [`${HOST}:sub`]: "repo:acme@123/app@456:*" } }, 1],
        ["pull requests", { StringEquals: withSub("repo:acme@123/app@456:pull_request") }, 1],
    ])("%s", (_, condition, count) => expect(saws(condition)).toHaveLength(count));

    it.each(["accounts.google.com", "cognito-identity.amazonaws.com"])("holds for %s, which has no ARN", (issuer) => {
        const named = { Principal: { Federated: issuer } };
        const claims = { [`${issuer}:aud`]: "app", [`${issuer}:sub`]: "117" };
        expect(oidcWeaknesses(trust(web({}, named)))).toHaveLength(2);
        expect(oidcWeaknesses(trust(web({ StringEquals: { [`${issuer}:aud`]: "app" } }, named)))).toHaveLength(1);
        expect(oidcWeaknesses(trust(web({ StringEquals: claims }, named)))).toEqual([]);
    });

    it("is not asked of SAML", () => {
        const named = { Principal: { Federated: `arn:aws:iam::${ACCOUNT}:saml-provider/idp` } };
        expect(oidcWeaknesses(trust(web({}, { ...named, Action: "sts:AssumeRoleWithSAML" })))).toEqual([]);
    });
});
