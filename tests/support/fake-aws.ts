import { createHash } from "node:crypto";

/** What AWS would answer to the program, as far as it asks. */

const ACCOUNT = "111122223333";
const REGION = "eu-west-1";
/** SPKI of RFC 8410 section 10.1. */
export const ED25519_SPKI = "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";

/** @throws for an invoke that the program is not expected to make */
export function answerInvoke(token: string, args: Readonly<Record<string, unknown>>): Record<string, unknown> {
    switch (token) {
        case "aws:index/getCallerIdentity:getCallerIdentity":
            return {
                accountId: ACCOUNT,
                arn: `arn:aws:sts::${ACCOUNT}:assumed-role/countersign-deployer/preview`,
                userId: "preview",
                id: ACCOUNT,
            };
        case "aws:index/getPartition:getPartition":
            return { partition: "aws", dnsSuffix: "amazonaws.com", reverseDnsPrefix: "com.amazonaws", id: "aws" };
        case "aws:index/getRegion:getRegion":
            return {
                region: REGION,
                description: "Europe (Ireland)",
                endpoint: "ec2.eu-west-1.amazonaws.com",
                id: REGION,
            };
        case "aws:kms/getPublicKey:getPublicKey":
            return { keyId: args.keyId, publicKey: ED25519_SPKI };
        default:
            throw new Error(`unexpected invoke of ${token}`);
    }
}

interface Created {
    readonly type: string;
    readonly urn: string;
    readonly properties: Record<string, unknown>;
}

/** Outputs that other resources take as inputs, once a resource exists. */
export function computedOutputs({ type, urn, properties }: Created): Record<string, unknown> {
    const name = String(properties.name ?? properties.bucket ?? "");
    const regional = (service: string, rest: string): string => `arn:aws:${service}:${REGION}:${ACCOUNT}:${rest}`;
    switch (type) {
        case "aws:kms/key:Key": {
            const keyId = idOf(urn).replace(/-(....)-.(...)-.(...)-/, "-$1-4$2-8$3-"); // a UUID of version 4
            return { keyId, arn: regional("kms", `key/${keyId}`) };
        }
        case "aws:iam/role:Role":
            return { arn: `arn:aws:iam::${ACCOUNT}:role${String(properties.path ?? "/")}${name}` };
        case "aws:s3/bucket:Bucket":
            return { arn: `arn:aws:s3:::${name}` };
        case "aws:dynamodb/table:Table":
            return {
                arn: regional("dynamodb", `table/${name}`),
                streamArn: regional("dynamodb", `table/${name}/stream/2026-11-24T00:00:00.000`),
            };
        case "aws:lambda/function:Function":
            return { arn: regional("lambda", `function:${name}`) };
        case "aws:cloudwatch/logGroup:LogGroup":
            return { arn: regional("logs", `log-group:${name}`) };
        case "aws:sqs/queue:Queue":
            return { arn: regional("sqs", name), url: `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${name}` };
        case "aws:sns/topic:Topic":
            return { arn: regional("sns", name) };
        case "aws:sfn/stateMachine:StateMachine":
            return { arn: regional("states", `stateMachine:${name}`) };
        case "aws:cloudtrail/trail:Trail":
            return { arn: regional("cloudtrail", `trail/${name}`) };
        case "aws:cloudfront/distribution:Distribution":
            return { domainName: "d111111abcdef8.cloudfront.net" };
        default:
            return {};
    }
}

/** A UUID that is the same in every run. */
export function idOf(seed: string): string {
    const hex = createHash("sha256").update(seed).digest("hex");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
}
