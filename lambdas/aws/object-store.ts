import type { ObjectStore, PutCondition, PutResult } from "../log/stores";

/** S3 as the log's object store. One bucket, one key a call. */

/** Of a put that meets another in flight (409 ConditionalRequestConflict), and the first pause in milliseconds. */
const MAX_PUTS = 5;
const FIRST_PAUSE = 20;

/**
 * Reads are retried by the SDK, puts are not: a hidden retry that answers 412 would hide that the first one landed. So a throw
 * of `put` means that nobody knows.
 *
 * The role must hold s3:ListBucket, else an absent object reads as 403 and every absence as a failure.
 */
export async function s3ObjectStore(bucket: string): Promise<ObjectStore> {
    const { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } = await import("@aws-sdk/client-s3");
    const reads = new S3Client({ maxAttempts: 3 });
    const writes = new S3Client({ maxAttempts: 1 });

    return {
        async get(key) {
            try {
                const { Body, ETag } = await reads.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
                return { bytes: (await Body?.transformToByteArray()) ?? new Uint8Array(), etag: ETag ?? "" };
            } catch (error) {
                if (statusOf(error) === 404) return undefined;
                throw error;
            }
        },

        async put(key, bytes, condition, { contentType, cacheControl }) {
            const command = new PutObjectCommand({
                Bucket: bucket,
                Key: key,
                Body: bytes,
                ContentType: contentType,
                CacheControl: cacheControl,
                ...(condition === "absent" && { IfNoneMatch: "*" }),
                ...(typeof condition === "object" && { IfMatch: condition.etag }),
            });
            for (let attempt = 1; ; attempt += 1) {
                try {
                    const { ETag } = await writes.send(command);
                    return { kind: "ok", etag: ETag ?? "" };
                } catch (error) {
                    const result = refused(statusOf(error), condition);
                    if (result) return result;
                    if (statusOf(error) !== 409 || attempt === MAX_PUTS) throw error;
                    await pause(FIRST_PAUSE * 2 ** attempt);
                }
            }
        },

        async has(prefix) {
            const { KeyCount } = await reads.send(
                new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, MaxKeys: 1 }),
            );
            return (KeyCount ?? 0) > 0;
        },
    };
}

/** 412: the condition did not hold. 404 for an etag: the object is gone. */
function refused(status: number | undefined, condition: PutCondition): PutResult | undefined {
    if (status === 412) return { kind: condition === "absent" ? "exists" : "changed" };
    return status === 404 && typeof condition === "object" ? { kind: "changed" } : undefined;
}

function statusOf(error: unknown): number | undefined {
    return (error as { readonly $metadata?: { readonly httpStatusCode?: number } }).$metadata?.httpStatusCode;
}

function pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
