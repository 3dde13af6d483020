import {
    ACCOUNT,
    added,
    changed,
    type Json,
    type Mutant,
    SIGN_FUNCTION,
    SIGN_FUNCTION_ARN,
    SIGNER,
    SIGNER_NAME,
    UNKNOWN,
} from "./program";

/** E: borrowing by configuration. F: around the checker. */

function news(
    threat: string,
    rule: string,
    variants: [string, string, Record<string, unknown>, (Partial<Mutant> | undefined)?][],
): Mutant[] {
    return variants.map(([name, type, properties, more]) => ({
        threat,
        rule,
        name,
        change: (program) => [added(program, type, "mutant", properties)],
        ...more,
    }));
}

const REFERRERS = "signer-referrers-allowlist";
const ADMIN = `arn:aws:iam::${ACCOUNT}:role/OrganizationAccountAccessRole`;

function machine(change: (props: Json) => Json): Mutant["change"] {
    return (program) => {
        const found = program.get("StateMachine", "pipeline-machine");
        return [changed(found, change(found.properties) as Record<string, unknown>)];
    };
}

export const borrowingMutants: readonly Mutant[] = [
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
    ...news("T72", "ec2-imdsv2", [
        ["IMDSv1", "aws:ec2/instance:Instance", { rootBlockDevice: { encrypted: true } }],
        [
            "a hop too many",
            "aws:ec2/launchTemplate:LaunchTemplate",
            { metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 3 } },
        ],
        [
            "a public address",
            "aws:ec2/instance:Instance",
            {
                metadataOptions: { httpTokens: "required" },
                rootBlockDevice: { encrypted: true },
                associatePublicIpAddress: true,
            },
        ],
        [
            "a token in userData",
            "aws:ec2/instance:Instance",
            { metadataOptions: { httpTokens: "required" }, rootBlockDevice: { encrypted: true }, userData: "TOKEN=1" },
        ],
    ]),
    ...news("T72", "sg-no-world-ingress", [
        [
            "the world",
            "aws:ec2/securityGroup:SecurityGroup",
            { ingress: [{ protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: ["0.0.0.0/0"] }] },
        ],
        [
            "half the world",
            "aws:ec2/securityGroupRule:SecurityGroupRule",
            { type: "ingress", cidrBlocks: ["128.0.0.0/1"] },
        ],
        ["all of IPv6", "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", { cidrIpv6: "::/0" }],
    ]),
    {
        threat: "T72",
        rule: "sfn-no-kms-sdk",
        name: "a state machine that signs by itself",
        change: machine(({ definition }) => ({
            definition: (definition as string).replace("states:::lambda:invoke", "states:::aws-sdk:kms:sign"),
        })),
    },
    {
        threat: "T63",
        rule: "sfn-no-kms-sdk",
        name: "a state machine that passes roles",
        change: machine(({ definition }) => ({
            definition: (definition as string).replace("states:::lambda:invoke", "states:::aws-sdk:iam:putRolePolicy"),
        })),
    },
    {
        threat: "T72",
        rule: "sfn-no-kms-sdk",
        name: "a state machine that logs errors only",
        change: machine(({ loggingConfiguration }) => ({
            loggingConfiguration: { ...loggingConfiguration, level: "ERROR" },
        })),
    },
    ...news("T28", "cloudtrail-complete", [
        [
            "a trail of one region",
            "aws:cloudtrail/trail:Trail",
            { enableLogFileValidation: true, kmsKeyId: "k" },
            undefined,
        ],
        [
            "a trail without KMS",
            "aws:cloudtrail/trail:Trail",
            {
                isMultiRegionTrail: true,
                enableLogFileValidation: true,
                kmsKeyId: "k",
                eventSelectors: [
                    { includeManagementEvents: true, excludeManagementEventSources: ["kms.amazonaws.com"] },
                ],
            },
        ],
        [
            "a trail of writes",
            "aws:cloudtrail/trail:Trail",
            {
                isMultiRegionTrail: true,
                enableLogFileValidation: true,
                kmsKeyId: "k",
                eventSelectors: [{ readWriteType: "WriteOnly", includeManagementEvents: true }],
            },
        ],
    ]),
    {
        threat: "T60",
        rule: "cloudtrail-complete",
        name: "the rule of key changes, without reads",
        change: (program) => [changed(program.get("EventRule", "trail-changes"), { state: "ENABLED" })],
    },
    {
        threat: "T60",
        rule: "cloudtrail-complete",
        name: "no rule of key changes",
        level: "stack",
        change: () => [],
        without: (program) => [program.get("EventRule", "trail-changes")],
    },
];

