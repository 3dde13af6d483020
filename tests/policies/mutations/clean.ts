import { ACCOUNT, added, changed, SIGNER, UNKNOWN, withKeyPolicy, withText, withTrust } from "./program";
import { type Benign, grants, KEY, REFERRERS } from "./benign";
import { benignIdentity } from "./clean-identity";
import { benignStack } from "./clean-stack";
import { benignSigner } from "./signer";
import { CI, GITHUB, oidc, SUBJECT, WORKFLOW } from "./trust";
import type { Settings } from "../../../policies/settings";

/** How the program's key signs: an Allow of Sign without it lets the signer use any algorithm. */
const AS_SIGNED = { "kms:SigningAlgorithm": "RSASSA_PKCS1_V1_5_SHA_256", "kms:MessageType": "DIGEST" };

/** What must raise nothing: each "clean" of the catalogue. */
export const benign: readonly Benign[] = [
    ...benignIdentity,
    ...benignSigner,
    grants("T01", "Sign in another account", {
        Action: "kms:Sign",
        Resource: "arn:aws:kms:eu-west-1:444455556666:key/*",
    }),
    grants("T01", "Sign in another region", { Action: "kms:Sign", Resource: `arn:aws:kms:us-east-1:${ACCOUNT}:key/*` }),
    grants("T02", "kms:Sch* is no Sign", { Action: "kms:Sch*", Resource: `${KEY}/*` }),
    grants("T02", "kms:Get* and kms:Verify", { Action: ["kms:Get*", "kms:Verify"], Resource: "*" }),
    grants("T03", "a Deny by NotAction", { Effect: "Deny", NotAction: ["s3:*", "dynamodb:*"], Resource: "*" }),
    grants("T05", "Sign on an alias' ARN, which grants nothing", {
        Action: "kms:Sign",
        Resource: `arn:aws:kms:eu-west-1:${ACCOUNT}:alias/x`,
    }),
    grants("T05", "Sign on multi-region keys, of which there are none", {
        Action: "kms:Sign",
        Resource: `${KEY}/mrk-*`,
    }),
    {
        ...grants("T07", "Sign for the signer alone, in a document that may name it", {
            Action: "kms:Sign",
            Resource: "*",
            Condition: { ArnEquals: { "aws:PrincipalArn": SIGNER } },
        }),
        settings: {
            signerReferrers: [...REFERRERS, { type: "aws:iam/rolePolicy:RolePolicy", name: "pipeline-prepare" }],
        },
    },
    grants("T08", "aws:TagKeys on actions outside KMS", {
        Action: "s3:PutObjectTagging",
        Resource: "arn:aws:s3:::bucket/*",
        Condition: { "ForAllValues:StringEquals": { "aws:TagKeys": ["a"] } },
    }),
    {
        threat: "T10",
        name: "an AWS managed policy without power",
        change: (program) => [
            added(program, "aws:iam/rolePolicyAttachment:RolePolicyAttachment", "clean", {
                role: "countersign-local-prepare",
                policyArn: "arn:aws:iam::aws:policy/AWSXrayReadOnlyAccess",
            }),
        ],
    },
    {
        threat: "T11",
        name: "a policy of the same stack, by dependency",
        change: (program) => {
            const policy = added(program, "aws:iam/policy:Policy", "clean", {
                name: "clean",
                policy: '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}]}',
            });
            const attachment = added(
                program,
                "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
                "clean",
                { role: "countersign-local-prepare", policyArn: UNKNOWN },
                { propertyDependencies: { policyArn: [policy.urn!] } },
            );
            return [policy, attachment];
        },
    },
    {
        threat: "T14",
        name: "a policy used only as boundary",
        change: (program) => [
            changed(program.get("Role", "pipeline-prepare"), {
                permissionsBoundary: "arn:aws:iam::aws:policy/PowerUserAccess",
            }),
        ],
    },
    {
        threat: "T15",
        name: "pretty-printing",
        change: (program) => [
            withText(
                program,
                '{\n  "Version": "2012-10-17",\n  "Statement": [\n    { "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*" }\n  ]\n}\n',
            ),
        ],
    },
    {
        threat: "T21",
        name: "reading delegated to the account",
        change: (program) => [
            withKeyPolicy(program, (all) => [
                ...all,
                { Sid: "R", Effect: "Allow", Principal: { AWS: ACCOUNT }, Action: "kms:GetPublicKey", Resource: "*" },
            ]),
        ],
    },
    {
        threat: "T22",
        name: "everyone, if the signer",
        change: (program) => [
            withKeyPolicy(program, (all) => [
                ...all,
                {
                    Sid: "S",
                    Effect: "Allow",
                    Principal: "*",
                    Action: "kms:Sign",
                    Resource: "*",
                    Condition: { StringEquals: { ...AS_SIGNED, "aws:PrincipalArn": SIGNER } },
                },
            ]),
        ],
    },
    {
        threat: "T23",
        name: "an exact value under ArnLike",
        change: (program) => [
            withKeyPolicy(program, (all) => [
                ...all,
                {
                    Sid: "S",
                    Effect: "Allow",
                    Principal: "*",
                    Action: "kms:Sign",
                    Resource: "*",
                    Condition: { StringEquals: AS_SIGNED, ArnLike: { "aws:PrincipalArn": SIGNER } },
                },
            ]),
        ],
    },
    {
        threat: "T25",
        name: "the signer's own session",
        change: (program) => [
            withKeyPolicy(program, (all) => [
                ...all,
                {
                    Sid: "S",
                    Effect: "Allow",
                    Principal: {
                        AWS: `arn:aws:sts::${ACCOUNT}:assumed-role/countersign-local-modules-v1-signer/session`,
                    },
                    Action: "kms:Sign",
                    Resource: "*",
                    Condition: { StringEquals: AS_SIGNED },
                },
            ]),
        ],
    },
    {
        threat: "T34",
        name: "the Deny by ArnNotEquals",
        change: (program) => [
            withKeyPolicy(program, (all) =>
                all.map((one) =>
                    one.Sid === "DenySignOthers"
                        ? { ...one, Condition: { ArnNotEquals: { "aws:PrincipalArn": SIGNER } } }
                        : one,
                ),
            ),
        ],
    },
    {
        threat: "T36",
        name: "the default window",
        change: (program) => [changed(program.get("Key", "modules-v1"), { deletionWindowInDays: undefined })],
    },
    {
        threat: "T43",
        name: "a configured repository becomes a submitter",
        settings: CI as unknown as Partial<Settings>,
        notices: true,
        change: (program) => [
            withTrust(program, "pipeline-publish", [
                oidc({
                    StringEquals: {
                        [`${GITHUB}:aud`]: "sts.amazonaws.com",
                        [`${GITHUB}:sub`]: SUBJECT,
                        [`${GITHUB}:job_workflow_ref`]: WORKFLOW,
                    },
                }),
            ]),
        ],
    },
    {
        threat: "T41",
        name: "a service with its source",
        change: (program) => [
            withTrust(program, "pipeline-machine", [
                {
                    Principal: { Service: "states.amazonaws.com" },
                    Condition: { StringEquals: { "aws:SourceAccount": ACCOUNT } },
                },
            ]),
        ],
    },
    ...benignStack,
];
