import { expect, it } from "vitest";
import { type Graph, json } from "../../support/graph";
import { DATA_KEY } from "./program";

/** Tables and bucket, and who reads them. */
export function storageSuite(graph: () => Graph): void {
    const inputs = (type: string, name: string) => graph().one(type, name).inputs;

    it("keeps control tables encrypted, on demand, and safe from deletion", () => {
        const common = {
            billingMode: "PAY_PER_REQUEST",
            hashKey: "id",
            serverSideEncryption: { enabled: true, kmsKeyArn: DATA_KEY },
            deletionProtectionEnabled: true,
            tags: { "data-class": "internal" },
        };
        expect(inputs("aws:dynamodb/table:Table", "log-head")).toEqual({
            ...common,
            name: "countersign-dev-head",
            attributes: [{ name: "id", type: "S" }],
        });
        expect(inputs("aws:dynamodb/table:Table", "log-intake")).toEqual({
            ...common,
            name: "countersign-dev-intake",
            attributes: [
                { name: "id", type: "S" },
                { name: "pending", type: "S" },
                { name: "received_at", type: "S" },
            ],
            globalSecondaryIndexes: [
                {
                    name: "pending",
                    keySchemas: [
                        { attributeName: "pending", keyType: "HASH" },
                        { attributeName: "received_at", keyType: "RANGE" },
                    ],
                    projectionType: "KEYS_ONLY",
                },
            ],
            streamEnabled: true,
            streamViewType: "KEYS_ONLY",
        });
    });

    it("serves the bucket through CloudFront only", () => {
        expect(inputs("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "log-bucket")).toEqual({
            bucket: "countersign-dev-log-111122223333-eu-west-1",
            blockPublicAcls: true,
            blockPublicPolicy: true,
            ignorePublicAcls: true,
            restrictPublicBuckets: true,
        });
        expect(inputs("aws:s3/bucket:Bucket", "log-bucket")).toEqual({
            bucket: "countersign-dev-log-111122223333-eu-west-1",
            objectLockEnabled: true,
            tags: { "data-class": "public" },
        });
        expect(
            inputs(
                "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
                "log-bucket",
            ).rules,
        ).toEqual([{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }]);
        const { Statement } = json(inputs("aws:s3/bucketPolicy:BucketPolicy", "log-bucket").policy) as {
            Statement: { Effect: string; Principal: unknown; Action: unknown }[];
        };
        const allowed = Statement.filter(({ Effect }) => Effect !== "Deny");
        expect(allowed.map(({ Principal, Action }) => [Principal, Action])).toEqual([
            [{ Service: "cloudfront.amazonaws.com" }, "s3:GetObject"],
        ]);
        expect(inputs("aws:cloudfront/originAccessControl:OriginAccessControl", "log-access")).toMatchObject({
            originAccessControlOriginType: "s3",
            signingBehavior: "always",
            signingProtocol: "sigv4",
        });
        expect(inputs("aws:cloudfront/distribution:Distribution", "log-site")).toMatchObject({
            origins: [
                {
                    originId: "log",
                    domainName: "countersign-dev-log-111122223333-eu-west-1.s3.eu-west-1.amazonaws.com",
                },
            ],
            defaultCacheBehavior: { viewerProtocolPolicy: "redirect-to-https", allowedMethods: ["GET", "HEAD"] },
        });
    });
}
