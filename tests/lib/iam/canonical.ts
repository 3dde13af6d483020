/** The key policy of the canonical table, written out by hand: nothing of components/ takes part. */
export const ACCOUNT = "111122223333";
export const SIGNER = `arn:aws:iam::${ACCOUNT}:role/signing/countersign-dev-files-v1-signer`;
export const ADMIN = `arn:aws:iam::${ACCOUNT}:role/countersign-administrator`;
export const DEPLOYER = `arn:aws:iam::${ACCOUNT}:role/countersign-deployer`;
export const ROOT = `arn:aws:iam::${ACCOUNT}:root`;
export const SCOPE = { partition: "aws", region: "eu-west-1", accountId: ACCOUNT };

export type Json = Record<string, unknown>;

export function canonicalStatements(): Json[] {
    return [
        {
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
        },
        {
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
        },
        {
            Sid: "Admins",
            Effect: "Allow",
            Principal: { AWS: [ADMIN] },
            Action: [
                "kms:PutKeyPolicy",
                "kms:EnableKey",
                "kms:DisableKey",
                "kms:CancelKeyDeletion",
                "kms:RevokeGrant",
                "kms:ScheduleKeyDeletion",
            ],
            Resource: "*",
        },
        {
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
        },
        {
            Sid: "Signer",
            Effect: "Allow",
            Principal: { AWS: SIGNER },
            Action: ["kms:Sign"],
            Resource: "*",
            Condition: {
                StringEquals: { "kms:SigningAlgorithm": ["RSASSA_PKCS1_V1_5_SHA_256"], "kms:MessageType": "DIGEST" },
            },
        },
        deny("DenySignOthers", ["kms:Sign"], { StringNotEquals: { "aws:PrincipalArn": SIGNER } }),
        deny("DenyGrants", [
            "kms:CreateGrant",
            "kms:ReplicateKey",
            "kms:UpdatePrimaryRegion",
            "kms:ImportKeyMaterial",
            "kms:UpdateAlias",
        ]),
        deny("DenyPolicyChange", ["kms:PutKeyPolicy"], {
            StringNotEquals: { "aws:PrincipalArn": [ADMIN, DEPLOYER, ROOT] },
        }),
        deny("DenyShortDeletion", ["kms:ScheduleKeyDeletion"], {
            NumericLessThan: { "kms:ScheduleKeyDeletionPendingWindowInDays": "30" },
        }),
        deny("DenyBypass", ["kms:PutKeyPolicy"], { Bool: { "kms:BypassPolicyLockoutSafetyCheck": "true" } }),
        deny("DenyCrossAccount", ["kms:*"], { StringNotEquals: { "aws:PrincipalAccount": ACCOUNT } }),
    ];
}

function deny(sid: string, actions: string[], condition?: Json): Json {
    return {
        Sid: sid,
        Effect: "Deny",
        Principal: "*",
        Action: actions,
        Resource: "*",
        ...(condition && { Condition: condition }),
    };
}

export function documentOf(statements: readonly Json[]): string {
    return JSON.stringify({ Version: "2012-10-17", Statement: statements });
}
