import { describe, expect, it } from "vitest";
import { checkTrust } from "../../../../lib/iam";
import { HOST, WORKFLOW, SUB, rules, trust, web, exact, withSub, codes } from "./ask";

/** Proves what claims of GitHub tokens the checker accepts as evidence. Proves nothing about what tokens the forges issue. */

describe("GitHub subjects", () => {
    it.each<[string, object]>([
        ["exact claims", web({ StringEquals: exact })],
        [
            "claims in any case of the key",
            web({ StringEquals: { ...exact, [`${HOST.toUpperCase()}:SUB`]: SUB, [`${HOST}:sub`]: undefined } }),
        ],
        ["StringLike without wildcards", web({ StringLike: exact })],
        [
            "a tight operator beside a loose one",
            web({ StringEquals: exact, StringLike: { [`${HOST}:sub`]: "repo:*" } }),
        ],
        ["more claims than needed", web({ StringEquals: { ...exact, [`${HOST}:ref`]: "refs/heads/main" } })],
        ["a list of the same", web({ StringEquals: withSub([SUB, SUB]) })],
    ])("accepts %s", (_, statement) => expect(checkTrust(trust(statement), rules())).toEqual([]));

    it.each<[string, object]>([
        ["no condition", {}],
        ["no sub", { StringEquals: { [`${HOST}:aud`]: "sts.amazonaws.com", [`${HOST}:job_workflow_ref`]: WORKFLOW } }],
        ["no aud", { StringEquals: { [`${HOST}:sub`]: SUB, [`${HOST}:job_workflow_ref`]: WORKFLOW } }],
        ["no workflow", { StringEquals: { [`${HOST}:aud`]: "sts.amazonaws.com", [`${HOST}:sub`]: SUB } }],
        ["another audience", { StringEquals: { ...exact, [`${HOST}:aud`]: "https://github.com/acme" } }],
        ["an owner's prefix", { StringLike: withSub("repo:acme*") }],
        ["every repository", { StringLike: withSub("repo:acme/*") }],
        ["a repository's prefix", { StringLike: withSub("repo:acme@123/app*") }],
        ["any ref", { StringLike: withSub("repo:acme@123/app@456:*") }],
        ["a leading wildcard", { StringLike: withSub("*:environment:release") }],
        ["a wildcard in the owner", { StringLike: withSub("repo:acme*/app@456:environment:release") }],
        ["a single wildcard", { StringLike: withSub("repo:acme@123/app@45?:environment:release") }],
        ["a variable", { StringLike: withSub("${aws:username}") }],
        ["another repository", { StringEquals: withSub("repo:evil@9/app@9:environment:release") }],
        ["the name without ids", { StringEquals: withSub("repo:acme/app:environment:release") }],
        ["pull requests", { StringEquals: withSub("repo:acme@123/app@456:pull_request") }],
        ["one loose value", { StringLike: withSub([SUB, "repo:acme/*"]) }],
        ["IfExists", { StringEqualsIfExists: exact }],
        ["ForAllValues", { "ForAllValues:StringEquals": exact }],
        ["ForAnyValue", { "ForAnyValue:StringEquals": exact }],
        ["a negation", { StringNotEquals: withSub("repo:evil/app") }],
        ["Null", { Null: { [`${HOST}:sub`]: "false" }, StringEquals: { [`${HOST}:aud`]: "sts.amazonaws.com" } }],
        ["ignoring case", { StringEqualsIgnoreCase: exact }],
        ["another provider's keys", { StringEquals: { "gitlab.com:aud": "sts.amazonaws.com", "gitlab.com:sub": SUB } }],
        ["keys without the path", { StringEquals: { aud: "sts.amazonaws.com", sub: SUB } }],
    ])("refuses %s", (_, condition) => expect(codes(trust(web(condition)))).toContain("Subject"));

    it("takes a wildcard under StringEquals as a mistake, not as a grant", () => {
        const findings = checkTrust(trust(web({ StringEquals: withSub("repo:acme/*") })), rules());
        expect(findings).toEqual([expect.objectContaining({ code: "LiteralWildcard", level: "notice" })]);
    });

    it("judges each statement by itself", () =>
        expect(codes(trust(web({ StringEquals: exact }), web({ StringLike: withSub("repo:*") })))).toEqual([
            "Subject",
        ]));

    it("says which claim, and why", () => {
        const [finding] = checkTrust(
            trust(web({ StringLike: withSub("repo:acme/*"), StringEquals: { ...exact, [`${HOST}:sub`]: undefined } })),
            rules(),
        );
        expect(finding).toEqual({
            at: `Statement[0].Condition.StringLike.${HOST}:sub`,
            code: "Subject",
            saw: "sub is wider than any configured subject",
            level: "violation",
        });
    });
});
