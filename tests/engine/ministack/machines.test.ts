/** State machines of the local cloud: each task by its role's permission. Proves nothing about retries or quotas of AWS. */
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { DeleteFunctionConcurrencyCommand, LambdaClient, PutFunctionConcurrencyCommand } from "@aws-sdk/client-lambda";
import {
    CreateBucketCommand,
    PutBucketNotificationConfigurationCommand,
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
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createFunction, until } from "../../support/functions";
import { trust } from "../../support/documents";
import {
    ACCOUNT,
    type Credentials,
    type Emulator,
    openAccount,
    type Principals,
    outcome,
    startEmulator,
} from "../../support/ministack";

const everything = { Effect: "Allow", Action: "*", Resource: "*" };

let emulator: Emulator;
let here: Principals;
let administrator: Credentials;
let events: EventBridgeClient;

beforeAll(async () => {
    emulator = await startEmulator();
    ({ here, administrator } = await openAccount(emulator));
    events = emulator.client(EventBridgeClient, administrator);
});

afterAll(() => emulator?.stop());

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

    it("tells a throttled function by AWS's name, so that it can be tried again", async () => {
        const lambda = emulator.client(LambdaClient, administrator);
        await lambda.send(
            new PutFunctionConcurrencyCommand({ FunctionName: "thrower", ReservedConcurrentExecutions: 0 }),
        );
        const machine = await create("throttled", task("arn:aws:states:::lambda:invoke", { FunctionName: thrower }));
        expect(await run(machine)).toMatchObject({ status: "FAILED", error: "Lambda.TooManyRequestsException" });
        await lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName: "thrower" }));
        expect(await run(machine)).toMatchObject({ status: "FAILED", error: "Busy" });
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