export const aroundMutants: readonly Mutant[] = [
    ...(
        [
            ["RolePolicy", "pipeline-prepare", "policy"],
            ["Role", "pipeline-prepare", "assumeRolePolicy"],
            ["Key", "modules-v1", "policy"],
            ["BucketPolicy", "log-bucket", "policy"],
            ["QueuePolicy", "log-uses", "policy"],
        ] as [string, string, string][]
    ).map(([type, name, property]): Mutant => ({
        threat: "T80",
        rule: "iam-policy-doc-known",
        name: `an unknown document of ${type} ${name}`,
        change: (program) => [changed(program.get(type, name), { [property]: UNKNOWN })],
    })),
    {
        threat: "T81",
        rule: "iam-managed-policy-denylist",
        name: "an attachment of a policy that was only read",
        level: "stack",
        change: (program) => [
            // What `.get()` reads is in no list of resources, so the SDK drops the dependency.
            added(
                program,
                "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
                "mutant",
                { role: "countersign-local-prepare", policyArn: UNKNOWN },
                {
                    propertyDependencies: { policyArn: ["urn:pulumi:local::countersign::aws:iam/policy:Policy::read"] },
                },
            ),
        ],
    },
    {
        threat: "T81",
        rule: "kms-alias-target",
        name: "an alias of a key that was only read",
        level: "stack",
        change: (program) => [
            added(
                program,
                "aws:kms/alias:Alias",
                "mutant",
                { name: "alias/x", targetKeyId: UNKNOWN },
                {
                    propertyDependencies: { targetKeyId: ["urn:pulumi:local::countersign::aws:kms/key:Key::read"] },
                },
            ),
        ],
    },
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
    ...(
        [
            ["no account", { allowedAccountIds: undefined }],
            ["another account", { allowedAccountIds: '["444455556666"]' }],
            ["endpoints of somebody", { endpoints: '[{"kms":"https://kms.example.net"}]' }],
            ["no check of credentials", { skipCredentialsValidation: "true" }],
            ["static keys", { accessKey: "x", secretKey: "y" }],
        ] as [string, Record<string, unknown>][]
    ).map(([name, properties]): Mutant => ({
        threat: "T83",
        rule: "provider-pinned",
        name: `a provider with ${name}`,
        change: (program) => [changed(program.get("aws", "aws"), properties)],
    })),
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
    ...(
        [
            [
                "32 kB of wildcards",
                JSON.stringify({
                    Version: "2012-10-17",
                    Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "*a".repeat(16_000) }],
                }),
            ],
            [
                "an action of a million characters",
                JSON.stringify({
                    Version: "2012-10-17",
                    Statement: [{ Effect: "Allow", Action: `s3:${"*".repeat(1_000_000)}`, Resource: "*" }],
                }),
            ],
            ["nesting", `{"Version":"2012-10-17","Statement":${"[".repeat(5_000)}${"]".repeat(5_000)}}`],
        ] as [string, string][]
    ).map(([name, policy]): Mutant => ({
        threat: "T89",
        rule: "iam-policy-doc-strict-json",
        name,
        change: (program) => [changed(program.get("RolePolicy", "pipeline-prepare"), { policy })],
    })),
    ...["__proto__", "constructor", "prototype"].map((key): Mutant => ({
        threat: "T90",
        rule: "iam-policy-doc-strict-json",
        name: `an element ${key}`,
        change: (program) => [
            changed(program.get("RolePolicy", "pipeline-prepare"), {
                policy: `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:GetObject","Resource":"*","${key}":{"Effect":"Allow"}}]}`,
            }),
        ],
    })),
    ...(
        [
            ["a name not known", { name: UNKNOWN }, "iam-signer-trust-exact"],
            ["another path", { path: "/" }, "iam-signer-trust-exact"],
            ["a path not known", { path: UNKNOWN }, "iam-signer-trust-exact"],
            ["a path that looks alike", { path: "/signing/x/" }, "iam-signer-trust-exact"],
        ] as [string, Record<string, unknown>, string][]
    ).map(([name, properties, rule]): Mutant => ({
        threat: "T91",
        rule,
        name: `the signer's role with ${name}`,
        change: (program) => [changed(program.get("Role", "modules-v1-signer"), properties)],
    })),
    {
        threat: "T91",
        rule: "iam-signer-trust-exact",
        name: "another role under /signing/",
        change: (program) => [changed(program.get("Role", "pipeline-prepare"), { path: "/signing/" })],
    },
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
];

const url = { functionName: SIGN_FUNCTION, authorizationType: "AWS_IAM" };

