// What the threat model says remains possible: code that replaces the signer's and signs without a record.
"use strict";
exports.handler = async ({ algorithm, message }) => {
    const { KMSClient, SignCommand } = await import("@aws-sdk/client-kms");
    const kms = new KMSClient({ maxAttempts: 1 });
    const answer = await kms.send(
        new SignCommand({
            KeyId: process.env.KEY_ARN,
            SigningAlgorithm: algorithm,
            MessageType: "DIGEST",
            Message: Buffer.from(message, "base64"),
        }),
    );
    return { requestId: answer.$metadata.requestId, signature: Buffer.from(answer.Signature).toString("base64") };
};
