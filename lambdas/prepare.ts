import { fromBase64, quote, toHex } from "../lib/encoding";
import { codedError } from "../lib/errors";
import type { SigningOptions } from "../lib/formats/format";
import { formatNamed } from "../lib/formats/registry";
import { checkCertificate, readCertificate } from "../lib/formats/x509";
import { sha256 } from "../lib/hash";
import { keyOfFormat, type PipelineKey, signingOptions } from "../lib/signing/keys";
import { leafTime } from "../lib/record/key-registered";
import { sealRequest, toRequestMessages } from "../lib/signing/request";
import { environment } from "./aws/environment";
import { environmentMap } from "./aws/signing-environment";
import { bucket, type OpenObject } from "./aws/signing-objects";
import { textTable } from "./aws/signing-tables";
import { answering, type Refusal } from "./signing/answer";
import { collect } from "./signing/bytes";
import { once } from "./signing/once";

/** An upload becomes a request: what it is, whose, and what a key would have to sign. Holds no right to any key. */
export interface PrepareSettings {
    readonly tenants: readonly { readonly name: string; readonly formats: readonly string[] }[];
    readonly keys: readonly PipelineKey[];
    readonly requestTtlSeconds: number;
    readonly maxBytes: number;
}

/** The parts of S3's 'Object Created' event (EventBridge) that are read. All of it is caller-controlled but bucket, version and time. */
export interface UploadEvent {
    readonly time: string;
    readonly detail: {
        readonly bucket: { readonly name: string };
        readonly object: { readonly key: string; readonly size?: number; readonly "version-id"?: string };
    };
}

export interface PrepareResult {
    readonly ok: true;
    readonly requestId: string;
    readonly keyName: string;
    readonly format: string;
}

export type PrepareRefusal = Refusal & { readonly upload?: { readonly key: string; readonly versionId: string } };

export interface PrepareDeps {
    readonly settings: PrepareSettings;
    readonly bucket: string;
    /** By key name. */
    readonly keyArns: Readonly<Record<string, string>>;
    /** Pinned SPKIs, base64 DER, by key name. */
    readonly keySpkis: Readonly<Record<string, string>>;
    /** Reads the version of the event, never the newest. Throws VersionMissing. */
    openUpload(key: string, versionId: string): Promise<OpenObject>;
    /** Writes the request unless it exists. Returns what is stored now. */
    createRequest(id: string, text: string): Promise<string>;
}

interface Upload {
    readonly key: string;
    readonly versionId: string;
    readonly createdAt: string;
    readonly size: number | undefined;
}

export async function handle(deps: PrepareDeps, event: UploadEvent): Promise<PrepareResult | PrepareRefusal> {
    const upload = parseEvent(event, deps.bucket);
    const answer = await answering(() => prepare(deps, upload));
    return answer.ok ? answer : { ...answer, upload: { key: upload.key, versionId: upload.versionId } };
}

/** @throws OutsideTenant, FormatUnknown, FormatNotOfTenant, NoSuchKey, FileTooLarge, VersionMissing, and what the format refuses */
async function prepare(deps: PrepareDeps, upload: Upload): Promise<PrepareResult> {
    const { tenant, format } = ownerOf(deps.settings.tenants, upload.key);
    const key = keyOfFormat(deps.settings.keys, format);
    const options = certifiedOptions(deps, key, format, upload.createdAt);
    const file = await readFile(deps, upload);
    const messages = formatNamed(format).prepare(file, options);

    const request = sealRequest({
        version: 1,
        tenant,
        format,
        key_name: key.name,
        key_arn: arnOf(deps, key),
        upload: { bucket: deps.bucket, key: upload.key, version_id: upload.versionId },
        artifact_sha256: toHex(sha256(file)),
        size: file.length,
        created_at: upload.createdAt,
        expires_at: leafTime(new Date(Date.parse(upload.createdAt) + deps.settings.requestTtlSeconds * 1000)),
        ...(options.certificate && { certificate_sha256: toHex(sha256(options.certificate)) }),
        messages: toRequestMessages(messages),
    });
    // Dead or unknown here: the event is delivered again, makes the same text and so the same id, and finds or writes the same item.
    const stored = await deps.createRequest(request.id, request.text);
    if (stored !== request.text) {
        throw codedError(
            "RequestEdited",
            `request ${request.id} exists with another text: it was edited after it was made`,
        );
    }
    return { ok: true, requestId: request.id, keyName: key.name, format };
}

