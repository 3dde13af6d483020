import { createHash } from "node:crypto";
import type * as Pulumi from "@pulumi/pulumi";

/** What the real provider would answer, as far as the program reads it; an unexpected call throws. */
export type AwsMock = Pulumi.runtime.Mocks;

export const ACCOUNT = "111122223333";
export const REGION = "eu-west-1";

/** Public keys to answer with, by key spec: SPKI of RFC 8410 section 10.1, and of nothing secret at all. */
export const ED25519_SPKI = "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";
/** Stands for an RSA public key wherever only its bytes count. */
export const RSA_SPKI = createHash("sha256").update("spki").digest("base64");

export interface AwsMockOptions {
    readonly preview?: boolean;
    readonly accountId?: string;
    readonly region?: string;
    readonly partition?: string;
    /** Public key by key spec, base64 SPKI; without it the two above. */
    readonly publicKeys?: Readonly<Record<string, string>>;
}

/** Stands in for AWS: ARNs as AWS makes them, ids by hash so that runs agree. */
export function mockAws(options: AwsMockOptions = {}): AwsMock {
    const { preview = false, accountId = ACCOUNT, region = REGION, partition = "aws", publicKeys = {} } = options;
    const specs = new Map<string, string>();
    const regional = (service: string, rest: string) => `arn:${partition}:${service}:${region}:${accountId}:${rest}`;

    const computed = (type: string, name: string, inputs: Record<string, string>): Record<string, unknown> => {
        const id = idOf(`${type}/${name}`);
        switch (type) {
            case "aws:kms/key:Key": {
                const arn = regional("kms", `key/${id}`);
                specs.set(arn, inputs.customerMasterKeySpec!);
                return { arn, keyId: id };
            }
            case "aws:iam/role:Role":
                return {
                    arn: `arn:${partition}:iam::${accountId}:role${inputs.path ?? "/"}${inputs.name}`,
                    uniqueId: id,
                };
            case "aws:s3/bucket:Bucket":
                return { arn: `arn:${partition}:s3:::${inputs.bucket}` };
            case "aws:dynamodb/table:Table":
                return {
                    arn: regional("dynamodb", `table/${inputs.name}`),
                    streamArn: regional("dynamodb", `table/${inputs.name}/stream/2026-11-24T00:00:00.000`),
                };
            case "aws:lambda/function:Function":
                return { arn: regional("lambda", `function:${inputs.name}`) };
            case "aws:cloudwatch/logGroup:LogGroup":
                return { arn: regional("logs", `log-group:${inputs.name}`) };
            case "aws:sqs/queue:Queue":
                return {
                    arn: regional("sqs", inputs.name!),
                    url: `https://sqs.${region}.amazonaws.com/${accountId}/${inputs.name}`,
                };
            case "aws:sns/topic:Topic":
                return { arn: regional("sns", inputs.name!) };
            case "aws:sfn/stateMachine:StateMachine":
                return { arn: regional("states", `stateMachine:${inputs.name}`) };
            case "aws:cloudtrail/trail:Trail":
                return { arn: regional("cloudtrail", `trail/${inputs.name}`) };
            case "aws:cloudfront/distribution:Distribution":
                return { domainName: "d111111abcdef8.cloudfront.net" };
            default:
                return {};
        }
    };

    return {
        newResource: ({ type, name, inputs }) => {
            const outputs = computed(type, name, inputs as Record<string, string>);
            if (!preview) return { id: idOf(`${type}/${name}`), state: { ...inputs, ...outputs } };
            return { id: undefined, state: inputs as Record<string, unknown> };
        },
        call: ({ token, inputs }) => {
            switch (token) {
                case "aws:index/getCallerIdentity:getCallerIdentity":
                    return {
                        accountId,
                        arn: `arn:${partition}:sts::${accountId}:assumed-role/deployer/mock`,
                        userId: "mock",
                        id: accountId,
                    };
                case "aws:index/getPartition:getPartition":
                    return { partition, dnsSuffix: "amazonaws.com", id: partition, reverseDnsPrefix: "com.amazonaws" };
                case "aws:index/getRegion:getRegion":
                    return { region, description: "mock", endpoint: "mock", id: region };
                case "aws:kms/getPublicKey:getPublicKey": {
                    const { keyId } = inputs as { keyId: string };
                    const spec = specs.get(keyId);
                    if (!spec) throw new Error(`getPublicKey of ${keyId}, which no key has as ARN`);
                    const fallback = spec === "ECC_NIST_EDWARDS25519" ? ED25519_SPKI : RSA_SPKI;
                    return { keyId, publicKey: publicKeys[spec] ?? fallback };
                }
                default:
                    throw new Error(`unexpected call of ${token}`);
            }
        },
    };
}

/** The SPKI's fingerprint, by another way than the program's. */
export function fingerprint(spkiBase64: string): string {
    return createHash("sha256").update(Buffer.from(spkiBase64, "base64")).digest("hex");
}

function idOf(seed: string): string {
    const hex = createHash("sha256").update(seed).digest("hex");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
}
