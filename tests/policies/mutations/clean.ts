import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
    ACCOUNT,
    added,
    changed,
    type Json,
    type Program,
    SIGNER,
    UNKNOWN,
    withKeyPolicy,
    withStatement,
    withStatements,
    withText,
    withTrust,
} from "./program";
import { benignIdentity } from "./clean-identity";
import { CI, GITHUB, oidc, SUBJECT, WORKFLOW } from "./trust";
import type { Settings } from "../../../policies/settings";
import type { Registered } from "../../support/pack-process";

/** What must raise nothing: each "clean" of the catalogue. */
export interface Benign {
    readonly threat: string;
    readonly name: string;
    readonly change: (program: Program) => readonly Registered[];
    readonly settings?: Partial<Settings>;
    /** Notices that may come, and nothing else. */
    readonly notices?: boolean;
}

const grants = (threat: string, name: string, statement: Json): Benign => ({
    threat,
    name,
    change: (program) => [withStatement(program, statement)],
});

/** Those of the program, which this setting replaces. */
const REFERRERS = (
    JSON.parse(readFileSync(join(__dirname, "..", "..", "..", "policies", "settings.local.json"), "utf8")) as Settings
).signerReferrers;

const KEY = `arn:aws:kms:eu-west-1:${ACCOUNT}:key`;

export const benign: readonly Benign[] = [
    ...benignIdentity,
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
                    Condition: { StringEquals: { "aws:PrincipalArn": SIGNER } },
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
                    Condition: { ArnLike: { "aws:PrincipalArn": SIGNER } },
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
    grants("T63", "PassRole of one role to one service", {
        Action: "iam:PassRole",
        Resource: `arn:aws:iam::${ACCOUNT}:role/countersign-local-verify`,
        Condition: { StringEquals: { "iam:PassedToService": "lambda.amazonaws.com" } },
    }),
    grants("T60", "tags of a role that is no signer", {
        Action: "iam:TagRole",
        Resource: `arn:aws:iam::${ACCOUNT}:role/countersign-local-verify`,
    }),
    {
        ...grants("T63", "PassRole of the signer, reviewed, to a service that its trust does not name", {
            Action: ["iam:PassRole", "ec2:RunInstances"],
            Resource: SIGNER,
            Condition: { StringEquals: { "iam:PassedToService": "ec2.amazonaws.com" } },
        }),
        settings: {
            outsideRoles: [{ arn: SIGNER, reason: "what is handed over goes to a service that cannot assume it" }],
            signerReferrers: [...REFERRERS, { type: "aws:iam/rolePolicy:RolePolicy", name: "pipeline-prepare" }],
        },
    },
    {
        threat: "T63",
        name: "PassRole with CreateFunction, of a role outside /signing/",
        change: (program) => [
            withStatements(program, [
                {
                    Action: "iam:PassRole",
                    Resource: `arn:aws:iam::${ACCOUNT}:role/countersign-local-verify`,
                    Condition: { StringEquals: { "iam:PassedToService": "lambda.amazonaws.com" } },
                },
                { Action: "lambda:CreateFunction", Resource: "*" },
            ]),
        ],
    },
    grants("T64", "the code of a function that runs as no signer", {
        Action: "lambda:UpdateFunctionCode",
        Resource: `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:countersign-local-verify`,
    }),
    grants("T66", "an alias in another account", {
        Action: "kms:UpdateAlias",
        Resource: ["arn:aws:kms:eu-west-1:444455556666:alias/x", "arn:aws:kms:eu-west-1:444455556666:key/*"],
    }),
    grants("T67", "an invoke of a function that cannot sign", {
        Action: "lambda:InvokeFunction",
        Resource: `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:countersign-local-verify`,
    }),
    grants("T68", "a read of a control table", {
        Action: "dynamodb:GetItem",
        Resource: `arn:aws:dynamodb:eu-west-1:${ACCOUNT}:table/countersign-local-rechecks`,
    }),
    {
        threat: "T65",
        name: "a secret that is rotated, by dependency",
        change: (program) => {
            const secret = added(program, "aws:secretsmanager/secret:Secret", "clean", {
                name: "token",
                kmsKeyId: "alias/countersign-local-data",
                tags: { "data-class": "secret" },
            });
            const rotation = added(
                program,
                "aws:secretsmanager/secretRotation:SecretRotation",
                "clean",
                { secretId: UNKNOWN, rotationLambdaArn: "x", rotationRules: { scheduleExpression: "rate(30 days)" } },
                { propertyDependencies: { secretId: [secret.urn!] } },
            );
            return [secret, rotation];
        },
    },
    {
        threat: "T71",
        name: "a key's ARN where things are encrypted",
        change: (program) => [
            changed(program.get("Queue", "log-uses"), {
                kmsMasterKeyId: `${KEY}/01234567-89ab-cdef-0123-456789abcdef`,
            }),
            changed(program.get("Table", "pipeline-requests"), {
                serverSideEncryption: { enabled: true, kmsKeyArn: `${KEY}/01234567-89ab-cdef-0123-456789abcdef` },
            }),
        ],
    },
    {
        threat: "T72",
        name: "private networks, and one of an owner's own",
        change: (program) => [
            added(program, "aws:ec2/securityGroup:SecurityGroup", "clean", {
                ingress: [
                    { protocol: "tcp", cidrBlocks: ["10.0.0.0/8", "192.168.4.0/24", "203.0.113.0/24"] },
                    { protocol: "tcp", ipv6CidrBlocks: ["fd00::/8", "2001:db8:1::/48"], securityGroups: ["sg-1"] },
                ],
            }),
        ],
    },
    {
        threat: "T72",
        name: "a machine that ends itself",
        change: (program) => [
            added(program, "aws:ec2/instance:Instance", "clean", {
                metadataOptions: { httpTokens: "required" },
                rootBlockDevice: { encrypted: true },
                instanceInitiatedShutdownBehavior: "terminate",
                tags: { "data-class": "none" },
            }),
        ],
    },
    {
        threat: "T83",
        name: "a provider that assumes the deploy role",
        change: (program) => [
            changed(program.get("aws", "aws"), {
                assumeRoles: JSON.stringify([{ roleArn: program.settings.deployRole }]),
            }),
        ],
    },
    {
        threat: "T82",
        name: "a component whose children are aws resources",
        change: (program) => [componentOf(program)],
    },
    {
        threat: "T84",
        name: "tags and descriptions may drift",
        change: (program) => [
            { ...program.get("Function", "pipeline-verify"), ignoreChanges: ["tags", "description"] },
        ],
    },
];

/** A component has no provider of its own. */
function componentOf(program: Program): Registered {
    const { provider: _provider, ...component } = added(program, "countersign:index:RunnerFleet", "clean", {});
    return component;
}
