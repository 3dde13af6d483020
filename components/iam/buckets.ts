import type { BucketName } from "../names";
import { bucketArn, roleArn, signerArn, trailArn, type Scope } from "./arns";
import { document, type PolicyDocument, type Statement } from "./document";

/** What the public may read. Never `staging/`: a staged batch may name entries that are not committed. */
export const PUBLIC_PREFIXES: readonly string[] = [
    "checkpoint",
    "tile/*",
    "archive/*",
    "records/*",
    "index/*",
    "log.json",
];
/** Written once. A staged batch is named after its own hash, so that the second writer brings the same bytes. */
const IMMUTABLE_PREFIXES: readonly string[] = ["tile/*", "archive/*", "records/*", "staging/*"];
/** All that the sequencer writes; any other key in the bucket is nobody's. */
export const LOG_PREFIXES: readonly string[] = [...PUBLIC_PREFIXES, "staging/*"];

export interface Tenant {
    readonly name: string;
    /** Role ARNs that may upload under `NAME/` and fetch what was released for it. */
    readonly submitters: readonly string[];
}

/** Conditional writes are the log's memory, so the bucket itself insists on them (transparency-log.md section 14). */
export function logBucketPolicy(scope: Scope, sequencerRole: string): PolicyDocument {
    return document(
        tlsOnly(scope, "log"),
        {
            Sid: "PublicSite",
            Effect: "Allow",
            Principal: { Service: "cloudfront.amazonaws.com" },
            Action: "s3:GetObject",
            Resource: PUBLIC_PREFIXES.map((keys) => bucketArn(scope, "log", keys)),
            // The exact distribution is unknown at preview; the account is ours.
            Condition: {
                ArnLike: { "aws:SourceArn": `arn:${scope.partition}:cloudfront::${scope.accountId}:distribution/*` },
            },
        },
        onlyWriter(scope, "log", "*", "DenyWriteOthers", signerArn(scope, sequencerRole)),
        // UploadPart and CopyObject are PutObject without the header, so multipart and copies are refused as well.
        denyPut(
            "DenyOverwrite",
            IMMUTABLE_PREFIXES.map((keys) => bucketArn(scope, "log", keys)),
            {
                Null: { "s3:if-none-match": "true" },
            },
        ),
        denyPut("DenyBlindCheckpoint", bucketArn(scope, "log", "checkpoint"), {
            Null: { "s3:if-match": "true", "s3:if-none-match": "true" },
        }),
        denyDelete(scope, "log"),
    );
}

/** The key's first part is the tenant: a submitter can write under its own name only. */
export function uploadsBucketPolicy(scope: Scope, tenants: readonly Tenant[]): PolicyDocument {
    return document(
        tlsOnly(scope, "uploads"),
        ...forTenants(tenants, ["s3:PutObject", "s3:AbortMultipartUpload"], (name) =>
            bucketArn(scope, "uploads", `${name}/*`),
        ),
    );
}

/** Only `assemble` and `publish` write, each its own prefix, and a tenant reads what was released for it. */
export function resultsBucketPolicy(
    scope: Scope,
    tenants: readonly Tenant[],
    roles: { readonly assemble: string; readonly publish: string },
): PolicyDocument {
    return document(
        tlsOnly(scope, "results"),
        ...forTenants(tenants, "s3:GetObject", (name) => bucketArn(scope, "results", `released/${name}/*`)),
        onlyWriter(scope, "results", "assembled/*", "DenyAssembleOthers", roleArn(scope, roles.assemble)),
        onlyWriter(scope, "results", "released/*", "DenyReleaseOthers", roleArn(scope, roles.publish)),
    );
}

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html */
export function trailBucketPolicy(scope: Scope, trail: string): PolicyDocument {
    const Principal = { Service: "cloudtrail.amazonaws.com" };
    const source = { "aws:SourceArn": trailArn(scope, trail) };
    return document(
        tlsOnly(scope, "trail"),
        {
            Sid: "TrailAcl",
            Effect: "Allow",
            Principal,
            Action: "s3:GetBucketAcl",
            Resource: bucketArn(scope, "trail"),
            Condition: { StringEquals: source },
        },
        {
            Sid: "TrailWrite",
            Effect: "Allow",
            Principal,
            Action: "s3:PutObject",
            Resource: bucketArn(scope, "trail", `AWSLogs/${scope.accountId}/*`),
            Condition: { StringEquals: { ...source, "s3:x-amz-acl": "bucket-owner-full-control" } },
        },
        denyDelete(scope, "trail"),
    );
}

function tlsOnly(scope: Scope, bucket: BucketName): Statement {
    return {
        Sid: "DenyPlainHttp",
        Effect: "Deny",
        Principal: "*",
        Action: "s3:*",
        Resource: [bucketArn(scope, bucket), bucketArn(scope, bucket, "*")],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
    };
}

function forTenants(
    tenants: readonly Tenant[],
    Action: string | readonly string[],
    resource: (tenant: string) => string,
): Statement[] {
    return tenants.map(({ name, submitters }, index) => ({
        // A Sid is letters and digits; the index keeps `a-b` and `ab` apart.
        Sid: `Tenant${index}${name.replace(/[^a-z0-9]/g, "")}`,
        Effect: "Allow",
        Principal: { AWS: submitters },
        Action,
        Resource: resource(name),
    }));
}

function onlyWriter(scope: Scope, bucket: BucketName, keys: string, Sid: string, role: string): Statement {
    return denyPut(Sid, bucketArn(scope, bucket, keys), { StringNotEquals: { "aws:PrincipalArn": role } });
}

function denyPut(
    Sid: string,
    Resource: string | readonly string[],
    Condition: NonNullable<Statement["Condition"]>,
): Statement {
    return { Sid, Effect: "Deny", Principal: "*", Action: "s3:PutObject", Resource, Condition };
}

function denyDelete(scope: Scope, bucket: BucketName): Statement {
    return {
        Sid: "DenyDelete",
        Effect: "Deny",
        Principal: "*",
        Action: ["s3:DeleteObject", "s3:DeleteObjectVersion"],
        Resource: bucketArn(scope, bucket, "*"),
    };
}
