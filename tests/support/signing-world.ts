import { randomBytes } from "node:crypto";
import type { AssembleDeps } from "../../lambdas/assemble";
import { handle as intake } from "../../lambdas/intake";
import type { PrepareDeps, PrepareSettings, UploadEvent } from "../../lambdas/prepare";
import type { PublishDeps } from "../../lambdas/publish";
import type { RecheckDeps } from "../../lambdas/recheck";
import { handle as runSequencer } from "../../lambdas/sequencer";
import type { SignDeps } from "../../lambdas/sign";
import { registerKey } from "../../lambdas/signing/registering";
import type { VerifyDeps } from "../../lambdas/verify";
import { toBase64 } from "../../lib/encoding";
import { codedError } from "../../lib/errors";
import type { Message } from "../../lib/formats/format";
import { doneId } from "../../lib/signing/done";
import type { PipelineKey } from "../../lib/signing/keys";
import type { KeyUse } from "../../lib/signing/records";
import { signDigest, type TestKey } from "./certificates";
import { LogWorld, ORIGIN } from "./log-world";
import { MemoryAttempts } from "./memory-attempts";
import type { Fault } from "./memory-stores";
import {
    CERTIFICATE,
    describedKey,
    keyArn,
    type KeyName,
    KEYS,
    otherKey,
    PIPELINE_KEYS,
    registeredKey,
} from "./signing-keys";

/**
 * The signing plane in memory, with real RSA keys, the real intake function and the real sequencer behind it. One place for each table and
 * bucket; what a function may not write, its deps cannot.
 */

export const BUCKET = "countersign-dev-uploads-111122223333-eu-west-1";
export const NOW = Date.UTC(2026, 10, 21, 8, 0, 10);
export const EVENT_TIME = "2026-11-21T08:00:00Z";
const DEADLINE = 35_000;

/** What KMS is made to do instead of signing. "applied": it signs, and its answer is lost. */
export type KmsFault = "applied" | "KmsFailed" | "KmsUnavailable" | "UnknownOutcome" | "wrong key";

export class SigningWorld {
    public readonly modules = KEYS.modules;
    public readonly files = KEYS.files;
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

    public keys: PipelineKey[] = [...PIPELINE_KEYS];

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

    public signDeps(name: KeyName, overrides: Partial<SignDeps> = {}): SignDeps {
        const key = registeredKey(name);
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
                await registerKey({ ...deps, describeKey: async () => describedKey(name) }, key.spkiSha256);
                return key;
            },
            ...overrides,
        };
    }

    /** Milliseconds since 1970: as long as an invocation that starts now can run. */
    public get deadline(): number {
        return this.clock + DEADLINE;
    }

    private kmsSign(key: TestKey, { message }: Message): KeyUse {
        this.calls.push("sign");
        const fault = this.kmsFault();
        if (fault === "KmsFailed" || fault === "KmsUnavailable") throw codedError(fault, "KMS did not sign");
        if (fault === "UnknownOutcome") throw codedError(fault, "KMS did not answer");
        const signer = fault === "wrong key" ? otherKey() : key;
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
