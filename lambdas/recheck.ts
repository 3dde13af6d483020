import { fromBase64 } from "../lib/encoding";
import { codedError } from "../lib/errors";
import { checkCertificateKey } from "../lib/formats/recheck/certificate";
import { derive } from "../lib/formats/recheck/derive";
import { keyOfRequest, optionsOfRequest, type PipelineKey } from "../lib/signing/keys";
import {
    messagesSha256,
    openRequest,
    parseRequestId,
    type SigningRequest,
    toRequestMessages,
} from "../lib/signing/request";
import { environment } from "./aws/environment";
import { environmentMap } from "./aws/signing-environment";
import { bucket, type OpenObject } from "./aws/signing-objects";
import { textTable } from "./aws/signing-tables";
import { answering, type Refusal } from "./signing/answer";
import { once } from "./signing/once";

/** Derives a second time, from the pinned upload, what the key is asked to sign. Other code than `prepare`, under another role. */
export interface RecheckSettings {
    readonly keys: readonly PipelineKey[];
}

export interface RecheckRequest {
    readonly requestId: string;
}

export interface RecheckResult {
    readonly ok: true;
    readonly requestId: string;
    readonly keyName: string;
}

export interface RecheckDeps {
    readonly settings: RecheckSettings;
    readonly bucket: string;
    /** Pinned SPKIs, base64 DER, by key name. */
    readonly keySpkis: Readonly<Record<string, string>>;
    /** Strong read. */
    readRequest(id: string): Promise<string | undefined>;
    /** Throws VersionMissing. */
    openUpload(key: string, versionId: string): Promise<OpenObject>;
    /** Writes the recheck unless it exists. Returns what is stored now. */
    createRecheck(id: string, messages: string): Promise<string>;
}

export async function handle(deps: RecheckDeps, event: RecheckRequest): Promise<RecheckResult | Refusal> {
    return answering(() => recheck(deps, event));
}

async function recheck(deps: RecheckDeps, event: RecheckRequest): Promise<RecheckResult> {
    const requestId = parseRequestId(event.requestId);
    const request = openRequest(requestId, await deps.readRequest(requestId));
    checkPlace(request, deps.bucket);
    const key = keyOfRequest(deps.settings.keys, request);
    const { signingAlgorithm, certificate } = optionsOfRequest(key, request);
    if (certificate) checkCertificateKey(certificate, pinOf(deps, key));

    const { size, chunks } = await deps.openUpload(request.upload.key, request.upload.version_id);
    if (size !== request.size)
        throw codedError("FileChanged", `upload has ${size} bytes, the request is for ${request.size}`);
    const derived = await derive(request.format, signingAlgorithm, chunks);
    if (derived.size !== request.size || derived.artifactSha256 !== request.artifact_sha256) {
        throw codedError(
            "FileChanged",
            `upload has SHA-256 ${derived.artifactSha256}, the request is for ${request.artifact_sha256}`,
        );
    }
    const messages = messagesSha256(toRequestMessages(derived.messages));
    if (messages !== messagesSha256(request.messages)) {
        throw codedError("RecheckMismatch", "the request's messages are not those that the file gives");
    }
    // Dead or unknown here: a repeat finds or writes the same text. Nothing is signed without it.
    const stored = await deps.createRecheck(requestId, messages);
    if (stored !== messages) throw codedError("RecheckMismatch", `recheck exists for other messages, ${stored}`);
    return { ok: true, requestId, keyName: key.name };
}

/** @throws OutsideTenant: a request may only be for its tenant's own upload, whoever wrote it */
function checkPlace({ upload, tenant, format }: SigningRequest, expectedBucket: string): void {
    if (upload.bucket !== expectedBucket || !upload.key.startsWith(`${tenant}/${format}/`)) {
        throw codedError(
            "OutsideTenant",
            `request of tenant ${tenant} in format ${format} is for an upload of another place`,
        );
    }
}

function pinOf({ keySpkis }: RecheckDeps, { name }: PipelineKey): Uint8Array {
    const spki = keySpkis[name];
    if (!spki) throw codedError("BadConfig", `KEY_SPKIS has no key ${name}`);
    return fromBase64(spki);
}

/** Once per cold start, in Lambda. Only components/inline-function.ts deploys it. */
export function createHandler(settings: RecheckSettings): (event: RecheckRequest) => Promise<RecheckResult | Refusal> {
    const deps = once(() => awsDeps(settings));
    return async (event) => handle(await deps(), event);
}

async function awsDeps(settings: RecheckSettings): Promise<RecheckDeps> {
    const name = environment("UPLOADS_BUCKET");
    const [uploads, requests, rechecks] = await Promise.all([
        bucket(name),
        textTable(environment("REQUESTS_TABLE"), "request"),
        textTable(environment("RECHECKS_TABLE"), "messages_sha256"),
    ]);
    return {
        settings,
        bucket: name,
        keySpkis: environmentMap("KEY_SPKIS"),
        readRequest: (id) => requests.get(id),
        openUpload: (key, versionId) => uploads.openVersion(key, versionId),
        createRecheck: (id, messages) => rechecks.create(id, messages),
    };
}
