import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as vpc from "@pulumi/aws/ec2";
import * as iam from "@pulumi/aws/iam";
import * as kms from "@pulumi/aws/kms";
import { Provider } from "@pulumi/aws/provider";
import * as s3 from "@pulumi/aws/s3";
import * as sns from "@pulumi/aws/sns";
import * as sqs from "@pulumi/aws/sqs";
import { describe, expect, it } from "vitest";
import { serviceTrust } from "../../support/documents";
import { ACCOUNT, REGION, failureOf, type ProviderStage } from "./stage";

/** What is not done, and said so: by the provider, by the cloud, by protection. */
export function refusalsSuite(stage: () => ProviderStage): void {
    describe("refusals", () => {
        it("names a resource type it does not support, in the preview", async () => {
            const { stackOf } = stage();
            const { stack } = await stackOf((opts) => {
                new vpc.Vpc("vpc", { cidrBlock: "10.0.0.0/16" }, opts);
            });
            expect((await failureOf(stack.preview())).message).toContain(
                "does not support resource type aws:ec2/vpc:Vpc",
            );
        });

        it("names an argument it does not support, in the preview", async () => {
            const { stackOf } = stage();
            const { stack, become } = await stackOf((opts) => {
                new s3.Bucket("bucket", { corsRules: [] }, opts);
            });
            expect((await failureOf(stack.preview())).message).toContain("argument corsRules of aws:s3/bucket:Bucket");
            become((opts) => {
                new cloudwatch.EventTarget("target", { rule: "x", arn: "y", sqsTarget: { messageGroupId: "z" } }, opts);
            });
            expect((await failureOf(stack.preview())).message).toContain(
                "argument sqsTarget of aws:cloudwatch/eventTarget:EventTarget",
            );
        });

        it("serves no account but the one allowed", async () => {
            const { stackOf } = stage();
            const { stack } = await stackOf(() => {
                const other = new Provider("other", { region: REGION, allowedAccountIds: ["999999999999"] });
                new sns.Topic("topic", {}, { provider: other });
            });
            expect((await failureOf(stack.preview())).message).toContain(ACCOUNT);
        });

        it("takes no endpoint or credentials from a program", async () => {
            const { stackOf } = stage();
            const { stack } = await stackOf(() => {
                const other = new Provider("other", { region: REGION, endpoints: [{ kms: "http://127.0.0.1:1" }] });
                new sns.Topic("topic", {}, { provider: other });
            });
            expect((await failureOf(stack.preview())).message).toContain("setting endpoints");
        });

        it("does not start against an endpoint off loopback", async () => {
            const { stackOf } = stage();
            const { stack } = await stackOf(() => undefined, {
                env: { AWS_ENDPOINT_URL: "https://kms.eu-west-1.amazonaws.com" },
            });
            expect((await failureOf(stack.preview())).message).toContain("serves the local cloud only");
        });
    });

    describe("failures", () => {
        it("keep a thing that was made and not finished, and finish it next time", async () => {
            const { aws, cloud, stackOf } = stage();
            const { stack } = await stackOf((opts) => {
                new s3.Bucket("bucket", { bucket: "half-made", tags: { fine: "1" } }, opts);
            });
            await cloud.control.addFault({ service: "s3", operation: "PutBucketTagging", mode: "lost", times: 100 });
            expect((await failureOf(stack.up())).message).toContain("bucket");
            await cloud.control.clearFaults();
            const client = await aws.s3();
            await expect(client.headBucket({ Bucket: "half-made" })).resolves.toBeDefined();

            expect((await stack.up()).changes).toMatchObject({ update: 1 });
            const { TagSet } = await client.getBucketTagging({ Bucket: "half-made" });
            expect(TagSet).toContainEqual({ Key: "fine", Value: "1" });
            await stack.destroy();
            await expect(client.headBucket({ Bucket: "half-made" })).rejects.toThrow();
        });

        it("say what AWS said", async () => {
            const { aws, stackOf } = stage();
            const { stack } = await stackOf((opts) => {
                new iam.Role("role", { name: "dup", assumeRolePolicy: serviceTrust("lambda.amazonaws.com") }, opts);
            });
            await (
                await aws.iam()
            ).createRole({ RoleName: "dup", AssumeRolePolicyDocument: serviceTrust("lambda.amazonaws.com") });
            expect((await failureOf(stack.up())).message).toMatch(/role: EntityAlreadyExists/);
        });
    });

    describe("protection", () => {
        it("refuses to destroy anything while one thing is protected, then retains what is to be retained", async () => {
            const { aws, stackOf } = stage();
            const { stack } = await stackOf((opts) => {
                const options = { ...opts, protect: true, retainOnDelete: true };
                return {
                    key: new kms.Key("key", { description: "kept", deletionWindowInDays: 30 }, options).keyId,
                    queue: new sqs.Queue("queue", { name: "not-kept" }, opts).url,
                };
            });
            const { key, queue } = (await stack.up()).outputs;
            const sqsClient = await aws.sqs();
            expect((await failureOf(stack.destroy())).message).toMatch(/key.*protected/s);
            await expect(sqsClient.getQueueAttributes({ QueueUrl: String(queue) })).resolves.toBeDefined();
            await stack.unprotectAll();
            await stack.destroy();
            await expect(sqsClient.getQueueAttributes({ QueueUrl: String(queue) })).rejects.toThrow();
            const { KeyMetadata } = await (await aws.kms()).describeKey({ KeyId: String(key) });
            expect(KeyMetadata?.KeyState).toBe("Enabled");
        });

        it("schedules the deletion of a key with its window", async () => {
            const { aws, stackOf } = stage();
            const { stack } = await stackOf((opts) => ({
                key: new kms.Key("key", { deletionWindowInDays: 9 }, opts).keyId,
            }));
            const { key } = (await stack.up()).outputs;
            await stack.destroy();
            const { KeyMetadata } = await (await aws.kms()).describeKey({ KeyId: String(key) });
            expect(KeyMetadata?.KeyState).toBe("PendingDeletion");
            const days = (Number(KeyMetadata?.DeletionDate) - Date.now()) / 86_400_000;
            expect(Math.round(days)).toBe(9);
        });
    });
}
