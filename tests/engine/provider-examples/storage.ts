import type { TableDescription } from "@aws-sdk/client-dynamodb";
import { policy } from "../../support/documents";
import { record, TAGS_BASE, TAGS_CHANGE, type Example } from "./example";

interface TableSeen {
    table: TableDescription;
    tags: object;
    ttl: { TimeToLiveStatus?: string; AttributeName?: string };
    recovery: string;
}

const REPLACES_BUCKET = { to: "other-bucket" };

/** One read each: most settings of a bucket have a call of their own. */
export const STORAGE: { readonly [token: string]: Example } = {
    "aws:s3/bucket:Bucket": {
        base: () => ({ bucket: "example-bucket", tags: TAGS_BASE }),
        async observe(aws, id) {
            const { TagSet } = await (await aws.s3()).getBucketTagging({ Bucket: id });
            return { tags: record(TagSet as { Key: string; Value: string }[]) };
        },
        arguments: () => ({
            bucket: { to: "other-bucket" },
            objectLockEnabled: { to: true },
            forceDestroy: { to: true, unseen: "the provider alone acts on it, at deletion" },
            tags: { to: TAGS_CHANGE, at: ({ tags }: { tags: object }) => tags },
        }),
    },
    "aws:s3/bucketVersioning:BucketVersioning": {
        leaves: { status: "Suspended" },
        base: ({ bucket }) => ({ bucket, versioningConfiguration: { status: "Enabled" } }),
        async observe(aws, id) {
            return { status: (await (await aws.s3()).getBucketVersioning({ Bucket: id })).Status };
        },
        arguments: () => ({
            bucket: REPLACES_BUCKET,
            versioningConfiguration: {
                to: { status: "Suspended" },
                at: ({ status }: { status: string }) => ({ status }),
            },
        }),
    },
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": {
        leaves: { rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }] },
        base: ({ bucket }) => ({ bucket, rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }] }),
        async observe(aws, id) {
            const answer = await (await aws.s3()).getBucketEncryption({ Bucket: id });
            return { rules: answer.ServerSideEncryptionConfiguration?.Rules };
        },
        arguments: ({ keyArn }) => ({
            bucket: REPLACES_BUCKET,
            rules: {
                to: [
                    {
                        applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: keyArn },
                        bucketKeyEnabled: true,
                    },
                ],
                at: ({ rules }: { rules: unknown }) => rules,
                is: [
                    {
                        ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms", KMSMasterKeyID: keyArn },
                        BucketKeyEnabled: true,
                    },
                ],
            },
        }),
    },
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": {
        base: ({ bucket }) => ({ bucket }),
        async observe(aws, id) {
            const answer = await (await aws.s3()).getPublicAccessBlock({ Bucket: id });
            return { ...answer.PublicAccessBlockConfiguration };
        },
        arguments: () => ({
            bucket: REPLACES_BUCKET,
            blockPublicAcls: { to: true, at: (seen: Record<string, boolean>) => seen["BlockPublicAcls"] },
            blockPublicPolicy: { to: true, at: (seen: Record<string, boolean>) => seen["BlockPublicPolicy"] },
            ignorePublicAcls: { to: true, at: (seen: Record<string, boolean>) => seen["IgnorePublicAcls"] },
            restrictPublicBuckets: { to: true, at: (seen: Record<string, boolean>) => seen["RestrictPublicBuckets"] },
        }),
    },
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": {
        base: ({ bucket }) => ({ bucket, rule: { objectOwnership: "BucketOwnerEnforced" } }),
        async observe(aws, id) {
            const answer = await (await aws.s3()).getBucketOwnershipControls({ Bucket: id });
            return { rule: answer.OwnershipControls?.Rules?.[0]?.ObjectOwnership };
        },
        arguments: () => ({
            bucket: REPLACES_BUCKET,
            rule: {
                to: { objectOwnership: "BucketOwnerPreferred" },
                at: ({ rule }: { rule: string }) => ({ objectOwnership: rule }),
            },
        }),
    },
    "aws:s3/bucketPolicy:BucketPolicy": {
        base: ({ bucket }) => ({ bucket, policy: bucketPolicy(bucket, "s3:DeleteObject") }),
        async observe(aws, id) {
            return { policy: (await (await aws.s3()).getBucketPolicy({ Bucket: id })).Policy };
        },
        arguments: ({ bucket }) => ({
            bucket: REPLACES_BUCKET,
            policy: {
                to: bucketPolicy(bucket, "s3:DeleteObjectVersion"),
                at: ({ policy: text }: { policy: string }) => text,
            },
        }),
    },
    "aws:s3/bucketNotification:BucketNotification": {
        leaves: { eventbridge: false },
        base: ({ bucket }) => ({ bucket }),
        async observe(aws, id) {
            const answer = await (await aws.s3()).getBucketNotificationConfiguration({ Bucket: id });
            return { eventbridge: answer.EventBridgeConfiguration !== undefined };
        },
        arguments: () => ({
            bucket: REPLACES_BUCKET,
            eventbridge: { to: true, at: ({ eventbridge }: { eventbridge: boolean }) => eventbridge },
        }),
    },
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": {
        base: ({ bucket }) => ({
            bucket,
            rules: [{ id: "before", status: "Enabled", filter: { prefix: "tmp/" }, expiration: { days: 1 } }],
        }),
        async observe(aws, id) {
            return { rules: (await (await aws.s3()).getBucketLifecycleConfiguration({ Bucket: id })).Rules };
        },
        arguments: () => ({
            bucket: REPLACES_BUCKET,
            rules: {
                to: [
                    {
                        id: "after",
                        status: "Disabled",
                        filter: { prefix: "other/" },
                        expiration: { days: 2 },
                        noncurrentVersionExpiration: { noncurrentDays: 3 },
                        abortIncompleteMultipartUpload: { daysAfterInitiation: 4 },
                    },
                ],
                at: ({ rules }: { rules: unknown }) => rules,
                is: [
                    {
                        ID: "after",
                        Status: "Disabled",
                        Filter: { Prefix: "other/" },
                        Expiration: { Days: 2 },
                        NoncurrentVersionExpiration: { NoncurrentDays: 3 },
                        AbortIncompleteMultipartUpload: { DaysAfterInitiation: 4 },
                    },
                ],
            },
        }),
    },
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": {
        leaves: { rule: undefined },
        base: ({ lockedBucket }) => ({
            bucket: lockedBucket,
            rule: { defaultRetention: { mode: "GOVERNANCE", days: 1 } },
        }),
        async observe(aws, id) {
            const answer = await (await aws.s3()).getObjectLockConfiguration({ Bucket: id });
            return { rule: answer.ObjectLockConfiguration?.Rule };
        },
        arguments: () => ({
            bucket: REPLACES_BUCKET,
            objectLockEnabled: { to: "Disabled" },
            rule: {
                to: { defaultRetention: { mode: "COMPLIANCE", days: 2 } },
                at: ({ rule }: { rule: unknown }) => rule,
                is: { DefaultRetention: { Mode: "COMPLIANCE", Days: 2 } },
            },
        }),
    },
    "aws:dynamodb/table:Table": {
        base: () => ({
            name: "example",
            billingMode: "PAY_PER_REQUEST",
            hashKey: "id",
            attributes: [{ name: "id", type: "S" }],
            tags: TAGS_BASE,
        }),
        async observe(aws, id) {
            const dynamodb = await aws.dynamodb();
            const { Table: table } = await dynamodb.describeTable({ TableName: id });
            const { Tags } = await dynamodb.listTagsOfResource({ ResourceArn: table?.TableArn });
            const { TimeToLiveDescription } = await dynamodb.describeTimeToLive({ TableName: id });
            const { ContinuousBackupsDescription } = await dynamodb.describeContinuousBackups({ TableName: id });
            const recovery = ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus;
            return {
                table,
                tags: record(Tags as { Key: string; Value: string }[]),
                ttl: TimeToLiveDescription,
                recovery,
            };
        },
        arguments: ({ keyArn }) => ({
            name: { to: "other" },
            hashKey: { to: "pk" },
            rangeKey: { to: "sk" },
            globalSecondaryIndexes: {
                to: [{ name: "pending", hashKey: "pending", rangeKey: "received_at", projectionType: "KEYS_ONLY" }],
                with: {
                    attributes: [
                        { name: "id", type: "S" },
                        { name: "pending", type: "S" },
                        { name: "received_at", type: "S" },
                    ],
                },
                at: ({ table }: TableSeen) =>
                    (table.GlobalSecondaryIndexes ?? []).map(({ IndexName, KeySchema, Projection }) => ({
                        IndexName,
                        KeySchema,
                        type: Projection?.ProjectionType,
                    })),
                is: [
                    {
                        IndexName: "pending",
                        KeySchema: [
                            { AttributeName: "pending", KeyType: "HASH" },
                            { AttributeName: "received_at", KeyType: "RANGE" },
                        ],
                        type: "KEYS_ONLY",
                    },
                ],
            },
            attributes: {
                to: [
                    { name: "id", type: "S" },
                    { name: "extra", type: "N" },
                ],
                with: { globalSecondaryIndexes: [{ name: "x", hashKey: "extra", projectionType: "ALL" }] },
                at: ({ table }: TableSeen) =>
                    table.AttributeDefinitions?.some(({ AttributeName }) => AttributeName === "extra"),
                is: true,
                sticky: true,
            },
            streamEnabled: {
                to: true,
                with: { streamViewType: "KEYS_ONLY" },
                at: ({ table }: TableSeen) => table.StreamSpecification?.StreamEnabled ?? false,
            },
            streamViewType: {
                to: "NEW_IMAGE",
                with: { streamEnabled: true },
                at: ({ table }: TableSeen) => table.StreamSpecification?.StreamViewType,
            },
            serverSideEncryption: {
                to: { enabled: true, kmsKeyArn: keyArn },
                at: ({ table: { SSEDescription: sse } }: TableSeen) =>
                    sse?.Status === "ENABLED" ? sse.KMSMasterKeyArn : undefined,
                is: keyArn,
            },
            pointInTimeRecovery: { to: { enabled: true }, at: ({ recovery }: TableSeen) => recovery, is: "ENABLED" },
            ttl: {
                to: { enabled: true, attributeName: "expires" },
                at: ({ ttl }: TableSeen) => (ttl.TimeToLiveStatus === "ENABLED" ? ttl.AttributeName : undefined),
                is: "expires",
            },
            tableClass: {
                to: "STANDARD_INFREQUENT_ACCESS",
                at: ({ table }: TableSeen) => table.TableClassSummary?.TableClass,
                sticky: true,
            },
            deletionProtectionEnabled: {
                to: true,
                at: ({ table }: TableSeen) => table.DeletionProtectionEnabled ?? false,
            },
            billingMode: {
                to: "PROVISIONED",
                with: { readCapacity: 3, writeCapacity: 4 },
                at: ({ table }: TableSeen) => table.ProvisionedThroughput?.ReadCapacityUnits,
                is: 3,
                sticky: true,
            },
            readCapacity: {
                to: 5,
                with: { billingMode: "PROVISIONED" },
                at: ({ table }: TableSeen) => table.ProvisionedThroughput?.ReadCapacityUnits,
                sticky: true,
            },
            writeCapacity: {
                to: 6,
                with: { billingMode: "PROVISIONED" },
                at: ({ table }: TableSeen) => table.ProvisionedThroughput?.WriteCapacityUnits,
                sticky: true,
            },
            tags: { to: TAGS_CHANGE, at: ({ tags }: TableSeen) => tags },
        }),
    },
    "aws:ssm/parameter:Parameter": {
        base: () => ({ name: "/example/parameter", type: "String", value: "before", tags: TAGS_BASE }),
        async observe(aws, id) {
            const ssm = await aws.ssm();
            const { Parameter } = await ssm.getParameter({ Name: id, WithDecryption: true });
            const { Parameters = [] } = await ssm.describeParameters({});
            const { TagList } = await ssm.listTagsForResource({ ResourceType: "Parameter", ResourceId: id });
            const described = Parameters.find(({ Name }) => Name === id);
            return { parameter: Parameter, described, tags: record(TagList as { Key: string; Value: string }[]) };
        },
        arguments: ({ keyId }) => ({
            name: { to: "/example/other" },
            dataType: { to: "aws:ec2:image" },
            value: { to: "after", at: (seen: ParameterSeen) => seen.parameter.Value },
            description: { to: "text", at: (seen: ParameterSeen) => seen.described.Description, sticky: true },
            tier: { to: "Advanced", at: (seen: ParameterSeen) => seen.described.Tier, sticky: true },
            allowedPattern: {
                to: "^[a-z]+$",
                at: (seen: ParameterSeen) => seen.described.AllowedPattern,
                sticky: true,
            },
            type: { to: "SecureString", at: (seen: ParameterSeen) => seen.parameter.Type },
            keyId: {
                to: keyId,
                with: { type: "SecureString" },
                at: (seen: ParameterSeen) => seen.described.KeyId,
                sticky: true,
            },
            overwrite: { to: true, unseen: "allows the creation to take over what is there" },
            tags: { to: TAGS_CHANGE, at: (seen: ParameterSeen) => seen.tags },
        }),
    },
};

interface ParameterSeen {
    parameter: { Value?: string; Type?: string };
    described: { Description?: string; Tier?: string; AllowedPattern?: string; KeyId?: string };
    tags: object;
}

function bucketPolicy(bucket: string, Action: string): string {
    return policy({ Effect: "Deny", Principal: "*", Action, Resource: `arn:aws:s3:::${bucket}/*` });
}
