import { createHash, randomUUID } from "node:crypto";
import { CreateKeyCommand, KMSClient, SignCommand } from "@aws-sdk/client-kms";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import type { Credentials } from "../cloud";
import { ROLES } from "./settings";
import { clientOptions, type Stage } from "./stage";

/** What a caller got for one request. */
export interface Answer {
    readonly ok: boolean;
    readonly error?: string | undefined;
    readonly requestId?: string | undefined;
}

interface Answered {
    readonly $metadata: { readonly requestId?: string | undefined };
}

export const ALGORITHM = "RSASSA_PKCS1_V1_5_SHA_256";

/** A digest that nothing else signs: were a refusal to fail, the use would stand out. */
export function freshDigest(): Buffer {
    return createHash("sha256").update(randomUUID()).digest();
}

export async function attemptKms(
    stage: Stage,
    credentials: Credentials,
    call: (client: KMSClient) => Promise<Answered>,
): Promise<Answer> {
    const client = new KMSClient(clientOptions(stage.cloud, credentials));
    return outcome(() => call(client)).finally(() => client.destroy());
}

export function attemptSign(stage: Stage, credentials: Credentials, KeyId: string): Promise<Answer> {
    const input = { KeyId, Message: freshDigest(), MessageType: "DIGEST", SigningAlgorithm: ALGORITHM } as const;
    return attemptKms(stage, credentials, (client) => client.send(new SignCommand(input)));
}

export async function attemptAssume(stage: Stage, credentials: Credentials, RoleArn: string): Promise<Answer> {
    const sts = new STSClient(clientOptions(stage.cloud, credentials));
    const command = new AssumeRoleCommand({ RoleArn, RoleSessionName: "attempt" });
    return outcome(() => sts.send(command)).finally(() => sts.destroy());
}

export async function attemptGetResult(stage: Stage, credentials: Credentials, Key: string): Promise<Answer> {
    const s3 = new S3Client({ ...clientOptions(stage.cloud, credentials), forcePathStyle: true });
    const command = new GetObjectCommand({ Bucket: stage.outputs.resultsBucket, Key });
    return outcome(() => s3.send(command)).finally(() => s3.destroy());
}

export async function attemptAnonymousRead(stage: Stage): Promise<Answer> {
    const response = await fetch(`${await stage.cloud.logUrl(stage.outputs.logUrl)}/checkpoint`);
    return { ok: response.ok, error: `HTTP ${response.status}` };
}

/** A key of the administrator's own, that signs nothing of the stack: only there can a request be allowed but for its body. */
export async function scratchKey(stage: Stage, administrator: Credentials): Promise<string> {
    const client = new KMSClient(clientOptions(stage.cloud, administrator));
    try {
        const everything = { Effect: "Allow", Principal: { AWS: ROLES.administrator }, Action: "kms:*", Resource: "*" };
        const Policy = JSON.stringify({ Version: "2012-10-17", Statement: [everything] });
        const command = new CreateKeyCommand({ KeyUsage: "SIGN_VERIFY", KeySpec: "ECC_NIST_P256", Policy });
        return (await client.send(command)).KeyMetadata!.Arn!;
    } finally {
        client.destroy();
    }
}

async function outcome(call: () => Promise<Answered>): Promise<Answer> {
    try {
        return { ok: true, requestId: (await call()).$metadata.requestId };
    } catch (error) {
        const { name, $metadata } = error as Error & { $metadata?: { requestId?: string } };
        if ($metadata === undefined) throw error; // not an answer of the cloud
        return { ok: false, error: name, requestId: $metadata.requestId };
    }
}
