import { Readable } from "node:stream";
import * as cloudwatch from "@aws-sdk/client-cloudwatch";
import * as logs from "@aws-sdk/client-cloudwatch-logs";
import * as dynamodb from "@aws-sdk/client-dynamodb";
import * as iam from "@aws-sdk/client-iam";
import * as s3 from "@aws-sdk/client-s3";
import * as sns from "@aws-sdk/client-sns";
import * as ssm from "@aws-sdk/client-ssm";
import * as sts from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";
import { policy } from "../../support/documents";
import { createTable } from "../../support/tables";
import { ACCOUNT, type GatewayStage, refusalOf } from "./stage";

/** What MiniStack serves comes through the gateway whole, and is judged by its evaluator. */
export function servicesSuite(stage: () => GatewayStage): void {
    describe("calls that MiniStack serves", () => {
        it("passes S3 objects in every form in which the SDK sends a body", async () => {
            const { as, deployer } = stage();
            const client = new s3.S3Client(as(deployer));
            await client.send(new s3.CreateBucketCommand({ Bucket: "gateway-objects" }));
            const put = (Key: string, Body: Buffer | string | Readable, more: object = {}) =>
                client.send(new s3.PutObjectCommand({ Bucket: "gateway-objects", Key, Body, ...more }));
            const get = async (Key: string) => {
                const { Body } = await client.send(new s3.GetObjectCommand({ Bucket: "gateway-objects", Key }));
                return Buffer.from(await Body!.transformToByteArray());
            };
            const large = Buffer.alloc(3_000_000, "x"); // sent with Expect: 100-continue
            await put("a b/c+d", Buffer.from("buffer"));
            await put("text", "text");
            await put("stream", Readable.from([Buffer.from("str"), Buffer.from("eam")]), { ContentLength: 6 });
            await put("large", large);
            expect((await get("a b/c+d")).toString()).toBe("buffer");
            expect((await get("text")).toString()).toBe("text");
            expect((await get("stream")).toString()).toBe("stream");
            expect((await get("large")).equals(large)).toBe(true);
            await expect(put("text", "other", { IfNoneMatch: "*" })).rejects.toMatchObject({
                name: "PreconditionFailed",
            });
            await expect(
                client.send(new s3.HeadObjectCommand({ Bucket: "gateway-objects", Key: "none" })),
            ).rejects.toMatchObject({ name: "NotFound" });
            await expect(
                client.send(new s3.GetObjectCommand({ Bucket: "gateway-objects", Key: "none" })),
            ).rejects.toMatchObject({ name: "NoSuchKey" });
            const listed = await client.send(new s3.ListObjectsV2Command({ Bucket: "gateway-objects" }));
            expect(listed.Contents?.map(({ Key }) => Key)).toEqual(["a b/c+d", "large", "stream", "text"]);
        });

        it("passes the query, JSON and REST protocols", async () => {
            const { as, deployer } = stage();
            const table = new dynamodb.DynamoDBClient(as(deployer));
            await createTable(table, "gateway-table");
            const item = {
                TableName: "gateway-table",
                Item: { id: { S: "a" } },
                ConditionExpression: "attribute_not_exists(id)",
            };
            await table.send(new dynamodb.PutItemCommand(item));
            await expect(table.send(new dynamodb.PutItemCommand(item))).rejects.toMatchObject({
                name: "ConditionalCheckFailedException",
            });
            await expect(
                new sts.STSClient(as(deployer)).send(new sts.GetCallerIdentityCommand({})),
            ).resolves.toMatchObject({ Account: ACCOUNT });
            await expect(
                new sns.SNSClient(as(deployer)).send(new sns.CreateTopicCommand({ Name: "gateway" })),
            ).resolves.toMatchObject({
                TopicArn: `arn:aws:sns:eu-west-1:${ACCOUNT}:gateway`,
            });
            await expect(
                new ssm.SSMClient(as(deployer)).send(
                    new ssm.PutParameterCommand({ Name: "/gateway", Value: "v", Type: "String" }),
                ),
            ).resolves.toMatchObject({
                Version: 1,
            });
            await new logs.CloudWatchLogsClient(as(deployer)).send(
                new logs.CreateLogGroupCommand({ logGroupName: "/gateway" }),
            );
            await expect(
                new cloudwatch.CloudWatchClient(as(deployer)).send(new cloudwatch.DescribeAlarmsCommand({})),
            ).resolves.toMatchObject({ MetricAlarms: [] });
        });

        it("gives a refusal an id, the evaluator's decision and a record", async () => {
            const { cloud, as, submitter, recordsOf } = stage();
            const { name, $metadata } = await refusalOf(
                new iam.IAMClient(as(submitter)).send(new iam.GetRoleCommand({ RoleName: "countersign-deployer" })),
            );
            expect(name).toMatch(/^AccessDenied/);
            expect(await cloud.control.decision($metadata.requestId!)).toMatchObject({
                decision: "implicitDeny",
                action: "iam:GetRole",
                principal: `arn:aws:sts::${ACCOUNT}:assumed-role/countersign-submitter/operator`,
            });
            expect(await recordsOf($metadata.requestId)).toMatchObject([
                {
                    eventName: "GetRole",
                    errorCode: "AccessDenied",
                    readOnly: true,
                    managementEvent: true,
                    userIdentity: { type: "AssumedRole" },
                },
            ]);
        });

        it("refuses documents that AWS would not store", async () => {
            const { as, administrator } = stage();
            const client = new iam.IAMClient(as(administrator));
            const PolicyDocument = policy({ Effect: "Allow", Resource: "*" }); // of no action
            const put = { RoleName: "countersign-submitter", PolicyName: "p", PolicyDocument };
            const { name } = await refusalOf(client.send(new iam.PutRolePolicyCommand(put)));
            expect(name).toMatch(/^MalformedPolicyDocument/);
            const stored = await client.send(new iam.ListRolePoliciesCommand({ RoleName: "countersign-submitter" }));
            expect(stored.PolicyNames).toEqual([]);
        });
    });
}
