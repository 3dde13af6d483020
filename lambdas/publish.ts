import { equalBytes, quote, toHex, toUtf8 } from "../lib/encoding";
import { codedError } from "../lib/errors";
import { sha256 } from "../lib/hash";
import { openRequest, parseRequestId, type SigningRequest } from "../lib/signing/request";
import { environment } from "./aws/environment";
import { bucket } from "./aws/signing-objects";
import { textTable } from "./aws/signing-tables";
import { once } from "./signing/once";

/**
 * Releases what was verified, or says why nothing is. The last step, and the only writer of what a submitter can read:
 *
 *     released/<upload key>/<version id>/signed        the file, or its detached signature
 *     released/<upload key>/<version id>/result.json   written after it, so whoever sees it finds the file
 */
export type PublishRequest = Release | Refused;

/** The answer of `verify`. */
export interface Release {
    readonly requestId: string;
    readonly records: readonly { readonly recordHash: string; readonly logIndex: number }[];
    readonly outputSha256: string;
}

export interface Refused {
    readonly refusal: { readonly code: string; readonly reason: string };
    readonly upload: { readonly key: string; readonly versionId: string };
    readonly requestId?: string;
}

export interface PublishResult {
    readonly ok: true;
    readonly status: "signed" | "refused";
    /** Key in the results bucket. */
    readonly result: string;
}

export interface PublishDeps {
    /** Strong read. */
    readRequest(id: string): Promise<string | undefined>;
    readAssembled(requestId: string): Promise<Uint8Array | undefined>;
    read(key: string): Promise<{ readonly bytes: Uint8Array; readonly etag: string } | undefined>;
    /** False if the condition does not hold. Durable once it returns true. */
    put(
        key: string,
        bytes: Uint8Array,
        contentType: string,
        condition: "absent" | { readonly etag: string },
    ): Promise<boolean>;
}

/** @throws whatever goes wrong: there is nobody left to tell but the operator */
export async function handle(deps: PublishDeps, event: PublishRequest): Promise<PublishResult> {
    return "refusal" in event ? refuse(deps, event) : release(deps, event);
}

async function release(deps: PublishDeps, { requestId: id, records, outputSha256 }: Release): Promise<PublishResult> {
    const requestId = parseRequestId(id);
    if (!Array.isArray(records) || records.length === 0)
        throw codedError("NotLogged", "no record was found in the log for this file");
    const [stored, file] = await Promise.all([deps.readRequest(requestId), deps.readAssembled(requestId)]);
    const request = openRequest(requestId, stored);
    if (!file) throw codedError("NotSigned", "nothing was assembled for this request");
    const saw = toHex(sha256(file));
    if (saw !== outputSha256)
        throw codedError("FileChanged", `assembled file has SHA-256 ${saw}, verified was ${quote(outputSha256)}`);

    const place = placeOf(request.upload.key, request.upload.version_id);
    const output = `${place}/signed`;
    // Dead or unknown after either write: a repeat finds the same bytes, or writes them.
    await putOnce(deps, output, file);
    await putResult(deps, `${place}/result.json`, signedResult(requestId, request, output, records));
    return { ok: true, status: "signed", result: `${place}/result.json` };
}

async function refuse(deps: PublishDeps, { refusal, upload }: Refused): Promise<PublishResult> {
    const result = `${placeOf(upload.key, upload.versionId)}/result.json`;
    const { code, reason } = refusal;
    await putResult(deps, result, { version: 1, status: "refused", code, reason });
    return { ok: true, status: "refused", result };
}

/** By version, so that a second upload under one key does not touch the results of the first. */
function placeOf(key: string, versionId: string): string {
    return `released/${key}/${versionId}`;
}

interface Result {
    readonly version: 1;
    readonly status: "signed" | "refused";
    readonly [member: string]: unknown;
}

function signedResult(requestId: string, request: SigningRequest, output: string, records: Release["records"]): Result {
    const { tenant, format, key_name, artifact_sha256 } = request;
    return {
        version: 1,
        status: "signed",
        request_id: requestId,
        tenant,
        format,
        key_name,
        output,
        artifact_sha256,
        records: records.map(({ recordHash, logIndex }) => ({ record_hash: recordHash, log_index: logIndex })),
    };
}

/** @throws Equivocation if another file was released here: of one upload version there is one signed file */
async function putOnce(deps: PublishDeps, key: string, file: Uint8Array): Promise<void> {
    if (await deps.put(key, file, "application/octet-stream", "absent")) return;
    const found = await deps.read(key);
    if (!found) throw codedError("UnknownOutcome", `${quote(key)} is being written by somebody else`);
    if (!equalBytes(found.bytes, file)) throw codedError("Equivocation", `${quote(key)} holds another file`);
}

/**
 * A refusal may give way to a signature, when an operator runs a request again; never the other way round, and no result gives way to
 * another of its kind.
 */
async function putResult(deps: PublishDeps, key: string, result: Result): Promise<void> {
    const bytes = toUtf8(`${JSON.stringify(result)}\n`);
    if (await deps.put(key, bytes, "application/json", "absent")) return;
    const found = await deps.read(key);
    if (!found) throw codedError("UnknownOutcome", `${quote(key)} is being written by somebody else`);
    const { status } = JSON.parse(Buffer.from(found.bytes).toString("utf8")) as Result;
    if (result.status === "refused" || equalBytes(found.bytes, bytes)) return;
    if (status === "signed") throw codedError("Equivocation", `${quote(key)} tells of another signature`);
    if (!(await deps.put(key, bytes, "application/json", { etag: found.etag }))) {
        throw codedError("UnknownOutcome", `${quote(key)} is being written by somebody else`);
    }
}

/** Once per cold start, in Lambda. Only components/inline-function.ts deploys it. */
export function createHandler(): (event: PublishRequest) => Promise<PublishResult> {
    const deps = once(() => awsDeps());
    return async (event) => handle(await deps(), event);
}

async function awsDeps(): Promise<PublishDeps> {
    const [results, requests] = await Promise.all([
        bucket(environment("RESULTS_BUCKET")),
        textTable(environment("REQUESTS_TABLE"), "request"),
    ]);
    return {
        readRequest: (id) => requests.get(id),
        readAssembled: async (requestId) => (await results.read(`assembled/${requestId}`))?.bytes,
        read: (key) => results.read(key),
        put: (key, bytes, contentType, condition) => results.put(key, bytes, contentType, condition),
    };
}
