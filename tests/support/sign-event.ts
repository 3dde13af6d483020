/** One message as SQS hands it to Lambda: an EventBridge event around CloudTrail's record of a Sign (aws.md section 2). */
export function signEventBatch(use: {
    readonly keyArn: string;
    readonly requestId: string;
    readonly eventId: string;
}): object {
    const role = "countersign-dev-files-v1-signer";
    const detail = {
        eventVersion: "1.11",
        userIdentity: {
            type: "AssumedRole",
            arn: `arn:aws:sts::111122223333:assumed-role/${role}/countersign-dev-files-v1-sign`,
            sessionContext: {
                sessionIssuer: { type: "Role", arn: `arn:aws:iam::111122223333:role/signing/${role}` },
            },
        },
        eventTime: "2026-11-24T08:00:00Z",
        eventSource: "kms.amazonaws.com",
        eventName: "Sign",
        awsRegion: "eu-west-1",
        requestParameters: {
            messageType: "DIGEST",
            keyId: use.keyArn,
            signingAlgorithm: "RSASSA_PKCS1_V1_5_SHA_256",
        },
        responseElements: null,
        requestID: use.requestId,
        eventID: use.eventId,
        readOnly: true,
        resources: [{ accountId: "111122223333", type: "AWS::KMS::Key", ARN: use.keyArn }],
        eventType: "AwsApiCall",
        managementEvent: true,
        recipientAccountId: "111122223333",
        eventCategory: "Management",
    };
    const event = {
        source: "aws.kms",
        "detail-type": "AWS API Call via CloudTrail",
        account: "111122223333",
        detail,
    };
    return {
        Records: [{ messageId: "m1", body: JSON.stringify(event), attributes: { ApproximateReceiveCount: "1" } }],
    };
}
