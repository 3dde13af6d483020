/**
 * The gateway in front of the real MiniStack, by the AWS SDK. Proves that calls pass, are judged by MiniStack's evaluator,
 * recorded and delivered. Proves nothing about AWS itself.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";

import * as cloudfront from "@aws-sdk/client-cloudfront";
import * as cloudtrail from "@aws-sdk/client-cloudtrail";
import * as cloudwatch from "@aws-sdk/client-cloudwatch";
import * as logs from "@aws-sdk/client-cloudwatch-logs";
import * as dynamodb from "@aws-sdk/client-dynamodb";
import * as eventbridge from "@aws-sdk/client-eventbridge";
import * as iam from "@aws-sdk/client-iam";
import * as kms from "@aws-sdk/client-kms";
import * as lambda from "@aws-sdk/client-lambda";
import * as s3 from "@aws-sdk/client-s3";
import * as sns from "@aws-sdk/client-sns";
import * as sqs from "@aws-sdk/client-sqs";
import * as ssm from "@aws-sdk/client-ssm";
import * as sts from "@aws-sdk/client-sts";
import { strToU8, zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type Cloud, type Credentials, startCloud } from "../../local/cloud";
import type { TrailRecord } from "../../local/control-client";

const ACCOUNT = "111122223333";
let folder: string;
let cloud: Cloud;
let deployer: Credentials;
let administrator: Credentials;
let submitter: Credentials;

beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "countersign-gateway-"));
    cloud = await startCloud({ workDir: folder, keyPool: {} });
    [deployer, administrator, submitter] = (await Promise.all(
        [cloud.roles.deployer, cloud.roles.administrator, cloud.roles.submitter].map((arn) => cloud.assumeRole(arn)),
    )) as [Credentials, Credentials, Credentials];
});

afterAll(async () => {
    await cloud?.stop();
    await rm(folder, { recursive: true, force: true });
});

function as(credentials: Credentials) {
    return { endpoint: cloud.endpoint, region: cloud.region, credentials, maxAttempts: 1 };
}

async function recordsOf(requestId: string | undefined): Promise<TrailRecord[]> {
    const { records } = await cloud.control.trail();
    return records.filter((record) => record.requestID === requestId);
}

async function refusalOf(
    call: Promise<unknown>,
): Promise<{ name: string; message: string; $metadata: { requestId?: string } }> {
    try {
        await call;
    } catch (error) {
        return error as { name: string; message: string; $metadata: { requestId?: string } };
    }
    throw new Error("was allowed, expected a refusal");
}

describe("calls that MiniStack serves", () => {
    it("passes S3 objects in every form in which the SDK sends a body", async () => {
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
        await expect(put("text", "other", { IfNoneMatch: "*" })).rejects.toMatchObject({ name: "PreconditionFailed" });
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
        const table = new dynamodb.DynamoDBClient(as(deployer));
        await table.send(
            new dynamodb.CreateTableCommand({
                TableName: "gateway-table",
                AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
                KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
                BillingMode: "PAY_PER_REQUEST",
            }),
        );
        const item = {
            TableName: "gateway-table",
            Item: { id: { S: "a" } },
            ConditionExpression: "attribute_not_exists(id)",
        };
        await table.send(new dynamodb.PutItemCommand(item));
        await expect(table.send(new dynamodb.PutItemCommand(item))).rejects.toMatchObject({
            name: "ConditionalCheckFailedException",
        });
        await expect(new sts.STSClient(as(deployer)).send(new sts.GetCallerIdentityCommand({}))).resolves.toMatchObject(
            { Account: ACCOUNT },
        );
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
        const client = new iam.IAMClient(as(administrator));
        const put = (document: object) =>
            client.send(
                new iam.PutRolePolicyCommand({
                    RoleName: "countersign-submitter",
                    PolicyName: "p",
                    PolicyDocument: JSON.stringify(document),
                }),
            );
        const statement = { Effect: "Allow", Resource: "*" };
        const { name } = await refusalOf(put({ Version: "2012-10-17", Statement: [statement] }));
        expect(name).toMatch(/^MalformedPolicyDocument/);
        const stored = await client.send(new iam.ListRolePoliciesCommand({ RoleName: "countersign-submitter" }));
        expect(stored.PolicyNames).toEqual([]);
    });
});

describe("KMS", () => {
    let keyArn: string;
    const input = { Message: Buffer.alloc(32, 7), MessageType: "DIGEST", SigningAlgorithm: "ECDSA_SHA_256" } as const;
    const sign = (credentials: Credentials) =>
        new kms.KMSClient(as(credentials)).send(new kms.SignCommand({ ...input, KeyId: keyArn }));

    beforeAll(async () => {
        const { deployer: owner, administrator: admin, submitter: signer } = cloud.roles;
        const Policy = JSON.stringify({
            Version: "2012-10-17",
            Statement: [
                {
                    Sid: "Admins",
                    Effect: "Allow",
                    Principal: { AWS: [owner, admin] },
                    Action: ["kms:PutKeyPolicy", "kms:DescribeKey"],
                    Resource: "*",
                },
                { Sid: "Signer", Effect: "Allow", Principal: { AWS: signer }, Action: "kms:Sign", Resource: "*" },
                {
                    Sid: "DenySignOthers",
                    Effect: "Deny",
                    Principal: "*",
                    Action: "kms:Sign",
                    Resource: "*",
                    Condition: { StringNotEquals: { "aws:PrincipalArn": signer } },
                },
            ],
        });
        const { KeyMetadata } = await new kms.KMSClient(as(deployer)).send(
            new kms.CreateKeyCommand({ KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY", Policy }),
        );
        keyArn = KeyMetadata!.Arn!;
    });

    it("signs for the one role that the key policy names, and records it", async () => {
        const { Signature, $metadata } = await sign(submitter);
        expect(Signature!.length).toBeGreaterThan(60);
        expect(await cloud.control.decision($metadata.requestId!)).toEqual({
            decision: "allow",
            action: "kms:Sign",
            resource: keyArn,
            principal: `arn:aws:sts::${ACCOUNT}:assumed-role/countersign-submitter/operator`,
            statement: { sid: "Signer", effect: "Allow", policy: "key policy" },
        });
        const records = await recordsOf($metadata.requestId);
        expect(records).toHaveLength(1);
        expect(records[0]).toMatchObject({
            eventVersion: "1.11",
            userIdentity: {
                type: "AssumedRole",
                arn: `arn:aws:sts::${ACCOUNT}:assumed-role/countersign-submitter/operator`,
                sessionContext: {
                    sessionIssuer: { type: "Role", arn: cloud.roles.submitter, userName: "countersign-submitter" },
                },
            },
            eventSource: "kms.amazonaws.com",
            eventName: "Sign",
            requestParameters: { keyId: keyArn, messageType: "DIGEST", signingAlgorithm: "ECDSA_SHA_256" },
            responseElements: null,
            readOnly: true,
            resources: [{ accountId: ACCOUNT, type: "AWS::KMS::Key", ARN: keyArn }],
            managementEvent: true,
            recipientAccountId: ACCOUNT,
            eventCategory: "Management",
        });
        expect(JSON.stringify(records)).not.toContain(Buffer.alloc(32, 7).toString("base64"));
        expect(records[0]).not.toHaveProperty("errorCode");
    });

    it.each<[string, () => Promise<Credentials>]>([
        ["the administrator", async () => administrator],
        ["the deployer", async () => deployer],
        ["a role with kms:* of its own", () => cloud.assumeRole(cloud.roles.kmsEverything)],
        ["the root user", async () => cloud.root],
        ["another account", async () => cloud.otherAccount],
    ])("refuses %s by the explicit deny", async (_name, credentials) => {
        const { name, message, $metadata } = await refusalOf(sign(await credentials()));
        expect(name).toBe("AccessDeniedException");
        expect(message).toMatch(
            new RegExp(
                `is not authorized to perform: kms:Sign on resource: ${keyArn} with an explicit deny in a resource-based policy$`,
            ),
        );
        expect(await cloud.control.decision($metadata.requestId!)).toMatchObject({
            decision: "explicitDeny",
            statement: { sid: "DenySignOthers", effect: "Deny", policy: "key policy" },
        });
        expect(await recordsOf($metadata.requestId)).toMatchObject([{ errorCode: "AccessDenied", eventName: "Sign" }]);
    });

    it("does not authenticate a wrong secret, whatever it asks for", async () => {
        const wrong = { ...cloud.operator, secretAccessKey: "wrong" };
        const { name, $metadata } = await refusalOf(
            new kms.KMSClient(as(wrong)).send(new kms.DescribeKeyCommand({ KeyId: "nonsense" })),
        );
        expect(name).toBe("InvalidSignatureException");
        expect(await recordsOf($metadata.requestId)).toMatchObject([
            { userIdentity: { type: "Unknown", accessKeyId: wrong.accessKeyId } },
        ]);
    });

    it("does not sign for a role that was deleted and made again", async () => {
        const client = new iam.IAMClient(as(administrator));
        const trust = JSON.stringify({
            Version: "2012-10-17",
            Statement: [
                {
                    Effect: "Allow",
                    Principal: { AWS: `arn:aws:iam::${ACCOUNT}:user/operator` },
                    Action: "sts:AssumeRole",
                },
            ],
        });
        const make = () =>
            client.send(new iam.CreateRoleCommand({ RoleName: "reborn", AssumeRolePolicyDocument: trust }));
        const arn = (await make()).Role!.Arn!;
        await client.send(
            new iam.PutUserPolicyCommand({
                UserName: "operator",
                PolicyName: "reborn",
                PolicyDocument: JSON.stringify({
                    Version: "2012-10-17",
                    Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Resource: arn }],
                }),
            }),
        );
        const Policy = JSON.stringify({
            Version: "2012-10-17",
            Statement: [
                {
                    Effect: "Allow",
                    Principal: { AWS: cloud.roles.administrator },
                    Action: "kms:PutKeyPolicy",
                    Resource: "*",
                },
                { Effect: "Allow", Principal: { AWS: arn }, Action: "kms:Sign", Resource: "*" },
            ],
        });
        const { KeyMetadata } = await new kms.KMSClient(as(administrator)).send(
            new kms.CreateKeyCommand({ KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY", Policy }),
        );
        const use = async () =>
            new kms.KMSClient(as(await cloud.assumeRole(arn))).send(
                new kms.SignCommand({ ...input, KeyId: KeyMetadata!.Arn! }),
            );
        await use();
        await client.send(new iam.DeleteRoleCommand({ RoleName: "reborn" }));
        await make();
        await expect(use()).rejects.toMatchObject({ name: "AccessDeniedException" });
    });
});

describe("CloudTrail", () => {
    it("delivers uses of a key to a rule in the ALL state once a trail is logging, and finds them", async () => {
        const queues = new sqs.SQSClient(as(deployer));
        const rules = new eventbridge.EventBridgeClient(as(deployer));
        const trails = new cloudtrail.CloudTrailClient(as(deployer));
        const queueArn = `arn:aws:sqs:eu-west-1:${ACCOUNT}:gateway-uses`;
        const Policy = JSON.stringify({
            Version: "2012-10-17",
            Statement: [
                {
                    Effect: "Allow",
                    Principal: { Service: "events.amazonaws.com" },
                    Action: "sqs:SendMessage",
                    Resource: queueArn,
                },
            ],
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
            S3BucketName: "gateway-objects",
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
        const { $metadata } = await new s3.S3Client(as(deployer)).send(
            new s3.GetObjectCommand({ Bucket: "gateway-objects", Key: "text" }),
        );
        const [record] = await recordsOf($metadata.requestId);
        expect(record).toMatchObject({
            eventName: "GetObject",
            managementEvent: false,
            eventCategory: "Data",
            readOnly: true,
        });
    });
});

describe("functions and distributions", () => {
    it("runs a function whose own calls come through the gateway under its role", async () => {
        const client = new iam.IAMClient(as(administrator));
        const trust = JSON.stringify({
            Version: "2012-10-17",
            Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
        });
        const { Role } = await client.send(
            new iam.CreateRoleCommand({ RoleName: "gateway-function", AssumeRolePolicyDocument: trust }),
        );
        const PolicyDocument = JSON.stringify({
            Version: "2012-10-17",
            Statement: [{ Effect: "Allow", Action: "kms:ListKeys", Resource: "*" }],
        });
        await client.send(
            new iam.PutRolePolicyCommand({ RoleName: "gateway-function", PolicyName: "p", PolicyDocument }),
        );
        const code = `exports.handler = async () => {
            const { KMSClient, ListKeysCommand, ListAliasesCommand } = await import("@aws-sdk/client-kms");
            const client = new KMSClient({ maxAttempts: 1 });
            const listed = await client.send(new ListKeysCommand({}));
            const refused = await client.send(new ListAliasesCommand({})).catch((error) => error);
            return { listed: listed.$metadata.requestId, refused: refused.$metadata.requestId, error: refused.name };
        };`;
        const functions = new lambda.LambdaClient(as(deployer));
        await functions.send(
            new lambda.CreateFunctionCommand({
                FunctionName: "gateway-function",
                Role: Role!.Arn!,
                Runtime: "nodejs24.x" as lambda.Runtime,
                Handler: "index.handler",
                Timeout: 20,
                Code: { ZipFile: zipSync({ "index.js": strToU8(code) }) },
            }),
        );
        const { Payload, FunctionError } = await functions.send(
            new lambda.InvokeCommand({ FunctionName: "gateway-function" }),
        );
        const answer = JSON.parse(Buffer.from(Payload!).toString("utf8")) as {
            listed: string;
            refused: string;
            error: string;
        };
        expect(FunctionError).toBeUndefined();
        expect(answer.error).toBe("AccessDeniedException");
        const issuer = {
            userIdentity: { type: "AssumedRole", sessionContext: { sessionIssuer: { arn: Role!.Arn! } } },
        };
        expect(await recordsOf(answer.listed)).toMatchObject([{ eventName: "ListKeys", ...issuer }]);
        expect(await recordsOf(answer.refused)).toMatchObject([
            { eventName: "ListAliases", errorCode: "AccessDenied", ...issuer },
        ]);
    });

    it("serves a distribution at a loopback address, as its bucket policy lets it", async () => {
        const client = new cloudfront.CloudFrontClient(as(deployer));
        const { OriginAccessControl } = await client.send(
            new cloudfront.CreateOriginAccessControlCommand({
                OriginAccessControlConfig: {
                    Name: "gateway",
                    SigningProtocol: "sigv4",
                    SigningBehavior: "always",
                    OriginAccessControlOriginType: "s3",
                },
            }),
        );
        const origin = {
            Id: "s3",
            DomainName: "gateway-objects.s3.eu-west-1.amazonaws.com",
            OriginAccessControlId: OriginAccessControl!.Id!,
            S3OriginConfig: { OriginAccessIdentity: "" },
        };
        const { Distribution } = await client.send(
            new cloudfront.CreateDistributionCommand({
                DistributionConfig: {
                    CallerReference: "gateway",
                    Comment: "",
                    Enabled: true,
                    Origins: { Quantity: 1, Items: [origin] },
                    DefaultCacheBehavior: {
                        TargetOriginId: "s3",
                        ViewerProtocolPolicy: "allow-all",
                        CachePolicyId: "658327ea-f89d-4fab-a63d-7e88639e58f6",
                    },
                },
            }),
        );
        const url = await cloud.logUrl(`https://${Distribution!.DomainName!}`);
        expect((await fetch(`${url}/text`)).status).toBe(403);
        const Policy = JSON.stringify({
            Version: "2012-10-17",
            Statement: [
                {
                    Effect: "Allow",
                    Principal: { Service: "cloudfront.amazonaws.com" },
                    Action: "s3:GetObject",
                    Resource: "arn:aws:s3:::gateway-objects/text",
                    Condition: { ArnLike: { "aws:SourceArn": `arn:aws:cloudfront::${ACCOUNT}:distribution/*` } },
                },
            ],
        });
        await new s3.S3Client(as(deployer)).send(new s3.PutBucketPolicyCommand({ Bucket: "gateway-objects", Policy }));
        expect(await (await fetch(`${url}/text`)).text()).toBe("text");
        expect((await fetch(`${url}/large`)).status).toBe(403);
        expect((await fetch(`${url}/text`, { method: "PUT", body: "x" })).status).toBe(403);
        expect((await fetch(`${cloud.endpoint}/gateway-objects/text`)).status).toBe(403);
    });
});

describe("faults", () => {
    it("loses a write, or applies it and reports failure all the same", async () => {
        const table = new dynamodb.DynamoDBClient(as(deployer));
        const put = (id: string) =>
            table.send(new dynamodb.PutItemCommand({ TableName: "gateway-table", Item: { id: { S: id } } }));
        const has = async (id: string) => {
            const { Item } = await table.send(
                new dynamodb.GetItemCommand({
                    TableName: "gateway-table",
                    Key: { id: { S: id } },
                    ConsistentRead: true,
                }),
            );
            return Item !== undefined;
        };
        await cloud.control.addFault({ service: "dynamodb", operation: "PutItem", match: "lost-item", mode: "lost" });
        await cloud.control.addFault({
            service: "dynamodb",
            operation: "PutItem",
            match: "applied-item",
            mode: "applied",
        });
        await expect(put("lost-item")).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } });
        await expect(put("applied-item")).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } });
        expect([await has("lost-item"), await has("applied-item")]).toEqual([false, true]);
        await put("lost-item");
        expect(await has("lost-item")).toBe(true);
    });
});
