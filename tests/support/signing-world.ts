import { createHash, randomBytes } from "node:crypto";
import type { AssembleDeps } from "../../lambdas/assemble";
import { handle as intake } from "../../lambdas/intake";
import type { PrepareDeps, PrepareSettings, UploadEvent } from "../../lambdas/prepare";
import type { PublishDeps } from "../../lambdas/publish";
import type { RecheckDeps } from "../../lambdas/recheck";
import { handle as runSequencer } from "../../lambdas/sequencer";
import type { RegisteredKey, SignDeps } from "../../lambdas/sign";
import type { AttemptStore } from "../../lambdas/signing/attempts";
import { registerKey } from "../../lambdas/signing/registering";
import type { VerifyDeps } from "../../lambdas/verify";
import { toBase64, toHex } from "../../lib/encoding";
import { codedError } from "../../lib/errors";
import type { Message } from "../../lib/formats/format";
import { sha256 } from "../../lib/hash";
import { doneId } from "../../lib/signing/done";
import type { PipelineKey } from "../../lib/signing/keys";
import type { KeyUse } from "../../lib/signing/records";
import { certificate, pem, rsaKey, signDigest, type TestKey } from "./certificates";
import { LogWorld, ORIGIN } from "./log-world";
import type { Fault } from "./memory-stores";

/**
 * The signing plane in memory, with real RSA keys, the real intake function and the real sequencer behind it. One place for each table and
 * bucket; what a function may not write, its deps cannot.
 */

export const BUCKET = "countersign-dev-uploads-111122223333-eu-west-1";
export const NOW = Date.UTC(2026, 10, 21, 8, 0, 10);
export const EVENT_TIME = "2026-11-21T08:00:00Z";
const DEADLINE = 35_000;

/** One pair for all worlds of a file: making them takes longer than a test. */
const MODULES = rsaKey();
const FILES = rsaKey();
let other: TestKey | undefined;
const CERTIFICATE = certificate({ key: MODULES });

/** One write to the signers' table, as a fault sees it. */
export interface AttemptWrite {
    readonly id: string;
    readonly body: string;
}

export class MemoryAttempts implements AttemptStore {
    public readonly items = new Map<string, { readonly revision: number; readonly body: string }>();
    public fault: (write: AttemptWrite) => Fault | undefined = () => undefined;
    /** Runs before each operation: other processes get their turn here. */
    public yieldPoint: () => Promise<void> = () => Promise.resolve();

    public async get(id: string): Promise<{ readonly revision: number; readonly body: string } | undefined> {
        await this.yieldPoint();
        return this.items.get(id);
    }

    public async put(id: string, body: string, expected: number): Promise<boolean> {
        await this.yieldPoint();
        const fault = this.fault({ id, body });
        if (fault === "lost") throw new Error(`put ${id}: connection lost`);
        const found = this.items.get(id);
        const fits = (found?.revision ?? 0) === expected;
        if (fits) this.items.set(id, { revision: expected + 1, body });
        if (fault === "applied") throw new Error(`put ${id}: connection lost`);
        return fits || (found?.revision === expected + 1 && found.body === body);
    }

    /** Bodies whose id starts so. */
    public bodies<T>(prefix: string): T[] {
        return [...this.items].filter(([id]) => id.startsWith(prefix)).map(([, { body }]) => JSON.parse(body) as T);
    }
}

/** What KMS is made to do instead of signing. "applied": it signs, and its answer is lost. */
export type KmsFault = "applied" | "KmsFailed" | "KmsUnavailable" | "UnknownOutcome" | "wrong key";

export class SigningWorld {
    public readonly modules = MODULES;
    public readonly files = FILES;
    public readonly certificate = CERTIFICATE;
    public readonly log = new LogWorld();
    public readonly uploads = new Map<string, Uint8Array>();
    public readonly requests = new Map<string, string>();
    public readonly rechecks = new Map<string, string>();
    public readonly attempts = new MemoryAttempts();
    public readonly results = new Map<string, { readonly bytes: Uint8Array; readonly etag: string }>();
    /** Every use of a key, recorded or not. */
    public readonly uses: KeyUse[] = [];
    /** Steps of the signer in order, as it calls its dependencies. */
    public readonly calls: string[] = [];
    public kmsFault: () => KmsFault | undefined = () => undefined;
    /** "lost": intake never sees the record. "applied": it keeps it, and its answer is lost. */
    public intakeFault: () => Fault | undefined = () => undefined;
    public clock = NOW;
    private counter = 0;

