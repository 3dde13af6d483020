/** CloudTrail's API and records against a fake emulator. The shapes are those of AWS's documentation, not of recorded answers. */
import * as cloudtrail from "@aws-sdk/client-cloudtrail";
import { GenerateRandomCommand, KMSClient, ListKeysCommand } from "@aws-sdk/client-kms";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Judgement } from "../../../local/gateway/extension";
import type { TrailRecord } from "../../../local/gateway/trail/record";
import { ALLOW, CALLER, type Harness, client, startHarness } from "./fake-ministack";

let harness: Harness;
let trails: cloudtrail.CloudTrailClient;
beforeEach(async () => {
    harness = await startHarness();
    trails = new cloudtrail.CloudTrailClient(client(harness.url));
});
afterEach(async () => {
    expect(harness.fake.forwarded).toEqual([]);
    await harness.close();
});

const Name = "trail-one";
const ARN = `arn:aws:cloudtrail:eu-west-1:111122223333:trail/${Name}`;
const create = (more: object = {}) =>
    trails.send(new cloudtrail.CreateTrailCommand({ Name, S3BucketName: "bucket", ...more }));
const random = () => new KMSClient(client(harness.url)).send(new GenerateRandomCommand({ NumberOfBytes: 8 }));
const records = async (): Promise<TrailRecord[]> =>
    ((await harness.control("GET", "trail")).body as { records: TrailRecord[] }).records;

/** What reached EventBridge, once everything was handed over. */
async function delivered(): Promise<string[]> {
    await records();
    return harness.fake.events.flat().map(({ Detail }) => (JSON.parse(Detail) as TrailRecord).eventName);
}

