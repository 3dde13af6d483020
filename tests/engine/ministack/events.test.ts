/** EventBridge, state machines, alarms and CloudFront of the local cloud: what reaches whom, and by whose permission. */
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
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { LambdaClient } from "@aws-sdk/client-lambda";
import {
    CreateBucketCommand,
    PutBucketNotificationConfigurationCommand,
    PutBucketPolicyCommand,
    PutBucketVersioningCommand,
    PutObjectCommand,
    S3Client,
} from "@aws-sdk/client-s3";
import {
    CreateStateMachineCommand,
    DescribeExecutionCommand,
    ListExecutionsCommand,
    SFNClient,
    StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import { CreateTopicCommand, SNSClient, SetTopicAttributesCommand, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient, SetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createFunction, until } from "../../support/functions";
import {
    ACCOUNT,
    type Credentials,
    type Emulator,
    Principals,
    REGION,
    outcome,
    policy,
    startEmulator,
    trust,
} from "../../support/ministack";

const arn = (service: string, resource: string): string => `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;
const everything = { Effect: "Allow", Action: "*", Resource: "*" };

let emulator: Emulator;
let here: Principals;
let administrator: Credentials;
let sqs: SQSClient;
let events: EventBridgeClient;

beforeAll(async () => {
    emulator = await startEmulator();
    here = new Principals(emulator);
    const operator = await here.user("operator", { Effect: "Allow", Action: "sts:AssumeRole", Resource: "*" });
    await here.role("administrator", trust({ AWS: `arn:aws:iam::${ACCOUNT}:root` }), everything);
    administrator = await here.assume(operator, `arn:aws:iam::${ACCOUNT}:role/administrator`);
    sqs = emulator.client(SQSClient, administrator);
    events = emulator.client(EventBridgeClient, administrator);
});

afterAll(() => emulator?.stop());

async function queue(QueueName: string): Promise<string> {
    return (await sqs.send(new CreateQueueCommand({ QueueName }))).QueueUrl!;
}

async function received(QueueUrl: string): Promise<{ Body?: string }[]> {
    return (
        (await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 600 })))
            .Messages ?? []
    );
}

describe("a rule on CloudTrail events", () => {
    const EventPattern = JSON.stringify({ source: ["aws.kms"], "detail-type": ["AWS API Call via CloudTrail"] });
    let url: string;
    const put = (readOnly: boolean, eventName: string): Promise<unknown> => {
        const Detail = JSON.stringify({ eventName, readOnly, managementEvent: true, recipientAccountId: ACCOUNT });
        return emulator.control("events", {
            entries: [{ Source: "aws.kms", DetailType: "AWS API Call via CloudTrail", Detail }],
        });
    };
    const rule = (State: "ENABLED" | "DISABLED" | "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"): Promise<unknown> =>
        events.send(new PutRuleCommand({ Name: "key-uses", EventPattern, State }));
    const names = async (): Promise<string[]> =>
        (await received(url)).map(
            ({ Body }) => (JSON.parse(Body!) as { detail: { eventName: string } }).detail.eventName,
        );

    beforeAll(async () => {
        url = await queue("uses");
        await rule("ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS");
        await events.send(
            new PutTargetsCommand({ Rule: "key-uses", Targets: [{ Id: "queue", Arn: arn("sqs", "uses") }] }),
        );
    });

    it("delivers to no queue whose policy does not name EventBridge", async () => {
        await put(true, "Sign");
        expect(await names()).toEqual([]);
        const Condition = { ArnEquals: { "aws:SourceArn": arn("events", "rule/key-uses") } };
        const statement = {
            Effect: "Allow",
            Principal: { Service: "events.amazonaws.com" },
            Action: "sqs:SendMessage",
        };
        const Policy = policy({ ...statement, Resource: arn("sqs", "uses"), Condition });
        await sqs.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { Policy } }));
        await put(true, "Sign");
        expect(await names()).toEqual(["Sign"]);
    });

    it.each([
        ["ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS", ["PutKeyPolicy", "Sign"]],
        ["ENABLED", ["PutKeyPolicy"]],
        ["DISABLED", []],
    ] as const)("in state %s lets through %j", async (state, wanted) => {
        await rule(state);
        await put(true, "Sign");
        await put(false, "PutKeyPolicy");
        expect((await names()).sort()).toEqual(wanted);
    });

    it("takes no event of AWS's sources from a caller", async () => {
        const { PutEventsCommand } = await import("@aws-sdk/client-eventbridge");
        const entry = { Source: "aws.kms", DetailType: "AWS API Call via CloudTrail", Detail: "{}" };
        const { Entries } = await events.send(new PutEventsCommand({ Entries: [entry] }));
        expect(Entries![0]!.ErrorCode).toBe("NotAuthorizedForSourceException");
    });
});

describe("a state machine", () => {
    const task = (Resource: string, Parameters: object, more: object = {}): object => ({
        StartAt: "Task",
        States: {
            Task: { Type: "Task", Resource, Parameters, ...more, End: true },
            Caught: { Type: "Pass", Result: "caught", End: true },
        },
    });
    let states: SFNClient;
    let role: string;
    let thrower: string;
    const create = async (name: string, definition: object, roleArn = role): Promise<string> => {
        const command = new CreateStateMachineCommand({ name, roleArn, definition: JSON.stringify(definition) });
        return (await states.send(command)).stateMachineArn!;
    };
    const run = async (stateMachineArn: string): Promise<{ status?: string; error?: string; output?: string }> => {
        const { executionArn } = await states.send(new StartExecutionCommand({ stateMachineArn, input: "{}" }));
        const ended = await until(async () => {
            const seen = await states.send(new DescribeExecutionCommand({ executionArn }));
            return seen.status !== "RUNNING" && seen;
        });
        const { status, error, output } = ended!;
        return { ...(status ? { status } : {}), ...(error ? { error } : {}), ...(output ? { output } : {}) };
    };

    beforeAll(async () => {
        states = emulator.client(SFNClient, administrator);
        role = await here.role(
            "machine",
            trust(
                { Service: "states.amazonaws.com" },
                { Condition: { StringEquals: { "aws:SourceAccount": ACCOUNT } } },
            ),
        );
        const lambdaRole = await here.role("function", trust({ Service: "lambda.amazonaws.com" }), everything);
        const body = `throw Object.assign(new Error("busy"), { name: "Busy" });`;
        thrower = await createFunction(emulator.client(LambdaClient, administrator), "thrower", lambdaRole, body);
    });

    it("invokes a function only by its role's permission, and catches the function's error by name", async () => {
        const Catch = [{ ErrorEquals: ["Busy"], Next: "Caught" }];
        const machine = await create(
            "catching",
            task("arn:aws:states:::lambda:invoke", { FunctionName: thrower }, { Catch }),
        );
        expect(await run(machine)).toMatchObject({ status: "FAILED", error: "Lambda.AWSLambdaException" });
        await here.grant("machine", { Effect: "Allow", Action: "lambda:InvokeFunction", Resource: thrower });
        expect(await run(machine)).toMatchObject({ status: "SUCCEEDED", output: '"caught"' });
    });

    it("is judged for what it does through aws-sdk, and never reaches KMS that way", async () => {
        const read = { TableName: "countersign-test", Key: { id: { S: "1" } } };
        const reading = await create("reading", task("arn:aws:states:::aws-sdk:dynamodb:getItem", read));
        expect(await run(reading)).toMatchObject({ status: "FAILED", error: "Dynamodb.AccessDeniedException" });
        await here.grant("machine", everything);
        const signing = await create("signing", task("arn:aws:states:::aws-sdk:kms:sign", { KeyId: "alias/any" }));
        expect(await run(signing)).toMatchObject({ status: "FAILED", error: "States.Runtime" });
        const users = await create("users", task("arn:aws:states:::aws-sdk:iam:listUsers", {}));
        expect(await run(users)).toMatchObject({ status: "FAILED", error: "States.Runtime" });
    });

    it("gets no role that does not trust it", async () =>
        expect(
            await outcome(
                create("stolen", task("arn:aws:states:::lambda:invoke", {}), `arn:aws:iam::${ACCOUNT}:role/function`),
            ),
        ).toBe("AccessDeniedException"));

    it("is started by an upload, with the object's version, if the rule's role may", async () => {
        const s3 = emulator.client(S3Client, administrator);
        const Bucket = "countersign-uploads";
        await s3.send(new CreateBucketCommand({ Bucket }));
        await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
        const NotificationConfiguration = { EventBridgeConfiguration: {} };
        await s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }));
        const machine = await create("uploads", { StartAt: "End", States: { End: { Type: "Succeed" } } });
        const starter = await here.role("starter", trust({ Service: "events.amazonaws.com" }));
        const EventPattern = JSON.stringify({
            source: ["aws.s3"],
            "detail-type": ["Object Created"],
            detail: { bucket: { name: [Bucket] } },
        });
        await events.send(new PutRuleCommand({ Name: "uploads", EventPattern }));
        await events.send(
            new PutTargetsCommand({ Rule: "uploads", Targets: [{ Id: "machine", Arn: machine, RoleArn: starter }] }),
        );
        const upload = async (): Promise<string> =>
            (await s3.send(new PutObjectCommand({ Bucket, Key: "a b/c", Body: "x" }))).VersionId!;
        const executions = async () =>
            (await states.send(new ListExecutionsCommand({ stateMachineArn: machine }))).executions!;

        await upload();
        expect(await until(async () => (await executions())[0], 500)).toBeUndefined();
        await here.grant("starter", { Effect: "Allow", Action: "states:StartExecution", Resource: machine });
        const version = await upload();
        const started = await until(async () => (await executions())[0]);
        const { input } = await states.send(new DescribeExecutionCommand({ executionArn: started!.executionArn }));
        expect((JSON.parse(input!) as { detail: object }).detail).toMatchObject({
            bucket: { name: Bucket },
            object: { key: "a b/c", size: 1, "version-id": version },
        });
    });
});

it("alarms look at their own dimensions, tell a topic that lets them, and end without data", async () => {
    const watch = emulator.client(CloudWatchClient, administrator);
    const sns = emulator.client(SNSClient, administrator);
    const TopicArn = (await sns.send(new CreateTopicCommand({ Name: "alarms" }))).TopicArn!;
    const url = await queue("alarmed");
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
    const message = await until(async () => (await received(url))[0]);
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