    public keys: PipelineKey[] = [
        {
            name: "modules",
            formats: ["kmod"],
            spec: "RSA_2048",
            algorithm: "RSASSA_PKCS1_V1_5_SHA_256",
            messageType: "DIGEST",
            certificatePem: pem(this.certificate),
        },
        {
            name: "files",
            formats: ["raw"],
            spec: "RSA_2048",
            algorithm: "RSASSA_PKCS1_V1_5_SHA_256",
            messageType: "DIGEST",
        },
    ];

    public readonly settings: PrepareSettings = {
        tenants: [
            { name: "kernel-team", formats: ["kmod", "raw"] },
            { name: "web-team", formats: ["raw"] },
        ],
        keys: this.keys,
        requestTtlSeconds: 3600,
        maxBytes: 100_000,
    };

    /** Puts a file where a submitter would, and gives the event that S3 sends. */
    public upload(key: string, bytes: Uint8Array, time = EVENT_TIME): UploadEvent {
        const versionId = `version${(this.counter += 1)}`;
        this.uploads.set(`${key}@${versionId}`, bytes);
        return {
            time,
            detail: { bucket: { name: BUCKET }, object: { key, size: bytes.length, "version-id": versionId } },
        };
    }

    private readonly openUpload = async (key: string, versionId: string) => {
        const bytes = this.uploads.get(`${key}@${versionId}`);
        if (!bytes) throw codedError("VersionMissing", `version ${versionId} of the upload is gone`);
        return opened(bytes);
    };

    private readonly keySpkis = { modules: toBase64(this.modules.spki), files: toBase64(this.files.spki) };

    public prepareDeps(overrides: Partial<PrepareDeps> = {}): PrepareDeps {
        return {
            settings: this.settings,
            bucket: BUCKET,
            keyArns: { modules: keyArn("modules"), files: keyArn("files") },
            keySpkis: this.keySpkis,
            openUpload: this.openUpload,
            createRequest: async (id, text) => createText(this.requests, id, text),
            ...overrides,
        };
    }

    public recheckDeps(overrides: Partial<RecheckDeps> = {}): RecheckDeps {
        return {
            settings: { keys: this.keys },
            bucket: BUCKET,
            keySpkis: this.keySpkis,
            readRequest: async (id) => this.requests.get(id),
            openUpload: this.openUpload,
            createRecheck: async (id, messages) => createText(this.rechecks, id, messages),
            ...overrides,
        };
    }

    public signDeps(name: "modules" | "files", overrides: Partial<SignDeps> = {}): SignDeps {
        const key = this.registered(name);
        const deps: Omit<SignDeps, "key"> = {
            store: this.attempts,
            readRequest: async (id) => {
                this.calls.push("read");
                return { request: this.requests.get(id), recheck: this.rechecks.get(id) };
            },
            sign: async (message) => this.kmsSign(this[name], message),
            intake: async (leaf) => {
                this.calls.push("intake");
                const fault = this.intakeFault();
                if (fault === "lost") throw new Error("intake: connection lost");
                const answer = await intake({ store: this.log.intake, now: () => this.clock }, { leaf });
                if (fault === "applied") throw new Error("intake: connection lost");
                return answer;
            },
            pause: async (milliseconds) => {
                this.calls.push("pause");
                this.clock += milliseconds;
                await this.attempts.yieldPoint();
            },
            now: () => new Date(this.clock),
            uuid: () => `attempt-${(this.counter += 1)}`,
            salt: () => new Uint8Array(randomBytes(32)),
        };
        return {
            ...deps,
            key: async () => {
                await registerKey({ ...deps, describeKey: async () => this.description(name) }, key.spkiSha256);
                return key;
            },
            ...overrides,
        };
    }

    /** Milliseconds since 1970: as long as an invocation that starts now can run. */
    public get deadline(): number {
        return this.clock + DEADLINE;
    }

