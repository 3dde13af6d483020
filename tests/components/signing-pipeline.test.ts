import { beforeAll, describe, expect, it } from "vitest";
import { capture, type Graph, shape } from "../support/graph";
import { argumentsSuite } from "./signing-pipeline/arguments";
import { functionsSuite } from "./signing-pipeline/functions";
import { machineSuite } from "./signing-pipeline/machine";
import { DATA_KEY, program } from "./signing-pipeline/program";

/** Proves what the component registers. Proves nothing about signing; its functions have tests of their own. */

describe("SigningPipeline", () => {
    let graph: Graph;
    beforeAll(async () => {
        graph = await capture(program);
    });
    const inputs = (type: string, name: string) => graph.one(type, name).inputs;

    it("registers these resources, and no others", () =>
        expect(shape(graph).filter((line) => line.endsWith("< pipeline"))).toEqual([
            "aws:cloudwatch/eventRule:EventRule pipeline-uploads < pipeline",
            "aws:cloudwatch/eventTarget:EventTarget pipeline-uploads < pipeline",
            ...[
                "assemble-logs",
                "machine-logs",
                "prepare-logs",
                "publish-logs",
                "recheck-logs",
                "sign-files-logs",
                "sign-modules-logs",
                "verify-logs",
            ].map((name) => `aws:cloudwatch/logGroup:LogGroup pipeline-${name} < pipeline`),
            ...["attempts", "rechecks", "requests"].map(
                (name) => `aws:dynamodb/table:Table pipeline-${name} < pipeline`,
            ),
            ...["assemble", "machine", "prepare", "publish", "recheck", "rule", "verify"].map(
                (name) => `aws:iam/role:Role pipeline-${name} < pipeline`,
            ),
            ...[
                "assemble",
                "machine",
                "prepare",
                "publish",
                "recheck",
                "rule",
                "sign-files",
                "sign-modules",
                "verify",
            ].map((name) => `aws:iam/rolePolicy:RolePolicy pipeline-${name} < pipeline`),
            ...["assemble", "prepare", "publish", "recheck", "sign-files", "sign-modules", "verify"].map(
                (name) => `aws:lambda/function:Function pipeline-${name} < pipeline`,
            ),
            "aws:s3/bucket:Bucket pipeline-results < pipeline",
            "aws:s3/bucket:Bucket pipeline-uploads < pipeline",
            "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration pipeline-uploads < pipeline",
            "aws:s3/bucketNotification:BucketNotification pipeline-uploads < pipeline",
            "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration pipeline-results < pipeline",
            "aws:s3/bucketOwnershipControls:BucketOwnershipControls pipeline-results < pipeline",
            "aws:s3/bucketOwnershipControls:BucketOwnershipControls pipeline-uploads < pipeline",
            "aws:s3/bucketPolicy:BucketPolicy pipeline-results < pipeline",
            "aws:s3/bucketPolicy:BucketPolicy pipeline-uploads < pipeline",
            "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock pipeline-results < pipeline",
            "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock pipeline-uploads < pipeline",
            "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration pipeline-results < pipeline",
            "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration pipeline-uploads < pipeline",
            "aws:s3/bucketVersioning:BucketVersioning pipeline-results < pipeline",
            "aws:s3/bucketVersioning:BucketVersioning pipeline-uploads < pipeline",
            "aws:sfn/stateMachine:StateMachine pipeline-machine < pipeline",
        ]));

    functionsSuite(() => graph);
    machineSuite(() => graph);

    it("keeps results locked, and both buckets with all that guards them", () => {
        expect(
            inputs("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration", "pipeline-results"),
        ).toEqual({
            bucket: "countersign-dev-results-111122223333-eu-west-1",
            rule: { defaultRetention: { mode: "GOVERNANCE", days: 1 } },
        });
        expect(inputs("aws:s3/bucket:Bucket", "pipeline-results").objectLockEnabled).toBe(true);
        expect(inputs("aws:s3/bucket:Bucket", "pipeline-uploads").objectLockEnabled).toBe(false);
        const s3 = graph.resources.filter(({ type }) => type.startsWith("aws:s3/"));
        expect(s3.length).toBe(15);
        expect(s3.filter(({ protect, retainOnDelete }) => !protect || !retainOnDelete)).toEqual([]);
        const encryption = graph.ofType(
            "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        );
        const byDataKey = {
            applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: DATA_KEY },
            bucketKeyEnabled: true,
        };
        expect(encryption.map(({ inputs: { rules } }) => rules)).toEqual([[byDataKey], [byDataKey]]);
    });

    it("tells the buckets and the machine", () =>
        expect(graph.outputs).toEqual({
            uploadsBucket: "countersign-dev-uploads-111122223333-eu-west-1",
            resultsBucket: "countersign-dev-results-111122223333-eu-west-1",
            stateMachineArn: "arn:aws:states:eu-west-1:111122223333:stateMachine:countersign-dev-signing",
        }));
});

argumentsSuite();
