import { describe, expect, it } from "vitest";
import type { PolicyDocument, Statement } from "../../../components/iam/document";
import { signerPolicy, signingKeyPolicy } from "../../../components/iam/signing-key";

/** Compares documents with literals that the code did not build. Proves nothing about how AWS evaluates them. */

const scope = { partition: "aws-us-gov", accountId: "111122223333", region: "us-gov-west-1", prefix: "acme-prod" };
const ROOT = "arn:aws-us-gov:iam::111122223333:root";
const SIGNER = "arn:aws-us-gov:iam::111122223333:role/signing/acme-prod-release-v1-signer";
const DEPLOYER = "arn:aws-us-gov:iam::111122223333:role/deployer";
const ADMINS = ["arn:aws-us-gov:iam::111122223333:role/alice", "arn:aws-us-gov:iam::111122223333:role/bob"];
const args = {
    signerRole: "acme-prod-release-v1-signer",
    algorithms: ["RSASSA_PSS_SHA_256"],
    messageTypes: ["DIGEST"],
    deployRole: DEPLOYER,
    keyAdmins: ADMINS,
};

function bySid(document: PolicyDocument): Record<string, Statement> {
    return Object.fromEntries(document.Statement.map((statement) => [statement.Sid, statement]));
}

describe("signingKeyPolicy", () => {
    const statements = bySid(signingKeyPolicy(scope, args));

    it("has these statements, and no others", () =>
        expect(signingKeyPolicy(scope, args).Statement.map(({ Sid }) => Sid)).toEqual([
            "RootRecovery",
            "ReadKey",
            "Admins",
            "Deployer",
            "Signer",
            "DenySignOthers",
            "DenyGrants",
            "DenyPolicyChange",
            "DenyShortDeletion",
            "DenyBypass",
            "DenyCrossAccount",
        ]));

    it("lets the root user recover the key, and not sign", () =>
        expect(statements.RootRecovery).toEqual({
            Sid: "RootRecovery",
            Effect: "Allow",
            Principal: { AWS: ROOT },
            Action: [
                "kms:DescribeKey",
                "kms:GetKeyPolicy",
                "kms:ListKeyPolicies",
                "kms:ListGrants",
                "kms:PutKeyPolicy",
                "kms:EnableKey",
                "kms:DisableKey",
                "kms:CancelKeyDeletion",
            ],
            Resource: "*",
            Condition: { StringEquals: { "aws:PrincipalArn": ROOT } },
        }));

    it("delegates reading to identity policies, and nothing but reading", () =>
        expect(statements.ReadKey).toEqual({
            Sid: "ReadKey",
            Effect: "Allow",
            Principal: { AWS: ROOT },
            Action: [
                "kms:DescribeKey",
                "kms:GetPublicKey",
                "kms:GetKeyPolicy",
                "kms:ListKeyPolicies",
                "kms:ListGrants",
                "kms:GetKeyRotationStatus",
                "kms:ListResourceTags",
                "kms:GetKeyLastUsage",
            ],
            Resource: "*",
        }));

    it("lets administrators change, freeze and delete", () =>
        expect(statements.Admins).toEqual({
            Sid: "Admins",
            Effect: "Allow",
            Principal: { AWS: ADMINS },
            Action: [
                "kms:PutKeyPolicy",
                "kms:EnableKey",
                "kms:DisableKey",
                "kms:CancelKeyDeletion",
                "kms:RevokeGrant",
                "kms:ScheduleKeyDeletion",
            ],
            Resource: "*",
        }));

    it("lets the deploy role keep the key as code, without EnableKey and DeleteAlias", () =>
        expect(statements.Deployer).toEqual({
            Sid: "Deployer",
            Effect: "Allow",
            Principal: { AWS: DEPLOYER },
            Action: [
                "kms:PutKeyPolicy",
                "kms:TagResource",
                "kms:UntagResource",
                "kms:UpdateKeyDescription",
                "kms:CreateAlias",
            ],
            Resource: "*",
        }));

    it("lets the signer sign, with this algorithm and message type", () =>
        expect(statements.Signer).toEqual({
            Sid: "Signer",
            Effect: "Allow",
            Principal: { AWS: SIGNER },
            Action: "kms:Sign",
            Resource: "*",
            Condition: {
                StringEquals: { "kms:SigningAlgorithm": ["RSASSA_PSS_SHA_256"], "kms:MessageType": ["DIGEST"] },
            },
        }));

    it("denies Sign to everyone but the signer, by name", () =>
        expect(statements.DenySignOthers).toEqual({
            Sid: "DenySignOthers",
            Effect: "Deny",
            Principal: "*",
            Action: "kms:Sign",
            Resource: "*",
            Condition: { StringNotEquals: { "aws:PrincipalArn": SIGNER } },
        }));

    it("denies grants, replicas, imported material and a moved alias to everyone", () =>
        expect(statements.DenyGrants).toEqual({
            Sid: "DenyGrants",
            Effect: "Deny",
            Principal: "*",
            Action: [
                "kms:CreateGrant",
                "kms:ReplicateKey",
                "kms:UpdatePrimaryRegion",
                "kms:ImportKeyMaterial",
                "kms:UpdateAlias",
            ],
            Resource: "*",
        }));

    it("denies a change of policy to all but administrators, deploy role and root user", () =>
        expect(statements.DenyPolicyChange).toEqual({
            Sid: "DenyPolicyChange",
            Effect: "Deny",
            Principal: "*",
            Action: "kms:PutKeyPolicy",
            Resource: "*",
            Condition: { StringNotEquals: { "aws:PrincipalArn": [...ADMINS, DEPLOYER, ROOT] } },
        }));

    it("denies a short window, a policy that locks out, and other accounts", () => {
        const all = { Effect: "Deny", Principal: "*", Resource: "*" };
        expect(statements.DenyShortDeletion).toEqual({
            ...all,
            Sid: "DenyShortDeletion",
            Action: "kms:ScheduleKeyDeletion",
            Condition: { NumericLessThan: { "kms:ScheduleKeyDeletionPendingWindowInDays": "30" } },
        });
        expect(statements.DenyBypass).toEqual({
            ...all,
            Sid: "DenyBypass",
            Action: "kms:PutKeyPolicy",
            Condition: { Bool: { "kms:BypassPolicyLockoutSafetyCheck": "true" } },
        });
        expect(statements.DenyCrossAccount).toEqual({
            ...all,
            Sid: "DenyCrossAccount",
            Action: "kms:*",
            Condition: { StringNotEquals: { "aws:PrincipalAccount": "111122223333" } },
        });
    });

    it("binds Sign, and Sign only, to an endpoint where one is given", () => {
        const bound = bySid(signingKeyPolicy(scope, { ...args, vpcEndpointId: "vpce-0a1b2c3d" }));
        expect(bound.Signer!.Condition).toEqual({
            StringEquals: {
                "kms:SigningAlgorithm": ["RSASSA_PSS_SHA_256"],
                "kms:MessageType": ["DIGEST"],
                "aws:SourceVpce": "vpce-0a1b2c3d",
            },
        });
        expect(bound.DenySignOutsideVpce).toEqual({
            Sid: "DenySignOutsideVpce",
            Effect: "Deny",
            Principal: "*",
            Action: "kms:Sign",
            Resource: "*",
            Condition: { StringNotEquals: { "aws:SourceVpce": "vpce-0a1b2c3d" } },
        });
    });

    it("fits KMS's limit with fifty administrators", () => {
        const keyAdmins = Array.from(
            { length: 50 },
            (_, i) => `arn:aws-us-gov:iam::111122223333:role/administrator-${i}`,
        );
        expect(JSON.stringify(signingKeyPolicy(scope, { ...args, keyAdmins })).length).toBeLessThan(32_768);
    });
});

describe("signerPolicy", () => {
    it("denies Sign to whatever is not the signer's function, and reads keys", () =>
        expect(signerPolicy(scope, "acme-prod-release-v1-sign")).toEqual({
            Version: "2012-10-17",
            Statement: [
                {
                    Sid: "DenySignElsewhere",
                    Effect: "Deny",
                    Action: "kms:Sign",
                    Resource: "*",
                    Condition: {
                        ArnNotEquals: {
                            "lambda:SourceFunctionArn":
                                "arn:aws-us-gov:lambda:us-gov-west-1:111122223333:function:acme-prod-release-v1-sign",
                        },
                    },
                },
                {
                    Sid: "ReadKey",
                    Effect: "Allow",
                    Action: ["kms:DescribeKey", "kms:GetPublicKey", "kms:GetKeyPolicy"],
                    Resource: "arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/*",
                },
            ],
        }));
});
