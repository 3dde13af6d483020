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
import * as sfn from "@aws-sdk/client-sfn";
import * as sns from "@aws-sdk/client-sns";
import * as sqs from "@aws-sdk/client-sqs";
import * as ssm from "@aws-sdk/client-ssm";
import * as sts from "@aws-sdk/client-sts";

const B = { Bucket: "b" };
const O = { Bucket: "b", Key: "a/b c" };
const F = { FunctionName: "f" };
const TABLE = { TableName: "t" };
/* eslint-disable @typescript-eslint/no-explicit-any -- commands and clients of fifteen packages */
/** Of each emulated service: many where the operation is read from method and path, one or two where the request names it. */
export const COMMANDS: readonly (readonly [service: string, client: any, commands: readonly any[]])[] = [
    [
        "s3",
        s3.S3Client,
        [
            new s3.ListBucketsCommand({}),
            new s3.CreateBucketCommand(B),
            new s3.DeleteBucketCommand(B),
            new s3.HeadBucketCommand(B),
            new s3.ListObjectsV2Command({ ...B, Prefix: "x", ContinuationToken: "y" }),
            new s3.ListObjectsCommand(B),
            new s3.ListObjectVersionsCommand({ ...B, KeyMarker: "k", VersionIdMarker: "v" }),
            new s3.PutObjectCommand({ ...O, Body: "x" }),
            new s3.GetObjectCommand({ ...O, VersionId: "v", ResponseContentType: "text/plain" }),
            new s3.HeadObjectCommand(O),
            new s3.DeleteObjectCommand({ ...O, VersionId: "v" }),
            new s3.DeleteObjectsCommand({ ...B, Delete: { Objects: [{ Key: "x" }] } }),
            new s3.CopyObjectCommand({ ...O, CopySource: "b/x" }),
            new s3.CreateMultipartUploadCommand(O),
            new s3.UploadPartCommand({ ...O, UploadId: "u", PartNumber: 1, Body: "x" }),
            new s3.CompleteMultipartUploadCommand({ ...O, UploadId: "u" }),
            new s3.AbortMultipartUploadCommand({ ...O, UploadId: "u" }),
            new s3.PutObjectRetentionCommand({ ...O, Retention: { Mode: "COMPLIANCE", RetainUntilDate: new Date() } }),
            new s3.GetObjectRetentionCommand(O),
            new s3.PutObjectTaggingCommand({ ...O, Tagging: { TagSet: [] } }),
            new s3.GetObjectAttributesCommand({ ...O, ObjectAttributes: ["ETag"] }),
            new s3.PutBucketVersioningCommand({ ...B, VersioningConfiguration: {} }),
            new s3.GetBucketVersioningCommand(B),
            new s3.PutBucketEncryptionCommand({ ...B, ServerSideEncryptionConfiguration: { Rules: [] } }),
            new s3.PutPublicAccessBlockCommand({ ...B, PublicAccessBlockConfiguration: {} }),
            new s3.GetPublicAccessBlockCommand(B),
            new s3.PutBucketOwnershipControlsCommand({ ...B, OwnershipControls: { Rules: [] } }),
            new s3.PutBucketPolicyCommand({ ...B, Policy: "{}" }),
            new s3.GetBucketPolicyCommand(B),
            new s3.DeleteBucketPolicyCommand(B),
            new s3.PutBucketNotificationConfigurationCommand({ ...B, NotificationConfiguration: {} }),
            new s3.PutBucketLifecycleConfigurationCommand(B),
            new s3.DeleteBucketLifecycleCommand(B),
            new s3.PutObjectLockConfigurationCommand(B),
            new s3.GetObjectLockConfigurationCommand(B),
            new s3.PutBucketTaggingCommand({ ...B, Tagging: { TagSet: [] } }),
            new s3.GetBucketLocationCommand(B),
        ],
    ],
    [
        "lambda",
        lambda.LambdaClient,
        [
            new lambda.CreateFunctionCommand({ ...F, Role: "r", Code: {} }),
            new lambda.GetFunctionCommand(F),
            new lambda.GetFunctionConfigurationCommand(F),
            new lambda.UpdateFunctionCodeCommand(F),
            new lambda.UpdateFunctionConfigurationCommand(F),
            new lambda.DeleteFunctionCommand(F),
            new lambda.ListFunctionsCommand({ MaxItems: 5 }),
            new lambda.InvokeCommand({ ...F, Qualifier: "1" }),
            new lambda.AddPermissionCommand({ ...F, StatementId: "s", Action: "a", Principal: "p" }),
            new lambda.RemovePermissionCommand({ ...F, StatementId: "s" }),
            new lambda.GetPolicyCommand(F),
            new lambda.CreateEventSourceMappingCommand(F),
            new lambda.GetEventSourceMappingCommand({ UUID: "u" }),
            new lambda.UpdateEventSourceMappingCommand({ UUID: "u" }),
            new lambda.DeleteEventSourceMappingCommand({ UUID: "u" }),
            new lambda.ListEventSourceMappingsCommand(F),
            new lambda.ListVersionsByFunctionCommand(F),
            new lambda.PublishVersionCommand(F),
            new lambda.GetFunctionCodeSigningConfigCommand(F),
            new lambda.PutFunctionConcurrencyCommand({ ...F, ReservedConcurrentExecutions: 1 }),
            new lambda.DeleteFunctionConcurrencyCommand(F),
            new lambda.GetFunctionConcurrencyCommand(F),
            new lambda.ListTagsCommand({ Resource: "arn:aws:lambda:eu-west-1:111122223333:function:f" }),
            new lambda.TagResourceCommand({ Resource: "arn:aws:lambda:eu-west-1:111122223333:function:f", Tags: {} }),
            new lambda.UntagResourceCommand({
                Resource: "arn:aws:lambda:eu-west-1:111122223333:function:f",
                TagKeys: ["k"],
            }),
        ],
    ],
    [
        "cloudfront",
        cloudfront.CloudFrontClient,
        [
            new cloudfront.ListDistributionsCommand({}),
            new cloudfront.GetDistributionCommand({ Id: "E1" }),
            new cloudfront.GetDistributionConfigCommand({ Id: "E1" }),
            new cloudfront.DeleteDistributionCommand({ Id: "E1", IfMatch: "x" }),
            new cloudfront.GetOriginAccessControlCommand({ Id: "E1" }),
            new cloudfront.DeleteOriginAccessControlCommand({ Id: "E1" }),
            new cloudfront.ListOriginAccessControlsCommand({}),
            new cloudfront.ListTagsForResourceCommand({ Resource: "arn:aws:cloudfront::111122223333:distribution/E1" }),
            new cloudfront.TagResourceCommand({
                Resource: "arn:aws:cloudfront::111122223333:distribution/E1",
                Tags: { Items: [] },
            }),
            new cloudfront.UntagResourceCommand({
                Resource: "arn:aws:cloudfront::111122223333:distribution/E1",
                TagKeys: { Items: [] },
            }),
        ],
    ],
    [
        "dynamodb",
        dynamodb.DynamoDBClient,
        [
            new dynamodb.GetItemCommand({ ...TABLE, Key: {} }),
            new dynamodb.TransactWriteItemsCommand({ TransactItems: [] }),
        ],
    ],
    ["sqs", sqs.SQSClient, [new sqs.CreateQueueCommand({ QueueName: "q" })]],
    ["sns", sns.SNSClient, [new sns.CreateTopicCommand({ Name: "t" })]],
    [
        "sts",
        sts.STSClient,
        [new sts.AssumeRoleCommand({ RoleArn: "a", RoleSessionName: "s" }), new sts.GetCallerIdentityCommand({})],
    ],
    ["iam", iam.IAMClient, [new iam.PutRolePolicyCommand({ RoleName: "r", PolicyName: "p", PolicyDocument: "{}" })]],
    ["states", sfn.SFNClient, [new sfn.StartExecutionCommand({ stateMachineArn: "a" })]],
    ["events", eventbridge.EventBridgeClient, [new eventbridge.PutRuleCommand({ Name: "r" })]],
    ["logs", logs.CloudWatchLogsClient, [new logs.CreateLogGroupCommand({ logGroupName: "g" })]],
    ["monitoring", cloudwatch.CloudWatchClient, [new cloudwatch.DescribeAlarmsCommand({})]],
    ["cloudtrail", cloudtrail.CloudTrailClient, [new cloudtrail.LookupEventsCommand({})]],
    ["ssm", ssm.SSMClient, [new ssm.GetParameterCommand({ Name: "p" })]],
    [
        "kms",
        kms.KMSClient,
        [new kms.SignCommand({ KeyId: "k", Message: Buffer.alloc(1), SigningAlgorithm: "ECDSA_SHA_256" })],
    ],
];
