import { describe, expect, it } from "vitest";
import { ACCOUNT, type Json, SIGNER } from "../canonical";
import { allow, deny, maySign, OTHER_ACCOUNT, role, root, session, user } from "./ask";

/**
 * What the request says of its caller (IAM User Guide, "AWS global condition context keys"). Proves which callers a condition admits and which
 * a Deny stops. Proves nothing about which keys AWS sends.
 */

const RUNNER = role("runner");
const EVE = user("eve");
const FEDERATED = `arn:aws:sts::${ACCOUNT}:federated-user/bob`;
const LAMBDA = "lambda.amazonaws.com";
const STRANGER = role("runner", OTHER_ACCOUNT);
const when = (operator: string, key: string, value: unknown): Json => ({ Condition: { [operator]: { [key]: value } } });

/** Caller, operator, key, value; whether the condition may hold, and whether it surely does. */
type Row = [caller: string, operator: string, key: string, value: unknown, may: boolean, must: boolean];

describe.each<Row>([
    // A session calls itself by its role's ARN, path included.
    [role("ci/runner"), "StringEquals", "aws:PrincipalArn", role("ci/runner"), true, true],
    [role("ci/runner"), "StringEquals", "aws:PrincipalArn", role("runner"), false, false],
    [RUNNER, "ArnLike", "aws:PrincipalArn", session("*", "runner"), false, false],
    [RUNNER, "StringNotLike", "aws:PrincipalArn", session("*", "runner"), true, true],
    [RUNNER, "ArnEquals", "AWS:principalARN", RUNNER, true, true],
    [root(), "ArnEquals", "aws:PrincipalArn", root(), true, true],
    [EVE, "StringEquals", "aws:PrincipalArn", root(), false, false],
    [FEDERATED, "ArnLike", "aws:PrincipalArn", `arn:aws:sts::${ACCOUNT}:federated-user/*`, true, true],
    [LAMBDA, "StringNotEquals", "aws:PrincipalArn", SIGNER, true, true],
    [LAMBDA, "StringNotEqualsIfExists", "aws:PrincipalArn", SIGNER, true, true],
    [LAMBDA, "StringLike", "aws:PrincipalArn", "*", false, false],
    [LAMBDA, "Null", "aws:PrincipalArn", "true", true, true],
    [LAMBDA, "ForAllValues:StringEquals", "aws:PrincipalArn", SIGNER, true, true],
    [LAMBDA, "ForAnyValue:StringNotEquals", "aws:PrincipalArn", SIGNER, false, false],
    [RUNNER, "ForAllValues:StringEquals", "aws:PrincipalArn", [SIGNER, RUNNER], true, true],
    [RUNNER, "ForAnyValue:StringNotEquals", "aws:PrincipalArn", [SIGNER], true, true],
    // Case of ARNs counts, of the value's letters under IgnoreCase does not.
    [RUNNER, "ArnLike", "aws:PrincipalArn", RUNNER.toUpperCase(), false, false],
    [RUNNER, "StringEqualsIgnoreCase", "aws:PrincipalArn", RUNNER.toUpperCase(), true, true],
    // A field of its own for each segment of an ARN; one glob for a string.
    [STRANGER, "ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/runner", true, true],
    [STRANGER, "ArnLike", "aws:PrincipalArn", "arn:aws:*:role/runner", true, false],
    [STRANGER, "StringLike", "aws:PrincipalArn", "arn:aws:*:role/runner", true, true],
    [STRANGER, "ArnLike", "aws:PrincipalArn", "arn:aws:iam::4444*6666:role/r*r", true, true],
    [STRANGER, "ArnLike", "aws:PrincipalArn", `arn:aws:iam::${ACCOUNT}:*`, false, false],
    // aws:username: users only.
    [EVE, "StringEquals", "aws:username", "eve", true, true],
    [user("deep/er/eve"), "StringEquals", "aws:username", "eve", true, true],
    [RUNNER, "StringLike", "aws:username", "*", false, false],
    [RUNNER, "StringNotEquals", "aws:username", "eve", true, true],
    [RUNNER, "Null", "aws:username", "true", true, true],
    [root(), "Null", "aws:username", "true", true, true],
    [EVE, "Null", "aws:username", "true", false, false],
    [EVE, "Null", "aws:username", ["true", "false"], true, true],
    // aws:userid: of a role its unique id and the session's name.
    [RUNNER, "StringLike", "aws:userid", "AROAAAAAAAAAAAAAAAAAA:*", true, false],
    [RUNNER, "StringNotLike", "aws:userid", "AROAAAAAAAAAAAAAAAAAA:*", true, false],
    [RUNNER, "StringLike", "aws:userid", "*:*", true, true],
    [RUNNER, "StringEquals", "aws:userid", ACCOUNT, false, false],
    [root(), "StringEquals", "aws:userid", ACCOUNT, true, true],
    // Account, organisation, type.
    [RUNNER, "StringEquals", "aws:PrincipalAccount", ACCOUNT, true, true],
    [RUNNER, "StringEquals", "kms:CallerAccount", ACCOUNT, true, true],
    [STRANGER, "StringEquals", "KMS:callerACCOUNT", ACCOUNT, false, false],
    [LAMBDA, "StringEquals", "kms:CallerAccount", ACCOUNT, true, false],
    [LAMBDA, "StringNotEquals", "aws:PrincipalAccount", ACCOUNT, true, false],
    [STRANGER, "StringEquals", "aws:PrincipalOrgID", "o-other", true, false],
    ["anonymous", "StringNotEquals", "aws:PrincipalOrgID", "o-other", true, true],
    [RUNNER, "StringEquals", "aws:PrincipalType", "AssumedRole", true, true],
    [FEDERATED, "StringEquals", "aws:PrincipalType", "FederatedUser", true, true],
    [root(), "StringEquals", "aws:PrincipalType", "Account", true, true],
    ["anonymous", "StringEquals", "aws:PrincipalType", "Anonymous", true, true],
    // aws:PrincipalIsAWSService: requests without signature do not have it.
    [LAMBDA, "Bool", "aws:PrincipalIsAWSService", "true", true, true],
    [RUNNER, "Bool", "aws:PrincipalIsAWSService", false, true, true],
    ["anonymous", "Bool", "aws:PrincipalIsAWSService", "false", false, false],
    ["anonymous", "BoolIfExists", "aws:PrincipalIsAWSService", "false", true, true],
    ["anonymous", "Null", "aws:PrincipalIsAWSService", "true", true, true],
    // Names under operators that are not for text: what AWS makes of them is open.
    [RUNNER, "NumericNotEquals", "aws:PrincipalAccount", ACCOUNT, true, false],
    [STRANGER, "NumericEquals", "aws:PrincipalAccount", ACCOUNT, true, false],
    [RUNNER, "BinaryEquals", "aws:PrincipalArn", "QUI=", true, false],
    [RUNNER, "NotIpAddress", "aws:PrincipalArn", "10.0.0.0/8", true, false],
    [RUNNER, "DateNotEquals", "aws:PrincipalArn", "2026-01-01", true, false],
    [EVE, "Bool", "aws:username", "false", true, false],
    // Truth in another case.
    [RUNNER, "Bool", "aws:PrincipalIsAWSService", "False", true, false],
    [RUNNER, "Bool", "aws:PrincipalIsAWSService", "TRUE", true, false],
    [RUNNER, "Null", "aws:username", "False", true, false],
    // Lists without values.
    [RUNNER, "StringNotEquals", "aws:PrincipalArn", [], true, false],
    [RUNNER, "StringEquals", "aws:PrincipalArn", [], true, false],
    // IfExists under ForAnyValue, of an absent key.
    [RUNNER, "ForAnyValue:StringEqualsIfExists", "aws:username", "eve", true, false],
    // Letters of which it is open whether they are one.
    [role("sk"), "StringEqualsIgnoreCase", "aws:PrincipalArn", role("\u017f\u212a"), true, false],
    [role("sk"), "StringNotEqualsIgnoreCase", "aws:PrincipalArn", role("\u017f\u212a"), true, false],
    [RUNNER, "StringNotEquals", "\u212ams:CallerAccount", ACCOUNT, true, false],
    // What a caller may choose.
    ...[
        "kms:ViaService",
        "kms:GrantIsForAWSResource",
        "kms:EncryptionContext:a",
        "aws:CalledVia",
        "aws:SourceArn",
        "aws:SourceAccount",
        "aws:TokenIssueTime",
        "aws:MultiFactorAuthAge",
        "aws:FederatedProvider",
        "aws:PrincipalTag/team",
        "aws:SourceIdentity",
        "sts:ExternalId",
    ].flatMap((key): Row[] => [
        [RUNNER, "StringEquals", key, "x", true, false],
        [RUNNER, "StringNotEquals", key, "x", true, false],
        [RUNNER, "Null", key, "true", true, false],
    ]),
])("%s under %s %s %j", (caller, operator, key, value, may, must) => {
    const condition = when(operator, key, value);
    it(`an Allow may hold: ${may}`, () => expect(maySign([allow(condition)], caller)).toBe(may));
    it(`a Deny surely holds: ${must}`, () => expect(maySign([allow(), deny(condition)], caller)).toBe(!must));
});
