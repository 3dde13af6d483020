import { bucketNameOf, type BucketName } from "../names";

/** What documents are made from: plain text, nothing of a new resource. */
export interface Scope {
    readonly partition: string;
    readonly accountId: string;
    readonly region: string;
    /** Every explicit name starts with it. */
    readonly prefix: string;
}

/** @param path with its slash, e.g. `signing/release-v1-signer` */
export function roleArn({ partition, accountId }: Scope, path: string): string {
    return `arn:${partition}:iam::${accountId}:role/${path}`;
}

export function signerArn(scope: Scope, role: string): string {
    return roleArn(scope, `signing/${role}`);
}

/** As a principal: the whole account. In a condition on `aws:PrincipalArn`: the root user alone. */
export function rootArn({ partition, accountId }: Scope): string {
    return `arn:${partition}:iam::${accountId}:root`;
}

export function functionArn(scope: Scope, name: string): string {
    return regional(scope, "lambda", `function:${name}`);
}

export function tableArn(scope: Scope, name: string): string {
    return regional(scope, "dynamodb", `table/${name}`);
}

export function queueArn(scope: Scope, name: string): string {
    return regional(scope, "sqs", name);
}

export function topicArn(scope: Scope, name: string): string {
    return regional(scope, "sns", name);
}

export function ruleArn(scope: Scope, name: string): string {
    return regional(scope, "events", `rule/${name}`);
}

export function alarmArn(scope: Scope, name: string): string {
    return regional(scope, "cloudwatch", `alarm:${name}`);
}

export function trailArn(scope: Scope, name: string): string {
    return regional(scope, "cloudtrail", `trail/${name}`);
}

export function stateMachineArn(scope: Scope, name: string): string {
    return regional(scope, "states", `stateMachine:${name}`);
}

/** Without the `:*` that log streams and destinations need. */
export function logGroupArn(scope: Scope, name: string): string {
    return regional(scope, "logs", `log-group:${name}`);
}

/** Key ids are unknown until the key exists; a document that needs to name a key says every key, and few verbs. */
export function anyKeyArn(scope: Scope): string {
    return regional(scope, "kms", "key/*");
}

export function bucketOf({ prefix, accountId, region }: Scope, bucket: BucketName): string {
    return bucketNameOf(prefix, bucket, accountId, region);
}

/** @param keys object key or pattern; without it the bucket itself */
export function bucketArn(scope: Scope, bucket: BucketName, keys?: string): string {
    const arn = `arn:${scope.partition}:s3:::${bucketOf(scope, bucket)}`;
    return keys === undefined ? arn : `${arn}/${keys}`;
}

/** What a service calls itself in `kms:ViaService`. */
export function viaService({ region }: Scope, service: "s3" | "dynamodb" | "sqs"): string {
    return `${service}.${region}.amazonaws.com`;
}

function regional({ partition, region, accountId }: Scope, service: string, resource: string): string {
    return `arn:${partition}:${service}:${region}:${accountId}:${resource}`;
}
