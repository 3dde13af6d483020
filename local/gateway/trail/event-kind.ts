/**
 * Which calls are data events, which only read, and how CloudTrail names them.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html
 */
const DATA: Readonly<Record<string, RegExp>> = {
    s3: /^(Get|Head|Put|Delete|Copy)Object(s|Acl|Tagging|Retention|LegalHold|Attributes)?$|^(Create|Complete|Abort)MultipartUpload$|^UploadPart$|^ListParts$|^ListObjects(V2)?$|^ListObjectVersions$/,
    dynamodb:
        /^((Batch)?(Get|Put|Update|Delete|Write)Item|Query|Scan|Transact(Get|Write)Items|.*ExecuteStatement|ExecuteTransaction|GetRecords|GetShardIterator)$/,
    lambda: /^Invoke/,
    sqs: /^((Send|Delete|Receive)Message|SendMessageBatch|DeleteMessageBatch|ChangeMessageVisibility(Batch)?)$/,
    sns: /^Publish(Batch)?$/,
    monitoring: /^(PutMetricData|GetMetric(Data|Statistics|WidgetImage)|ListMetrics)$/,
    logs: /^(PutLogEvents|GetLogEvents|FilterLogEvents)$/,
    events: /^PutEvents$/,
};

export function isDataEvent(service: string, operation: string): boolean {
    return DATA[service]?.test(operation) ?? false;
}

const READS =
    /^(Get|List|Describe|Head|Lookup|BatchGet|TransactGet|Query$|Scan$|FilterLog|Simulate|Check|AssumeRole|Test)/;

export function isReadOnly(operation: string): boolean {
    return READS.test(operation);
}

/** Lambda's control plane carries API versions in its event names, S3 the older names of some operations. */
const NAMES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    lambda: {
        AddPermission: "AddPermission20150331v2",
        CreateEventSourceMapping: "CreateEventSourceMapping20150331",
        CreateFunction: "CreateFunction20150331",
        DeleteEventSourceMapping: "DeleteEventSourceMapping20150331",
        DeleteFunction: "DeleteFunction20150331",
        GetEventSourceMapping: "GetEventSourceMapping20150331",
        GetFunction: "GetFunction20150331v2",
        GetFunctionConfiguration: "GetFunctionConfiguration20150331v2",
        GetPolicy: "GetPolicy20150331v2",
        ListEventSourceMappings: "ListEventSourceMappings20150331",
        ListFunctions: "ListFunctions20150331",
        ListTags: "ListTags20170331",
        ListVersionsByFunction: "ListVersionsByFunction20150331",
        PublishVersion: "PublishVersion20150331",
        RemovePermission: "RemovePermission20150331v2",
        TagResource: "TagResource20170331v2",
        UntagResource: "UntagResource20170331v2",
        UpdateEventSourceMapping: "UpdateEventSourceMapping20150331",
        UpdateFunctionCode: "UpdateFunctionCode20150331v2",
        UpdateFunctionConfiguration: "UpdateFunctionConfiguration20150331v2",
    },
    s3: {
        DeletePublicAccessBlock: "DeleteBucketPublicAccessBlock",
        GetBucketLifecycleConfiguration: "GetBucketLifecycle",
        GetBucketNotificationConfiguration: "GetBucketNotification",
        GetObjectLockConfiguration: "GetBucketObjectLockConfiguration",
        GetPublicAccessBlock: "GetBucketPublicAccessBlock",
        ListObjectsV2: "ListObjects",
        PutBucketLifecycleConfiguration: "PutBucketLifecycle",
        PutBucketNotificationConfiguration: "PutBucketNotification",
        PutObjectLockConfiguration: "PutBucketObjectLockConfiguration",
        PutPublicAccessBlock: "PutBucketPublicAccessBlock",
    },
};

export function eventName(service: string, operation: string): string {
    return NAMES[service]?.[operation] ?? operation;
}
