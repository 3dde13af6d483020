import { randomUUID } from "node:crypto";
import { basename } from "node:path";
import type { S3Client } from "@aws-sdk/client-s3";
import { fromUtf8, quote } from "../lib/encoding";
import { couldNotTell, NOT_VERIFIED } from "./exit";

/** The stack as a submitter sees it: two buckets. Everything else of it is behind them. */
export interface Buckets {
    readonly uploads: string;
    readonly results: string;
    readonly region?: string;
}

export interface Submission {
    readonly tenant: string;
    readonly format: string;
    readonly path: string;
    readonly bytes: Uint8Array;
    readonly timeoutSeconds: number;
}

export interface Released {
    readonly requestId: string;
    readonly keyName: string;
    readonly signed: Uint8Array;
    readonly records: readonly { readonly recordHash: string; readonly logIndex: number }[];
}

const POLL_MS = 500;

/** Credentials, region and endpoint as every AWS tool finds them; AWS_ENDPOINT_URL is the local cloud's. */
export async function openBuckets(
    env: Readonly<Record<string, string | undefined>>,
    { region }: Buckets,
): Promise<S3Client> {
    const { S3Client } = await import("@aws-sdk/client-s3");
    return new S3Client({
        ...(env["AWS_REGION"] === undefined && region !== undefined ? { region } : {}),
        // An address of numbers has no bucket subdomains.
        forcePathStyle: env["AWS_ENDPOINT_URL"] !== undefined || env["AWS_ENDPOINT_URL_S3"] !== undefined,
    });
}

/**
 * Uploads a file and waits for what the stack makes of it. The result belongs to the version that was uploaded, whatever is
 * uploaded under the same name later.
 *
 * @throws refused (exit 1) with the stack's code and reason; could not tell, if the time is over or AWS does not answer
 */
export async function submit(s3: S3Client, buckets: Buckets, submission: Submission): Promise<Released> {
    const { PutObjectCommand } = await import("@aws-sdk/client-s3");
    const { tenant, format, path, bytes } = submission;
    const key = `${tenant}/${format}/${randomUUID()}/${objectName(path)}`;
    const put = new PutObjectCommand({ Bucket: buckets.uploads, Key: key, Body: bytes });
    const { VersionId: version } = await s3.send(put).catch((error: unknown) => {
        throw couldNotTell(`cannot upload to ${buckets.uploads}/${key}: ${errorText(error)}`, error);
    });
    if (version === undefined)
        throw couldNotTell(`bucket ${buckets.uploads} keeps no versions, expected the stack's uploads bucket`);
    const place = `released/${key}/${version}`;
    const result = parseResult(await waitFor(s3, buckets.results, `${place}/result.json`, submission.timeoutSeconds));
    if (result.status === "refused") {
        const reason = `the stack refused ${path}: ${String(result.code)}: ${String(result.reason)}`;
        throw Object.assign(new Error(reason), { exit: NOT_VERIFIED });
    }
    const signed = await get(s3, buckets.results, result.output);
    if (!signed) throw couldNotTell(`${buckets.results}/${result.output} is not there, though the result names it`);
    return { requestId: result.requestId, keyName: result.keyName, signed, records: result.records };
}

/** The last part of an object key; S3's event gives names URL-encoded, so odd characters only make trouble. */
function objectName(path: string): string {
    return basename(path).replace(/[^A-Za-z0-9._-]/g, "_") || "file";
}

async function waitFor(s3: S3Client, bucket: string, key: string, seconds: number): Promise<Uint8Array> {
    const deadline = performance.now() + seconds * 1000;
    for (;;) {
        const bytes = await get(s3, bucket, key);
        if (bytes) return bytes;
        if (performance.now() > deadline) {
            throw couldNotTell(
                `no result within ${seconds} s; it may still come: ${bucket}/${key}, or try again with --timeout`,
            );
        }
        await new Promise((resume) => setTimeout(resume, POLL_MS));
    }
}

/** Undefined where there is nothing yet: who may not list a bucket is told 403 for what is missing. */
async function get(s3: S3Client, Bucket: string, Key: string): Promise<Uint8Array | undefined> {
    const { GetObjectCommand } = await import("@aws-sdk/client-s3");
    try {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
        return await Body?.transformToByteArray();
    } catch (error) {
        const { name } = error as Error;
        if (name === "NoSuchKey" || name === "AccessDenied") return undefined;
        throw couldNotTell(`cannot read ${Bucket}/${Key}: ${errorText(error)}`, error);
    }
}

type Result =
    | { readonly status: "refused"; readonly code: unknown; readonly reason: unknown }
    | ({ readonly status: "signed"; readonly output: string } & Omit<Released, "signed">);

function parseResult(bytes: Uint8Array): Result {
    const value = JSON.parse(fromUtf8(bytes)) as Record<string, unknown>;
    const { version, status, code, reason, output, request_id, key_name, records } = value;
    if (version === 1 && status === "refused") return { status, code, reason };
    const isRecords = Array.isArray(records) && records.every((r) => typeof r === "object" && r !== null);
    if (version !== 1 || status !== "signed" || typeof output !== "string" || !isRecords) {
        throw couldNotTell(
            `result ${quote(value)} is not one that this version knows, expected version 1, signed or refused`,
        );
    }
    const known = records as { record_hash: unknown; log_index: unknown }[];
    return {
        status,
        output,
        requestId: String(request_id),
        keyName: String(key_name),
        records: known.map((r) => ({ recordHash: String(r.record_hash), logIndex: Number(r.log_index) })),
    };
}

function errorText(error: unknown): string {
    const { name, message } = error as Error;
    return name === "Error" ? message : `${name}: ${message}`;
}
