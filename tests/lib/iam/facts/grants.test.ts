import { describe, expect, it } from "vitest";
import type { Grant } from "../../../../lib/iam";
import { ACCOUNT, documentOf } from "../canonical";
import { deny, maySign, OTHER_ACCOUNT, role, root, session, signersOf, user } from "./ask";
import { parsePolicy } from "../../../../lib/iam";

/** Grants (KMS Developer Guide, "Grants in AWS KMS"; API Reference, CreateGrant). Proves whom each may serve. */

const RUNNER = role("runner");
const NOTHING = { Sid: "a", Effect: "Allow", Principal: { AWS: root() }, Action: "kms:ListGrants", Resource: "*" };
const grant = (more: Partial<Grant>): Grant => ({ name: "g", operations: ["Sign"], ...more });

describe.each<[string, string, string, boolean]>([
    ["a role", RUNNER, RUNNER, true],
    ["a role", RUNNER, role("other"), false],
    ["a role of that name on another path", role("ci/runner"), RUNNER, false],
    ["a user", user("eve"), user("eve"), true],
    ["a role's session", session("s", "runner"), RUNNER, true],
    ["a role's session", session("s", "runner"), role("ci/runner"), true],
    ["a session of another role", session("s", "runner2"), RUNNER, false],
    ["a federated user", `arn:aws:sts::${ACCOUNT}:federated-user/b`, `arn:aws:sts::${ACCOUNT}:federated-user/b`, true],
    ["an account", root(), RUNNER, true],
    ["an account", root(), user("eve"), true],
    ["an account", root(), root(), true],
    ["another account", root(OTHER_ACCOUNT), role("x", OTHER_ACCOUNT), true],
    ["another account", root(OTHER_ACCOUNT), RUNNER, false],
    ["a service", "lambda.amazonaws.com", "lambda.amazonaws.com", true],
    ["a service", "lambda.amazonaws.com", RUNNER, false],
    ["what is no caller", "alias/x", RUNNER, false],
])("to %s, %s: %s", (_, grantee, caller, expected) => {
    it(`may: ${expected}`, () => expect(maySign([NOTHING], caller, { grants: [grant({ grantee })] })).toBe(expected));
    it("never against a sure Deny", () =>
        expect(maySign([NOTHING, deny()], caller, { grants: [grant({ grantee })] })).toBe(false));
});

describe("the panel", () => {
    it("has a declared role whose session a grant names", () => {
        const principals = [{ arn: RUNNER, policies: [], complete: true }];
        const grants = [grant({ grantee: session("s", "runner") })];
        expect(signersOf([NOTHING], { principals, grants })).toEqual([RUNNER]);
    });
    it("has the session itself where no role of the name is declared", () => {
        const grantee = session("i-1", "aws:ec2-infrastructure");
        expect(signersOf([NOTHING], { grants: [grant({ grantee })] })).toEqual([grantee]);
    });
    it("has callers of an account that a grant names", () => {
        const names = signersOf([NOTHING], { grants: [grant({ grantee: root(OTHER_ACCOUNT) })] });
        expect(names).toContain(root(OTHER_ACCOUNT));
        expect(names).toContain(role("*", OTHER_ACCOUNT));
        expect(names).not.toContain(role("*"));
    });
});

describe("what is not known", () => {
    it.each<[string, Partial<Grant>, boolean]>([
        ["no grantee", {}, true],
        ["no operations", { grantee: RUNNER, operations: undefined as never }, true],
        ["another operation", { grantee: RUNNER, operations: ["Verify", "CreateGrant"] }, false],
        ["another spelling", { grantee: RUNNER, operations: ["sign"] }, true],
        ["no key", { grantee: RUNNER }, true],
        ["a key id", { grantee: RUNNER, key: "1234abcd-0000-4000-8000-00000000000a" }, true],
        ["a key that cannot be the one", { grantee: RUNNER, key: "mrk-00000000000000000000000000000000" }, false],
        [
            "a key elsewhere",
            { grantee: RUNNER, key: `arn:aws:kms:us-east-1:${ACCOUNT}:key/1234abcd-0000-4000-8000-00000000000a` },
            false,
        ],
    ])("%s", (_, more, expected) => {
        const { operations, ...rest } = { ...grant({}), ...more };
        const one = { ...rest, ...(operations !== undefined && { operations }) };
        expect(maySign([NOTHING], RUNNER, { grants: [one] })).toBe(expected);
    });
    it("a grant gives nothing that a sure Deny in the grantee's own documents takes", () => {
        const policy = parsePolicy(documentOf([{ Effect: "Deny", Action: "kms:Sign", Resource: "*" }]), "identity");
        const principals = [{ arn: RUNNER, policies: [{ name: "d", policy }], complete: true }];
        expect(maySign([NOTHING], RUNNER, { principals, grants: [grant({ grantee: RUNNER })] })).toBe(false);
    });
});
