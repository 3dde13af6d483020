import { quote } from "../../lib/encoding";
import { codedError } from "../../lib/errors";

/** An object while it is read. */
export interface OpenObject {
    /** Bytes, as announced. */
    readonly size: number;
    readonly chunks: AsyncIterable<Uint8Array>;
}

export interface Bucket {
    /** @throws VersionMissing */
    openVersion(key: string, versionId: string): Promise<OpenObject>;
    /** Undefined if it is absent. */
    open(key: string): Promise<OpenObject | undefined>;
    /** Undefined if it is absent. */
    read(key: string): Promise<{ readonly bytes: Uint8Array; readonly etag: string } | undefined>;
    /**
     * @param condition "any", "absent", or the etag that is replaced
     * @returns false if the condition does not hold
     */
    put(
        key: string,
        bytes: Uint8Array,
        contentType: string,
        condition: "any" | "absent" | { readonly etag: string },
    ): Promise<boolean>;
}

/** What S3 says of a key or version that is not there. Without ListBucket it says AccessDenied, which must not read as absence. */
const ABSENT: readonly string[] = ["NoSuchKey", "NoSuchVersion", "NotFound"];
/** 409 is a conflict with a write in flight, 404 an etag of an object that is gone. */
const UNMET: readonly string[] = ["PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey"];

export async function bucket(Bucket: string): Promise<Bucket> {
    const { GetObjectCommand, PutObjectCommand, S3Client } = await import("@aws-sdk/client-s3");
    const client = new S3Client({});
    const get = (Key: string, VersionId?: string) => client.send(new GetObjectCommand({ Bucket, Key, VersionId }));
    const opened = ({ ContentLength, Body }: Awaited<ReturnType<typeof get>>): OpenObject => {
        if (ContentLength === undefined || !Body)
            throw codedError("UnknownOutcome", "S3 answered without a body or its length");
        return { size: ContentLength, chunks: Body as AsyncIterable<Uint8Array> };
    };
    const unlessAbsent = async <T>(work: Promise<T>): Promise<T | undefined> => {
        try {
            return await work;
        } catch (error) {
            if (ABSENT.includes((error as Error).name)) return undefined;
            throw error;
        }
    };
    return {
        openVersion: async (key, versionId) => {
            try {
                return opened(await get(key, versionId));
            } catch (error) {
                // AccessDenied is how S3 says "no such version" to whoever may not list the bucket.
                if (![...ABSENT, "AccessDenied"].includes((error as Error).name)) throw error;
                throw codedError(
                    "VersionMissing",
                    `version ${quote(versionId)} of the upload is gone, or was never readable`,
                    error,
                );
            }
        },
        open: async (key) => {
            const answer = await unlessAbsent(get(key));
            return answer && opened(answer);
        },
        read: async (key) => {
            const answer = await unlessAbsent(get(key));
            return answer?.Body && { bytes: await answer.Body.transformToByteArray(), etag: answer.ETag ?? "" };
        },
        put: async (Key, bytes, ContentType, condition) => {
            const headers =
                condition === "any" ? {} : condition === "absent" ? { IfNoneMatch: "*" } : { IfMatch: condition.etag };
            try {
                await client.send(new PutObjectCommand({ Bucket, Key, Body: bytes, ContentType, ...headers }));
                return true;
            } catch (error) {
                if (condition !== "any" && UNMET.includes((error as Error).name)) return false;
                throw error;
            }
        },
    };
}
