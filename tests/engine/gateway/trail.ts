import * as cloudtrail from "@aws-sdk/client-cloudtrail";
import * as eventbridge from "@aws-sdk/client-eventbridge";
import * as kms from "@aws-sdk/client-kms";
import * as s3 from "@aws-sdk/client-s3";
import * as sqs from "@aws-sdk/client-sqs";
import { beforeAll, describe, expect, it } from "vitest";
import type { TrailRecord } from "../../../local/control-client";
import { policy } from "../../support/documents";
import { ACCOUNT, type GatewayStage } from "./stage";

const BUCKET = "gateway-trail";

/** What is recorded reaches who asks for it, and whom a rule sends it to. */
export function trailSuite(stage: () => GatewayStage): void {
    describe("CloudTrail", () => {
        beforeAll(async () => {
            const { as, deployer } = stage();
            await new s3.S3Client(as(deployer)).send(new s3.CreateBucketCommand({ Bucket: BUCKET }));
        });

        it("delivers uses of a key to a rule in the ALL state once a trail is logging, and finds them", async () => {
            const { cloud, as, administrator, deployer, recordsOf } = stage();
            const queues = new sqs.SQSClient(as(deployer));
            const rules = new eventbridge.EventBridgeClient(as(deployer));
            const trails = new cloudtrail.CloudTrailClient(as(deployer));
            const queueArn = `arn:aws:sqs:eu-west-1:${ACCOUNT}:gateway-uses`;
            const Policy = policy({
                Effect: "Allow",
                Principal: { Service: "events.amazonaws.com" },
                Action: "sqs:SendMessage",
                Resource: queueArn,
            });
            const { QueueUrl } = await queues.send(
                new sqs.CreateQueueCommand({ QueueName: "gateway-uses", Attributes: { Policy } }),
            );
            await rules.send(
                new eventbridge.PutRuleCommand({
                    Name: "gateway-uses",
                    State: "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
                    EventPattern: JSON.stringify({
                        source: ["aws.kms"],
                        "detail-type": ["AWS API Call via CloudTrail"],
                        detail: { eventName: ["GenerateRandom"] },
                    }),
                }),
            );
            await rules.send(
                new eventbridge.PutTargetsCommand({ Rule: "gateway-uses", Targets: [{ Id: "queue", Arn: queueArn }] }),
            );
            const random = async () => {
                const { $metadata } = await new kms.KMSClient(as(administrator)).send(
                    new kms.GenerateRandomCommand({ NumberOfBytes: 8 }),
                );
                return $metadata.requestId!;
            };
            const before = await random();
            const trail = {
                Name: "gateway-trail",
                S3BucketName: BUCKET,
                IsMultiRegionTrail: true,
                EnableLogFileValidation: true,
            };
            await trails.send(new cloudtrail.CreateTrailCommand(trail));
            await trails.send(new cloudtrail.StartLoggingCommand({ Name: trail.Name }));
            expect(await trails.send(new cloudtrail.GetTrailStatusCommand({ Name: trail.Name }))).toMatchObject({
                IsLogging: true,
            });
            const during = await random();
            await trails.send(new cloudtrail.StopLoggingCommand({ Name: trail.Name }));
            const after = await random();
            await cloud.control.trail();
            const { Messages = [] } = await queues.send(
                new sqs.ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 2 }),
            );
            const events = Messages.map(({ Body }) => JSON.parse(Body!) as { account: string; detail: TrailRecord });
            expect(events.map(({ account, detail }) => [account, detail.requestID])).toEqual([[ACCOUNT, during]]);
            expect([events[0]!.detail]).toEqual(await recordsOf(during));
            const { Events = [] } = await trails.send(
                new cloudtrail.LookupEventsCommand({
                    LookupAttributes: [{ AttributeKey: "EventName", AttributeValue: "GenerateRandom" }],
                }),
            );
            const found = Events.map(({ CloudTrailEvent }) => (JSON.parse(CloudTrailEvent!) as TrailRecord).requestID);
            expect(found).toEqual([after, during, before]);
        });

        it("records what is done to data as data events, without the data", async () => {
            const { as, deployer, recordsOf } = stage();
            const client = new s3.S3Client(as(deployer));
            const object = { Bucket: BUCKET, Key: "text" };
            const put = await client.send(new s3.PutObjectCommand({ ...object, Body: "canary" }));
            const got = await client.send(new s3.GetObjectCommand(object));
            expect(await got.Body!.transformToString()).toBe("canary");
            const records = [
                ...(await recordsOf(put.$metadata.requestId)),
                ...(await recordsOf(got.$metadata.requestId)),
            ];
            expect(records).toMatchObject([
                { eventName: "PutObject", managementEvent: false, eventCategory: "Data", readOnly: false },
                { eventName: "GetObject", managementEvent: false, eventCategory: "Data", readOnly: true },
            ]);
            expect(JSON.stringify(records)).not.toContain("canary");
        });
    });
}
