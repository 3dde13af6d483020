import { describe, expect, it } from "vitest";
import { ACCOUNT, type Json, SIGNER } from "../canonical";
import { allow, deny, maySign, OTHER_ACCOUNT, role, root, session, signersOf, user } from "./ask";

/** Forms of Principal and NotPrincipal (IAM User Guide). Proves whom each may mean and whom a Deny surely means. */

const RUNNER = role("runner");
const EVE = user("eve");
const FEDERATED = `arn:aws:sts::${ACCOUNT}:federated-user/bob`;
const ROLE_ID = "AROAEXAMPLEEXAMPLE12";
const USER_ID = "AIDAEXAMPLEEXAMPLE12";
const aws = (...names: string[]): Json => ({ Principal: { AWS: names.length === 1 ? names[0] : names } });
const notAws = (...names: string[]): Json => ({ Principal: undefined, NotPrincipal: { AWS: names } });

describe.each<[string, Json, string, boolean, boolean]>([
    ["everyone", { Principal: "*" }, RUNNER, true, true],
    ["everyone, as AWS", aws("*"), "anonymous", true, true],
    ["everyone, as AWS", aws("*"), "lambda.amazonaws.com", true, true],
    ["an account by its number", aws(ACCOUNT), RUNNER, true, true],
    ["an account by its root user", aws(root()), EVE, true, true],
    ["an account by its root user", aws(root()), root(), true, true],
    ["another account", aws(OTHER_ACCOUNT), RUNNER, false, false],
    ["another account", aws(OTHER_ACCOUNT), role("x", OTHER_ACCOUNT), true, true],
    ["an account", aws(ACCOUNT), "lambda.amazonaws.com", false, false],
    ["a role", aws(RUNNER), RUNNER, true, true],
    ["a role of that name on another path", aws(role("ci/runner")), RUNNER, false, false],
    ["a role's session", aws(session("s", "runner")), RUNNER, true, false],
    ["a session, whose ARN has no path", aws(session("s", "runner")), role("ci/runner"), true, false],
    ["a session, asked for by its own ARN", aws(session("s", "runner")), session("s", "runner"), true, true],
    ["another session, asked for by its own ARN", aws(session("s", "runner")), session("t", "runner"), false, false],
    ["a role, asked for by a session", aws(role("ci/runner")), session("s", "runner"), true, false],
    ["the account, asked for by a session", aws(ACCOUNT), session("s", "runner"), true, true],
    ["a session of another account's role", aws(session("s", "runner", OTHER_ACCOUNT)), RUNNER, false, false],
    ["a session of a role of like name", aws(session("s", "runner2")), RUNNER, false, false],
    ["a federated user", aws(FEDERATED), FEDERATED, true, true],
    ["a federated user", aws(FEDERATED), `arn:aws:iam::${ACCOUNT}:user/bob`, false, false],
    ["a user, for whose federated users it holds", aws(EVE), FEDERATED, true, false],
    ["another account's user", aws(user("eve", OTHER_ACCOUNT)), FEDERATED, false, false],
    ["a user's unique id, for its federated users", aws(USER_ID), FEDERATED, true, false],
    ["a unique id, whose name is not known", aws(ROLE_ID), RUNNER, true, false],
    ["a user's unique id", aws(USER_ID), EVE, true, false],
    ["a user's unique id", aws(USER_ID), RUNNER, false, false],
    ["a role's unique id", aws(ROLE_ID), EVE, false, false],
    ["a role's unique id", aws(ROLE_ID), root(), false, false],
    ["a service", { Principal: { Service: "lambda.amazonaws.com" } }, "lambda.amazonaws.com", true, true],
    ["another service", { Principal: { Service: "logs.amazonaws.com" } }, "lambda.amazonaws.com", false, false],
    [
        "a service of one region",
        { Principal: { Service: "logs.eu-west-1.amazonaws.com" } },
        "logs.amazonaws.com",
        false,
        false,
    ],
    [
        "a canonical user",
        {
            Principal: {
                CanonicalUser: "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be",
            },
        },
        RUNNER,
        false,
        false,
    ],
    // Wildcards within an ARN are refused by AWS: either reading must be provided for.
    ["a wildcard", aws(`arn:aws:iam::${ACCOUNT}:role/run*`), RUNNER, true, false],
    [
        "a wildcard over users, for their federated users",
        aws(`arn:aws:iam::${ACCOUNT}:user/e*`),
        FEDERATED,
        true,
        false,
    ],
    ["a wildcard over roles", aws(`arn:aws:iam::${ACCOUNT}:role/*`), FEDERATED, false, false],
    ["a wildcard over sessions", aws(`arn:aws:sts::${ACCOUNT}:assumed-role/runner/*`), RUNNER, true, false],
    // NotPrincipal: AWS may look for account, role and session one after the other.
    ["not a role", notAws(RUNNER), EVE, true, true],
    ["not a role, whose sessions nobody lists", notAws(RUNNER), RUNNER, true, false],
    ["not a role and its account", notAws(RUNNER, root()), RUNNER, true, false],
    ["not a user", notAws(EVE), EVE, true, false],
    ["not a user and its account", notAws(EVE, ACCOUNT), EVE, false, false],
    ["not an account", notAws(ACCOUNT), RUNNER, true, false],
    ["not another account", notAws(OTHER_ACCOUNT), RUNNER, true, true],
    ["not a unique id", notAws(ROLE_ID), RUNNER, true, false],
    ["not a user's unique id", notAws(USER_ID), RUNNER, true, true],
    [
        "not a service",
        { Principal: undefined, NotPrincipal: { Service: "lambda.amazonaws.com" } },
        "lambda.amazonaws.com",
        false,
        false,
    ],
    ["not a service", { Principal: undefined, NotPrincipal: { Service: "lambda.amazonaws.com" } }, RUNNER, true, true],
])("%s %j and %s", (_, named, caller, may, must) => {
    it(`an Allow may mean it: ${may}`, () => expect(maySign([allow(named)], caller)).toBe(may));
    it(`a Deny surely means it: ${must}`, () => expect(maySign([allow(), deny(named)], caller)).toBe(!must));
});

