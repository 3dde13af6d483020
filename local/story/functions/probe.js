// Deployed for a moment under another function's role: tries to sign, and does one thing that the role may do.
// Answers what happened; the caller compares it with the evaluator's own account.
"use strict";
exports.handler = async ({ keyArn, algorithm, messageType, message, twin }) => {
    const attempt = async (call) => {
        try {
            const answer = await call();
            return { ok: true, requestId: answer.$metadata.requestId };
        } catch (error) {
            return { ok: false, error: error.name, message: error.message, requestId: error.$metadata?.requestId };
        }
    };
    const { KMSClient, SignCommand, GetPublicKeyCommand } = await import("@aws-sdk/client-kms");
    const kms = new KMSClient({ maxAttempts: 1 });
    const sign = new SignCommand({
        KeyId: keyArn,
        SigningAlgorithm: algorithm,
        MessageType: messageType,
        Message: Buffer.from(message, "base64"),
    });
    if (twin.service === "kms") {
        return {
            sign: await attempt(() => kms.send(sign)),
            twin: await attempt(() => kms.send(new GetPublicKeyCommand({ KeyId: keyArn }))),
        };
    }
    const { CloudWatchLogsClient, CreateLogStreamCommand } = await import("@aws-sdk/client-cloudwatch-logs");
    const logs = new CloudWatchLogsClient({ maxAttempts: 1 });
    const stream = new CreateLogStreamCommand({ logGroupName: twin.logGroup, logStreamName: twin.logStream });
    return { sign: await attempt(() => kms.send(sign)), twin: await attempt(() => logs.send(stream)) };
};
