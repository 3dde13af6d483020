import { describe, expect, it } from "vitest";
import { oidcWeaknesses } from "../../../../lib/iam";
import { HOST, trust, web, exact, withSub } from "./ask";

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
});
