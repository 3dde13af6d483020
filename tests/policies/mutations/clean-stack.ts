import { type Benign, extraActions, grants, KEY, REFERRERS } from "./benign";
import { ACCOUNT, added, changed, type Program, redocumented, SIGNER, UNKNOWN, withStatements } from "./program";
import type { Registered } from "../../support/pack-process";

/** D to F: what is clean about roles, functions, tables, machines, networks, secrets and providers. */
export const benignStack: readonly Benign[] = [
    grants("T63", "PassRole of one role to one service", {
        Action: "iam:PassRole",
        Resource: `arn:aws:iam::${ACCOUNT}:role/countersign-local-verify`,
        Condition: { StringEquals: { "iam:PassedToService": "lambda.amazonaws.com" } },
    }),
    {
        ...grants("T60", "tags of a role that is no signer", {
            Action: "iam:TagRole",
            Resource: `arn:aws:iam::${ACCOUNT}:role/countersign-local-verify`,
        }),
        settings: extraActions("iam:TagRole"),
    },
    {
        ...grants("T63", "PassRole of the signer, reviewed, to a service that its trust does not name", {
            Action: ["iam:PassRole", "ec2:RunInstances"],
            Resource: SIGNER,
            Condition: { StringEquals: { "iam:PassedToService": "ec2.amazonaws.com" } },
        }),
        settings: {
            ...extraActions("ec2:RunInstances"),
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
        settings: extraActions("lambda:CreateFunction"),
    },
    grants("T64", "reading, by patterns", { Action: ["ec2:Describe*", "s3:GetObject*", "iam:List?*"], Resource: "*" }),
    {
        ...grants("T64", "an action that the settings list, in another case", {
            Action: "Bedrock:invokeModel",
            Resource: "*",
        }),
        settings: extraActions("bedrock:InvokeModel"),
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
        threat: "T67",
        name: "a narrower rule that starts the signing machine, of AWS's own events",
        change: (program) => [
            added(program, "aws:cloudwatch/eventRule:EventRule", "second", {
                name: "second",
                eventPattern: JSON.stringify({ source: ["aws.s3"], "detail-type": ["Object Created"] }),
                tags: { "data-class": "internal" },
            }),
            added(program, "aws:cloudwatch/eventTarget:EventTarget", "second", {
                ...program.get("EventTarget", "pipeline-uploads").properties,
                rule: "second",
            }),
        ],
    },
    {
        threat: "T69",
        name: "a signer with more memory and time, on another architecture, with the provider's defaults written out",
        change: (program) => [
            changed(program.get("Function", "pipeline-sign-modules"), {
                memorySize: 1024,
                timeout: 120,
                architectures: ["arm64"],
                tracingConfig: { mode: "Active" },
                reservedConcurrentExecutions: -1,
                packageType: "Zip",
                publish: false,
                skipDestroy: false,
                layers: [],
            }),
        ],
    },
    {
        threat: "T65",
        name: "another submitter, who also writes by a document of its own",
        change: (program) => [
            redocumented(program.get("BucketPolicy", "pipeline-uploads"), "policy", (document) => ({
                ...document,
                Statement: [
                    ...document.Statement,
                    {
                        Effect: "Allow",
                        Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/countersign-local-prepare` },
                        Action: "s3:PutObject",
                        Resource: `arn:aws:s3:::countersign-local-uploads-${ACCOUNT}-eu-west-1/nightly/*`,
                    },
                ],
            })),
            withStatements(program, [
                {
                    Action: "s3:PutObject",
                    Resource: `arn:aws:s3:::countersign-local-uploads-${ACCOUNT}-eu-west-1/nightly/*`,
                },
            ]),
        ],
    },
    ...[
        "service-role/AWSLambdaVPCAccessExecutionRole",
        "service-role/AmazonECSTaskExecutionRolePolicy",
        "AmazonSSMManagedInstanceCore",
        "CloudWatchAgentServerPolicy",
    ].map((name): Benign => ({
        threat: "T10",
        name: `a policy of AWS whose actions are known: ${name}`,
        change: (program) => [
            added(program, "aws:iam/rolePolicyAttachment:RolePolicyAttachment", "mutant", {
                role: "countersign-local-verify",
                policyArn: `arn:aws:iam::aws:policy/${name}`,
            }),
        ],
    })),
    grants("T65", "objects, images and a secret, each by its name", {
        Action: ["s3:PutObject", "ecr:PutImage", "secretsmanager:PutSecretValue"],
        Resource: [
            "arn:aws:s3:::countersign-local-reports/daily/*",
            `arn:aws:ecr:eu-west-1:${ACCOUNT}:repository/countersign-local/tools`,
            `arn:aws:secretsmanager:eu-west-1:${ACCOUNT}:secret:countersign-local/token-??????`,
        ],
    }),
    {
        threat: "T65",
        name: "uploads that expire, and a log whose unfinished parts go",
        change: (program) => [
            added(program, "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "mutant", {
                bucket: `countersign-local-log-${ACCOUNT}-eu-west-1`,
                rules: [{ id: "x", status: "Enabled", abortIncompleteMultipartUpload: { daysAfterInitiation: 1 } }],
            }),
        ],
    },
    {
        threat: "T67",
        name: "a role that starts another machine",
        change: (program) => [
            withStatements(program, [
                {
                    Action: "states:StartExecution",
                    Resource: `arn:aws:states:eu-west-1:${ACCOUNT}:stateMachine:countersign-local-tidy`,
                },
            ]),
        ],
    },
    {
        threat: "T68",
        name: "a writer of a control table in a network, with more memory",
        change: (program) => [
            changed(program.get("Function", "log-intake"), {
                vpcConfig: { subnetIds: [UNKNOWN], securityGroupIds: [UNKNOWN] },
                memorySize: 2048,
                publish: false,
                layers: [],
            }),
        ],
    },
    {
        threat: "T31",
        name: "an alias and its key, both known",
        change: (program) => {
            const keyId = "1234abcd-12ab-34cd-56ef-1234567890ab";
            return [
                changed(program.get("Key", "modules-v1"), { keyId }),
                changed(program.get("Alias", "modules-v1"), { targetKeyId: keyId }),
            ];
        },
    },
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
                associatePublicIpAddress: false,
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
