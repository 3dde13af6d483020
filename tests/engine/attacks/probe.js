// Tries a list of AWS calls, one after the other, and answers what became of each. Deployed as a function under a role of the
// stack, with that role's session alone; for callers outside of functions the test runs it in its own process.
"use strict";

const CLIENTS = {
    dynamodb: ["client-dynamodb", "DynamoDBClient"],
    events: ["client-eventbridge", "EventBridgeClient"],
    iam: ["client-iam", "IAMClient"],
    kms: ["client-kms", "KMSClient"],
    lambda: ["client-lambda", "LambdaClient"],
    s3: ["client-s3", "S3Client"],
    ssm: ["client-ssm", "SSMClient"],
    states: ["client-sfn", "SFNClient"],
    sts: ["client-sts", "STSClient"],
};

/** Bytes cross the event as base64. */
function revive(value) {
    if (Array.isArray(value)) return value.map(revive);
    if (value === null || typeof value !== "object") return value;
    if (typeof value.$base64 === "string") return Buffer.from(value.$base64, "base64");
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, revive(member)]));
}

async function attempt(client, Command, input) {
    try {
        const { $metadata } = await client.send(new Command(revive(input)));
        return { ok: true, requestId: $metadata.requestId };
    } catch (error) {
        const { name, message, $metadata } = error;
        return { ok: false, error: name, message: String(message).slice(0, 200), requestId: $metadata?.requestId };
    }
}

async function run({ calls, options = {} }) {
    const outcomes = [];
    for (const { service, command, input } of calls) {
        const [module, name] = CLIENTS[service];
        const sdk = await import(`@aws-sdk/${module}`);
        // TestState is sent to sync-HOST otherwise, of which there is none on loopback.
        const client = new sdk[name]({ maxAttempts: 1, forcePathStyle: true, disableHostPrefix: true, ...options });
        outcomes.push(await attempt(client, sdk[`${command}Command`], input));
        client.destroy();
    }
    return outcomes;
}

exports.handler = run;
