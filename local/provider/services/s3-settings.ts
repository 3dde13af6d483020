import type {
    BucketVersioningStatus,
    ServerSideEncryptionConfiguration,
    S3,
    OwnershipControls,
} from "@aws-sdk/client-s3";
import type {
    BucketOwnershipControlsArgs,
    BucketPolicyArgs,
    BucketPublicAccessBlockArgs,
    BucketServerSideEncryptionConfigurationArgs,
    BucketVersioningArgs,
} from "@pulumi/aws/s3";
import { found, whileRoleSpreads, type Aws } from "../aws";
import { members, replace, resource, update } from "../declare";
import { fromAws, toAws, type Spelling } from "./casing";

/** Who may reach a bucket, and how it keeps what it has. Each is a part of the bucket: its id is the bucket's name. */

export const bucketVersioning = resource<BucketVersioningArgs>({
    token: "aws:s3/bucketVersioning:BucketVersioning",
    arguments: {
        bucket: replace({ required: true }),
        versioningConfiguration: update({ required: true, members: members("status") }),
    },
    outputs: [],
    identity: ["bucket"],

    async create(aws, args) {
        await putVersioning(await aws.s3(), args.bucket, args.versioningConfiguration.status);
        return { id: args.bucket };
    },

    async read(aws, id) {
        const answer = await found((await aws.s3()).getBucketVersioning({ Bucket: id }));
        return answer?.Status && { bucket: id, versioningConfiguration: { status: answer.Status } };
    },

    async update(aws, id, args) {
        await putVersioning(await aws.s3(), id, args.versioningConfiguration.status);
    },

    async delete(aws, id) {
        try {
            await putVersioning(await aws.s3(), id, "Suspended");
        } catch (error) {
            // With an object lock it cannot be taken away, and goes with the bucket.
            if ((error as Error).name !== "InvalidBucketState") {
                throw error;
            }
        }
    },
});

async function putVersioning(s3: S3, Bucket: string, status: string): Promise<void> {
    await s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: status as BucketVersioningStatus } });
}

const ENCRYPTION: Spelling = { sseAlgorithm: "SSEAlgorithm", kmsMasterKeyId: "KMSMasterKeyID" };

export const bucketServerSideEncryptionConfiguration = resource<BucketServerSideEncryptionConfigurationArgs>({
    token: "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    arguments: {
        bucket: replace({ required: true }),
        rules: update({
            required: true,
            members: {
                applyServerSideEncryptionByDefault: members("sseAlgorithm", "kmsMasterKeyId"),
                bucketKeyEnabled: true,
            },
        }),
    },
    outputs: [],
    identity: ["bucket"],

    async create(aws, { bucket, rules }) {
        await putEncryption(await aws.s3(), bucket, rules);
        return { id: bucket };
    },

    async read(aws, id) {
        const answer = await found((await aws.s3()).getBucketEncryption({ Bucket: id }));
        const rules = answer?.ServerSideEncryptionConfiguration?.Rules;
        return rules && { bucket: id, rules: fromAws(rules, ENCRYPTION) };
    },

    async update(aws, id, { rules }) {
        await putEncryption(await aws.s3(), id, rules);
    },

    async delete(aws, id) {
        await (await aws.s3()).deleteBucketEncryption({ Bucket: id });
    },
});

async function putEncryption(s3: S3, Bucket: string, rules: unknown): Promise<void> {
    const ServerSideEncryptionConfiguration = toAws<ServerSideEncryptionConfiguration>({ rules }, ENCRYPTION);
    await s3.putBucketEncryption({ Bucket, ServerSideEncryptionConfiguration });
}

export const bucketPublicAccessBlock = resource<BucketPublicAccessBlockArgs>({
    token: "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    arguments: {
        bucket: replace({ required: true }),
        blockPublicAcls: update({ default: false }),
        blockPublicPolicy: update({ default: false }),
        ignorePublicAcls: update({ default: false }),
        restrictPublicBuckets: update({ default: false }),
    },
    outputs: [],
    identity: ["bucket"],

    async create(aws, args) {
        await putAccessBlock(aws, args);
        return { id: args.bucket };
    },

    async read(aws, id) {
        const block = (await found((await aws.s3()).getPublicAccessBlock({ Bucket: id })))
            ?.PublicAccessBlockConfiguration;
        return block && { bucket: id, ...fromAws<object>(block) };
    },

    async update(aws, _id, args) {
        await putAccessBlock(aws, args);
    },

    async delete(aws, id) {
        await (await aws.s3()).deletePublicAccessBlock({ Bucket: id });
    },
});

async function putAccessBlock(
    aws: Aws,
    { bucket, region: _, ...block }: { bucket: string; region?: string } & object,
): Promise<void> {
    await (await aws.s3()).putPublicAccessBlock({ Bucket: bucket, PublicAccessBlockConfiguration: toAws(block) });
}

export const bucketOwnershipControls = resource<BucketOwnershipControlsArgs>({
    token: "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
    arguments: {
        bucket: replace({ required: true }),
        rule: update({ required: true, members: members("objectOwnership") }),
    },
    outputs: [],
    identity: ["bucket"],

    async create(aws, { bucket, rule }) {
        await putOwnership(await aws.s3(), bucket, rule);
        return { id: bucket };
    },

    async read(aws, id) {
        const controls = (await found((await aws.s3()).getBucketOwnershipControls({ Bucket: id })))?.OwnershipControls;
        return controls && { bucket: id, rule: fromAws(controls.Rules?.[0]) };
    },

    async update(aws, id, { rule }) {
        await putOwnership(await aws.s3(), id, rule);
    },

    async delete(aws, id) {
        await (await aws.s3()).deleteBucketOwnershipControls({ Bucket: id });
    },
});

async function putOwnership(s3: S3, Bucket: string, rule: unknown): Promise<void> {
    await s3.putBucketOwnershipControls({ Bucket, OwnershipControls: toAws<OwnershipControls>({ rules: [rule] }) });
}

export const bucketPolicy = resource<BucketPolicyArgs>({
    token: "aws:s3/bucketPolicy:BucketPolicy",
    arguments: { bucket: replace({ required: true }), policy: update({ required: true, document: true }) },
    outputs: [],
    identity: ["bucket"],

    async create(aws, { bucket, policy }) {
        await putPolicy(await aws.s3(), bucket, policy);
        return { id: bucket };
    },

    async read(aws, id) {
        const answer = await found((await aws.s3()).getBucketPolicy({ Bucket: id }));
        return answer?.Policy === undefined ? undefined : { bucket: id, policy: answer.Policy };
    },

    async update(aws, id, { policy }) {
        await putPolicy(await aws.s3(), id, policy);
    },

    async delete(aws, id) {
        await (await aws.s3()).deleteBucketPolicy({ Bucket: id });
    },
});

async function putPolicy(s3: S3, Bucket: string, policy: unknown): Promise<void> {
    await whileRoleSpreads(() => s3.putBucketPolicy({ Bucket, Policy: String(policy) }));
}
