/** Trails as CloudTrail's API gives them, before a fake emulator. The shapes are those of AWS's documentation, not of recorded answers. */
import * as cloudtrail from "@aws-sdk/client-cloudtrail";
import { describe, expect, it } from "vitest";
import type { Judgement } from "../../../../local/gateway/extension";
import { CALLER, client } from "../fake-ministack";
import { ARN, gatewayWithTrails, Name } from "./support";

const trails = gatewayWithTrails();

describe("trails", () => {
    it("are made, changed, read and deleted", async () => {
        const made = await trails.create({
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
        expect(await trails.client.send(new cloudtrail.GetTrailStatusCommand({ Name }))).toMatchObject({
            IsLogging: false,
        });
        await trails.client.send(new cloudtrail.StartLoggingCommand({ Name: ARN }));
        const { IsLogging, StartLoggingTime } = await trails.client.send(
            new cloudtrail.GetTrailStatusCommand({ Name }),
        );
        expect([IsLogging, StartLoggingTime instanceof Date]).toEqual([true, true]);
        await trails.client.send(
            new cloudtrail.UpdateTrailCommand({
                Name,
                KmsKeyId: "arn:aws:kms:eu-west-1:111122223333:key/k",
                S3KeyPrefix: "p",
            }),
        );
        await trails.client.send(new cloudtrail.UpdateTrailCommand({ Name, S3KeyPrefix: "" }));
        const { Trail } = await trails.client.send(new cloudtrail.GetTrailCommand({ Name }));
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
        await trails.client.send(
            new cloudtrail.AddTagsCommand({ ResourceId: ARN, TagsList: [{ Key: "a", Value: "b" }] }),
        );
        await trails.client.send(new cloudtrail.RemoveTagsCommand({ ResourceId: ARN, TagsList: [{ Key: "owner" }] }));
        const { ResourceTagList } = await trails.client.send(new cloudtrail.ListTagsCommand({ ResourceIdList: [ARN] }));
        expect(ResourceTagList).toEqual([{ ResourceId: ARN, TagsList: [{ Key: "a", Value: "b" }] }]);
        expect(
            (await trails.client.send(new cloudtrail.DescribeTrailsCommand({ trailNameList: [Name] }))).trailList,
        ).toHaveLength(1);
        expect((await trails.client.send(new cloudtrail.ListTrailsCommand({}))).Trails).toEqual([
            { Name, TrailARN: ARN, HomeRegion: "eu-west-1" },
        ]);
        await trails.client.send(new cloudtrail.DeleteTrailCommand({ Name }));
        await expect(trails.client.send(new cloudtrail.GetTrailCommand({ Name }))).rejects.toMatchObject({
            name: "TrailNotFoundException",
        });
    });

    it("are recorded like every other call", async () => {
        await trails.create();
        expect(await trails.records()).toMatchObject([
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
        await trails.create();
        const elsewhere = new cloudtrail.CloudTrailClient({ ...client(trails.harness.url), region: "us-east-1" });
        expect((await elsewhere.send(new cloudtrail.ListTrailsCommand({}))).Trails).toEqual([]);
        await trails.client.send(new cloudtrail.UpdateTrailCommand({ Name, IsMultiRegionTrail: true }));
        expect((await elsewhere.send(new cloudtrail.ListTrailsCommand({}))).Trails).toHaveLength(1);
    });

    it.each<[string, () => Promise<unknown>]>([
        ["InvalidTrailNameException", () => trails.create({ Name: "t" })],
        ["InvalidS3BucketNameException", () => trails.create({ S3BucketName: undefined })],
        ["TrailAlreadyExistsException", () => trails.create().then(() => trails.create())],
        ["OrganizationsNotInUseException", () => trails.create({ IsOrganizationTrail: true })],
        [
            "InvalidParameterCombinationException",
            () => trails.create({ IsMultiRegionTrail: true, IncludeGlobalServiceEvents: false }),
        ],
        ["TrailNotFoundException", () => trails.client.send(new cloudtrail.StartLoggingCommand({ Name: "none" }))],
        [
            "TrailNotFoundException",
            () => trails.client.send(new cloudtrail.ListTagsCommand({ ResourceIdList: ["none"] })),
        ],
        [
            "InsightNotEnabledException",
            () => trails.client.send(new cloudtrail.GetInsightSelectorsCommand({ TrailName: "none" })),
        ],
        ["UnknownOperationException", () => trails.client.send(new cloudtrail.ListChannelsCommand({}))],
        ...[
            {},
            { EventSelectors: [] },
            { EventSelectors: [{ ReadWriteType: "None" as "All" }] },
            { AdvancedEventSelectors: [] },
            { AdvancedEventSelectors: [{ FieldSelectors: [{ Field: "readOnly", Equals: ["true"] }] }] },
        ].map((selectors): [string, () => Promise<unknown>] => [
            "InvalidEventSelectorsException",
            async () => {
                await trails.create();
                return trails.select(selectors);
            },
        ]),
    ])("refuse with %s", async (name, call) => {
        await expect(call()).rejects.toMatchObject({ name });
    });

    it("are closed to who may not use them", async () => {
        trails.harness.fake.judge = (): Judgement => ({
            authenticated: true,
            allowed: false,
            decision: "explicitDeny",
            caller: CALLER,
        });
        await expect(trails.create()).rejects.toMatchObject({
            name: "AccessDeniedException",
            message: expect.stringContaining(
                `cloudtrail:CreateTrail on resource: ${ARN} with an explicit deny`,
            ) as string,
        });
        expect(await trails.records()).toMatchObject([{ errorCode: "AccessDenied" }]);
        trails.harness.fake.judge = (): Judgement => ({
            authenticated: false,
            allowed: false,
            decision: "implicitDeny",
        });
        await expect(trails.create({ Name: "other" })).rejects.toMatchObject({ name: "UnrecognizedClientException" });
    });
});