describe("trails", () => {
    it("are made, changed, read and deleted", async () => {
        const made = await create({
            IsMultiRegionTrail: true,
            EnableLogFileValidation: true,
            TagsList: [{ Key: "owner", Value: "us" }],
        });
        expect(made).toMatchObject({
            Name,
            S3BucketName: "bucket",
            IsMultiRegionTrail: true,
            LogFileValidationEnabled: true,
            TrailARN: ARN,
        });
        expect(await trails.send(new cloudtrail.GetTrailStatusCommand({ Name }))).toMatchObject({ IsLogging: false });
        await trails.send(new cloudtrail.StartLoggingCommand({ Name: ARN }));
        const { IsLogging, StartLoggingTime } = await trails.send(new cloudtrail.GetTrailStatusCommand({ Name }));
        expect([IsLogging, StartLoggingTime instanceof Date]).toEqual([true, true]);
        await trails.send(
            new cloudtrail.UpdateTrailCommand({
                Name,
                KmsKeyId: "arn:aws:kms:eu-west-1:111122223333:key/k",
                S3KeyPrefix: "p",
            }),
        );
        await trails.send(new cloudtrail.UpdateTrailCommand({ Name, S3KeyPrefix: "" }));
        const { Trail } = await trails.send(new cloudtrail.GetTrailCommand({ Name }));
        expect(Trail).toEqual({
            Name,
            S3BucketName: "bucket",
            IncludeGlobalServiceEvents: true,
            IsMultiRegionTrail: true,
            HomeRegion: "eu-west-1",
            TrailARN: ARN,
            LogFileValidationEnabled: true,
            KmsKeyId: "arn:aws:kms:eu-west-1:111122223333:key/k",
            HasCustomEventSelectors: false,
            HasInsightSelectors: false,
            IsOrganizationTrail: false,
        });
        await trails.send(new cloudtrail.AddTagsCommand({ ResourceId: ARN, TagsList: [{ Key: "a", Value: "b" }] }));
        await trails.send(new cloudtrail.RemoveTagsCommand({ ResourceId: ARN, TagsList: [{ Key: "owner" }] }));
        const { ResourceTagList } = await trails.send(new cloudtrail.ListTagsCommand({ ResourceIdList: [ARN] }));
        expect(ResourceTagList).toEqual([{ ResourceId: ARN, TagsList: [{ Key: "a", Value: "b" }] }]);
        expect(
            (await trails.send(new cloudtrail.DescribeTrailsCommand({ trailNameList: [Name] }))).trailList,
        ).toHaveLength(1);
        expect((await trails.send(new cloudtrail.ListTrailsCommand({}))).Trails).toEqual([
            { Name, TrailARN: ARN, HomeRegion: "eu-west-1" },
        ]);
        await trails.send(new cloudtrail.DeleteTrailCommand({ Name }));
        await expect(trails.send(new cloudtrail.GetTrailCommand({ Name }))).rejects.toMatchObject({
            name: "TrailNotFoundException",
        });
    });

    it("are recorded like every other call", async () => {
        await create();
        expect(await records()).toMatchObject([
            {
                eventSource: "cloudtrail.amazonaws.com",
                eventName: "CreateTrail",
                readOnly: false,
                requestParameters: { name: Name, s3BucketName: "bucket" },
                responseElements: { name: Name, trailARN: ARN },
                userIdentity: { arn: CALLER.arn },
            },
        ]);
    });

    it("are seen from another region only if they cover it", async () => {
        await create();
        const elsewhere = new cloudtrail.CloudTrailClient({ ...client(harness.url), region: "us-east-1" });
        expect((await elsewhere.send(new cloudtrail.ListTrailsCommand({}))).Trails).toEqual([]);
        await trails.send(new cloudtrail.UpdateTrailCommand({ Name, IsMultiRegionTrail: true }));
        expect((await elsewhere.send(new cloudtrail.ListTrailsCommand({}))).Trails).toHaveLength(1);
    });

    it.each<[string, () => Promise<unknown>]>([
        ["InvalidTrailNameException", () => create({ Name: "t" })],
        ["InvalidS3BucketNameException", () => create({ S3BucketName: undefined })],
        ["TrailAlreadyExistsException", () => create().then(() => create())],
        ["OrganizationsNotInUseException", () => create({ IsOrganizationTrail: true })],
        [
            "InvalidParameterCombinationException",
            () => create({ IsMultiRegionTrail: true, IncludeGlobalServiceEvents: false }),
        ],
        ["TrailNotFoundException", () => trails.send(new cloudtrail.StartLoggingCommand({ Name: "none" }))],
        ["TrailNotFoundException", () => trails.send(new cloudtrail.ListTagsCommand({ ResourceIdList: ["none"] }))],
        [
            "InsightNotEnabledException",
            () => trails.send(new cloudtrail.GetInsightSelectorsCommand({ TrailName: "none" })),
        ],
        ["UnknownOperationException", () => trails.send(new cloudtrail.ListChannelsCommand({}))],
        [
            "InvalidEventSelectorsException",
            () => create().then(() => trails.send(new cloudtrail.PutEventSelectorsCommand({ TrailName: Name }))),
        ],
        [
            "InvalidEventSelectorsException",
            () =>
                create().then(() =>
                    trails.send(new cloudtrail.PutEventSelectorsCommand({ TrailName: Name, EventSelectors: [] })),
                ),
        ],
        [
            "InvalidEventSelectorsException",
            () =>
                create().then(() =>
                    trails.send(
                        new cloudtrail.PutEventSelectorsCommand({
                            TrailName: Name,
                            EventSelectors: [{ ReadWriteType: "None" as "All" }],
                        }),
                    ),
                ),
        ],
        [
            "InvalidEventSelectorsException",
            () =>
                create().then(() =>
                    trails.send(
                        new cloudtrail.PutEventSelectorsCommand({ TrailName: Name, AdvancedEventSelectors: [] }),
                    ),
                ),
        ],
        [
            "InvalidEventSelectorsException",
            () =>
                create().then(() =>
                    trails.send(
                        new cloudtrail.PutEventSelectorsCommand({
                            TrailName: Name,
                            AdvancedEventSelectors: [{ FieldSelectors: [{ Field: "readOnly", Equals: ["true"] }] }],
                        }),
                    ),
                ),
        ],
    ])("refuse with %s", async (name, call) => {
        await expect(call()).rejects.toMatchObject({ name });
    });

    it("are closed to who may not use them", async () => {
        harness.fake.judge = (): Judgement => ({
            authenticated: true,
            allowed: false,
            decision: "explicitDeny",
            caller: CALLER,
        });
        await expect(create()).rejects.toMatchObject({
            name: "AccessDeniedException",
            message: expect.stringContaining(
                `cloudtrail:CreateTrail on resource: ${ARN} with an explicit deny`,
            ) as string,
        });
        expect(await records()).toMatchObject([{ errorCode: "AccessDenied" }]);
        harness.fake.judge = (): Judgement => ({ authenticated: false, allowed: false, decision: "implicitDeny" });
        await expect(create({ Name: "other" })).rejects.toMatchObject({ name: "UnrecognizedClientException" });
    });
});