/** The twelve programs that passed every earlier rule on paper. All are seen at resource level, before anything exists. */
export const programMutants: readonly Mutant[] = [
    ...news("T67", REFERRERS, [
        ["1 a function URL in front of the signer", "aws:lambda/functionUrl:FunctionUrl", url],
        [
            "1 a queue in front of the signer",
            "aws:lambda/eventSourceMapping:EventSourceMapping",
            { functionName: SIGN_FUNCTION_ARN, eventSourceArn: `arn:aws:sqs:eu-west-1:${ACCOUNT}:q` },
        ],
        [
            "1 a Permission on the signer",
            "aws:lambda/permission:Permission",
            {
                function: SIGN_FUNCTION,
                principal: "s3.amazonaws.com",
                sourceArn: "arn:aws:s3:::b",
                sourceAccount: ACCOUNT,
                action: "lambda:InvokeFunction",
            },
        ],
        [
            "1 a rule that calls the signer",
            "aws:cloudwatch/eventTarget:EventTarget",
            { rule: "r", arn: SIGN_FUNCTION_ARN },
        ],
    ]),
    ...news("T67", "stack-type-allowlist", [
        [
            "1 an HTTP API in front of the signer",
            "aws:apigatewayv2/integration:Integration",
            { integrationUri: SIGN_FUNCTION_ARN },
        ],
        ["2 an invoke, as resource", "aws:lambda/invocation:Invocation", { functionName: SIGN_FUNCTION, input: "{}" }],
    ]),
    {
        threat: "T69",
        rule: "signer-runtime-pinned",
        name: "3 NODE_OPTIONS on the signer",
        change: (program) => [
            changed(program.get("Function", "pipeline-sign-files"), {
                environment: { variables: { NODE_OPTIONS: "--require=/tmp/x" } },
            }),
        ],
    },
    {
        threat: "T69",
        rule: "signer-runtime-pinned",
        name: "4 the signer's code changed",
        change: (program) => {
            const signer = program.get("Function", "pipeline-sign-files");
            const code = signer.properties.code as { assets: Record<string, { text: string }> };
            const file = code.assets["__index.js"]!;
            return [
                changed(signer, {
                    code: { ...code, assets: { "__index.js": { ...file, text: file.text.replace("kms", "kms ") } } },
                }),
            ];
        },
    },
    {
        threat: "T25",
        rule: "kms-sign-exclusive",
        name: "5 a key tagged with the other signer",
        change: (program) => {
            const key = program.get("Key", "modules-v1");
            const tags = {
                ...(key.properties.tags as object),
                "countersign:signer": "countersign-local-files-v1-signer",
            };
            const policy = (key.properties.policy as string)
                .split(SIGNER_NAME)
                .join("countersign-local-files-v1-signer");
            return [changed(key, { tags, policy })];
        },
    },
    {
        threat: "T63",
        rule: "outside-roles",
        name: "6 an outside admin role in a state machine",
        change: machine(() => ({ roleArn: ADMIN })),
    },
    {
        threat: "T63",
        rule: "outside-roles",
        name: "6 an outside admin role in a task of the machine",
        change: machine(({ definition }) => ({
            definition: (definition as string).replace(
                '"Type":"Task"',
                `"Credentials":{"RoleArn":"${ADMIN}"},"Type":"Task"`,
            ),
        })),
    },
    ...news("T63", "outside-roles", [
        [
            "6 an outside admin role in a schedule",
            "aws:scheduler/schedule:Schedule",
            { target: { arn: "arn:aws:scheduler:::aws-sdk:iam:putRolePolicy", roleArn: ADMIN } },
        ],
    ]),
    ...news("T82", "stack-type-allowlist", [
        ["7 a template-deploying type", "aws:servicecatalog/provisionedProduct:ProvisionedProduct", {}],
        ["8 a parameterized provider that calls itself aws", "aws:index/kmsKey:KmsKey", {}],
    ]),
    {
        threat: "T83",
        rule: "provider-pinned",
        name: "9 a provider download URL, as provider-internals shows it",
        change: (program) => [changed(program.get("aws", "aws"), { pluginDownloadURL: "set" })],
    },
    {
        threat: "T82",
        rule: "provider-pinned",
        name: "8 a parameterization, as provider-internals shows it",
        change: (program) => [changed(program.get("aws", "aws"), { parameterization: "set" })],
    },
    ...news("T68", "control-tables", [
        [
            "10 a table item written by the program",
            "aws:dynamodb/tableItem:TableItem",
            { tableName: "countersign-local-requests", hashKey: "id", item: "{}" },
        ],
    ]),
    {
        threat: "T68",
        rule: "control-tables",
        name: "11 a role that may write a control table",
        change: (program) => {
            const policy = program.get("RolePolicy", "pipeline-verify");
            const document = JSON.parse(policy.properties.policy as string) as Json;
            const Statement = [
                ...document.Statement,
                { Effect: "Allow", Action: "dynamodb:UpdateItem", Resource: "*" },
            ];
            return [changed(policy, { policy: JSON.stringify({ ...document, Statement }) })];
        },
    },
    // What a program registers outside preview only, the stack's judgement in the preview never saw: each of these stands alone.
    {
        threat: "T60",
        rule: "iam-signer-takeover",
        name: "12 a resource registered only outside preview",
        change: (program) => [
            added(program, "aws:iam/rolePolicy:RolePolicy", "late", {
                role: "countersign-local-verify",
                policy: JSON.stringify({
                    Version: "2012-10-17",
                    Statement: [{ Effect: "Allow", Action: "iam:PutRolePolicy", Resource: SIGNER }],
                }),
            }),
        ],
    },
    ...news("T67", REFERRERS, [
        [
            "12 a door made only outside preview",
            "aws:sns/topicSubscription:TopicSubscription",
            { protocol: "lambda", endpoint: SIGN_FUNCTION_ARN },
        ],
    ]),
];
