/** Alarms and distributions of the local cloud: what they look at, and by whose permission they tell or read. */
import { request } from "node:http";

import {
    CloudFrontClient,
    CreateDistributionCommand,
    CreateOriginAccessControlCommand,
} from "@aws-sdk/client-cloudfront";
import {
    CloudWatchClient,
    DescribeAlarmsCommand,
    PutMetricAlarmCommand,
    PutMetricDataCommand,
} from "@aws-sdk/client-cloudwatch";
import { CreateBucketCommand, PutBucketPolicyCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateTopicCommand, SNSClient, SetTopicAttributesCommand, SubscribeCommand } from "@aws-sdk/client-sns";
import { SQSClient, SetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, it } from "vitest";

import { until } from "../../support/functions";
import { policy } from "../../support/documents";
import { ACCOUNT, type Credentials, type Emulator, openAccount, REGION, startEmulator } from "../../support/ministack";
import { createQueue, received } from "../../support/queues";

const arn = (service: string, resource: string): string => `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;

let emulator: Emulator;
let administrator: Credentials;
let sqs: SQSClient;

beforeAll(async () => {
    emulator = await startEmulator();
    ({ administrator } = await openAccount(emulator));
    sqs = emulator.client(SQSClient, administrator);
});

afterAll(() => emulator?.stop());

it("alarms look at their own dimensions, tell a topic that lets them, and end without data", async () => {
    const watch = emulator.client(CloudWatchClient, administrator);
    const sns = emulator.client(SNSClient, administrator);
    const TopicArn = (await sns.send(new CreateTopicCommand({ Name: "alarms" }))).TopicArn!;
    const url = await createQueue(sqs, "alarmed");
    const from = (service: string, action: string, resource: string): string =>
        policy({
            Effect: "Allow",
            Principal: { Service: `${service}.amazonaws.com` },
            Action: action,
            Resource: resource,
        });
    const Attributes = { Policy: from("sns", "sqs:SendMessage", arn("sqs", "alarmed")) };
    await sqs.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes }));
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint: arn("sqs", "alarmed") }));
    const AttributeValue = from("cloudwatch", "sns:Publish", TopicArn);
    await sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName: "Policy", AttributeValue }));
    const metric = (stack: string): object => ({
        MetricName: "UnattributedUses",
        Dimensions: [{ Name: "Stack", Value: stack }],
    });
    for (const stack of ["dev", "prod"]) {
        await watch.send(
            new PutMetricAlarmCommand({
                ...metric(stack),
                AlarmName: stack,
                Namespace: "countersign",
                Statistic: "Sum",
                Period: 10,
                EvaluationPeriods: 1,
                Threshold: 0,
                ComparisonOperator: "GreaterThanThreshold",
                TreatMissingData: "notBreaching",
                AlarmActions: [TopicArn],
            }),
        );
    }
    const states = async (): Promise<string[]> =>
        (await watch.send(new DescribeAlarmsCommand({}))).MetricAlarms!.map(
            (alarm) => `${alarm.AlarmName} ${alarm.StateValue}`,
        );
    await watch.send(
        new PutMetricDataCommand({
            Namespace: "countersign",
            MetricData: [{ ...metric("dev"), MetricName: "UnattributedUses", Value: 1 }],
        }),
    );
    expect(await states()).toEqual(["dev ALARM", "prod OK"]);
    const message = await until(async () => (await received(sqs, url))[0]);
    expect(JSON.parse((JSON.parse(message!.Body!) as { Message: string }).Message)).toMatchObject({
        AlarmName: "dev",
        NewStateValue: "ALARM",
    });
    expect(await until(async () => (await states()).includes("dev OK"), 15_000)).toBe(true);
});

it("a distribution reads the bucket by its own origin access control, and only what the policy names", async () => {
    const s3 = emulator.client(S3Client, administrator);
    const cloudfront = emulator.client(CloudFrontClient, administrator);
    const Bucket = "countersign-log";
    await s3.send(new CreateBucketCommand({ Bucket }));
    for (const Key of ["checkpoint", "staging/x"]) await s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
    const access = await cloudfront.send(
        new CreateOriginAccessControlCommand({
            OriginAccessControlConfig: {
                Name: "log",
                OriginAccessControlOriginType: "s3",
                SigningBehavior: "always",
                SigningProtocol: "sigv4",
            },
        }),
    );
    const { Distribution } = await cloudfront.send(
        new CreateDistributionCommand({
            DistributionConfig: {
                CallerReference: "log",
                Comment: "",
                Enabled: true,
                Origins: {
                    Quantity: 1,
                    Items: [
                        {
                            Id: "log",
                            DomainName: `${Bucket}.s3.${REGION}.amazonaws.com`,
                            OriginAccessControlId: access.OriginAccessControl!.Id!,
                            S3OriginConfig: { OriginAccessIdentity: "" },
                        },
                    ],
                },
                DefaultCacheBehavior: {
                    TargetOriginId: "log",
                    ViewerProtocolPolicy: "allow-all",
                    CachePolicyId: "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
                },
            },
        }),
    );
    const get = (path: string): Promise<number> => view(emulator, Distribution!.DomainName!, path);
    expect(await get("/checkpoint")).toBe(403);
    const Policy = policy({
        Effect: "Allow",
        Principal: { Service: "cloudfront.amazonaws.com" },
        Action: "s3:GetObject",
        Resource: `arn:aws:s3:::${Bucket}/checkpoint`,
        Condition: { ArnLike: { "aws:SourceArn": `arn:aws:cloudfront::${ACCOUNT}:distribution/*` } },
    });
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
    expect([await get("/checkpoint"), await get("/staging/x"), await get("/none")]).toEqual([200, 403, 403]);
});

function view(of: Emulator, host: string, path: string): Promise<number> {
    const { hostname, port } = new URL(of.ministack.url);
    const headers = { host, "x-countersign-extension": of.ministack.secret };
    return new Promise((done, fail) => {
        const outgoing = request({ hostname, port, path, headers }, (incoming) => {
            incoming.resume();
            done(incoming.statusCode ?? 0);
        });
        outgoing.on("error", fail).end();
    });
}
