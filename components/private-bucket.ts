import * as s3 from "@pulumi/aws/s3";
import * as pulumi from "@pulumi/pulumi";
import { bucketOf, type Scope } from "./iam/arns";
import type { PolicyDocument } from "./iam/document";
import type { BucketName } from "./names";
import { dataClass, type DataClass } from "./tags";

/** Default retention of new objects. GOVERNANCE can be lifted by who may bypass it, COMPLIANCE by nobody until it ends. */
export interface ObjectLock {
    readonly mode: "GOVERNANCE" | "COMPLIANCE";
    readonly days: number;
}

export interface PrivateBucketArgs {
    readonly bucket: BucketName;
    readonly scope: pulumi.Output<Scope>;
    readonly policy: (scope: Scope) => PolicyDocument;
    readonly dataClass: DataClass;
    /** Encrypts with this key; without it with S3's own (SSE-S3), for what everybody may read. */
    readonly dataKeyArn?: pulumi.Input<string>;
    /** `manual`: the lock is on, and writers lock single objects. */
    readonly objectLock?: ObjectLock | "manual";
}

export interface PrivateBucket {
    readonly name: pulumi.Output<string>;
    /** What has to stand before anything is written. */
    readonly ready: pulumi.Resource[];
}

/**
 * A bucket that is reached through its policy alone, keeps versions, and outlives the stack with all that guards it: what
 * was signed and logged is not lost to a `destroy`, nor left behind unguarded.
 */
export function privateBucket(name: string, args: PrivateBucketArgs, parent: pulumi.Resource): PrivateBucket {
    const kept = { parent, protect: true, retainOnDelete: true };
    const bucket = new s3.Bucket(
        name,
        {
            bucket: args.scope.apply((scope) => bucketOf(scope, args.bucket)),
            objectLockEnabled: args.objectLock !== undefined,
            tags: dataClass(args.dataClass),
        },
        kept,
    );
    const side = { bucket: bucket.bucket };
    const versioning = new s3.BucketVersioning(name, { ...side, versioningConfiguration: { status: "Enabled" } }, kept);
    new s3.BucketServerSideEncryptionConfiguration(name, { ...side, rules: [encryption(args.dataKeyArn)] }, kept);
    const publicAccess = new s3.BucketPublicAccessBlock(
        name,
        {
            ...side,
            blockPublicAcls: true,
            blockPublicPolicy: true,
            ignorePublicAcls: true,
            restrictPublicBuckets: true,
        },
        kept,
    );
    new s3.BucketOwnershipControls(name, { ...side, rule: { objectOwnership: "BucketOwnerEnforced" } }, kept);
    const policy = new s3.BucketPolicy(
        name,
        { ...side, policy: args.scope.apply((scope) => JSON.stringify(args.policy(scope))) },
        // S3 judges a new policy against the block that is in force.
        { ...kept, dependsOn: [publicAccess] },
    );
    if (args.objectLock !== undefined && args.objectLock !== "manual") {
        new s3.BucketObjectLockConfiguration(
            name,
            { ...side, rule: { defaultRetention: { mode: args.objectLock.mode, days: args.objectLock.days } } },
            { ...kept, dependsOn: [versioning] },
        );
    }
    return { name: bucket.bucket, ready: [versioning, publicAccess, policy] };
}

function encryption(dataKeyArn: pulumi.Input<string> | undefined) {
    return dataKeyArn === undefined
        ? { applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }
        : {
              applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: dataKeyArn },
              // One KMS request a bucket and a while instead of one an object; the context is then the bucket.
              bucketKeyEnabled: true,
          };
}
