import type { Settings } from "../../../policies/settings";
import type { Registered } from "../../support/pack-process";
import { ACCOUNT, added, type Json, type Program, UNKNOWN } from "../mutations/program";

/** What people add to a program like this in a fork of theirs, as a preview shows it: ARNs of new resources are not known yet. */

export interface Extension {
    readonly name: string;
    readonly change: (program: Program) => readonly Registered[];
    /** What the settings have to say, in addition to the program's. */
    readonly settings?: (settings: Partial<Settings>) => Partial<Settings>;
}

const TAGS = { owner: "platform", "data-class": "internal" };
const P = "countersign-local";
const roleArn = (name: string): string => `arn:aws:iam::${ACCOUNT}:role/${name}`;
const document = (...statements: Json[]): string =>
    JSON.stringify({ Version: "2012-10-17", Statement: statements.map((one) => ({ Effect: "Allow", ...one })) });
const trust = (service: string, condition?: Json): string =>
    document({ Principal: { Service: service }, Action: "sts:AssumeRole", ...(condition && { Condition: condition }) });

type Inputs = Readonly<Record<string, unknown>>;

/** Resources whose unknown inputs come from others of the list, by input. */
function declare(
    program: Program,
    list: readonly (readonly [string, string, Inputs, Readonly<Record<string, string>>?])[],
): Registered[] {
    const made: Registered[] = [];
    for (const [type, name, inputs, from = {}] of list) {
        const propertyDependencies = Object.fromEntries(
            Object.entries(from).map(([input, other]) => [input, [made.find((one) => one.name === other)!.urn!]]),
        );
        made.push(added(program, type, name, { ...inputs }, { propertyDependencies }));
    }
    return made;
}

const served =
    (...names: string[]) =>
    (settings: Partial<Settings>): Partial<Settings> => ({ serviceRoles: [...settings.serviceRoles!, ...names] });
const typed =
    (...types: string[]) =>
    (): Partial<Settings> => ({
        extraTypes: types.map((type) => ({ type, reason: "it names no role, key or function" })),
    });

const functionOf = (
    name: string,
    statements: Json[],
): (readonly [string, string, Inputs, Readonly<Record<string, string>>?])[] => [
    [
        "aws:iam/role:Role",
        `${name}-role`,
        { name: `${P}-${name}`, assumeRolePolicy: trust("lambda.amazonaws.com"), tags: TAGS },
    ],
    ["aws:iam/rolePolicy:RolePolicy", `${name}-policy`, { role: `${P}-${name}`, policy: document(...statements) }],
    [
        "aws:cloudwatch/logGroup:LogGroup",
        `${name}-log`,
        { name: `/aws/lambda/${P}-${name}`, retentionInDays: 400, kmsKeyId: UNKNOWN, tags: TAGS },
    ],
    [
        "aws:lambda/function:Function",
        name,
        {
            name: `${P}-${name}`,
            role: roleArn(`${P}-${name}`),
            runtime: "nodejs24.x",
            handler: "__index.handler",
            environment: { variables: { RESULTS_BUCKET: `${P}-results-${ACCOUNT}-eu-west-1` } },
            tags: TAGS,
        },
    ],
];

const BUCKET = `${P}-reports-${ACCOUNT}-eu-west-1`;

