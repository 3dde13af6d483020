import type { Example, ProviderView } from "../../rule";

/** A compliant signing key, written out by hand: rules are judged on it, so no code under test may build it. */

const ROOT = "arn:aws:iam::111122223333:root";
const ADMIN = "arn:aws:iam::111122223333:role/key-admin";
const DEPLOYER = "arn:aws:iam::111122223333:role/deployer";
const SIGNER = "arn:aws:iam::111122223333:role/signing/countersign-dev-modules-v1-signer";

interface ExampleStatement {
    readonly Sid: string;
    readonly [element: string]: unknown;
}

export interface ExamplePolicy {
    readonly Version: string;
    readonly Statement: readonly ExampleStatement[];
}

const POLICY: ExamplePolicy = {
    Version: "2012-10-17",
    Statement: [
        {
            Sid: "RootRecovery",
            Effect: "Allow",
            Principal: { AWS: ROOT },
            Action: [
                "kms:DescribeKey",
                "kms:GetKeyPolicy",
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
            Action: ["kms:DescribeKey", "kms:GetPublicKey"],
            Resource: "*",
        },
        {
            Sid: "Admins",
            Effect: "Allow",
            Principal: { AWS: [ADMIN] },
            Action: ["kms:PutKeyPolicy", "kms:DisableKey"],
            Resource: "*",
        },
        {
            Sid: "Deployer",
            Effect: "Allow",
            Principal: { AWS: DEPLOYER },
            Action: ["kms:PutKeyPolicy", "kms:TagResource"],
            Resource: "*",
        },
        {
            Sid: "Signer",
            Effect: "Allow",
            Principal: { AWS: SIGNER },
            Action: "kms:Sign",
            Resource: "*",
            Condition: {
                StringEquals: { "kms:SigningAlgorithm": ["RSASSA_PKCS1_V1_5_SHA_256"], "kms:MessageType": ["DIGEST"] },
            },
        },
        {
            Sid: "DenySignOthers",
            Effect: "Deny",
            Principal: "*",
            Action: "kms:Sign",
            Resource: "*",
            Condition: { StringNotEquals: { "aws:PrincipalArn": SIGNER } },
        },
        {
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
        },
        {
            Sid: "DenyPolicyChange",
            Effect: "Deny",
            Principal: "*",
            Action: "kms:PutKeyPolicy",
            Resource: "*",
            Condition: { StringNotEquals: { "aws:PrincipalArn": [ADMIN, DEPLOYER, ROOT] } },
        },
        {
            Sid: "DenyCrossAccount",
            Effect: "Deny",
            Principal: "*",
            Action: "kms:*",
            Resource: "*",
            Condition: { StringNotEquals: { "aws:PrincipalAccount": "111122223333" } },
        },
    ],
};

const PROVIDER: ProviderView = {
    type: "pulumi:providers:aws",
    name: "aws",
    props: { region: "eu-west-1", allowedAccountIds: '["111122223333"]' },
};

export const CANONICAL_KEY: Example = {
    type: "aws:kms/key:Key",
    name: "modules",
    provider: PROVIDER,
    protect: true,
    props: {
        keyUsage: "SIGN_VERIFY",
        customerMasterKeySpec: "RSA_4096",
        deletionWindowInDays: 30,
        policy: JSON.stringify(POLICY),
        tags: { "countersign:signer": "countersign-dev-modules-v1-signer" },
    },
};

/** The canonical key with another policy. */
export function spoiled(change: (policy: ExamplePolicy) => ExamplePolicy): Example {
    return { ...CANONICAL_KEY, props: { ...CANONICAL_KEY.props, policy: JSON.stringify(change(POLICY)) } };
}
