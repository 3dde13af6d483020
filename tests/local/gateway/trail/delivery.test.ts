/** Which events a trail sends to EventBridge. Proves nothing about when AWS delivers them. */
import * as cloudtrail from "@aws-sdk/client-cloudtrail";
import { ListKeysCommand } from "@aws-sdk/client-kms";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { CALLER, client } from "../fake-ministack";
import { ARN, gatewayWithTrails, Name } from "./support";

const trails = gatewayWithTrails();

describe("data events", () => {
    it("are recorded, neither delivered nor found", async () => {
        await trails.create();
        await trails.client.send(new cloudtrail.StartLoggingCommand({ Name }));
        const decision = {
            requestId: "r",
            decision: "allow",
            action: "s3:GetObject",
            resource: "*",
            principal: CALLER.arn,
            caller: CALLER,
        };
        trails.harness.fake.answer = () => ({ headers: { "x-countersign-decision": JSON.stringify(decision) } });
        await new S3Client(client(trails.harness.url)).send(new GetObjectCommand({ Bucket: "b", Key: "k" }));
        expect((await trails.records()).at(-1)).toMatchObject({
            eventName: "GetObject",
            eventCategory: "Data",
            recipientAccountId: "111122223333",
        });
        expect(await trails.delivered()).toEqual(["StartLogging"]);
        const { Events } = await trails.client.send(new cloudtrail.LookupEventsCommand({}));
        expect(Events!.map(({ EventName }) => EventName)).not.toContain("GetObject");
        expect(trails.harness.fake.forwarded.splice(0)).toMatchObject([
            { method: "GET", target: "/b/k?x-id=GetObject" },
        ]);
    });
});

describe("delivery to EventBridge", () => {
    it("follows the trail's state", async () => {
        await trails.random();
        await trails.create();
        await trails.random();
        expect(await trails.delivered()).toEqual([]);
        await trails.client.send(new cloudtrail.StartLoggingCommand({ Name }));
        await trails.random();
        await trails.client.send(new cloudtrail.StopLoggingCommand({ Name }));
        await trails.random();
        // StartLogging is recorded when it ends, so the trail has it; StopLogging is not delivered any more.
        expect(await trails.delivered()).toEqual(["StartLogging", "GenerateRandom"]);
        expect(trails.harness.fake.events.flat()[1]).toMatchObject({
            Source: "aws.kms",
            DetailType: "AWS API Call via CloudTrail",
            Account: "111122223333",
            Region: "eu-west-1",
        });
    });

    it.each<[string, object, string[]]>([
        ["write-only trails never see reads", { EventSelectors: [{ ReadWriteType: "WriteOnly" }] }, []],
        [
            "read-only trails see them",
            { EventSelectors: [{ ReadWriteType: "ReadOnly" }] },
            ["GenerateRandom", "ListKeys"],
        ],
        ["KMS may be left out", { EventSelectors: [{ ExcludeManagementEventSources: ["kms.amazonaws.com"] }] }, []],
        ["management events may be left out", { EventSelectors: [{ IncludeManagementEvents: false }] }, []],
        [
            "advanced selectors take all",
            { AdvancedEventSelectors: [{ FieldSelectors: [{ Field: "eventCategory", Equals: ["Management"] }] }] },
            ["GenerateRandom", "ListKeys"],
        ],
        [
            "advanced selectors leave a source out",
            {
                AdvancedEventSelectors: [
                    {
                        FieldSelectors: [
                            { Field: "eventCategory", Equals: ["Management"] },
                            { Field: "eventSource", NotEquals: ["kms.amazonaws.com"] },
                        ],
                    },
                ],
            },
            [],
        ],
        [
            "advanced selectors for data are not for management",
            {
                AdvancedEventSelectors: [
                    {
                        FieldSelectors: [
                            { Field: "eventCategory", Equals: ["Management"] },
                            { Field: "resources.type", Equals: ["AWS::S3::Object"] },
                        ],
                    },
                ],
            },
            [],
        ],
    ])("%s", async (_name, selectors, expected) => {
        await trails.create();
        await trails.select(selectors);
        await trails.client.send(new cloudtrail.StartLoggingCommand({ Name }));
        await trails.random();
        await trails.kms.send(new ListKeysCommand({}));
        expect((await trails.delivered()).filter((name) => name !== "StartLogging")).toEqual(expected);
        expect(await trails.client.send(new cloudtrail.GetEventSelectorsCommand({ TrailName: Name }))).toMatchObject({
            TrailARN: ARN,
            ...selectors,
        });
    });
});
