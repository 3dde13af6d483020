import { gone, news, others } from "./build";
import { ACCOUNT, added, changed, type Mutant, SIGNER, SIGNER_NAME, UNKNOWN } from "./program";

/** E: what names a signer or a key. F: types, providers, regions and changes that the pack would not see. */

const KEY_ARN = `arn:aws:kms:eu-west-1:${ACCOUNT}:key/01234567-89ab-cdef-0123-456789abcdef`;
const REFERRERS = "signer-referrers-allowlist";

export const stackMutants: readonly Mutant[] = [
    ...news("T70", REFERRERS, [
        ["an instance profile of the signer", "aws:iam/instanceProfile:InstanceProfile", { role: SIGNER_NAME }],
        [
            "a task that runs as the signer",
            "aws:ecs/taskDefinition:TaskDefinition",
            { taskRoleArn: SIGNER, containerDefinitions: "[]" },
        ],
        [
            "a session's ARN",
            "aws:s3/bucketPolicy:BucketPolicy",
            {
                bucket: "b",
                policy: JSON.stringify({
                    Version: "2012-10-17",
                    Statement: [
                        {
                            Effect: "Allow",
                            Principal: {
                                AWS: SIGNER.replace(":iam:", ":sts:").replace("role/signing", "assumed-role"),
                            },
                            Action: "s3:GetObject",
                            Resource: "*",
                        },
                    ],
                }),
            },
        ],
        [
            "a role under /signing/, by pattern",
            "aws:sqs/queuePolicy:QueuePolicy",
            { policy: JSON.stringify({ Resource: `arn:aws:iam::${ACCOUNT}:role/signing/*` }) },
        ],
        [
            "the name, in a JSON text with escapes",
            "aws:ssm/parameter:Parameter",
            { value: `{"role":"${SIGNER_NAME.replace("signer", "\\u0073igner")}"}` },
        ],
    ]),
    {
        threat: "T70",
        rule: REFERRERS,
        name: "a policy attached to it, by dependency",
        level: "stack",
        change: (program) => [
            added(
                program,
                "aws:iam/instanceProfile:InstanceProfile",
                "mutant",
                { role: UNKNOWN },
                {
                    propertyDependencies: { role: [program.get("Role", "modules-v1-signer").urn!] },
                },
            ),
        ],
    },
    ...news("T71", "signing-key-referrers-allowlist", [
        [
            "DNSSEC with the key's alias",
            "aws:route53/keySigningKey:KeySigningKey",
            { keyManagementServiceArn: `arn:aws:kms:eu-west-1:${ACCOUNT}:alias/countersign-local-modules-v1` },
        ],
        [
            "a function that is told the alias",
            "aws:lambda/function:Function",
            { name: "f", environment: { variables: { KEY: "alias/countersign-local-files-v1" } } },
        ],
        // In `up`, where ARNs are known, and by somebody who knows one before.
        [
            "a function that is told a key's ARN",
            "aws:lambda/function:Function",
            { name: "f", environment: { variables: { WHICH: KEY_ARN } } },
        ],
        [
            "a function that is told a key's id, under the name of an encryption input",
            "aws:lambda/function:Function",
            { name: "f", environment: { variables: { kmsKeyId: KEY_ARN.slice(-36) } } },
        ],
        ["a parameter with a key's ARN", "aws:ssm/parameter:Parameter", { type: "String", value: KEY_ARN }],
        [
            "a key's ARN in a URL",
            "aws:ssm/parameter:Parameter",
            { type: "String", value: `https://example.net/?key=${encodeURIComponent(KEY_ARN)}` },
        ],
        [
            "a machine with a key's ARN, as if for encryption",
            "aws:sfn/stateMachine:StateMachine",
            { name: "m", definition: JSON.stringify({ States: { S: { Parameters: { kmsKeyId: KEY_ARN } } } }) },
        ],
        ["a tag with a key's ARN", "aws:sqs/queue:Queue", { name: "q", tags: { kmsKeyId: KEY_ARN } }],
    ]),
    ...["Table", "Function"].map((kind): Mutant => ({
        threat: "T71",
        rule: "signing-key-referrers-allowlist",
        name: `a ${kind} that uses the key, by dependency`,
        level: "stack",
        change: (program) => {
            const resource = program.get(kind, kind === "Table" ? "pipeline-requests" : "pipeline-assemble");
            return [{ ...resource, propertyDependencies: { environment: [program.get("Key", "modules-v1").urn!] } }];
        },
    })),
    ...news("T82", "stack-type-allowlist", [
        ["CloudFormation", "aws:cloudformation/stack:Stack", { templateBody: "{}" }],
        ["Cloud Control", "aws:cloudcontrol/resource:Resource", { typeName: "AWS::IAM::Role", desiredState: "{}" }],
        ["aws-native", "aws-native:kms:Key", {}],
        ["a command", "command:local:Command", { create: "aws kms sign" }],
        ["a dynamic provider", "pulumi-nodejs:dynamic:Resource", {}],
        ["a serverless application", "aws:serverlessrepository/cloudFormationStack:CloudFormationStack", {}],
        ["a controller in Kubernetes", "kubernetes:iam.services.k8s.aws/v1alpha1:Role", {}],
        ["an SSM automation", "aws:ssm/document:Document", {}],
    ]),
    ...others(
        "T83",
        "provider-pinned",
        (
            [
                ["no account", { allowedAccountIds: undefined }],
                ["another account", { allowedAccountIds: '["444455556666"]' }],
                ["two accounts", { allowedAccountIds: '["111122223333","444455556666"]' }],
                ["no region", { region: undefined }],
                ["endpoints of somebody", { endpoints: '[{"kms":"https://kms.example.net"}]' }],
                ["no check of credentials", { skipCredentialsValidation: "true" }],
                ["no check of its account", { skipRequestingAccountId: "true" }],
                ["static keys", { accessKey: "x", secretKey: "y" }],
                ["another role", { assumeRoles: `[{"roleArn":"arn:aws:iam::${ACCOUNT}:role/stranger"}]` }],
                ["a token's role", { assumeRoleWithWebIdentity: '{"roleArn":"x","webIdentityToken":"y"}' }],
                ["a profile of the machine", { profile: "other" }],
                ["a profile called false", { profile: "false" }],
                ["a configuration of the machine", { sharedConfigFiles: '["/tmp/config"]' }],
                ["credentials of the machine", { sharedCredentialsFiles: '["/tmp/credentials"]' }],
                ["a proxy", { httpProxy: "http://between.example" }],
                ["a proxy for some", { httpsProxy: "http://between.example", noProxy: "kms" }],
                ["an authority of its own", { customCaBundle: "/tmp/ca.pem" }],
                ["no authority", { insecure: "true" }],
                ["another metadata service", { ec2MetadataServiceEndpoint: "http://169.254.0.1" }],
                ["blindness for the signer tag", { ignoreTags: '{"keys":["countersign:signer"]}' }],
                ["tokens of another region", { stsRegion: "us-east-1" }],
                ["an input that nobody knows", { somethingNew: "x" }],
                ["no version", { version: undefined }],
                ["another version", { version: "7.47.0" }],
                ["a version not known", { version: UNKNOWN }],
            ] as [string, Record<string, unknown>][]
        ).map(([name, properties]) => [`a provider with ${name}`, "aws", "aws", properties] as const),
    ),
    {
        threat: "T83",
        rule: "provider-pinned",
        name: "a resource under a default provider",
        change: (program) => {
            const role = program.get("Role", "pipeline-prepare");
            return [{ ...role, provider: { ...role.provider!, name: "default_7_48_0" } }];
        },
    },
    ...(
        [
            ["Key", "modules-v1", ["policy"]],
            ["Role", "modules-v1-signer", ["assumeRolePolicy"]],
            ["Function", "pipeline-sign-modules", ["code", "environment"]],
            ["Key", "modules-v1", ["*"]],
            ["Key", "modules-v1", ['tags["countersign:signer"]']],
        ] as [string, string, string[]][]
    ).map(([type, name, ignoreChanges]): Mutant => ({
        threat: "T84",
        rule: "no-ignore-changes-on-security-props",
        name: `${ignoreChanges.join(" and ")} of ${type} ${name} ignored`,
        change: (program) => [{ ...program.get(type, name), ignoreChanges }],
    })),
    ...["Key", "Function"].map((kind): Mutant => ({
        threat: "T92",
        rule: "provider-pinned",
        name: `a ${kind} in another region`,
        change: (program) => [
            changed(program.get(kind, kind === "Key" ? "modules-v1" : "pipeline-sign-modules"), {
                region: "us-east-1",
            }),
        ],
    })),
    {
        threat: "T92",
        rule: "provider-pinned",
        name: "a region not known",
        change: (program) => [changed(program.get("Key", "modules-v1"), { region: UNKNOWN })],
    },
    {
        ...news("T14", "iam-managed-policy-denylist", [
            [
                "a boundary that is attached",
                "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
                { role: "countersign-local-prepare", policyArn: `arn:aws:iam::${ACCOUNT}:policy/boundary` },
            ],
        ])[0]!,
        settings: { boundaryPolicies: ["boundary"] },
    },
    {
        threat: "T63",
        rule: "outside-roles",
        name: "a role of the settings that the program does not declare",
        level: "stack",
        ...gone("Role", "pipeline-publish"),
    },
];
