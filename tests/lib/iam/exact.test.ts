import { describe, expect, it } from "vitest";
import { decideExactly, type ExactRequest, parsePolicy, principalOfArn, principalWithoutArn } from "../../../lib/iam";
import { ACCOUNT, canonicalStatements, documentOf, type Json, ROOT, SCOPE, SIGNER } from "./canonical";

/** Proves answers on complete contexts, case by case. Proves nothing about what AWS puts into a context. */

const KEY = `arn:aws:kms:eu-west-1:${ACCOUNT}:key/1234abcd-0000-4000-8000-00000000000a`;
const RUNNER = `arn:aws:iam::${ACCOUNT}:role/runner`;
const USER = `arn:aws:iam::${ACCOUNT}:user/eve`;
const FOREIGN = "arn:aws:iam::444455556666:role/x";

const allow = (more: Json = {}): Json => ({ Effect: "Allow", Action: "kms:Sign", Resource: "*", ...more });
const everything = parsePolicy(documentOf([allow({ Action: "*" })]), "identity");
const nothing = parsePolicy(documentOf([allow({ Action: "s3:GetObject" })]), "identity");
const keyPolicy = (...statements: Json[]): ReturnType<typeof parsePolicy> => parsePolicy(documentOf(statements), "key");
const to = (principal: unknown, more: Json = {}): Json => allow({ Principal: principal, ...more });

function decide(arn: string, resourcePolicy: ReturnType<typeof parsePolicy>, more: Partial<ExactRequest> = {}): string {
    const caller = arn.startsWith("arn:")
        ? { ...principalOfArn(arn, SCOPE), sessionName: "s1" }
        : principalWithoutArn("service", arn);
    return decideExactly({
        caller,
        action: "kms:Sign",
        resource: KEY,
        resourceAccount: ACCOUNT,
        resourcePolicy,
        identity: [],
        context: arn.startsWith("arn:")
            ? { "aws:PrincipalArn": arn, "aws:PrincipalAccount": arn.split(":")[4] as string }
            : {},
        requiresDelegation: true,
        ...more,
    }).decision;
}

const held = { identity: [{ name: "all", policy: everything }] };

