import type { BucketLifecycleConfiguration, LifecycleRule, ObjectLockConfiguration, S3 } from "@aws-sdk/client-s3";
import type {
    BucketLifecycleConfigurationArgs,
    BucketNotificationArgs,
    BucketObjectLockConfigurationArgs,
} from "@pulumi/aws/s3";
import { found } from "../aws";
import { members, replace, resource, update } from "../declare";
import { fromAws, toAws, type Spelling } from "./casing";

/** What happens to the objects of a bucket: events, expiry, locks. Ids are the bucket's name. */

export const bucketNotification = resource<BucketNotificationArgs>({
    token: "aws:s3/bucketNotification:BucketNotification",
    arguments: { bucket: replace({ required: true }), eventbridge: update({ default: false }) },
    outputs: [],
    identity: ["bucket"],

    async create(aws, { bucket, eventbridge }) {
        await putNotification(await aws.s3(), bucket, eventbridge);
        return { id: bucket };
    },

    async read(aws, id) {
        const answer = await found((await aws.s3()).getBucketNotificationConfiguration({ Bucket: id }));
        return answer && { bucket: id, eventbridge: answer.EventBridgeConfiguration !== undefined };
    },

    async update(aws, id, { eventbridge }) {
        await putNotification(await aws.s3(), id, eventbridge);
    },

    async delete(aws, id) {
        await putNotification(await aws.s3(), id, false);
    },
});

async function putNotification(s3: S3, Bucket: string, eventbridge: boolean | undefined): Promise<void> {
    const NotificationConfiguration = eventbridge ? { EventBridgeConfiguration: {} } : {};
    await s3.putBucketNotificationConfiguration({ Bucket, NotificationConfiguration });
}

const LIFECYCLE: Spelling = { id: "ID" };

export const bucketLifecycleConfiguration = resource<BucketLifecycleConfigurationArgs>({
    token: "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    arguments: {
        bucket: replace({ required: true }),
        rules: update({
            required: true,
            members: {
                ...members("id", "status"),
                filter: members("prefix", "objectSizeGreaterThan", "objectSizeLessThan"),
                expiration: members("days", "expiredObjectDeleteMarker"),
                noncurrentVersionExpiration: members("noncurrentDays", "newerNoncurrentVersions"),
                abortIncompleteMultipartUpload: members("daysAfterInitiation"),
                transitions: members("days", "storageClass"),
                noncurrentVersionTransitions: members("noncurrentDays", "newerNoncurrentVersions", "storageClass"),
            },
        }),
    },
    outputs: [],
    identity: ["bucket"],

    async create(aws, { bucket, rules }) {
        await putLifecycle(await aws.s3(), bucket, rules);
        return { id: bucket };
    },

    async read(aws, id) {
        const answer = await found((await aws.s3()).getBucketLifecycleConfiguration({ Bucket: id }));
        return answer?.Rules && { bucket: id, rules: fromAws(answer.Rules, LIFECYCLE) };
    },

    async update(aws, id, { rules }) {
        await putLifecycle(await aws.s3(), id, rules);
    },

    async delete(aws, id) {
        await (await aws.s3()).deleteBucketLifecycle({ Bucket: id });
    },
});

async function putLifecycle(s3: S3, Bucket: string, rules: unknown): Promise<void> {
    const { Rules } = toAws<BucketLifecycleConfiguration>({ rules }, LIFECYCLE);
    // A rule without a filter is refused; an empty one means all objects.
    const filtered = Rules?.map((rule): LifecycleRule => ({ Filter: { Prefix: "" }, ...rule }));
    await s3.putBucketLifecycleConfiguration({ Bucket, LifecycleConfiguration: { Rules: filtered } });
}

export const bucketObjectLockConfiguration = resource<BucketObjectLockConfigurationArgs>({
    token: "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
    arguments: {
        bucket: replace({ required: true }),
        objectLockEnabled: replace({ default: "Enabled" }),
        rule: update({ members: { defaultRetention: members("mode", "days", "years") } }),
    },
    outputs: [],
    identity: ["bucket"],

    async create(aws, { bucket, rule }) {
        await putLock(await aws.s3(), bucket, rule);
        return { id: bucket };
    },

    async read(aws, id) {
        const lock = (await found((await aws.s3()).getObjectLockConfiguration({ Bucket: id })))
            ?.ObjectLockConfiguration;
        return lock && { bucket: id, objectLockEnabled: lock.ObjectLockEnabled, rule: lock.Rule && fromAws(lock.Rule) };
    },

    async update(aws, id, { rule }) {
        await putLock(await aws.s3(), id, rule);
    },

    async delete(aws, id) {
        // The bucket keeps its lock for ever; only the default retention goes.
        await putLock(await aws.s3(), id, undefined);
    },
});

async function putLock(s3: S3, Bucket: string, rule: unknown): Promise<void> {
    const config = toAws<ObjectLockConfiguration>({ objectLockEnabled: "Enabled", rule });
    await s3.putObjectLockConfiguration({ Bucket, ObjectLockConfiguration: config });
}
