import type { S3 } from "@aws-sdk/client-s3";
import type { BucketArgs } from "@pulumi/aws/s3";
import { found } from "../aws";
import { replace, resource, TAGS, update } from "../declare";
import { tagList, tagsOf } from "./tags";

/** The bucket itself. What is said about a bucket has files of its own: s3-settings.ts, s3-rules.ts. */
export const bucket = resource<BucketArgs>({
    token: "aws:s3/bucket:Bucket",
    arguments: { bucket: replace(), objectLockEnabled: replace(), forceDestroy: update({ default: false }), ...TAGS },
    outputs: ["arn", "bucketDomainName", "bucketRegionalDomainName", "bucketRegion", "hostedZoneId"],
    autoname: { argument: "bucket", maxLength: 63, lowerCase: true },
    identity: ["bucket"],

    async create(aws, { bucket: name = "", objectLockEnabled }) {
        await (
            await aws.s3()
        ).createBucket({
            Bucket: name,
            ObjectLockEnabledForBucket: objectLockEnabled || undefined,
            // The one region that must not be named.
            ...(aws.region === "us-east-1"
                ? {}
                : { CreateBucketConfiguration: { LocationConstraint: aws.region as "eu-west-1" } }),
        });
        return { id: name, outputs: addresses(name, aws) };
    },

    async complete(aws, id, { tagsAll }) {
        if (tagsAll) {
            await (await aws.s3()).putBucketTagging({ Bucket: id, Tagging: { TagSet: tagList(tagsAll) } });
        }
    },

    async read(aws, id) {
        const s3 = await aws.s3();
        if (!(await found(s3.headBucket({ Bucket: id })))) {
            return undefined;
        }
        const [tagging, lock] = await Promise.all([
            found(s3.getBucketTagging({ Bucket: id })),
            found(s3.getObjectLockConfiguration({ Bucket: id })),
        ]);
        const objectLockEnabled = lock?.ObjectLockConfiguration?.ObjectLockEnabled === "Enabled";
        return { bucket: id, objectLockEnabled, ...addresses(id, aws), tagsAll: tagsOf(tagging?.TagSet) };
    },

    async update(aws, id, { tagsAll }, { of }) {
        const s3 = await aws.s3();
        if (of("tagsAll")) {
            await (tagsAll && Object.keys(tagsAll).length > 0
                ? s3.putBucketTagging({ Bucket: id, Tagging: { TagSet: tagList(tagsAll) } })
                : s3.deleteBucketTagging({ Bucket: id }));
        }
    },

    async delete(aws, id, { forceDestroy }) {
        const s3 = await aws.s3();
        if (forceDestroy) {
            await emptyBucket(s3, id);
        }
        await s3.deleteBucket({ Bucket: id });
    },
});

function addresses(name: string, { region, partition }: { region: string; partition: string }): Record<string, string> {
    return {
        arn: `arn:${partition}:s3:::${name}`,
        bucketDomainName: `${name}.s3.amazonaws.com`,
        bucketRegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
        bucketRegion: region,
        hostedZoneId: "Z1BKCTXD74EZPE",
    };
}

/** All versions and delete markers, at most 100,000. Locked ones refuse, and so does the bucket then. */
async function emptyBucket(s3: S3, Bucket: string): Promise<void> {
    for (let page = 0; page < 100; page++) {
        const { Versions = [], DeleteMarkers = [], IsTruncated } = await s3.listObjectVersions({ Bucket });
        const Objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key: Key ?? "", VersionId }));
        if (Objects.length > 0) {
            await s3.deleteObjects({ Bucket, Delete: { Objects, Quiet: true } });
        }
        if (!IsTruncated) {
            return;
        }
    }
}
