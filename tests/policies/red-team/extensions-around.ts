import { ACCOUNT, added, UNKNOWN } from "../mutations/program";
import {
    BUCKET,
    declare,
    document,
    type Extension,
    functionOf,
    P,
    roleArn,
    served,
    TAGS,
    trust,
    typed,
} from "./extension";

/** Of networks, names, money, messages and people. */
export const around: readonly Extension[] = [
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