describe("a key", () => {
    it("is used by whom its policy names", () => {
        expect(decide(RUNNER, keyPolicy(to({ AWS: RUNNER })))).toBe("allow");
        expect(decide(USER, keyPolicy(to({ AWS: USER })))).toBe("allow");
        expect(decide("lambda.amazonaws.com", keyPolicy(to({ Service: "lambda.amazonaws.com" })))).toBe("allow");
        expect(decide(RUNNER, keyPolicy(to({ AWS: `arn:aws:sts::${ACCOUNT}:assumed-role/runner/s1` })))).toBe("allow");
        expect(decide(RUNNER, keyPolicy(to({ AWS: `arn:aws:sts::${ACCOUNT}:assumed-role/runner/s2` })))).toBe(
            "implicitDeny",
        );
        expect(decide(RUNNER, keyPolicy(to({ AWS: USER })), held)).toBe("implicitDeny");
    });

    it("is used by identity policies where the account is named, and not without", () => {
        expect(decide(RUNNER, keyPolicy(to({ AWS: ROOT })), held)).toBe("allow");
        expect(decide(RUNNER, keyPolicy(to({ AWS: ACCOUNT })))).toBe("implicitDeny");
        expect(decide(ROOT, keyPolicy(to({ AWS: ACCOUNT })))).toBe("allow");
        expect(decide(RUNNER, keyPolicy(to({ AWS: USER })), { ...held, requiresDelegation: false })).toBe("allow");
    });

    it("needs both sides across accounts", () => {
        expect(decide(FOREIGN, keyPolicy(to({ AWS: FOREIGN })))).toBe("implicitDeny");
        expect(decide(FOREIGN, keyPolicy(to({ AWS: FOREIGN })), held)).toBe("allow");
        expect(decide(FOREIGN, keyPolicy(to({ AWS: "444455556666" })), held)).toBe("allow");
        expect(decide(FOREIGN, keyPolicy(to({ AWS: ACCOUNT })), held)).toBe("implicitDeny");
    });

    it("is denied by any Deny, whoever allows", () => {
        const deny = { ...to("*"), Effect: "Deny" };
        expect(decide(RUNNER, keyPolicy(to({ AWS: RUNNER }), deny), held)).toBe("explicitDeny");
        const denied = parsePolicy(documentOf([{ ...allow(), Effect: "Deny" }]), "identity");
        for (const more of [{ identity: [{ name: "d", policy: denied }] }, { boundary: denied }, { session: denied }]) {
            expect(decide(RUNNER, keyPolicy(to({ AWS: RUNNER })), more)).toBe("explicitDeny");
        }
    });

    it("keeps a role, but no session, user or everyone, within boundary and session policy", () => {
        for (const limit of [{ boundary: nothing }, { session: nothing }]) {
            expect(decide(RUNNER, keyPolicy(to({ AWS: RUNNER })), limit)).toBe("implicitDeny");
            expect(
                decide(RUNNER, keyPolicy(to({ AWS: `arn:aws:sts::${ACCOUNT}:assumed-role/runner/s1` })), limit),
            ).toBe("allow");
            expect(decide(USER, keyPolicy(to({ AWS: USER })), limit)).toBe("allow");
            expect(decide(RUNNER, keyPolicy(to("*")), limit)).toBe("allow");
            expect(decide(RUNNER, keyPolicy(to({ AWS: ROOT })), { ...held, ...limit })).toBe("implicitDeny");
        }
    });

    it("puts variables into resources", () => {
        const own = parsePolicy(
            documentOf([allow({ Resource: `arn:aws:kms:eu-west-1:\${aws:PrincipalAccount}:key/*` })]),
            "identity",
        );
        const absent = parsePolicy(
            documentOf([allow({ Resource: "arn:aws:kms:eu-west-1:${aws:username}:key/*" })]),
            "identity",
        );
        const delegating = keyPolicy(to({ AWS: ROOT }));
        expect(decide(RUNNER, delegating, { identity: [{ name: "own", policy: own }] })).toBe("allow");
        expect(decide(RUNNER, delegating, { identity: [{ name: "absent", policy: absent }] })).toBe("implicitDeny");
    });

    it("under the canonical policy is the signer's, with the right algorithm", () => {
        const policy = parsePolicy(documentOf(canonicalStatements()), "key");
        const context = (arn: string, type: string): ExactRequest["context"] => ({
            "aws:PrincipalArn": arn,
            "aws:PrincipalAccount": ACCOUNT,
            "kms:SigningAlgorithm": "RSASSA_PKCS1_V1_5_SHA_256",
            "kms:MessageType": type,
        });
        expect(decide(SIGNER, policy, { context: context(SIGNER, "DIGEST") })).toBe("allow");
        expect(decide(SIGNER, policy, { context: context(SIGNER, "RAW") })).toBe("implicitDeny");
        expect(decide(RUNNER, policy, { ...held, context: context(RUNNER, "DIGEST") })).toBe("explicitDeny");
        expect(decide(ROOT, policy, { context: context(ROOT, "DIGEST") })).toBe("explicitDeny");
    });

    it("names the statement that decides", () => {
        const request = {
            caller: principalOfArn(RUNNER, SCOPE),
            action: "kms:Sign",
            resource: KEY,
            resourceAccount: ACCOUNT,
            resourcePolicy: keyPolicy(to({ AWS: ROOT }), {
                ...to("*", { Sid: "No" }),
                Effect: "Deny",
                Condition: { Bool: { "aws:SecureTransport": "false" } },
            }),
            ...held,
            requiresDelegation: true,
        };
        expect(decideExactly({ ...request, context: {} }).cause).toMatchObject({
            policy: "all",
            at: "Statement[0].Action",
            effect: "Allow",
        });
        expect(decideExactly({ ...request, context: { "aws:SecureTransport": "false" } }).cause).toMatchObject({
            policy: "resource policy",
            sid: "No",
            effect: "Deny",
        });
        expect(decideExactly({ ...request, identity: [], context: {} }).cause).toBeUndefined();
    });
});
