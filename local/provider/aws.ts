import type { CloudFront } from "@aws-sdk/client-cloudfront";
import type { CloudTrail } from "@aws-sdk/client-cloudtrail";
import type { CloudWatch } from "@aws-sdk/client-cloudwatch";
import type { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import type { DynamoDB } from "@aws-sdk/client-dynamodb";
import type { EventBridge } from "@aws-sdk/client-eventbridge";
import type { IAM } from "@aws-sdk/client-iam";
import type { KMS } from "@aws-sdk/client-kms";
import type { Lambda } from "@aws-sdk/client-lambda";
import type { S3 } from "@aws-sdk/client-s3";
import type { SFN } from "@aws-sdk/client-sfn";
import type { SNS } from "@aws-sdk/client-sns";
import type { SQS } from "@aws-sdk/client-sqs";
import type { SSM } from "@aws-sdk/client-ssm";
import type { STS } from "@aws-sdk/client-sts";
import { quote } from "../../lib/encoding";
import { codedError } from "../../lib/errors";

/** The account as one resource sees it: clients for its region, made when first asked for. */
export interface Aws {
    readonly region: string;
    readonly accountId: string;
    readonly partition: string;
    cloudfront(): Promise<CloudFront>;
    cloudtrail(): Promise<CloudTrail>;
    cloudwatch(): Promise<CloudWatch>;
    dynamodb(): Promise<DynamoDB>;
    events(): Promise<EventBridge>;
    iam(): Promise<IAM>;
    kms(): Promise<KMS>;
    lambda(): Promise<Lambda>;
    logs(): Promise<CloudWatchLogs>;
    s3(): Promise<S3>;
    sfn(): Promise<SFN>;
    sns(): Promise<SNS>;
    sqs(): Promise<SQS>;
    ssm(): Promise<SSM>;
    sts(): Promise<STS>;
}

export interface Endpoint {
    endpoint: string;
    credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
}

/**
 * Where the local cloud is and who we are there, from the environment alone: nothing of the provider's configuration, so
 * that the policy pack sees the inputs it would see for AWS.
 *
 * @throws NotLocal for an endpoint that is not http on 127.0.0.1, for credentials that could be real, and for settings from
 *         which an SDK would take others
 */
export function endpointOf(env: NodeJS.ProcessEnv): Endpoint {
    const endpoint = env["AWS_ENDPOINT_URL"] ?? "";
    // Not `localhost`: S3 clients use path style only for an address.
    if (!/^http:\/\/127\.0\.0\.1:[0-9]{1,5}\/?$/.test(endpoint)) {
        throw codedError(
            "NotLocal",
            `AWS_ENDPOINT_URL is ${quote(endpoint)}, expected http://127.0.0.1:PORT: this provider serves the local cloud only`,
        );
    }
    for (const name of FOREIGN_SETTINGS) {
        if (env[name]) {
            throw codedError(
                "NotLocal",
                `${name} is set: unset it, the local cloud's provider takes no credentials or endpoints of AWS`,
            );
        }
    }
    const [accessKeyId, secretAccessKey] = [env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"]];
    if (!accessKeyId || !secretAccessKey) {
        throw codedError(
            "NotLocal",
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set: set those of the local cloud",
        );
    }
    if (/^A(?:KIA|SIA)/.test(accessKeyId) && env["COUNTERSIGN_LOCAL_KEY_ID"] !== accessKeyId) {
        throw codedError(
            "NotLocal",
            `AWS_ACCESS_KEY_ID begins with ${accessKeyId.slice(0, 4)}, as a key of AWS does: use one of the local cloud`,
        );
    }
    const sessionToken = env["AWS_SESSION_TOKEN"];
    return { endpoint, credentials: { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) } };
}

const FOREIGN_SETTINGS = [
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    // Beside an endpoint it is an error in every client.
    "AWS_USE_FIPS_ENDPOINT",
];

/** Each SDK client costs 20 to 60 ms to load; a preview needs none but STS. */
export function connect({ endpoint, credentials }: Endpoint, identity: { region: string; accountId: string }): Aws {
    const { region, accountId } = identity;
    const config = { endpoint, region, credentials, maxAttempts: 4, defaultsMode: "standard" as const };
    return {
        region,
        accountId,
        partition: "aws",
        cloudfront: once(async () => new (await import("@aws-sdk/client-cloudfront")).CloudFront(config)),
        cloudtrail: once(async () => new (await import("@aws-sdk/client-cloudtrail")).CloudTrail(config)),
        cloudwatch: once(async () => new (await import("@aws-sdk/client-cloudwatch")).CloudWatch(config)),
        dynamodb: once(async () => new (await import("@aws-sdk/client-dynamodb")).DynamoDB(config)),
        events: once(async () => new (await import("@aws-sdk/client-eventbridge")).EventBridge(config)),
        iam: once(async () => new (await import("@aws-sdk/client-iam")).IAM(config)),
        kms: once(async () => new (await import("@aws-sdk/client-kms")).KMS(config)),
        lambda: once(async () => new (await import("@aws-sdk/client-lambda")).Lambda(config)),
        logs: once(async () => new (await import("@aws-sdk/client-cloudwatch-logs")).CloudWatchLogs(config)),
        s3: once(async () => new (await import("@aws-sdk/client-s3")).S3({ ...config, forcePathStyle: true })),
        sfn: once(async () => new (await import("@aws-sdk/client-sfn")).SFN(config)),
        sns: once(async () => new (await import("@aws-sdk/client-sns")).SNS(config)),
        sqs: once(async () => new (await import("@aws-sdk/client-sqs")).SQS(config)),
        ssm: once(async () => new (await import("@aws-sdk/client-ssm")).SSM(config)),
        sts: once(async () => new (await import("@aws-sdk/client-sts")).STS(config)),
    };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
    let made: Promise<T> | undefined;
    return () => (made ??= make());
}

/** What AWS says of a thing that does not exist, in the words of its many services. */
export function isNotFound(error: unknown): boolean {
    const { name, $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
    return (
        /^(?:NoSuch|NotFound)|NotFound(?:Exception|Fault)?$|NonExistent|DoesNotExist|^ParameterNotFound$/.test(
            name ?? "",
        ) ||
        ($metadata?.httpStatusCode === 404 && name !== "UnknownOperationException")
    );
}

/** Undefined instead of "not found". */
export async function found<T>(action: Promise<T>): Promise<T | undefined> {
    try {
        return await action;
    } catch (error) {
        if (isNotFound(error)) {
            return undefined;
        }
        throw error;
    }
}

/**
 * Repeats an action while AWS has not yet heard of a role that was just made: 6 times, 3 seconds in all.
 *
 * KMS then says MalformedPolicyDocumentException, S3 MalformedPolicy, Lambda and Step Functions that the role cannot be assumed.
 */
export async function whileRoleSpreads<T>(action: () => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt++) {
        try {
            return await action();
        } catch (error) {
            const { name, message } = error as Error;
            const early =
                /^MalformedPolicy|^InvalidPrincipal/.test(name) ||
                /cannot be assumed|not authorized to assume/i.test(message);
            if (!early || attempt === 5) {
                throw error;
            }
            await new Promise((done) => setTimeout(done, 100 * 2 ** Math.min(attempt, 4)));
        }
    }
}
