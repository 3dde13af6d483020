import { fromBase64, toHex } from "../lib/encoding";
import { codedError } from "../lib/errors";
import type { Message } from "../lib/formats/format";
import { derive, type Derived } from "../lib/formats/recheck/derive";
import { verifyAssembled } from "../lib/formats/recheck/verify";
import { messageOf } from "../lib/record/message";
import { verifySignatureLeaf } from "../lib/record/verify";
import { decodeDone, doneId, type SignedRecord } from "../lib/signing/done";
import { keyOfRequest, optionsOfRequest, type PipelineKey } from "../lib/signing/keys";
import { openRequest, parseRequestId, type SigningRequest } from "../lib/signing/request";
import { parseVkey } from "../lib/tlog/vkey";
import { environment } from "./aws/environment";
import { environmentMap } from "./aws/signing-environment";
import { bucket, type OpenObject } from "./aws/signing-objects";
import { revisionTable, textTable } from "./aws/signing-tables";
import { answering, type Refusal } from "./signing/answer";
import { findEntry, type Log } from "./signing/find-entry";
import { once } from "./signing/once";

/** Judges what is about to be released, with code that made none of it. Writes nothing: its answer is its only effect. */
export interface VerifySettings {
    readonly keys: readonly PipelineKey[];
    readonly logOrigin: string;
}

export interface VerifyRequest {
    readonly requestId: string;
}

export interface VerifyResult {
    readonly ok: true;
    readonly requestId: string;
    /** Of the first record. */
    readonly logIndex: number;
    readonly records: readonly { readonly recordHash: string; readonly logIndex: number }[];
    /** Of the file that was verified, so that no other is released. */
    readonly outputSha256: string;
}

/** Not yet: ask again in a second. */
export type VerifyRefusal = Refusal & { readonly pending?: true };

export interface VerifyDeps {
    readonly settings: VerifySettings;
    /** Pinned SPKIs, base64 DER, by key name. */
    readonly keySpkis: Readonly<Record<string, string>>;
    readonly log: Log;
    /** Strong read. */
    readRequest(id: string): Promise<string | undefined>;
    /** What the signer left, by strong read. */
    readDone(requestId: string): Promise<string | undefined>;
    /** Throws VersionMissing. */
    openUpload(key: string, versionId: string): Promise<OpenObject>;
    openAssembled(requestId: string): Promise<OpenObject | undefined>;
}

export async function handle(deps: VerifyDeps, event: VerifyRequest): Promise<VerifyResult | VerifyRefusal> {
    const answer = await answering(() => verify(deps, event));
    return !answer.ok && answer.code === "NotLogged" ? { ...answer, pending: true } : answer;
}

/** The log is asked first: while it has nothing, the file need not be read again at each try. */
async function verify(deps: VerifyDeps, event: VerifyRequest): Promise<VerifyResult> {
    const requestId = parseRequestId(event.requestId);
    const [stored, done] = await Promise.all([deps.readRequest(requestId), deps.readDone(requestId)]);
    const request = openRequest(requestId, stored);
    const records = decodeDone(done);
    const logged = await findAll(deps, records);
    const key = keyOfRequest(deps.settings.keys, request);
    const { signingAlgorithm, certificate } = optionsOfRequest(key, request);
    const spki = pinOf(deps, key);

    const { size, chunks } = await deps.openUpload(request.upload.key, request.upload.version_id);
    const derived = await derive(request.format, signingAlgorithm, chunks);
    checkArtifact(request, size, derived);
    checkRecords(request, derived.messages, records, spki);

    const assembled = await deps.openAssembled(requestId);
    if (!assembled) throw codedError("NotSigned", "nothing was assembled for this request");
    const outputSha256 = await verifyAssembled({
        format: request.format,
        chunks: assembled.chunks,
        artifact: { size: derived.size, sha256: derived.artifactSha256 },
        messages: derived.messages,
        signatures: records.map(({ leaf }) => fromBase64(leaf.signature_base64)),
        spki,
        certificate,
    });
    return { ok: true, requestId, logIndex: logged[0]?.logIndex ?? 0, records: logged, outputSha256 };
}

/** @throws NotLogged, and what a broken log gives */
async function findAll(
    { log, settings }: VerifyDeps,
    records: readonly SignedRecord[],
): Promise<VerifyResult["records"]> {
    if (log.vkey.name !== settings.logOrigin) {
        throw codedError("BadConfig", `verifier key is of log ${log.vkey.name}, expected ${settings.logOrigin}`);
    }
    const found: { recordHash: string; logIndex: number }[] = [];
    for (const { text, leaf } of records) {
        found.push({ recordHash: leaf.record_hash, logIndex: await findEntry(log, text, leaf) });
    }
    return found;
}

function checkArtifact(request: SigningRequest, size: number, derived: Derived): void {
    if (size !== request.size || derived.size !== request.size || derived.artifactSha256 !== request.artifact_sha256) {
        throw codedError(
            "FileChanged",
            `upload has SHA-256 ${derived.artifactSha256}, the request is for ${request.artifact_sha256}`,
        );
    }
}

/** Each record is of this file in this format by this key, and its signature verifies over what the file gives. */
function checkRecords(
    request: SigningRequest,
    messages: readonly Message[],
    records: readonly SignedRecord[],
    spki: Uint8Array,
): void {
    if (records.length !== messages.length) {
        throw codedError("LeafMismatch", `${records.length} records, the file gives ${messages.length} messages`);
    }
    messages.forEach(({ signingAlgorithm, messageType, message }, i) => {
        const { leaf } = records[i] as SignedRecord;
        verifySignatureLeaf(leaf, spki);
        const saw = [
            leaf.format,
            leaf.artifact_sha256,
            leaf.signing_algorithm,
            leaf.message_type,
            toHex(messageOf(leaf)),
        ];
        const expected = [request.format, request.artifact_sha256, signingAlgorithm, messageType, toHex(message)];
        const wrong = expected.findIndex((value, at) => value !== saw[at]);
        if (wrong >= 0)
            throw codedError("LeafMismatch", `record says ${saw[wrong]}, the file gives ${expected[wrong]}`);
    });
}

function pinOf({ keySpkis }: VerifyDeps, { name }: PipelineKey): Uint8Array {
    const spki = keySpkis[name];
    if (!spki) throw codedError("BadConfig", `KEY_SPKIS has no key ${name}`);
    return fromBase64(spki);
}

/** Once per cold start, in Lambda. Only components/inline-function.ts deploys it. */
export function createHandler(
    settings: VerifySettings,
): (event: VerifyRequest) => Promise<VerifyResult | VerifyRefusal> {
    const deps = once(() => awsDeps(settings));
    return async (event) => handle(await deps(), event);
}

async function awsDeps(settings: VerifySettings): Promise<VerifyDeps> {
    const [uploads, results, log, requests, attempts] = await Promise.all([
        bucket(environment("UPLOADS_BUCKET")),
        bucket(environment("RESULTS_BUCKET")),
        bucket(environment("LOG_BUCKET")),
        textTable(environment("REQUESTS_TABLE"), "request"),
        revisionTable(environment("ATTEMPTS_TABLE")),
    ]);
    return {
        settings,
        keySpkis: environmentMap("KEY_SPKIS"),
        log: { vkey: parseVkey(environment("LOG_VKEY")), read: async (key) => (await log.read(key))?.bytes },
        readRequest: (id) => requests.get(id),
        readDone: async (requestId) => (await attempts.get(doneId(requestId)))?.body,
        openUpload: (key, versionId) => uploads.openVersion(key, versionId),
        openAssembled: (requestId) => results.open(`assembled/${requestId}`),
    };
}
