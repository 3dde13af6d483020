import { createHash, generateKeyPairSync, sign as signWith } from "node:crypto";
import type { LogDeps, MetricName } from "../../lambdas/log/deps";
import { toBase64, toHex, toUtf8 } from "../../lib/encoding";
import { keyRegisteredLeaf } from "../../lib/record/key-registered";
import { sealLeaf } from "../../lib/record/codec";
import { encodeCanonical } from "../../lib/record/canonical";
import type { SignatureLeaf } from "../../lib/record/leaf";
import { decodeArchive, encodeArchive } from "../../lib/tlog/archive";
import { encodeNote } from "../../lib/tlog/note";
import { vkeyFromSpki } from "../../lib/tlog/vkey";
import { type Fault, type Faults, MemoryLockStore, MemoryObjectStore, type Write } from "./memory-stores";

/** A log in memory with a real Ed25519 key, the tables around it, and a clock that only tests move. */

export const ORIGIN = "log.example.test/countersign";
export const ARTIFACT_KEY = generateKeyPairSync("ed25519");
export const ARTIFACT_SPKI = new Uint8Array(ARTIFACT_KEY.publicKey.export({ format: "der", type: "spki" }));
const LOG_KEY = generateKeyPairSync("ed25519");
export const START = Date.UTC(2026, 10, 21, 8, 0, 0);

/** What KMS was asked to sign, and what came of it. */
export interface SignCall {
    readonly text: string;
    readonly requestId: string;
}

export class LogWorld {
    public readonly objects = new MemoryObjectStore("objects");
    public readonly head = new MemoryLockStore("head");
    public readonly intake = new MemoryLockStore("intake");
    public readonly reconciler = new MemoryLockStore("reconciler");
    public readonly metrics: MetricName[] = [];
    public readonly signed: SignCall[] = [];
    public clock = START;
    /** "fails": KMS answers an error. "signs": it signs, and its answer is lost. */
    public signFault: () => "fails" | "signs" | undefined = () => undefined;
    private attempts = 0;
    private records = 0;
    private readonly pair = LOG_KEY;
    public readonly spki = new Uint8Array(this.pair.publicKey.export({ format: "der", type: "spki" }));
    public readonly vkey = vkeyFromSpki(ORIGIN, this.spki);
    public readonly spkiSha256 = createHash("sha256").update(this.spki).digest("hex");

    public deps(overrides: Partial<LogDeps> = {}): LogDeps {
        return {
            origin: ORIGIN,
            bootstrap: true,
            objects: this.objects,
            head: this.head,
            inboxes: { intake: this.intake, reconciler: this.reconciler },
            key: {
                vkey: this.vkey,
                spki: this.spki,
                spkiSha256: this.spkiSha256,
                sign: (message) => this.sign(message),
                registration: () => Promise.resolve(this.registration()),
            },
            now: () => this.clock,
            newAttempt: () => `attempt-${(this.attempts += 1)}`,
            claimMs: 65_000,
            metric: (name) => {
                this.metrics.push(name);
                return Promise.resolve();
            },
            ...overrides,
        };
    }

    public async sign(message: Uint8Array): Promise<{ signature: Uint8Array; kmsRequestId: string }> {
        await this.objects.yieldPoint();
        const fault = this.signFault();
        if (fault === "fails") throw new Error("KMSInternalException");
        const kmsRequestId = `log-request-${this.signed.length}`;
        this.signed.push({ text: Buffer.from(message).toString(), requestId: kmsRequestId });
        if (fault === "signs") throw new Error("socket hang up");
        return { signature: new Uint8Array(signWith(null, message, this.pair.privateKey)), kmsRequestId };
    }

    public signNote(text: string): Uint8Array {
        return new Uint8Array(signWith(null, toUtf8(text), this.pair.privateKey));
    }