export const extensions: readonly Extension[] = [
    {
        name: "a bucket for reports",
        settings: (settings) => ({
            unlockedBuckets: [
                ...settings.unlockedBuckets!,
                { name: BUCKET, reason: "reports are made again each day" },
            ],
        }),
        change: (program) =>
            declare(program, [
                ["aws:s3/bucket:Bucket", "reports", { bucket: BUCKET, tags: TAGS }],
                [
                    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
                    "reports-block",
                    {
                        bucket: UNKNOWN,
                        blockPublicAcls: true,
                        blockPublicPolicy: true,
                        ignorePublicAcls: true,
                        restrictPublicBuckets: true,
                    },
                    { bucket: "reports" },
                ],
                [
                    "aws:s3/bucketVersioning:BucketVersioning",
                    "reports-versions",
                    { bucket: UNKNOWN, versioningConfiguration: { status: "Enabled" } },
                    { bucket: "reports" },
                ],
                [
                    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
                    "reports-encryption",
                    {
                        bucket: UNKNOWN,
                        rules: [
                            {
                                applyServerSideEncryptionByDefault: {
                                    sseAlgorithm: "aws:kms",
                                    kmsMasterKeyId: UNKNOWN,
                                },
                            },
                        ],
                    },
                    { bucket: "reports" },
                ],
                [
                    "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
                    "reports-owner",
                    { bucket: UNKNOWN, rule: { objectOwnership: "BucketOwnerEnforced" } },
                    { bucket: "reports" },
                ],
                [
                    "aws:s3/bucketPolicy:BucketPolicy",
                    "reports-policy",
                    {
                        bucket: UNKNOWN,
                        policy: JSON.stringify({
                            Version: "2012-10-17",
                            Statement: [
                                {
                                    Effect: "Deny",
                                    Principal: "*",
                                    Action: "s3:*",
                                    Resource: [`arn:aws:s3:::${BUCKET}`, `arn:aws:s3:::${BUCKET}/*`],
                                    Condition: { Bool: { "aws:SecureTransport": "false" } },
                                },
                            ],
                        }),
                    },
                    { bucket: "reports" },
                ],
            ]),
    },
    {
        name: "a dashboard",
        settings: typed("aws:cloudwatch/dashboard:Dashboard"),
        change: (program) =>
            declare(program, [
                ["aws:cloudwatch/dashboard:Dashboard", "overview", { dashboardName: P, dashboardBody: "{}" }],
            ]),
    },
    {
        name: "an alarm on errors of a function, to the alarms' topic",
        change: (program) => [
            added(
                program,
                "aws:cloudwatch/metricAlarm:MetricAlarm",
                "prepare-errors",
                {
                    name: `${P}-prepare-errors`,
                    namespace: "AWS/Lambda",
                    metricName: "Errors",
                    dimensions: { FunctionName: `${P}-prepare` },
                    alarmActions: [UNKNOWN],
                    tags: TAGS,
                },
                { propertyDependencies: { alarmActions: [program.get("Topic", "log-alarms").urn!] } },
            ),
        ],
    },
    {
        name: "a function that reads results",
        settings: served(`${P}-report`),
        change: (program) =>
            declare(
                program,
                functionOf("report", [
                    {
                        Action: ["s3:GetObject", "s3:ListBucket"],
                        Resource: [
                            `arn:aws:s3:::${P}-results-${ACCOUNT}-eu-west-1`,
                            `arn:aws:s3:::${P}-results-${ACCOUNT}-eu-west-1/*`,
                        ],
                    },
                ]),
            ),
    },
    {
        name: "a function that runs each night",
        settings: served(`${P}-night`),
        change: (program) =>
            declare(program, [
                ...functionOf("night", [{ Action: "cloudwatch:PutMetricData", Resource: "*" }]),
                [
                    "aws:cloudwatch/eventRule:EventRule",
                    "night-rule",
                    { name: `${P}-night`, scheduleExpression: "cron(0 3 * * ? *)", tags: TAGS },
                ],
                [
                    "aws:cloudwatch/eventTarget:EventTarget",
                    "night-target",
                    { rule: UNKNOWN, arn: UNKNOWN },
                    { rule: "night-rule", arn: "night" },
                ],
                [
                    "aws:lambda/permission:Permission",
                    "night-permission",
                    {
                        function: `${P}-night`,
                        action: "lambda:InvokeFunction",
                        principal: "events.amazonaws.com",
                        sourceArn: `arn:aws:events:eu-west-1:${ACCOUNT}:rule/${P}-night`,
                        sourceAccount: ACCOUNT,
                    },
                ],
            ]),
    },
    {
        name: "a network with endpoints for S3 and KMS",
        change: (program) =>
            declare(program, [
                ["aws:ec2/vpc:Vpc", "net", { cidrBlock: "10.0.0.0/16", enableDnsHostnames: true, tags: TAGS }],
                [
                    "aws:ec2/subnet:Subnet",
                    "net-a",
                    { vpcId: UNKNOWN, cidrBlock: "10.0.0.0/24", tags: TAGS },
                    { vpcId: "net" },
                ],
                ["aws:ec2/routeTable:RouteTable", "net-routes", { vpcId: UNKNOWN, tags: TAGS }, { vpcId: "net" }],
                [
                    "aws:ec2/securityGroup:SecurityGroup",
                    "net-endpoints",
                    {
                        vpcId: UNKNOWN,
                        ingress: [{ protocol: "tcp", fromPort: 443, toPort: 443, cidrBlocks: ["10.0.0.0/16"] }],
                        tags: TAGS,
                    },
                    { vpcId: "net" },
                ],
                [
                    "aws:ec2/vpcEndpoint:VpcEndpoint",
                    "net-s3",
                    {
                        vpcId: UNKNOWN,
                        serviceName: "com.amazonaws.eu-west-1.s3",
                        vpcEndpointType: "Gateway",
                        routeTableIds: [UNKNOWN],
                        tags: TAGS,
                    },
                    { vpcId: "net", routeTableIds: "net-routes" },
                ],
                [
                    "aws:ec2/vpcEndpoint:VpcEndpoint",
                    "net-kms",
                    {
                        vpcId: UNKNOWN,
                        serviceName: "com.amazonaws.eu-west-1.kms",
                        vpcEndpointType: "Interface",
                        privateDnsEnabled: true,
                        policy: document({
                            Principal: { AWS: roleArn(`${P}-prepare`) },
                            Action: ["kms:DescribeKey", "kms:GetPublicKey"],
                            Resource: "*",
                        }),
                        subnetIds: [UNKNOWN],
                        securityGroupIds: [UNKNOWN],
                        tags: TAGS,
                    },
                    { vpcId: "net", subnetIds: "net-a", securityGroupIds: "net-endpoints" },
                ],
            ]),
    },
    {
        name: "a repository of images",
        change: (program) =>
            declare(program, [
                [
                    "aws:ecr/repository:Repository",
                    "tools",
                    {
                        name: `${P}-tools`,
                        imageTagMutability: "IMMUTABLE",
                        imageScanningConfiguration: { scanOnPush: true },
                        tags: TAGS,
                    },
                ],
                [
                    "aws:ecr/lifecyclePolicy:LifecyclePolicy",
                    "tools-life",
                    { repository: UNKNOWN, policy: '{"rules":[]}' },
                    { repository: "tools" },
                ],
            ]),
    },
    {
        name: "a parameter",
        change: (program) =>
            declare(program, [
                [
                    "aws:ssm/parameter:Parameter",
                    "log-url",
                    { name: `/${P}/log-url`, type: "String", value: "https://log.example.org", tags: TAGS },
                ],
            ]),
    },
    {
        name: "a record and a certificate",
        settings: typed(
            "aws:route53/record:Record",
            "aws:acm/certificate:Certificate",
            "aws:acm/certificateValidation:CertificateValidation",
        ),
        change: (program) =>
            declare(program, [
                [
                    "aws:acm/certificate:Certificate",
                    "log",
                    { domainName: "log.example.org", validationMethod: "DNS", tags: TAGS },
                ],
                [
                    "aws:route53/record:Record",
                    "log-record",
                    {
                        zoneId: "Z1",
                        name: "log.example.org",
                        type: "CNAME",
                        ttl: 300,
                        records: ["d111.cloudfront.net"],
                    },
                ],
                [
                    "aws:acm/certificateValidation:CertificateValidation",
                    "log-valid",
                    { certificateArn: UNKNOWN },
                    { certificateArn: "log" },
                ],
            ]),
    },
    {
        name: "a budget",
        settings: typed("aws:budgets/budget:Budget"),
        change: (program) =>
            declare(program, [
                [
                    "aws:budgets/budget:Budget",
                    "month",
                    { budgetType: "COST", limitAmount: "50", limitUnit: "USD", timeUnit: "MONTHLY" },
                ],
            ]),
    },
    {
        name: "e-mail for alarms",
        change: (program) => [
            added(
                program,
                "aws:sns/topicSubscription:TopicSubscription",
                "alarms-mail",
                { topic: UNKNOWN, protocol: "email", endpoint: "security@example.org" },
                { propertyDependencies: { topic: [program.get("Topic", "log-alarms").urn!] } },
            ),
        ],
    },
    {
        name: "a queue that hears of new results",
        change: (program) =>
            declare(program, [
                [
                    "aws:sqs/queue:Queue",
                    "results",
                    { name: `${P}-new-results`, kmsMasterKeyId: `alias/${P}-data`, tags: TAGS },
                ],
                [
                    "aws:cloudwatch/eventRule:EventRule",
                    "results-rule",
                    {
                        name: `${P}-new-results`,
                        eventPattern: JSON.stringify({
                            source: ["aws.s3"],
                            "detail-type": ["Object Created"],
                            detail: { bucket: { name: [`${P}-results-${ACCOUNT}-eu-west-1`] } },
                        }),
                        tags: TAGS,
                    },
                ],
                [
                    "aws:cloudwatch/eventTarget:EventTarget",
                    "results-target",
                    { rule: UNKNOWN, arn: UNKNOWN },
                    { rule: "results-rule", arn: "results" },
                ],
                [
                    "aws:sqs/queuePolicy:QueuePolicy",
                    "results-policy",
                    {
                        queueUrl: UNKNOWN,
                        policy: document({
                            Principal: { Service: "events.amazonaws.com" },
                            Action: "sqs:SendMessage",
                            Resource: `arn:aws:sqs:eu-west-1:${ACCOUNT}:${P}-new-results`,
                            Condition: {
                                ArnEquals: {
                                    "aws:SourceArn": `arn:aws:events:eu-west-1:${ACCOUNT}:rule/${P}-new-results`,
                                },
                            },
                        }),
                    },
                    { queueUrl: "results" },
                ],
            ]),
    },
    {
        name: "a table that decides nothing",
        change: (program) =>
            declare(program, [
                [
                    "aws:dynamodb/table:Table",
                    "notes",
                    {
                        name: `${P}-notes`,
                        billingMode: "PAY_PER_REQUEST",
                        hashKey: "id",
                        attributes: [{ name: "id", type: "S" }],
                        ttl: { attributeName: "until", enabled: true },
                        serverSideEncryption: { enabled: true, kmsKeyArn: UNKNOWN },
                        tags: TAGS,
                    },
                ],
            ]),
    },
    {
        name: "a machine of one's own that calls a function of one's own",
        settings: served(`${P}-daily`, `${P}-tidy`),
        change: (program) =>
            declare(program, [
                ...functionOf("tidy", [{ Action: "s3:DeleteObject", Resource: `arn:aws:s3:::${BUCKET}/*` }]),
                [
                    "aws:iam/role:Role",
                    "daily-role",
                    {
                        name: `${P}-daily`,
                        assumeRolePolicy: trust("states.amazonaws.com", {
                            StringEquals: { "aws:SourceAccount": ACCOUNT },
                        }),
                        tags: TAGS,
                    },
                ],
                [
                    "aws:iam/rolePolicy:RolePolicy",
                    "daily-policy",
                    {
                        role: `${P}-daily`,
                        policy: document({
                            Action: "lambda:InvokeFunction",
                            Resource: `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:${P}-tidy`,
                        }),
                    },
                ],
                [
                    "aws:sfn/stateMachine:StateMachine",
                    "daily",
                    {
                        name: `${P}-daily`,
                        roleArn: roleArn(`${P}-daily`),
                        definition: JSON.stringify({
                            StartAt: "Tidy",
                            States: {
                                Tidy: {
                                    Type: "Task",
                                    Resource: "arn:aws:states:::lambda:invoke",
                                    Parameters: {
                                        FunctionName: `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:${P}-tidy`,
                                        "Payload.$": "$",
                                    },
                                    End: true,
                                },
                            },
                        }),
                        loggingConfiguration: { level: "ALL", includeExecutionData: true, logDestination: UNKNOWN },
                        tracingConfiguration: { enabled: true },
                        tags: TAGS,
                    },
                ],
            ]),
    },
    {
        name: "a role for a session by Session Manager, without rights on keys",
        settings: served(`${P}-bastion`),
        change: (program) =>
            declare(program, [
                [
                    "aws:iam/role:Role",
                    "bastion-role",
                    { name: `${P}-bastion`, assumeRolePolicy: trust("ec2.amazonaws.com"), tags: TAGS },
                ],
                [
                    "aws:iam/rolePolicy:RolePolicy",
                    "bastion-policy",
                    {
                        role: `${P}-bastion`,
                        policy: document({
                            Action: [
                                "ssm:UpdateInstanceInformation",
                                "ssmmessages:CreateControlChannel",
                                "ssmmessages:CreateDataChannel",
                                "ssmmessages:OpenControlChannel",
                                "ssmmessages:OpenDataChannel",
                            ],
                            Resource: "*",
                        }),
                    },
                ],
                [
                    "aws:iam/instanceProfile:InstanceProfile",
                    "bastion-profile",
                    { name: `${P}-bastion`, role: `${P}-bastion`, tags: TAGS },
                ],
                [
                    "aws:ec2/instance:Instance",
                    "bastion",
                    {
                        ami: "ami-0123456789abcdef0",
                        instanceType: "t4g.nano",
                        iamInstanceProfile: `${P}-bastion`,
                        metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 1 },
                        rootBlockDevice: { encrypted: true },
                        associatePublicIpAddress: false,
                        disableApiTermination: true,
                        tags: TAGS,
                    },
                ],
            ]),
    },
    {
        name: "a reader of the table of requests",
        settings: served(`${P}-audit`),
        change: (program) =>
            declare(
                program,
                functionOf("audit", [
                    {
                        Action: ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan"],
                        Resource: `arn:aws:dynamodb:eu-west-1:${ACCOUNT}:table/${P}-requests`,
                    },
                    { Action: "kms:Decrypt", Resource: `arn:aws:kms:eu-west-1:${ACCOUNT}:key/*` },
                ]),
            ),
    },
];

