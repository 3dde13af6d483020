import { codedError } from "../../../lib/errors";
import type { ResourceType } from "../declare";
import * as cloudfront from "./cloudfront";
import * as cloudtrail from "./cloudtrail";
import * as cloudwatch from "./cloudwatch";
import * as dynamodb from "./dynamodb";
import * as events from "./events";
import * as iam from "./iam";
import * as kms from "./kms";
import * as lambda from "./lambda";
import * as lambdaWiring from "./lambda-wiring";
import * as logs from "./logs";
import * as s3 from "./s3";
import * as s3Rules from "./s3-rules";
import * as s3Settings from "./s3-settings";
import * as sfn from "./sfn";
import * as sns from "./sns";
import * as sqs from "./sqs";
import * as ssm from "./ssm";

const SERVICES: readonly Record<string, ResourceType>[] = [
    cloudfront,
    cloudtrail,
    cloudwatch,
    dynamodb,
    events,
    iam,
    kms,
    lambda,
    lambdaWiring,
    logs,
    s3,
    s3Rules,
    s3Settings,
    sfn,
    sns,
    sqs,
    ssm,
];

/** Every resource type the local cloud deploys, by token. */
export const TYPES: { readonly [token: string]: ResourceType } = Object.fromEntries(
    SERVICES.flatMap((service) => Object.values(service)).map((type) => [type.token, type]),
);

/** @throws NotSupported, naming the type */
export function typeOf(token: string): ResourceType {
    const type = Object.hasOwn(TYPES, token) ? TYPES[token] : undefined;
    if (!type) {
        const message = `the local cloud's provider does not support resource type ${token}: add it to local/provider/services`;
        throw codedError("NotSupported", message);
    }
    return type;
}