describe("data events", () => {
    it("are recorded, neither delivered nor found", async () => {
        await create();
        await trails.send(new cloudtrail.StartLoggingCommand({ Name }));
        const decision = {
            requestId: "r",
            decision: "allow",
            action: "s3:GetObject",
            resource: "*",
            principal: CALLER.arn,
            caller: CALLER,
        };
        harness.fake.answer = () => ({ headers: { "x-countersign-decision": JSON.stringify(decision) } });
        await new S3Client(client(harness.url)).send(new GetObjectCommand({ Bucket: "b", Key: "k" }));
        expect((await records()).at(-1)).toMatchObject({
            eventName: "GetObject",
            eventCategory: "Data",
            recipientAccountId: "111122223333",
        });
        expect(await delivered()).toEqual(["StartLogging"]);
        const { Events } = await trails.send(new cloudtrail.LookupEventsCommand({}));
        expect(Events!.map(({ EventName }) => EventName)).not.toContain("GetObject");
        harness.fake.forwarded.length = 0;
    });
});

describe("delivery to EventBridge", () => {
    it("follows the trail's state", async () => {
        await random();
        await create();
        await random();
        expect(await delivered()).toEqual([]);
        await trails.send(new cloudtrail.StartLoggingCommand({ Name }));
        await random();
        await trails.send(new cloudtrail.StopLoggingCommand({ Name }));
        await random();
        // StartLogging is recorded when it ends, so the trail has it; StopLogging is not delivered any more.
        expect(await delivered()).toEqual(["StartLogging", "GenerateRandom"]);
        expect(harness.fake.events.flat()[1]).toMatchObject({
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
        await create();
        await trails.send(new cloudtrail.PutEventSelectorsCommand({ TrailName: Name, ...selectors }));
        await trails.send(new cloudtrail.StartLoggingCommand({ Name }));
        await random();
        await new KMSClient(client(harness.url)).send(new ListKeysCommand({}));
        expect((await delivered()).filter((name) => name !== "StartLogging")).toEqual(expected);
        expect(await trails.send(new cloudtrail.GetEventSelectorsCommand({ TrailName: Name }))).toMatchObject({
            TrailARN: ARN,
        });
    });
});

describe("LookupEvents", () => {
    const lookup = (input: cloudtrail.LookupEventsCommandInput = {}) =>
        trails.send(new cloudtrail.LookupEventsCommand(input));
    const by = (AttributeKey: string, AttributeValue: string) =>
        lookup({ LookupAttributes: [{ AttributeKey: AttributeKey as "EventName", AttributeValue }] });

    it("finds by each attribute, newest first", async () => {
        await random();
        await random();
        const newest = (await records())[1]!;
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
        expect((await by("EventId", newest.eventID)).Events).toHaveLength(1);
        expect((await by("Username", "session")).Events!.length).toBeGreaterThanOrEqual(2);
        expect((await by("AccessKeyId", "AKIAOTHER")).Events).toEqual([]);
        expect((await by("ReadOnly", "false")).Events).toEqual([]);
        expect((await by("EventSource", "s3.amazonaws.com")).Events).toEqual([]);
        expect((await by("ResourceName", "none")).Events).toEqual([]);
        expect((await by("ResourceType", "AWS::KMS::Key")).Events).toEqual([]);
        expect((await lookup({ EndTime: new Date(0) })).Events).toEqual([]);
    });

    it("pages", async () => {
        for (let i = 0; i < 5; i++) await random();
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
        const expected = (await records())
            .filter(({ eventName }) => eventName === "GenerateRandom")
            .map(({ eventID }) => eventID);
        expect(ids).toEqual(expected.reverse());
    });

    it("shows an account its own events alone", async () => {
        await random();
        const caller = { ...CALLER, accountId: "444455556666", accessKeyId: "AKIAOUTSIDER" };
        harness.fake.judge = () => ({ ...ALLOW, caller });
        const other = new cloudtrail.CloudTrailClient(client(harness.url, "AKIAOUTSIDER"));
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