/** What people get wrong at first, and the words that set them right. */
export const mistakes: readonly (readonly [string, RegExp, Extension["change"]])[] = [
    [
        "a function whose role is the ARN of a new role",
        /expected a role's ARN made from its name/,
        (program) =>
            declare(program, [["aws:lambda/function:Function", "f", { name: `${P}-f`, role: UNKNOWN, tags: TAGS }]]),
    ],
    [
        "a permission whose source is the ARN of a new rule",
        /made of account, region and name/,
        (program) =>
            declare(program, [
                [
                    "aws:lambda/permission:Permission",
                    "p",
                    {
                        function: `${P}-f`,
                        action: "lambda:InvokeFunction",
                        principal: "events.amazonaws.com",
                        sourceArn: UNKNOWN,
                        sourceAccount: ACCOUNT,
                    },
                ],
            ]),
    ],
    [
        "a permission that Pulumi's examples have, without account",
        /name SourceArn and SourceAccount/,
        (program) =>
            declare(program, [
                [
                    "aws:lambda/permission:Permission",
                    "p",
                    {
                        function: `${P}-f`,
                        action: "lambda:InvokeFunction",
                        principal: "s3.amazonaws.com",
                        sourceArn: "arn:aws:s3:::b",
                    },
                ],
            ]),
    ],
    [
        "a policy that holds the ARN of a new bucket",
        /build the document from partition, account, region and explicit names/,
        (program) =>
            declare(program, [["aws:iam/rolePolicy:RolePolicy", "p", { role: `${P}-verify`, policy: UNKNOWN }]]),
    ],
    [
        "a role without a name",
        /expected an explicit name/,
        (program) =>
            declare(program, [
                ["aws:iam/role:Role", "r", { assumeRolePolicy: trust("lambda.amazonaws.com"), tags: TAGS }],
            ]),
    ],
    [
        "a mapping by the ARN of a new function",
        /expected its name/,
        (program) =>
            declare(program, [
                [
                    "aws:lambda/eventSourceMapping:EventSourceMapping",
                    "m",
                    { functionName: UNKNOWN, eventSourceArn: UNKNOWN, tags: TAGS },
                ],
            ]),
    ],
    [
        "a role with a name that is not in the settings, in a profile",
        /names role countersign-local-x that is not listed.*serviceRoles/,
        (program) =>
            declare(program, [["aws:iam/instanceProfile:InstanceProfile", "i", { role: `${P}-x`, tags: TAGS }]]),
    ],
    [
        "a bucket without object lock",
        /unlockedBuckets/,
        (program) => declare(program, [["aws:s3/bucket:Bucket", "b", { bucket: "b", tags: TAGS }]]),
    ],
    [
        "a resource under the default provider",
        /expected an explicit one.*pass it to every resource/,
        (program) => [
            {
                ...program.get("Role", "pipeline-verify"),
                name: "v",
                provider: { type: "pulumi:providers:aws", name: "default_7_48_0", properties: {} },
            },
        ],
    ],
    [
        "a policy of AWS with full access",
        /write an inline policy with the least that is needed/,
        (program) =>
            declare(program, [
                [
                    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
                    "a",
                    { role: `${P}-verify`, policyArn: "arn:aws:iam::aws:policy/AmazonS3FullAccess" },
                ],
            ]),
    ],
    [
        "a rule that starts a container",
        /expected a function, machine, queue or topic/,
        (program) =>
            declare(program, [
                [
                    "aws:cloudwatch/eventTarget:EventTarget",
                    "t",
                    {
                        rule: "r",
                        arn: `arn:aws:ecs:eu-west-1:${ACCOUNT}:cluster/c`,
                        ecsTarget: { taskDefinitionArn: UNKNOWN },
                    },
                ],
            ]),
    ],
];
