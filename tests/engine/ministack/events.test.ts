/** EventBridge of the local cloud: which events a rule lets through, and who lets it deliver. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { EventBridgeClient, PutEventsCommand, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { AddPermissionCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { SQSClient, SetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createFunction, until } from "../../support/functions";
import { policy, trust } from "../../support/documents";
import {
    ACCOUNT,
    type Credentials,
    type Emulator,
    openAccount,
    type Principals,
    REGION,
    startEmulator,
} from "../../support/ministack";
import { createQueue, received } from "../../support/queues";

const arn = (service: string, resource: string): string => `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;
const everything = { Effect: "Allow", Action: "*", Resource: "*" };

let emulator: Emulator;
let here: Principals;
let administrator: Credentials;
let sqs: SQSClient;
let events: EventBridgeClient;

beforeAll(async () => {
    emulator = await startEmulator();
    ({ here, administrator } = await openAccount(emulator));
    sqs = emulator.client(SQSClient, administrator);
    events = emulator.client(EventBridgeClient, administrator);
});

afterAll(() => emulator?.stop());

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
        (await received(sqs, url)).map(
            ({ Body }) => (JSON.parse(Body!) as { detail: { eventName: string } }).detail.eventName,
        );

    beforeAll(async () => {
        url = await createQueue(sqs, "uses");
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
        const entry = { Source: "aws.kms", DetailType: "AWS API Call via CloudTrail", Detail: "{}" };
        const { Entries } = await events.send(new PutEventsCommand({ Entries: [entry] }));
        expect(Entries![0]!.ErrorCode).toBe("NotAuthorizedForSourceException");
    });
});

it("a rule calls a function only with the function's permission", async () => {
    const lambda = emulator.client(LambdaClient, administrator);
    const role = await here.role("called", trust({ Service: "lambda.amazonaws.com" }), everything);
    const target = await createFunction(
        lambda,
        "called",
        role,
        `require("fs").writeFileSync(event.detail.file, "called");`,
    );
    const folder = mkdtempSync(join(tmpdir(), "countersign-called-"));
    const file = join(folder, "file");
    await events.send(new PutRuleCommand({ Name: "calls", EventPattern: JSON.stringify({ source: ["tests"] }) }));
    await events.send(new PutTargetsCommand({ Rule: "calls", Targets: [{ Id: "function", Arn: target }] }));
    const put = (): Promise<unknown> =>
        events.send(
            new PutEventsCommand({
                Entries: [{ Source: "tests", DetailType: "test", Detail: JSON.stringify({ file }) }],
            }),
        );
    await put();
    expect(await until(() => existsSync(file), 300)).toBeUndefined();
    const permission = {
        FunctionName: "called",
        StatementId: "rule",
        Action: "lambda:InvokeFunction",
        Principal: "events.amazonaws.com",
    };
    await lambda.send(new AddPermissionCommand({ ...permission, SourceArn: arn("events", "rule/calls") }));
    await put();
    expect(await until(() => existsSync(file))).toBe(true);
    rmSync(folder, { recursive: true });
});
