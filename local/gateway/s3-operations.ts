/** Subresource -> operation by method, on a bucket and on an object. https://docs.aws.amazon.com/AmazonS3/latest/API/ */
type ByMethod = Readonly<Record<string, string>>;

const crud = (name: string): ByMethod => ({ GET: `Get${name}`, PUT: `Put${name}`, DELETE: `Delete${name}` });

const BUCKET: Readonly<Record<string, ByMethod>> = {
    accelerate: crud("BucketAccelerateConfiguration"),
    acl: crud("BucketAcl"),
    cors: crud("BucketCors"),
    delete: { POST: "DeleteObjects" },
    encryption: crud("BucketEncryption"),
    lifecycle: {
        GET: "GetBucketLifecycleConfiguration",
        PUT: "PutBucketLifecycleConfiguration",
        DELETE: "DeleteBucketLifecycle",
    },
    location: { GET: "GetBucketLocation" },
    logging: crud("BucketLogging"),
    notification: { GET: "GetBucketNotificationConfiguration", PUT: "PutBucketNotificationConfiguration" },
    "object-lock": { GET: "GetObjectLockConfiguration", PUT: "PutObjectLockConfiguration" },
    ownershipControls: crud("BucketOwnershipControls"),
    policy: crud("BucketPolicy"),
    policyStatus: { GET: "GetBucketPolicyStatus" },
    publicAccessBlock: crud("PublicAccessBlock"),
    replication: crud("BucketReplication"),
    requestPayment: crud("BucketRequestPayment"),
    tagging: crud("BucketTagging"),
    uploads: { GET: "ListMultipartUploads" },
    versioning: crud("BucketVersioning"),
    versions: { GET: "ListObjectVersions" },
    website: crud("BucketWebsite"),
};

const OBJECT: Readonly<Record<string, ByMethod>> = {
    acl: crud("ObjectAcl"),
    attributes: { GET: "GetObjectAttributes" },
    "legal-hold": crud("ObjectLegalHold"),
    retention: crud("ObjectRetention"),
    tagging: crud("ObjectTagging"),
    uploadId: { PUT: "UploadPart", POST: "CompleteMultipartUpload", DELETE: "AbortMultipartUpload", GET: "ListParts" },
    uploads: { POST: "CreateMultipartUpload" },
};

const PLAIN: readonly ByMethod[] = [
    { GET: "ListBuckets" },
    { GET: "ListObjects", HEAD: "HeadBucket", PUT: "CreateBucket", DELETE: "DeleteBucket" },
    { GET: "GetObject", HEAD: "HeadObject", PUT: "PutObject", DELETE: "DeleteObject" },
];

/** Parameters that are not subresources. */
const MODIFIERS =
    /^(x-id|x-amz-.*|versionid|partnumber|response-.*|prefix|delimiter|marker|max-keys|max-buckets|max-uploads|max-parts|part-number-marker|continuation-token|start-after|fetch-owner|encoding-type|key-marker|upload-id-marker|version-id-marker|bucket-region)$/i;

/** @returns undefined for a parameter or method that is not in the tables */
export function s3Operation(
    method: string,
    path: string,
    query: URLSearchParams,
    headers: Readonly<Record<string, string>>,
): string | undefined {
    const { bucket, key } = s3Names(path);
    const names = [...query.keys()].filter((name) => !MODIFIERS.test(name) && name !== "list-type");
    if (names.length > 1) return undefined;
    const name = names[0];
    if (name !== undefined) {
        const table = key ? OBJECT : BUCKET;
        return bucket && Object.hasOwn(table, name) ? table[name]![method] : undefined;
    }
    const plain = PLAIN[key ? 2 : bucket ? 1 : 0]![method];
    if (plain === "ListObjects" && query.get("list-type") === "2") return "ListObjectsV2";
    if (plain === "PutObject" && headers["x-amz-copy-source"] !== undefined) return "CopyObject";
    return plain;
}

/** Path style: `/bucket/key...`; names as decoded text, the key's slashes kept. */
export function s3Names(path: string): { bucket: string; key: string } {
    const [bucket = "", ...key] = path.replace(/^\//, "").split("/");
    return { bucket: decoded(bucket), key: decoded(key.join("/")) };
}

function decoded(text: string): string {
    try {
        return decodeURIComponent(text);
    } catch {
        return text;
    }
}
