/** Functions of the local cloud: their credentials, their errors, who may create and call them, what wakes them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import {
    CreateTableCommand,
    DescribeTableCommand,
    DynamoDBClient,
    PutItemCommand,
    QueryCommand,
    TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { KMSClient, SignCommand } from "@aws-sdk/client-kms";
import {
    CreateEventSourceMappingCommand,
    DeleteEventSourceMappingCommand,
    LambdaClient,
    UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { CreateQueueCommand, SQSClient, SendMessageCommand } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createFunction, invoke, until } from "../../support/functions";
import { policy, trust } from "../../support/documents";
import {
    ACCOUNT,
    type Credentials,
    type Emulator,
    openAccount,
    type Principals,
    REGION,
    outcome,
    refusal,
    startEmulator,
} from "../../support/ministack";

const FUNCTION = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:`;
const byLambda = trust({ Service: "lambda.amazonaws.com" });

let emulator: Emulator;
let here: Principals;
let operator: Credentials;
let lambda: LambdaClient;
let administrator: Credentials;
let reader: string;

beforeAll(async () => {
    emulator = await startEmulator();
    ({ here, operator, administrator } = await openAccount(emulator));
    lambda = emulator.client(LambdaClient, administrator);
    const queues = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];
    const streams = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"];
    reader = await here.role("reader", byLambda, { Effect: "Allow", Action: [...queues, ...streams], Resource: "*" });
});

afterAll(() => emulator?.stop());

describe("a function", () => {
    it("runs on the Node of this process, finds the SDK, and sees no secret of the server", async () => {
        const body = `return { version: process.version, sdk: typeof require("@aws-sdk/client-kms").KMSClient, env: process.env };`;
        await createFunction(lambda, "probe", reader, body);
        const seen = (await invoke(lambda, "probe")) as { version: string; sdk: string; env: Record<string, string> };
        expect({ version: seen.version, sdk: seen.sdk }).toEqual({ version: process.version, sdk: "function" });
        expect(JSON.stringify(seen.env)).not.toContain(emulator.ministack.secret);
        expect(seen.env["AWS_ENDPOINT_URL"]).toBe("http://127.0.0.1:9");
    });

    it("fails by the name of what it throws", async () => {
        const body = `throw Object.assign(new Error("no request"), { name: "NoSuchRequest", code: "NoSuchRequest" });`;
        await createFunction(lambda, "thrower", reader, body);
        expect(await invoke(lambda, "thrower")).toMatchObject({
            errorType: "NoSuchRequest",
            errorMessage: "no request",
        });
    });

    it("runs as often at once as it is called", async () => {
        await createFunction(
            lambda,
            "sleeper",
            reader,
            `await new Promise((done) => setTimeout(done, 200)); return process.pid;`,
        );
        const pids = await Promise.all(Array.from({ length: 4 }, () => invoke(lambda, "sleeper")));
        expect(new Set(pids).size).toBe(4);
    });
});

describe("lambda:SourceFunctionArn", () => {
    const key = `arn:aws:kms:${REGION}:${ACCOUNT}:key/1`;
    const keyPolicy = policy({
        Sid: "Signer",
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/signing/signer` },
        Action: "kms:Sign",
        Resource: "*",
    });
    const giveSession = `const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
        return { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY, sessionToken: AWS_SESSION_TOKEN };`;
    const sign = async (credentials: Credentials): Promise<Record<string, unknown>> => {
        const command = new SignCommand({
            KeyId: key,
            Message: new Uint8Array(32),
            SigningAlgorithm: "RSASSA_PSS_SHA_256",
        });
        const request = await emulator.signed(KMSClient, credentials, (kms) => kms.send(command));
        const question = { action: "kms:Sign", resource: key, resourcePolicy: keyPolicy, context: {} };
        return (await emulator.control("authorize", { ...request, ...question })).body;
    };

    it("tells the signer's function from another that was given its role", async () => {
        const role = await here.role("signing/signer", byLambda, {
            Sid: "OnlyTheSigner",
            Effect: "Deny",
            Action: "kms:Sign",
            Resource: "*",
            Condition: { ArnNotEquals: { "lambda:SourceFunctionArn": `${FUNCTION}signer` } },
        });
        await createFunction(lambda, "signer", role, giveSession);
        await createFunction(lambda, "other", role, giveSession);
        expect(await sign((await invoke(lambda, "signer")) as Credentials)).toMatchObject({
            decision: "allow",
            caller: { sourceFunctionArn: `${FUNCTION}signer`, principalArn: role },
        });
        expect(await sign((await invoke(lambda, "other")) as Credentials)).toMatchObject({
            decision: "explicitDeny",
            statement: { sid: "OnlyTheSigner", policy: "identity policy own" },
            caller: { sourceFunctionArn: `${FUNCTION}other` },
        });
    });

    it("goes with the function to another role, at once", async () => {
        const other = await here.role("signing/successor", byLambda);
        await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: "signer", Role: other }));
        const { caller } = (await sign((await invoke(lambda, "signer")) as Credentials)) as { caller: object };
        expect(caller).toMatchObject({ principalArn: other, sourceFunctionArn: `${FUNCTION}signer` });
    });

    it("is not in a session that anybody named after the function", async () => {
        const role = await here.role("namesake", trust({ AWS: `arn:aws:iam::${ACCOUNT}:root` }));
        const named = await here.assume(operator, role, { RoleSessionName: "signer" });
        expect((await sign(named))["caller"]).not.toHaveProperty("sourceFunctionArn");
    });
});

describe("iam:PassRole", () => {
    it("is asked of who creates a function", async () => {
        const creator = await here.user("creator", {
            Effect: "Allow",
            Action: "lambda:*",
            Resource: `${FUNCTION}creators-*`,
        });
        const as = emulator.client(LambdaClient, creator);
        expect(await refusal(emulator, createFunction(as, "creators-a", reader, ""))).toMatchObject({
            decision: "implicitDeny",
            action: "iam:PassRole",
            resource: reader,
        });
        expect(await refusal(emulator, createFunction(as, "another", reader, ""))).toMatchObject({
            action: "lambda:CreateFunction",
            resource: `${FUNCTION}another`,
        });
    });

    it("may be limited to a service, and the role must trust it", async () => {
        const machine = await here.role("machine", trust({ Service: "states.amazonaws.com" }));
        const Condition = { StringEquals: { "iam:PassedToService": "states.amazonaws.com" } };
        const passer = await here.user(
            "passer",
            { Effect: "Allow", Action: "lambda:*", Resource: "*" },
            { Effect: "Allow", Action: "iam:PassRole", Resource: "*", Condition },
        );
        expect(await outcome(createFunction(emulator.client(LambdaClient, passer), "b", reader, ""))).toBe(
            "AccessDeniedException",
        );
        expect(await outcome(createFunction(lambda, "c", machine, ""))).toBe("InvalidParameterValueException");
    });
});

describe("an event source", () => {
    const folder = mkdtempSync(join(tmpdir(), "countersign-seen-"));
    const file = join(folder, "seen");
    const seen = (): { receives: string; body?: string }[] =>
        readFileSync(file, "utf8")
            .split("\n")
            .filter(Boolean)
            .map((line) => JSON.parse(line) as never);
    const record = `for (const { body, attributes } of event.Records)
            require("fs").appendFileSync(${JSON.stringify(file)}, JSON.stringify({ body, receives: attributes?.ApproximateReceiveCount }) + "\\n");
        return { batchItemFailures: event.Records.filter(({ body, attributes }) => body?.startsWith("fail") && attributes.ApproximateReceiveCount === "1")
            .map(({ messageId }) => ({ itemIdentifier: messageId })) };`;
    let queue: string;

    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    beforeAll(async () => {
        writeFileSync(file, "");
        const sqs = emulator.client(SQSClient, administrator);
        const Attributes = { DelaySeconds: "1", VisibilityTimeout: "2" };
        queue = (await sqs.send(new CreateQueueCommand({ QueueName: "delayed", Attributes }))).QueueUrl!;
        await createFunction(lambda, "recorder", reader, record);
    });

    it("must be readable by the function's role", async () => {
        const nobody = await here.role("unread", byLambda);
        await createFunction(lambda, "unread", nobody, "");
        const mapping = { FunctionName: "unread", EventSourceArn: `arn:aws:sqs:${REGION}:${ACCOUNT}:delayed` };
        expect(await outcome(lambda.send(new CreateEventSourceMappingCommand(mapping)))).toBe(
            "InvalidParameterValueException",
        );
    });

    it("delays messages, and hands back those that the function reports", async () => {
        const EventSourceArn = `arn:aws:sqs:${REGION}:${ACCOUNT}:delayed`;
        const FunctionResponseTypes = ["ReportBatchItemFailures" as const];
        const { UUID } = await lambda.send(
            new CreateEventSourceMappingCommand({ FunctionName: "recorder", EventSourceArn, FunctionResponseTypes }),
        );
        const sqs = emulator.client(SQSClient, administrator);
        const sent = Date.now();
        for (const MessageBody of ["fail once", "fine"])
            await sqs.send(new SendMessageCommand({ QueueUrl: queue, MessageBody }));
        await until(() => seen().length >= 2);
        expect(Date.now() - sent).toBeGreaterThanOrEqual(1000);
        await until(() => seen().length >= 3);
        expect(
            seen()
                .map(({ body, receives }) => `${body} ${receives}`)
                .sort(),
        ).toEqual(["fail once 1", "fail once 2", "fine 1"]);
        expect(await outcome(lambda.send(new DeleteEventSourceMappingCommand({ UUID })))).toBe("allowed");
    });

    it("of a table wakes the function with each write that happened", async () => {
        const table = emulator.client(DynamoDBClient, administrator);
        const TableName = "countersign-test";
        await table.send(
            new CreateTableCommand({
                TableName,
                BillingMode: "PAY_PER_REQUEST",
                AttributeDefinitions: ["id", "pending", "received_at"].map((AttributeName) => ({
                    AttributeName,
                    AttributeType: "S",
                })),
                KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
                GlobalSecondaryIndexes: [
                    {
                        IndexName: "pending",
                        KeySchema: [
                            { AttributeName: "pending", KeyType: "HASH" },
                            { AttributeName: "received_at", KeyType: "RANGE" },
                        ],
                        Projection: { ProjectionType: "ALL" },
                    },
                ],
                StreamSpecification: { StreamEnabled: true, StreamViewType: "KEYS_ONLY" },
            }),
        );
        const stream = (await table.send(new DescribeTableCommand({ TableName }))).Table!.LatestStreamArn!;
        await lambda.send(
            new CreateEventSourceMappingCommand({
                FunctionName: "recorder",
                EventSourceArn: stream,
                StartingPosition: "LATEST",
            }),
        );
        writeFileSync(file, "");
        const Item = (id: string): Record<string, { S: string }> => ({
            id: { S: id },
            pending: { S: "1" },
            received_at: { S: id },
        });
        const ConditionExpression = "attribute_not_exists(id)";
        for (const id of ["b", "a"])
            await table.send(new PutItemCommand({ TableName, Item: Item(id), ConditionExpression }));
        expect(await outcome(table.send(new PutItemCommand({ TableName, Item: Item("a"), ConditionExpression })))).toBe(
            "ConditionalCheckFailedException",
        );
        const both = ["c", "a"].map((id) => ({ Put: { TableName, Item: Item(id), ConditionExpression } }));
        expect(await outcome(table.send(new TransactWriteItemsCommand({ TransactItems: both })))).toBe(
            "TransactionCanceledException",
        );
        await until(() => seen().length >= 2);
        expect(seen()).toHaveLength(2);
        const query = {
            TableName,
            IndexName: "pending",
            KeyConditionExpression: "pending = :one",
            ExpressionAttributeValues: { ":one": { S: "1" } },
        };
        expect((await table.send(new QueryCommand(query))).Items!.map(({ id }) => id!.S)).toEqual(["a", "b"]);
    });
});
