import { describe, expect, it } from "vitest";
import {
    logBucketPolicy,
    resultsBucketPolicy,
    trailBucketPolicy,
    uploadsBucketPolicy,
} from "../../../components/iam/buckets";

/** Compares documents with literals that the code did not build. Proves nothing about how S3 evaluates them. */

const scope = { partition: "aws", accountId: "111122223333", region: "eu-west-1", prefix: "acme-dev" };
const CI = "arn:aws:iam::111122223333:role/ci";
const tenants = [
    { name: "kernel", submitters: [CI] },
    { name: "dev-team", submitters: [CI, "arn:aws:iam::111122223333:role/dev"] },
];

function plainHttp(bucket: string) {
    return {
        Sid: "DenyPlainHttp",
        Effect: "Deny",
        Principal: "*",
        Action: "s3:*",
        Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
    };
}

describe("logBucketPolicy", () => {
    const log = "arn:aws:s3:::acme-dev-log-111122223333-eu-west-1";

    it("shows the log to CloudFront, lets the sequencer alone write, each object once, and nobody delete", () =>
        expect(logBucketPolicy(scope, "acme-dev-log-v1-signer")).toEqual({
            Version: "2012-10-17",
            Statement: [
                plainHttp("acme-dev-log-111122223333-eu-west-1"),
                {
                    Sid: "PublicSite",
                    Effect: "Allow",
                    Principal: { Service: "cloudfront.amazonaws.com" },
                    Action: "s3:GetObject",
                    Resource: [
                        `${log}/checkpoint`,
                        `${log}/tile/*`,
                        `${log}/archive/*`,
                        `${log}/records/*`,
                        `${log}/index/*`,
                        `${log}/log.json`,
                    ],
                    Condition: { ArnLike: { "aws:SourceArn": "arn:aws:cloudfront::111122223333:distribution/*" } },
                },
                {
                    Sid: "DenyWriteOthers",
                    Effect: "Deny",
                    Principal: "*",
                    Action: "s3:PutObject",
                    Resource: `${log}/*`,
                    Condition: {
                        StringNotEquals: {
                            "aws:PrincipalArn": "arn:aws:iam::111122223333:role/signing/acme-dev-log-v1-signer",
                        },
                    },
                },
                {
                    Sid: "DenyOverwrite",
                    Effect: "Deny",
                    Principal: "*",
                    Action: "s3:PutObject",
                    Resource: [`${log}/tile/*`, `${log}/archive/*`, `${log}/records/*`, `${log}/staging/*`],
                    Condition: { Null: { "s3:if-none-match": "true" } },
                },
                {
                    Sid: "DenyBlindCheckpoint",
                    Effect: "Deny",
                    Principal: "*",
                    Action: "s3:PutObject",
                    Resource: `${log}/checkpoint`,
                    Condition: { Null: { "s3:if-match": "true", "s3:if-none-match": "true" } },
                },
                {
                    Sid: "DenyDelete",
                    Effect: "Deny",
                    Principal: "*",
                    Action: ["s3:DeleteObject", "s3:DeleteObjectVersion"],
                    Resource: `${log}/*`,
                },
            ],
        }));

    it("never shows staged batches", () =>
        expect(JSON.stringify(logBucketPolicy(scope, "s").Statement[1])).not.toContain("staging"));
});

describe("uploadsBucketPolicy", () => {
    const uploads = "arn:aws:s3:::acme-dev-uploads-111122223333-eu-west-1";

    it("lets a tenant's submitters write under its name, and read nothing", () =>
        expect(uploadsBucketPolicy(scope, tenants)).toEqual({
            Version: "2012-10-17",
            Statement: [
                plainHttp("acme-dev-uploads-111122223333-eu-west-1"),
                {
                    Sid: "Tenant0kernel",
                    Effect: "Allow",
                    Principal: { AWS: [CI] },
                    Action: ["s3:PutObject", "s3:AbortMultipartUpload"],
                    Resource: `${uploads}/kernel/*`,
                },
                {
                    Sid: "Tenant1devteam",
                    Effect: "Allow",
                    Principal: { AWS: [CI, "arn:aws:iam::111122223333:role/dev"] },
                    Action: ["s3:PutObject", "s3:AbortMultipartUpload"],
                    Resource: `${uploads}/dev-team/*`,
                },
            ],
        }));
});

describe("resultsBucketPolicy", () => {
    const results = "arn:aws:s3:::acme-dev-results-111122223333-eu-west-1";

    it("lets a tenant fetch what was released for it, and one function write each prefix", () =>
        expect(resultsBucketPolicy(scope, tenants.slice(0, 1), { assemble: "a-role", publish: "p-role" })).toEqual({
            Version: "2012-10-17",
            Statement: [
                plainHttp("acme-dev-results-111122223333-eu-west-1"),
                {
                    Sid: "Tenant0kernel",
                    Effect: "Allow",
                    Principal: { AWS: [CI] },
                    Action: "s3:GetObject",
                    Resource: `${results}/released/kernel/*`,
                },
                {
                    Sid: "DenyAssembleOthers",
                    Effect: "Deny",
                    Principal: "*",
                    Action: "s3:PutObject",
                    Resource: `${results}/assembled/*`,
                    Condition: { StringNotEquals: { "aws:PrincipalArn": "arn:aws:iam::111122223333:role/a-role" } },
                },
                {
                    Sid: "DenyReleaseOthers",
                    Effect: "Deny",
                    Principal: "*",
                    Action: "s3:PutObject",
                    Resource: `${results}/released/*`,
                    Condition: { StringNotEquals: { "aws:PrincipalArn": "arn:aws:iam::111122223333:role/p-role" } },
                },
            ],
        }));
});

describe("trailBucketPolicy", () => {
    it("lets this trail write this account's files, and nobody delete them", () => {
        const trail = "arn:aws:s3:::acme-dev-trail-111122223333-eu-west-1";
        const source = { "aws:SourceArn": "arn:aws:cloudtrail:eu-west-1:111122223333:trail/acme-dev-trail" };
        expect(trailBucketPolicy(scope, "acme-dev-trail")).toEqual({
            Version: "2012-10-17",
            Statement: [
                plainHttp("acme-dev-trail-111122223333-eu-west-1"),
                {
                    Sid: "TrailAcl",
                    Effect: "Allow",
                    Principal: { Service: "cloudtrail.amazonaws.com" },
                    Action: "s3:GetBucketAcl",
                    Resource: trail,
                    Condition: { StringEquals: source },
                },
                {
                    Sid: "TrailWrite",
                    Effect: "Allow",
                    Principal: { Service: "cloudtrail.amazonaws.com" },
                    Action: "s3:PutObject",
                    Resource: `${trail}/AWSLogs/111122223333/*`,
                    Condition: { StringEquals: { ...source, "s3:x-amz-acl": "bucket-owner-full-control" } },
                },
                {
                    Sid: "DenyDelete",
                    Effect: "Deny",
                    Principal: "*",
                    Action: ["s3:DeleteObject", "s3:DeleteObjectVersion"],
                    Resource: `${trail}/*`,
                },
            ],
        });
    });
});
