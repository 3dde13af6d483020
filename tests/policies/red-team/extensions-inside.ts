import { ACCOUNT, added, UNKNOWN } from "../mutations/program";
import { acting, BUCKET, declare, type Extension, functionOf, P, served, TAGS, typed } from "./extension";

/** Of storage, functions and what watches them. */
export const inside: readonly Extension[] = [
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
        name: "a function that asks a model about results",
        settings: (settings) => ({ ...served(`${P}-ask`)(settings), ...acting("bedrock:InvokeModel")() }),
        change: (program) =>
            declare(
                program,
                functionOf("ask", [
                    { Action: "s3:GetObject", Resource: `arn:aws:s3:::${P}-results-${ACCOUNT}-eu-west-1/*` },
                    { Action: "bedrock:InvokeModel", Resource: "arn:aws:bedrock:eu-west-1::foundation-model/*" },
                ]),
            ),
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
];
