/** Finding events by CloudTrail's API, before a fake emulator. Proves nothing about the minutes that AWS takes to show them. */
import * as cloudtrail from "@aws-sdk/client-cloudtrail";
import { CreateKeyCommand } from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { ALLOW, CALLER, client } from "../fake-ministack";
import { gatewayWithTrails } from "./support";

const trails = gatewayWithTrails();

describe("LookupEvents", () => {
    const lookup = (input: cloudtrail.LookupEventsCommandInput = {}) =>
        trails.client.send(new cloudtrail.LookupEventsCommand(input));
    const by = (AttributeKey: string, AttributeValue: string) =>
        lookup({ LookupAttributes: [{ AttributeKey: AttributeKey as "EventName", AttributeValue }] });

    it("finds by each attribute, newest first", async () => {
        await trails.random();
        await trails.random();
        const newest = (await trails.records())[1]!;
        const { Events } = await by("EventName", "GenerateRandom");
        expect(Events).toHaveLength(2);
        expect(Events![0]).toMatchObject({
            EventId: newest.eventID,
            EventName: "GenerateRandom",
            ReadOnly: "true",
            AccessKeyId: "ASIAEXAMPLE",
            Username: "session",
            EventSource: "kms.amazonaws.com",
        });
        expect(JSON.parse(Events![0]!.CloudTrailEvent!)).toEqual(newest);

        const { KeyMetadata } = await trails.kms.send(new CreateKeyCommand({}));
        const names = async (attribute: string, value: string): Promise<(string | undefined)[]> =>
            (await by(attribute, value)).Events!.map(({ EventName }) => EventName);
        const all = ["CreateKey", "GenerateRandom", "GenerateRandom"];
        for (const [attribute, value, expected] of [
            ["EventId", newest.eventID, ["GenerateRandom"]],
            ["Username", "session", all],
            ["Username", "other", []],
            ["AccessKeyId", "ASIAEXAMPLE", all],
            ["AccessKeyId", "AKIAOTHER", []],
            ["ReadOnly", "true", ["GenerateRandom", "GenerateRandom"]],
            ["ReadOnly", "false", ["CreateKey"]],
            ["EventSource", "kms.amazonaws.com", all],
            ["EventSource", "s3.amazonaws.com", []],
            ["ResourceName", KeyMetadata!.Arn!, ["CreateKey"]],
            ["ResourceName", "none", []],
            ["ResourceType", "AWS::KMS::Key", ["CreateKey"]],
            ["ResourceType", "AWS::S3::Bucket", []],
        ] as const) {
            // The questions are events too.
            const found = (await names(attribute, value)).filter((name) => name !== "LookupEvents");
            expect(found, `${attribute} ${value}`).toEqual(expected);
        }
        expect((await lookup({ EndTime: new Date(0) })).Events).toEqual([]);
        expect((await lookup({ StartTime: new Date(4_102_444_800_000) })).Events).toEqual([]);
    });

    it("pages", async () => {
        for (let i = 0; i < 5; i++) await trails.random();
        const ids: (string | undefined)[] = [];
        const query = {
            LookupAttributes: [{ AttributeKey: "EventName" as const, AttributeValue: "GenerateRandom" }],
            MaxResults: 2,
        };
        let NextToken: string | undefined;
        do {
            const page = await lookup({ ...query, ...(NextToken === undefined ? {} : { NextToken }) });
            ids.push(...page.Events!.map(({ EventId }) => EventId));
            NextToken = page.NextToken;
        } while (NextToken !== undefined);
        const expected = (await trails.records())
            .filter(({ eventName }) => eventName === "GenerateRandom")
            .map(({ eventID }) => eventID);
        expect(ids).toEqual(expected.reverse());
    });

    it("shows an account its own events alone", async () => {
        await trails.random();
        expect((await lookup()).Events!.map(({ EventName }) => EventName)).toContain("GenerateRandom");
        const caller = { ...CALLER, accountId: "444455556666", accessKeyId: "AKIAOUTSIDER" };
        trails.harness.fake.judge = () => ({ ...ALLOW, caller });
        const other = new cloudtrail.CloudTrailClient(client(trails.harness.url, "AKIAOUTSIDER"));
        expect((await other.send(new cloudtrail.LookupEventsCommand({}))).Events).toEqual([]);
    });

    it.each<[string, cloudtrail.LookupEventsCommandInput]>([
        [
            "InvalidLookupAttributesException",
            { LookupAttributes: [{ AttributeKey: "Colour" as "EventName", AttributeValue: "x" }] },
        ],
        ["InvalidMaxResultsException", { MaxResults: 51 }],
        ["InvalidNextTokenException", { NextToken: "x" }],
    ])("refuses with %s", async (name, input) => {
        await expect(lookup(input)).rejects.toMatchObject({ name });
    });
});
