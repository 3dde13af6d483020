import type { Aws } from "../../../local/provider/aws";
import { zipOf } from "../../../local/provider/services/lambda-code";
import { codeOf } from "./compute";
import { policy, serviceTrust } from "../../support/documents";
import { type World } from "./example";

/** Makes, by the SDK, what the examples refer to. Its cloud goes away with it. */
export async function makeWorld(aws: Aws): Promise<World> {
    const { accountId, region } = aws;
    const [iam, kms, s3, sqs, sns] = await Promise.all([aws.iam(), aws.kms(), aws.s3(), aws.sqs(), aws.sns()]);
    const [lambda, events, dynamodb, logs] = await Promise.all([
        aws.lambda(),
        aws.events(),
        aws.dynamodb(),
        aws.logs(),
    ]);

    const role = async (RoleName: string) =>
        (await iam.createRole({ RoleName, AssumeRolePolicyDocument: SERVICES })).Role?.Arn ?? "";
    const [roleArn, otherRoleArn] = [await role("world-role"), await role("world-other-role")];
    const everything = policy({ Effect: "Allow", Action: "*", Resource: "*" });
    for (const RoleName of ["world-role", "world-other-role"]) {
        await iam.putRolePolicy({ RoleName, PolicyName: "all", PolicyDocument: everything });
    }
    const { Policy: managed } = await iam.createPolicy({ PolicyName: "world-policy", PolicyDocument: everything });
    const [key, other] = [await kms.createKey({}), await kms.createKey({})];

    for (const Bucket of ["world-bucket", "world-trail", "world-other-trail"]) {
        await s3.createBucket({ Bucket, CreateBucketConfiguration: { LocationConstraint: "eu-west-1" } });
    }
    for (const Bucket of ["world-trail", "world-other-trail"]) {
        await s3.putBucketPolicy({ Bucket, Policy: trailPolicy(Bucket) });
    }
    const location = { LocationConstraint: "eu-west-1" } as const;
    await s3.createBucket({
        Bucket: "world-locked",
        ObjectLockEnabledForBucket: true,
        CreateBucketConfiguration: location,
    });

    const { QueueUrl = "" } = await sqs.createQueue({ QueueName: "world-queue" });
    await sqs.createQueue({ QueueName: "world-other-queue" });
    const { TopicArn = "" } = await sns.createTopic({ Name: "world-topic" });
    const { TableDescription: table } = await dynamodb.createTable({
        TableName: "world-table",
        BillingMode: "PAY_PER_REQUEST",
        KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
        AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
        StreamSpecification: { StreamEnabled: true, StreamViewType: "KEYS_ONLY" },
    });
    const ZipFile = zipOf(codeOf("exports.handler = async () => 0;"));
    for (const FunctionName of ["world-function", "world-other-function"]) {
        const handler = { Handler: "__index.handler", Runtime: "nodejs22.x" as const, Role: roleArn };
        await lambda.createFunction({ FunctionName, ...handler, Code: { ZipFile } });
    }
    await events.putRule({ Name: "world-rule", EventPattern: JSON.stringify({ source: ["x"] }) });
    await logs.createLogGroup({ logGroupName: "/world" });

    const arn = (service: string, rest: string) => `arn:aws:${service}:${region}:${accountId}:${rest}`;
    return {
        accountId,
        region,
        roleArn,
        otherRoleArn,
        roleName: "world-role",
        policyArn: managed?.Arn ?? "",
        keyArn: key.KeyMetadata?.Arn ?? "",
        keyId: key.KeyMetadata?.KeyId ?? "",
        otherKeyId: other.KeyMetadata?.KeyId ?? "",
        bucket: "world-bucket",
        lockedBucket: "world-locked",
        trailBucket: "world-trail",
        otherTrailBucket: "world-other-trail",
        queueArn: arn("sqs", "world-queue"),
        queueUrl: QueueUrl,
        otherQueueArn: arn("sqs", "world-other-queue"),
        topicArn: TopicArn,
        streamArn: table?.LatestStreamArn ?? "",
        functionName: "world-function",
        functionArn: arn("lambda", "function:world-function"),
        otherFunctionName: "world-other-function",
        ruleName: "world-rule",
        logGroupArn: arn("logs", "log-group:/world"),
    };
}

const SERVICES = serviceTrust(
    ["lambda", "states", "events", "cloudtrail"].map((service) => `${service}.amazonaws.com`),
);

function trailPolicy(bucket: string): string {
    const Principal = { Service: "cloudtrail.amazonaws.com" };
    const Resource = [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`];
    return policy({ Effect: "Allow", Principal, Action: ["s3:GetBucketAcl", "s3:PutObject"], Resource });
}