    public registered(name: "modules" | "files"): RegisteredKey {
        return {
            arn: keyArn(name),
            alias: `alias/countersign-dev-${name}-v1`,
            formats: [name === "modules" ? "kmod" : "raw"],
            algorithm: "RSASSA_PKCS1_V1_5_SHA_256",
            messageType: "DIGEST",
            spkiSha256: toHex(sha256(this[name].spki)),
            spki: this[name].spki,
        };
    }

    public description(name: "modules" | "files") {
        return {
            spki: this[name].spki,
            alias: `alias/countersign-dev-${name}-v1`,
            role: "artifact" as const,
            spec: "RSA_2048",
            algorithms: ["RSASSA_PKCS1_V1_5_SHA_256", "RSASSA_PSS_SHA_256"],
            policy: "{}",
            createdAt: new Date(NOW - 86_400_000),
        };
    }

    private kmsSign(key: TestKey, { message }: Message): KeyUse {
        this.calls.push("sign");
        const fault = this.kmsFault();
        if (fault === "KmsFailed" || fault === "KmsUnavailable") throw codedError(fault, "KMS did not sign");
        if (fault === "UnknownOutcome") throw codedError(fault, "KMS did not answer");
        const signer = fault === "wrong key" ? (other ??= rsaKey()) : key;
        const use = { requestId: `kms-request-${(this.counter += 1)}`, signature: signDigest(signer, message) };
        this.uses.push(use);
        if (fault === "applied") throw codedError("UnknownOutcome", "KMS did not answer");
        return use;
    }

    public assembleDeps(overrides: Partial<AssembleDeps> = {}): AssembleDeps {
        return {
            settings: { keys: this.keys },
            readRequest: async (id) => this.requests.get(id),
            readDone: async (id) => this.attempts.items.get(doneId(id))?.body,
            openUpload: this.openUpload,
            putAssembled: async (id, bytes) => this.putResult(`assembled/${id}`, bytes),
            ...overrides,
        };
    }

    public verifyDeps(overrides: Partial<VerifyDeps> = {}): VerifyDeps {
        return {
            settings: { keys: this.keys, logOrigin: ORIGIN },
            keySpkis: this.keySpkis,
            log: { vkey: this.log.vkey, read: async (key) => (await this.log.objects.get(key))?.bytes },
            readRequest: async (id) => this.requests.get(id),
            readDone: async (id) => this.attempts.items.get(doneId(id))?.body,
            openUpload: this.openUpload,
            openAssembled: async (id) => {
                const found = this.results.get(`assembled/${id}`);
                return found && opened(found.bytes);
            },
            ...overrides,
        };
    }

    public publishDeps(overrides: Partial<PublishDeps> = {}): PublishDeps {
        return {
            readRequest: async (id) => this.requests.get(id),
            readAssembled: async (id) => this.results.get(`assembled/${id}`)?.bytes,
            read: async (key) => this.results.get(key),
            put: async (key, bytes, _contentType, condition) => {
                const found = this.results.get(key);
                if (condition === "absent" ? found : found?.etag !== condition.etag) return false;
                this.putResult(key, bytes);
                return true;
            },
            ...overrides,
        };
    }

    public putResult(key: string, bytes: Uint8Array): void {
        this.results.set(key, { bytes: bytes.slice(), etag: `"${(this.counter += 1)}"` });
    }

    /** What waits at intake becomes part of the published log. */
    public async publishLog(): Promise<void> {
        await runSequencer(this.log.deps());
    }

    /** The release of an upload, as a submitter reads it. */
    public result(event: UploadEvent): Record<string, unknown> | undefined {
        const { key, "version-id": versionId } = event.detail.object;
        const found = this.results.get(`released/${key}/${versionId}/result.json`);
        return found && (JSON.parse(Buffer.from(found.bytes).toString("utf8")) as Record<string, unknown>);
    }
}

export function keyArn(name: string): string {
    const id = createHash("sha256").update(name).digest("hex").slice(0, 12);
    return `arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-4000-8000-${id}`;
}

function createText(items: Map<string, string>, id: string, text: string): string {
    if (!items.has(id)) items.set(id, text);
    return items.get(id) as string;
}

function opened(bytes: Uint8Array): { size: number; chunks: AsyncIterable<Uint8Array> } {
    return {
        size: bytes.length,
        chunks: (async function* () {
            for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000);
        })(),
    };
}