    /** The archive of a checkpoint that the log's key signed over a tree which is not this one. */
    public forkedArchive(size: number, ...kmsRequestIds: string[]): Uint8Array {
        const text = `${ORIGIN}\n${size}\n${Buffer.alloc(32, 7).toString("base64")}\n`;
        const note = encodeNote({ text, signatures: [{ ...this.vkey, signature: this.signNote(text) }] });
        const uses = kmsRequestIds.map((id) => ({ key_spki_sha256: this.spkiSha256, kms_request_id: id }));
        return encodeArchive({ checkpoint: Buffer.from(note).toString(), uses });
    }

    private registration() {
        const key = {
            spki: this.spki,
            alias: "alias/test-log-v1",
            role: "log",
            spec: "ECC_NIST_EDWARDS25519",
        } as const;
        const algorithms = ["ED25519_SHA_512", "ED25519_PH_SHA_512"];
        return keyRegisteredLeaf(
            { ...key, algorithms, policy: "{}", createdAt: new Date(START) },
            new Date(this.clock),
        );
    }

    /** A record waiting in the intake table, as the intake function leaves it. */
    public submit(store: MemoryLockStore = this.intake): SignatureLeaf {
        this.records += 1;
        const leaf = signatureLeaf(this.records);
        store.items.set(`sig#${leaf.kms_request_id}`, {
            version: 1,
            value: {
                leaf: encodeCanonical(leaf),
                record_hash: leaf.record_hash,
                pending: "1",
                received_at: new Date(this.clock + this.records).toISOString(),
            },
        });
        return leaf;
    }

    /** Another world that has come as far: for tests that all start from the same log. */
    public copy(): LogWorld {
        const copy = new LogWorld();
        for (const [key, object] of this.objects.objects) copy.objects.objects.set(key, object);
        copy.head.restore(this.head.items);
        copy.intake.restore(this.intake.items);
        copy.reconciler.restore(this.reconciler.items);
        copy.signed.push(...this.signed);
        copy.records = this.records;
        copy.attempts = this.attempts;
        return copy;
    }

    /** Uses of the log's key that nothing in the bucket accounts for. */
    public unarchivedUses(): string[] {
        const archives = [...this.objects.objects].filter(([key]) => key.startsWith("archive/"));
        const accounted = archives.flatMap(([, { bytes }]) =>
            decodeArchive(bytes).uses.map((use) => use.kms_request_id),
        );
        return this.signed.map(({ requestId }) => requestId).filter((id) => !accounted.includes(id));
    }

    public set faults(faults: Faults) {
        for (const store of this.stores) store.faults = faults;
    }

    public get stores() {
        return [this.objects, this.head, this.intake, this.reconciler];
    }

    public get broken(): string[] {
        return this.stores.flatMap(({ broken }) => broken);
    }
}

/** A true signature of message number `i`. */
export function signatureLeaf(i: number, overrides: Partial<SignatureLeaf> = {}): SignatureLeaf {
    const message = toUtf8(`countersign/v1\ntest\n${i}\n`);
    return sealLeaf<SignatureLeaf>({
        version: 1,
        type: "signature",
        timestamp: "2026-11-21T08:00:00Z",
        key_spki_sha256: createHash("sha256").update(ARTIFACT_SPKI).digest("hex"),
        key_alias: "alias/test-files-v1",
        signing_algorithm: "ED25519_SHA_512",
        message_type: "RAW",
        message_base64: toBase64(message),
        message_digest_sha256: createHash("sha256").update(message).digest("hex"),
        signature_base64: toBase64(new Uint8Array(signWith(null, message, ARTIFACT_KEY.privateKey))),
        artifact_sha256: createHash("sha256").update(`file ${i}`).digest("hex"),
        format: "raw",
        kms_request_id: `request-${i}`,
        principal_hash: toHex(new Uint8Array(32).fill(i)),
        approvals: [],
        ...overrides,
    });
}

/** Faults exactly the nth write of a run, then lets everything pass. */
export function faultAt(n: number, fault: Fault): { faults: Faults; hit: () => Write | undefined } {
    let count = 0;
    let hit: Write | undefined;
    return {
        faults: (write) => {
            if (count++ !== n) return undefined;
            hit = write;
            return fault;
        },
        hit: () => hit,
    };
}
