import { beforeAll, describe, expect, it } from "vitest";
import type * as Module from "../../components/audit-trail";
import { capture, json, shape, type Graph } from "../support/graph";
import { loadNative } from "../support/native";

/** Proves what the component registers. Proves nothing about CloudTrail's delivery. */

const DATA_KEY = "arn:aws:kms:eu-west-1:111122223333:key/data";
const TOPIC = "arn:aws:sns:eu-west-1:111122223333:countersign-dev-alarms";

function program() {
    const { AuditTrail } = loadNative<typeof Module>("components/audit-trail.ts");
    const trail = new AuditTrail("trail", {
        dataKeyArn: DATA_KEY,
        objectLock: { mode: "COMPLIANCE", days: 365 },
        alarmTopicArn: TOPIC,
    });
    return { trailArn: trail.trailArn };
}

describe("AuditTrail", () => {
    let graph: Graph;
    beforeAll(async () => {
        graph = await capture(program);
    });

    it("registers these resources, and no others", () =>
        expect(shape(graph)).toEqual([
            "aws:cloudtrail/trail:Trail trail < trail",
            "aws:cloudwatch/eventRule:EventRule trail-changes < trail",
            "aws:cloudwatch/eventTarget:EventTarget trail-changes < trail",
            "aws:s3/bucket:Bucket trail-bucket < trail",
            "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration trail-bucket < trail",
            "aws:s3/bucketOwnershipControls:BucketOwnershipControls trail-bucket < trail",
            "aws:s3/bucketPolicy:BucketPolicy trail-bucket < trail",
            "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock trail-bucket < trail",
            "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration trail-bucket < trail",
            "aws:s3/bucketVersioning:BucketVersioning trail-bucket < trail",
            "countersign:index:AuditTrail trail < countersign-dev",
        ]));

    it("records every call in every region, reads included, validated and encrypted, and stays", () =>
        expect(graph.one("aws:cloudtrail/trail:Trail", "trail")).toMatchObject({
            inputs: {
                name: "countersign-dev-trail",
                s3BucketName: "countersign-dev-trail-111122223333-eu-west-1",
                kmsKeyId: DATA_KEY,
                enableLogging: true,
                isMultiRegionTrail: true,
                includeGlobalServiceEvents: true,
                enableLogFileValidation: true,
                eventSelectors: [{ readWriteType: "All", includeManagementEvents: true }],
                tags: { "data-class": "internal" },
            },
            protect: true,
            retainOnDelete: true,
        }));

    it("waits for the bucket policy, without which CloudTrail refuses the bucket", () =>
        expect(graph.one("aws:cloudtrail/trail:Trail", "trail").dependencies).toContain(
            "aws:s3/bucketPolicy:BucketPolicy::trail-bucket",
        ));

    it("locks the files for as long as configured", () =>
        expect(
            graph.one("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration", "trail-bucket").inputs.rule,
        ).toEqual({ defaultRetention: { mode: "COMPLIANCE", days: 365 } }));

    it("tells of changes by which somebody could come to sign", () => {
        const { eventPattern, state } = graph.one("aws:cloudwatch/eventRule:EventRule", "trail-changes").inputs;
        expect(state).toBe("ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS");
        expect(json(eventPattern)).toEqual({
            source: ["aws.kms", "aws.iam"],
            "detail-type": ["AWS API Call via CloudTrail"],
            detail: {
                eventName: [
                    "PutKeyPolicy",
                    "CreateGrant",
                    "ScheduleKeyDeletion",
                    "DisableKey",
                    "UpdateAlias",
                    "DeleteAlias",
                    "UpdateAssumeRolePolicy",
                ],
            },
        });
        expect(graph.one("aws:cloudwatch/eventTarget:EventTarget", "trail-changes").inputs).toEqual({
            rule: "countersign-dev-key-changes",
            targetId: "alarms",
            arn: TOPIC,
        });
    });

    it("tells the trail's ARN", () =>
        expect(graph.outputs).toEqual({
            trailArn: "arn:aws:cloudtrail:eu-west-1:111122223333:trail/countersign-dev-trail",
        }));
});
