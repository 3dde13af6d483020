import { fromBase64, toHex } from "../lib/encoding";
import { codedError } from "../lib/errors";
import { formatNamed } from "../lib/formats/registry";
import { sha256 } from "../lib/hash";
import { decodeDone, doneId } from "../lib/signing/done";
import { keyOfRequest, optionsOfRequest, type PipelineKey } from "../lib/signing/keys";
import { openRequest, parseRequestId, type SigningRequest } from "../lib/signing/request";
import { environment } from "./aws/environment";
import { bucket, type OpenObject } from "./aws/signing-objects";
import { revisionTable, textTable } from "./aws/signing-tables";
import { answering, type Refusal } from "./signing/answer";
import { collect } from "./signing/bytes";
import { once } from "./signing/once";

/** Puts file and signature together, where nobody but `verify` and `publish` reads it. Holds no right to any key. */
export interface AssembleSettings {
    readonly keys: readonly PipelineKey[];
}

export interface AssembleRequest {
    readonly requestId: string;
}

export interface AssembleResult {
    readonly ok: true;
    readonly requestId: string;
}

export interface AssembleDeps {
    readonly settings: AssembleSettings;
    /** Strong read. */
    readRequest(id: string): Promise<string | undefined>;
    /** What the signer left, by strong read. */
    readDone(requestId: string): Promise<string | undefined>;
    /** Throws VersionMissing. */
    openUpload(key: string, versionId: string): Promise<OpenObject>;
    putAssembled(requestId: string, file: Uint8Array): Promise<void>;
}

export async function handle(deps: AssembleDeps, event: AssembleRequest): Promise<AssembleResult | Refusal> {
    return answering(() => assemble(deps, event));
}

async function assemble(deps: AssembleDeps, event: AssembleRequest): Promise<AssembleResult> {
    const requestId = parseRequestId(event.requestId);
    const [stored, done] = await Promise.all([deps.readRequest(requestId), deps.readDone(requestId)]);
    const request = openRequest(requestId, stored);
    const signatures = decodeDone(done).map(({ leaf }) => fromBase64(leaf.signature_base64));
    const options = optionsOfRequest(keyOfRequest(deps.settings.keys, request), request);
    const format = formatNamed(request.format);

    const file = format.detached ? new Uint8Array() : await readUpload(deps, request);
    // Dead or unknown here: the same inputs give the same bytes, so a repeat writes what is there.
    await deps.putAssembled(requestId, format.assemble(file, options, signatures));
    return { ok: true, requestId };
}

async function readUpload(
    { openUpload }: AssembleDeps,
    { upload, size, artifact_sha256 }: SigningRequest,
): Promise<Uint8Array> {
    const opened = await openUpload(upload.key, upload.version_id);
    const file = await collect(opened.chunks, size);
    const saw = toHex(sha256(file));
    if (saw !== artifact_sha256)
        throw codedError("FileChanged", `upload has SHA-256 ${saw}, the request is for ${artifact_sha256}`);
    return file;
}

/** Once per cold start, in Lambda. Only components/inline-function.ts deploys it. */
export function createHandler(
    settings: AssembleSettings,
): (event: AssembleRequest) => Promise<AssembleResult | Refusal> {
    const deps = once(() => awsDeps(settings));
    return async (event) => handle(await deps(), event);
}

async function awsDeps(settings: AssembleSettings): Promise<AssembleDeps> {
    const [uploads, results, requests, attempts] = await Promise.all([
        bucket(environment("UPLOADS_BUCKET")),
        bucket(environment("RESULTS_BUCKET")),
        textTable(environment("REQUESTS_TABLE"), "request"),
        revisionTable(environment("ATTEMPTS_TABLE")),
    ]);
    return {
        settings,
        readRequest: (id) => requests.get(id),
        readDone: async (requestId) => (await attempts.get(doneId(requestId)))?.body,
        openUpload: (key, versionId) => uploads.openVersion(key, versionId),
        putAssembled: async (requestId, file) => {
            await results.put(`assembled/${requestId}`, file, "application/octet-stream", "any");
        },
    };
}