/** @throws BadEvent for what S3 does not send, VersionMissing without versioning: such an event pins nothing */
function parseEvent(event: UploadEvent, expectedBucket: string): Upload {
    const { bucket: from, object } = event.detail ?? {};
    const at = new Date(event.time);
    if (from?.name !== expectedBucket || typeof object?.key !== "string" || Number.isNaN(at.getTime())) {
        throw codedError("BadEvent", `event ${quote(event)} is no 'Object Created' of the uploads bucket`);
    }
    const versionId = object["version-id"];
    if (!versionId) throw codedError("BadEvent", "event names no object version, expected a bucket with versioning");
    return { key: object.key, versionId, createdAt: leafTime(at), size: object.size };
}

/**
 * TENANT/FORMAT/NAME, where the name may have slashes. The bucket policy lets a tenant's roles write below its own prefix only.
 *
 * @param key caller-controlled
 */
function ownerOf(tenants: PrepareSettings["tenants"], key: string): { tenant: string; format: string } {
    if (!/^[\x20-\x7e]{1,900}$/.test(key)) {
        throw codedError("BadName", `upload key ${quote(key)} is not 1 to 900 characters of U+0020 to U+007E`);
    }
    const [tenantName, format = "", ...name] = key.split("/");
    const tenant = tenants.find((candidate) => candidate.name === tenantName);
    if (!tenant || name.join("/") === "") {
        throw codedError(
            "OutsideTenant",
            `upload key ${quote(key)} is in no tenant's place, expected TENANT/FORMAT/NAME`,
        );
    }
    formatNamed(format);
    if (!tenant.formats.includes(format)) {
        throw codedError(
            "FormatNotOfTenant",
            `tenant ${tenant.name} has formats ${tenant.formats.join(", ")}, not ${format}`,
        );
    }
    return { tenant: tenant.name, format };
}

/** The certificate is judged here, before anything is signed under it. */
function certifiedOptions(deps: PrepareDeps, key: PipelineKey, format: string, at: string): SigningOptions {
    const options = signingOptions(key, format);
    if (formatNamed(format).needsCertificate && !options.certificate) {
        throw codedError(
            "NoCertificate",
            `format ${format} names a certificate, none is configured for key ${key.name}`,
        );
    }
    if (options.certificate) checkCertificate(readCertificate(options.certificate), pinOf(deps, key), at);
    return options;
}

/** Two checks of the size: before the file is in memory, and of what came. */
async function readFile({ settings, openUpload }: PrepareDeps, upload: Upload): Promise<Uint8Array> {
    const opened = await openUpload(upload.key, upload.versionId);
    if (opened.size > settings.maxBytes) {
        throw codedError("FileTooLarge", `upload has ${opened.size} bytes, at most ${settings.maxBytes} are signed`);
    }
    if (upload.size !== undefined && upload.size !== opened.size) {
        throw codedError("FileChanged", `upload has ${opened.size} bytes, its event says ${upload.size}`);
    }
    return collect(opened.chunks, opened.size);
}

function arnOf({ keyArns }: PrepareDeps, { name }: PipelineKey): string {
    const arn = keyArns[name];
    if (!arn) throw codedError("BadConfig", `KEY_ARNS has no key ${name}`);
    return arn;
}

function pinOf({ keySpkis }: PrepareDeps, { name }: PipelineKey): string {
    const spki = keySpkis[name];
    if (!spki) throw codedError("BadConfig", `KEY_SPKIS has no key ${name}`);
    return toHex(sha256(fromBase64(spki)));
}

/** Once per cold start, in Lambda. Only components/inline-function.ts deploys it. */
export function createHandler(
    settings: PrepareSettings,
): (event: UploadEvent) => Promise<PrepareResult | PrepareRefusal> {
    const deps = once(() => awsDeps(settings));
    return async (event) => handle(await deps(), event);
}

async function awsDeps(settings: PrepareSettings): Promise<PrepareDeps> {
    const name = environment("UPLOADS_BUCKET");
    const [uploads, requests] = await Promise.all([bucket(name), textTable(environment("REQUESTS_TABLE"), "request")]);
    return {
        settings,
        bucket: name,
        keyArns: environmentMap("KEY_ARNS"),
        keySpkis: environmentMap("KEY_SPKIS"),
        openUpload: (key, versionId) => uploads.openVersion(key, versionId),
        createRequest: (id, text) => requests.create(id, text),
    };
}
