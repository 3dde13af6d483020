import { createHash, createHmac } from "node:crypto";
import type { Cloud, Credentials } from "../cloud";

/** Requests that no SDK would send, written out by hand: without a signature, and with another body than the signed one. */

interface Answer {
    readonly ok: boolean;
    readonly error?: string;
    readonly requestId?: string;
}

const TARGET = "TrentService.Sign";

export async function unsignedSign(cloud: Cloud, keyArn: string, digest: Buffer): Promise<Answer> {
    const body = JSON.stringify(signInput(keyArn, digest, "RSASSA_PKCS1_V1_5_SHA_256"));
    return send(cloud, { "content-type": "application/x-amz-json-1.1", "x-amz-target": TARGET }, body);
}

/** One signature (SigV4, https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html), two bodies. */
export async function requestWithOtherBody(
    cloud: Cloud,
    credentials: Credentials,
    keyArn: string,
    signedDigest: Buffer,
    otherDigest: Buffer,
): Promise<{ same: Answer; other: Answer }> {
    const body = (digest: Buffer) => JSON.stringify(signInput(keyArn, digest, "ECDSA_SHA_256"));
    const headers = signedHeaders(cloud, credentials, body(signedDigest));
    return {
        other: await send(cloud, headers, body(otherDigest)),
        same: await send(cloud, headers, body(signedDigest)),
    };
}

function signInput(KeyId: string, digest: Buffer, SigningAlgorithm: string): object {
    return { KeyId, Message: digest.toString("base64"), MessageType: "DIGEST", SigningAlgorithm };
}

async function send(cloud: Cloud, headers: Record<string, string>, body: string): Promise<Answer> {
    const response = await fetch(cloud.endpoint, { method: "POST", headers, body });
    const requestId = response.headers.get("x-amzn-requestid") ?? undefined;
    const answer = (await response.json().catch(() => ({}))) as { __type?: string };
    const error = answer.__type?.replace(/^.*#/, "") ?? `HTTP ${response.status}`;
    return { ok: response.ok, ...(response.ok ? {} : { error }), ...(requestId !== undefined && { requestId }) };
}

function signedHeaders(cloud: Cloud, credentials: Credentials, body: string): Record<string, string> {
    const time = new Date().toISOString().replace(/[-:]|\.\d{3}/g, "");
    const scope = `${time.slice(0, 8)}/${cloud.region}/kms/aws4_request`;
    const bodyHash = sha256(body);
    const headers: Record<string, string> = {
        "content-type": "application/x-amz-json-1.1",
        host: new URL(cloud.endpoint).host,
        "x-amz-content-sha256": bodyHash,
        "x-amz-date": time,
        ...(credentials.sessionToken !== undefined && { "x-amz-security-token": credentials.sessionToken }),
        "x-amz-target": TARGET,
    };
    const names = Object.keys(headers).sort();
    const canonical = [
        "POST",
        "/",
        "",
        ...names.map((name) => `${name}:${headers[name]}`),
        "",
        names.join(";"),
        bodyHash,
    ].join("\n");
    const toSign = ["AWS4-HMAC-SHA256", time, scope, sha256(canonical)].join("\n");
    const key = scope
        .split("/")
        .reduce<Buffer | string>((k, part) => hmac(k, part), `AWS4${credentials.secretAccessKey}`);
    const signature = hmac(key, toSign).toString("hex");
    const { host: _host, ...sent } = headers; // fetch sets it, to the same value
    return {
        ...sent,
        authorization: `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${names.join(";")}, Signature=${signature}`,
    };
}

function hmac(key: Buffer | string, text: string): Buffer {
    return createHmac("sha256", key).update(text).digest();
}

function sha256(text: string): string {
    return createHash("sha256").update(text).digest("hex");
}