describe("a unique id", () => {
    const butFor = (...names: string[]): Json =>
        deny({ Condition: { StringNotEquals: { "aws:PrincipalArn": names } } });

    it("may be that of a role which a Deny spares by name", () =>
        expect(signersOf([allow(aws(ROLE_ID)), butFor(SIGNER, RUNNER)])).toEqual(
            expect.arrayContaining([SIGNER, RUNNER]),
        ));
    it("is stopped by a Deny that spares the signer alone", () =>
        expect(
            signersOf([allow(aws(ROLE_ID)), butFor(SIGNER)], {
                principals: [{ arn: RUNNER, policies: [], complete: true }],
            }),
        ).toEqual([SIGNER]));
    it("adds one member to the panel, not every role that nobody names", () =>
        expect(signersOf([allow(aws(ROLE_ID))])).toEqual([ROLE_ID]));
});

describe("what AWS refuses in a Principal counts as everyone", () => {
    it.each<[string, unknown]>([
        ["a session without a name", { AWS: session("", "runner").slice(0, -1) }],
        ["a number", { AWS: 111_122_223_333 }],
        ["a number beside an account", { AWS: [ACCOUNT, 444_455_556_666] }],
        ["an empty list beside a service", { Service: "lambda.amazonaws.com", AWS: [] }],
        ["a number beside a service", { Service: "lambda.amazonaws.com", AWS: [1] }],
        ["a type in lower case", { aws: ACCOUNT }],
        ["a plain ARN", RUNNER],
        ["an account of eleven digits", { AWS: "11112222333" }],
        ["null", null],
        ["a list", [ACCOUNT]],
    ])("%s", (_, principal) => {
        expect(maySign([allow({ Principal: principal })], user("stranger", OTHER_ACCOUNT))).toBe(true);
        expect(maySign([allow(), deny({ Principal: principal })], RUNNER)).toBe(true);
    });
});
