import { beforeAll, describe, expect, it } from "vitest";
import type * as Module from "../../components/transparency-log";
import { ED25519_SPKI, mockAws } from "../support/aws-mock";
import { capture, json, shape, UNKNOWN, type Graph } from "../support/graph";
import { loadNative } from "../support/native";

/** Proves what the component registers. Proves nothing about the log itself; its functions have tests of their own. */

const DATA_KEY = "arn:aws:kms:eu-west-1:111122223333:key/data";
const args = {
    origin: "log.example.com/countersign",
    graceSeconds: 7,
    dataKeyArn: DATA_KEY,
    deployRole: "arn:aws:iam::111122223333:role/deployer",
    keyAdmins: ["arn:aws:iam::111122223333:role/admin"],
};

function program() {
    const { TransparencyLog } = loadNative<typeof Module>("components/transparency-log.ts");
    const { url, vkey, origin, bucketName, signerRoleArn, sequencerFunction, alarmTopicArn } = new TransparencyLog(
        "log",
        args,
    );
    return { url, vkey, origin, bucketName, signerRoleArn, sequencerFunction, alarmTopicArn };
}

describe("TransparencyLog", () => {
    let graph: Graph;
    beforeAll(async () => {
        graph = await capture(program);
    });
    const inputs = (type: string, name: string) => graph.one(type, name).inputs;

    it("registers these resources, and no others", () =>
        expect(shape(graph)).toEqual([
            "aws:cloudfront/distribution:Distribution log-site < log",
            "aws:cloudfront/originAccessControl:OriginAccessControl log-access < log",
            "aws:cloudwatch/eventRule:EventRule log-minute < log",
            "aws:cloudwatch/eventRule:EventRule log-uses < log",
            "aws:cloudwatch/eventTarget:EventTarget log-minute < log",
            "aws:cloudwatch/eventTarget:EventTarget log-uses < log",
            "aws:cloudwatch/logGroup:LogGroup log-intake-logs < log",
            "aws:cloudwatch/logGroup:LogGroup log-reconciler-logs < log",
            "aws:cloudwatch/logGroup:LogGroup log-sequencer-logs < log",
            "aws:cloudwatch/metricAlarm:MetricAlarm log-halted < log",
            "aws:cloudwatch/metricAlarm:MetricAlarm log-unattributed < log",
            "aws:dynamodb/table:Table log-head < log",
            "aws:dynamodb/table:Table log-intake < log",
            "aws:dynamodb/table:Table log-reconciler < log",
            "aws:iam/role:Role log-intake < log",
            "aws:iam/role:Role log-key-signer < log-key",
            "aws:iam/role:Role log-reconciler < log",
            "aws:iam/rolePolicy:RolePolicy log-intake < log",
            "aws:iam/rolePolicy:RolePolicy log-key-signer < log-key",
            "aws:iam/rolePolicy:RolePolicy log-reconciler < log",
            "aws:iam/rolePolicy:RolePolicy log-sequencer < log",
            "aws:kms/alias:Alias log-key < log-key",
            "aws:kms/key:Key log-key < log-key",
            "aws:lambda/eventSourceMapping:EventSourceMapping log-intake < log",
            "aws:lambda/eventSourceMapping:EventSourceMapping log-reconciler < log",
            "aws:lambda/eventSourceMapping:EventSourceMapping log-uses < log",
            "aws:lambda/function:Function log-intake < log",
            "aws:lambda/function:Function log-reconciler < log",
            "aws:lambda/function:Function log-sequencer < log",
            "aws:lambda/permission:Permission log-minute < log",
            "aws:s3/bucket:Bucket log-bucket < log",
            "aws:s3/bucketOwnershipControls:BucketOwnershipControls log-bucket < log",
            "aws:s3/bucketPolicy:BucketPolicy log-bucket < log",
            "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock log-bucket < log",
            "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration log-bucket < log",
            "aws:s3/bucketVersioning:BucketVersioning log-bucket < log",
            "aws:sns/topic:Topic log-alarms < log",
            "aws:sns/topicPolicy:TopicPolicy log-alarms < log",
            "aws:sqs/queue:Queue log-uses < log",
            "aws:sqs/queue:Queue log-uses-dlq < log",
            "aws:sqs/queuePolicy:QueuePolicy log-uses < log",
            "aws:sqs/queuePolicy:QueuePolicy log-uses-dlq < log",
            "countersign:index:SigningKey log-key < log",
            "countersign:index:TransparencyLog log < countersign-dev",
        ]));

    it("keeps key, bucket with its guards, and tables; all else goes with the stack", () => {
        const kept = graph.resources.filter(({ protect, retainOnDelete }) => protect && retainOnDelete);
        expect(kept.map(({ type, name }) => `${type.split(":").at(-1)} ${name}`).sort()).toEqual([
            "Alias log-key",
            "Bucket log-bucket",
            "BucketOwnershipControls log-bucket",
            "BucketPolicy log-bucket",
            "BucketPublicAccessBlock log-bucket",
            "BucketServerSideEncryptionConfiguration log-bucket",
            "BucketVersioning log-bucket",
            "Key log-key",
            "Table log-head",
            "Table log-intake",
            "Table log-reconciler",
        ]);
        expect(graph.resources.filter(({ protect, retainOnDelete }) => protect !== retainOnDelete)).toEqual([]);
    });

    it("signs checkpoints with an Ed25519 key, in the sequencer alone", () => {
        const key = inputs("aws:kms/key:Key", "log-key");
        expect(key).toMatchObject({
            customerMasterKeySpec: "ECC_NIST_EDWARDS25519",
            tags: { "countersign:signer": "countersign-dev-log-v1-signer" },
        });
        const { Statement } = json(key.policy) as { Statement: { Sid: string; Condition: unknown }[] };
        expect(Statement.find(({ Sid }) => Sid === "Signer")!.Condition).toEqual({
            StringEquals: { "kms:SigningAlgorithm": ["ED25519_SHA_512"], "kms:MessageType": ["RAW"] },
        });
        expect(inputs("aws:lambda/function:Function", "log-sequencer")).toMatchObject({
            name: "countersign-dev-sequencer",
            role: "arn:aws:iam::111122223333:role/signing/countersign-dev-log-v1-signer",
        });
        expect(inputs("aws:iam/rolePolicy:RolePolicy", "log-sequencer")).toMatchObject({
            name: "countersign-dev-sequencer",
            role: "countersign-dev-log-v1-signer",
        });
        expect(json(inputs("aws:iam/rolePolicy:RolePolicy", "log-key-signer").policy)).toMatchObject({
            Statement: [
                {
                    Sid: "DenySignElsewhere",
                    Condition: {
                        ArnNotEquals: {
                            "lambda:SourceFunctionArn":
                                "arn:aws:lambda:eu-west-1:111122223333:function:countersign-dev-sequencer",
                        },
                    },
                },
                {},
            ],
        });
    });

    it("gives functions these environments", () => {
        const environment = (name: string) => inputs("aws:lambda/function:Function", name).environment;
        const keyArn =
            graph.outputs.signerRoleArn && expect.stringMatching(/^arn:aws:kms:eu-west-1:111122223333:key\//);
        expect(environment("log-intake")).toEqual({ variables: { INTAKE_TABLE: "countersign-dev-intake" } });
        expect(environment("log-sequencer")).toEqual({
            variables: {
                HEAD_TABLE: "countersign-dev-head",
                INTAKE_TABLE: "countersign-dev-intake",
                RECONCILER_TABLE: "countersign-dev-reconciler",
                LOG_BUCKET: "countersign-dev-log-111122223333-eu-west-1",
                KEY_ARN: keyArn,
                KEY_ALIAS: "alias/countersign-dev-log-v1",
                METRIC_STACK: "countersign-dev",
            },
        });
        expect(environment("log-reconciler")).toEqual({
            variables: {
                INTAKE_TABLE: "countersign-dev-intake",
                RECONCILER_TABLE: "countersign-dev-reconciler",
                HEAD_TABLE: "countersign-dev-head",
                LOG_BUCKET: "countersign-dev-log-111122223333-eu-west-1",
                LOG_KEY_ARN: keyArn,
                METRIC_STACK: "countersign-dev",
            },
        });
    });

    it("hears of every Sign, reads included, and holds each back for the grace time", () => {
        const rule = inputs("aws:cloudwatch/eventRule:EventRule", "log-uses");
        expect(rule).toMatchObject({
            name: "countersign-dev-key-uses",
            state: "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
        });
        expect(json(rule.eventPattern)).toEqual({
            source: ["aws.kms"],
            "detail-type": ["AWS API Call via CloudTrail"],
            detail: { eventSource: ["kms.amazonaws.com"], eventName: ["Sign"] },
        });
        expect(inputs("aws:cloudwatch/eventTarget:EventTarget", "log-uses")).toEqual({
            rule: "countersign-dev-key-uses",
            targetId: "uses",
            arn: "arn:aws:sqs:eu-west-1:111122223333:countersign-dev-uses",
            deadLetterConfig: { arn: "arn:aws:sqs:eu-west-1:111122223333:countersign-dev-uses-dlq" },
        });
        const { redrivePolicy, ...queue } = inputs("aws:sqs/queue:Queue", "log-uses");
        expect(queue).toEqual({
            name: "countersign-dev-uses",
            delaySeconds: 7,
            visibilityTimeoutSeconds: 180,
            messageRetentionSeconds: 1_209_600,
            kmsMasterKeyId: DATA_KEY,
            tags: { "data-class": "internal" },
        });
        expect(json(redrivePolicy)).toEqual({
            deadLetterTargetArn: "arn:aws:sqs:eu-west-1:111122223333:countersign-dev-uses-dlq",
            maxReceiveCount: 5,
        });
        expect(inputs("aws:lambda/eventSourceMapping:EventSourceMapping", "log-uses")).toEqual({
            eventSourceArn: "arn:aws:sqs:eu-west-1:111122223333:countersign-dev-uses",
            functionName: "countersign-dev-reconciler",
            batchSize: 10,
            functionResponseTypes: ["ReportBatchItemFailures"],
            tags: { "data-class": "internal" },
        });
    });

    it("lets that rule send to the queues, and nobody else", () =>
        expect(json(inputs("aws:sqs/queuePolicy:QueuePolicy", "log-uses").policy)).toEqual({
            Version: "2012-10-17",
            Statement: [
                {
                    Sid: "KeyUses",
                    Effect: "Allow",
                    Principal: { Service: "events.amazonaws.com" },
                    Action: "sqs:SendMessage",
                    Resource: "arn:aws:sqs:eu-west-1:111122223333:countersign-dev-uses",
                    Condition: {
                        ArnEquals: {
                            "aws:SourceArn": "arn:aws:events:eu-west-1:111122223333:rule/countersign-dev-key-uses",
                        },
                    },
                },
                {
                    Sid: "DenyPlainHttp",
                    Effect: "Deny",
                    Principal: "*",
                    Action: "sqs:*",
                    Resource: "arn:aws:sqs:eu-west-1:111122223333:countersign-dev-uses",
                    Condition: { Bool: { "aws:SecureTransport": "false" } },
                },
            ],
        }));

    it("wakes the sequencer by both streams and each minute", () => {
        for (const table of ["intake", "reconciler"]) {
            expect(inputs("aws:lambda/eventSourceMapping:EventSourceMapping", `log-${table}`)).toMatchObject({
                eventSourceArn: `arn:aws:dynamodb:eu-west-1:111122223333:table/countersign-dev-${table}/stream/2026-11-24T00:00:00.000`,
                functionName: "countersign-dev-sequencer",
                startingPosition: "TRIM_HORIZON",
                maximumRetryAttempts: 1,
                filterCriteria: { filters: [{ pattern: '{"eventName":["INSERT"]}' }] },
            });
        }
        expect(inputs("aws:cloudwatch/eventRule:EventRule", "log-minute").scheduleExpression).toBe("rate(1 minute)");
        expect(inputs("aws:lambda/permission:Permission", "log-minute")).toEqual({
            statementId: "minute",
            action: "lambda:InvokeFunction",
            function: "countersign-dev-sequencer",
            principal: "events.amazonaws.com",
            sourceArn: "arn:aws:events:eu-west-1:111122223333:rule/countersign-dev-sequencer-minute",
            sourceAccount: "111122223333",
        });
    });

    it("keeps control tables encrypted, on demand, and safe from deletion", () => {
        const common = {
            billingMode: "PAY_PER_REQUEST",
            hashKey: "id",
            serverSideEncryption: { enabled: true, kmsKeyArn: DATA_KEY },
            deletionProtectionEnabled: true,
            tags: { "data-class": "internal" },
        };
        expect(inputs("aws:dynamodb/table:Table", "log-head")).toEqual({
            ...common,
            name: "countersign-dev-head",
            attributes: [{ name: "id", type: "S" }],
        });
        expect(inputs("aws:dynamodb/table:Table", "log-intake")).toEqual({
            ...common,
            name: "countersign-dev-intake",
            attributes: [
                { name: "id", type: "S" },
                { name: "pending", type: "S" },
                { name: "received_at", type: "S" },
            ],
            globalSecondaryIndexes: [
                {
                    name: "pending",
                    keySchemas: [
                        { attributeName: "pending", keyType: "HASH" },
                        { attributeName: "received_at", keyType: "RANGE" },
                    ],
                    projectionType: "KEYS_ONLY",
                },
            ],
            streamEnabled: true,
            streamViewType: "KEYS_ONLY",
        });
    });

    it("serves the bucket through CloudFront only", () => {
        expect(inputs("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "log-bucket")).toEqual({
            bucket: "countersign-dev-log-111122223333-eu-west-1",
            blockPublicAcls: true,
            blockPublicPolicy: true,
            ignorePublicAcls: true,
            restrictPublicBuckets: true,
        });
        expect(inputs("aws:s3/bucket:Bucket", "log-bucket")).toEqual({
            bucket: "countersign-dev-log-111122223333-eu-west-1",
            objectLockEnabled: true,
            tags: { "data-class": "public" },
        });
        expect(
            inputs(
                "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
                "log-bucket",
            ).rules,
        ).toEqual([{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }]);
        expect(inputs("aws:cloudfront/distribution:Distribution", "log-site")).toMatchObject({
            origins: [
                {
                    originId: "log",
                    domainName: "countersign-dev-log-111122223333-eu-west-1.s3.eu-west-1.amazonaws.com",
                },
            ],
            defaultCacheBehavior: { viewerProtocolPolicy: "redirect-to-https", allowedMethods: ["GET", "HEAD"] },
        });
    });

    it("rings for a use without record and for a halted log, at the first, and not for silence", () => {
        for (const [name, metricName] of [
            ["log-unattributed", "UnattributedUses"],
            ["log-halted", "LogHalted"],
        ] as const) {
            expect(inputs("aws:cloudwatch/metricAlarm:MetricAlarm", name)).toMatchObject({
                namespace: "countersign",
                metricName,
                dimensions: { Stack: "countersign-dev" },
                statistic: "Sum",
                period: 60,
                evaluationPeriods: 1,
                threshold: 1,
                comparisonOperator: "GreaterThanOrEqualToThreshold",
                treatMissingData: "notBreaching",
                alarmActions: ["arn:aws:sns:eu-west-1:111122223333:countersign-dev-alarms"],
            });
        }
    });

    it("tells where the log is, and with what to verify it", () =>
        expect(graph.outputs).toEqual({
            url: "https://d111111abcdef8.cloudfront.net",
            origin: "log.example.com/countersign",
            // By hand: SHA-256("log.example.com/countersign\n" || 0x01 || key), first four bytes; then base64 of 0x01 || key.
            vkey: "log.example.com/countersign+8f7c5a06+ARm/RAlphM3+hUG6wWfcO5bIUIaqMLa2ywxcOK1wMWbh",
            bucketName: "countersign-dev-log-111122223333-eu-west-1",
            signerRoleArn: "arn:aws:iam::111122223333:role/signing/countersign-dev-log-v1-signer",
            sequencerFunction: "countersign-dev-sequencer",
            alarmTopicArn: "arn:aws:sns:eu-west-1:111122223333:countersign-dev-alarms",
        }));

    it("takes the mock's key for what it is, the last 32 bytes of an SPKI", () =>
        expect(Buffer.from(ED25519_SPKI, "base64")).toHaveLength(44));
});

describe("TransparencyLog in a first preview", () => {
    it("knows every document, and every name in an environment", async () => {
        const graph = await capture(program, { preview: true, mock: mockAws({ preview: true }) });
        for (const { type, name, inputs } of graph.resources) {
            for (const document of ["policy", "assumeRolePolicy"]) {
                if (document in inputs) expect([type, name, inputs[document]]).not.toContain(UNKNOWN);
            }
        }
        const { variables } = graph.one("aws:lambda/function:Function", "log-sequencer").inputs.environment as {
            variables: Record<string, string>;
        };
        expect(Object.entries(variables).filter(([, value]) => value === UNKNOWN)).toEqual([["KEY_ARN", UNKNOWN]]);
    });
});

describe("TransparencyLog's arguments, refused in the constructor", () => {
    const { resolveTransparencyLogArgs } = loadNative<typeof Module>("components/transparency-log.ts");
    const resolve = (overrides: Partial<Module.TransparencyLogArgs>) => () =>
        resolveTransparencyLogArgs({ ...args, namePrefix: "countersign-dev", ...overrides });

    it("has defaults", () =>
        expect(resolve({ graceSeconds: undefined })()).toMatchObject({ graceSeconds: 300, bootstrap: false }));

    it.each([
        ["an origin with white space", { origin: "log example" }, "BadName"],
        ["an empty origin", { origin: "" }, "BadName"],
        ["an origin with a plus sign", { origin: "log+1" }, "BadName"],
        ["a grace time that SQS cannot wait", { graceSeconds: 901 }, "BadConfig"],
        ["a negative grace time", { graceSeconds: -1 }, "BadConfig"],
        ["half a second", { graceSeconds: 0.5 }, "BadConfig"],
    ])("refuses %s", (_what, overrides, code) => expect(resolve(overrides)).toThrow(expect.objectContaining({ code })));
});
