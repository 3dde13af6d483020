import { equalBytes, toUtf8 } from "../../lib/encoding";
import { codedError } from "../../lib/errors";
import { decodeLeaf } from "../../lib/record/codec";
import type { KeyEventLeaf, SignatureLeaf } from "../../lib/record/leaf";
import { decodeArchive } from "../../lib/tlog/archive";
import { type Checkpoint, openCheckpoint } from "../../lib/tlog/checkpoint";
import { readEntry } from "../../lib/tlog/entry";
import { consistencyProof, verifyConsistency } from "../../lib/tlog/proof";
import { tileTree } from "../../lib/tlog/tree";
import type { Vkey } from "../../lib/tlog/vkey";
import { readProgress } from "./head";
import { archivePath, useHintPath } from "./objects";
import type { LockStore, ObjectStore } from "./stores";
import { accountOf, isRole, type UseEvent } from "./use-event";

/** What the log knows that an event can be compared with. */
export interface WitnessDeps {
    readonly objects: Pick<ObjectStore, "get">;
    /** Intake's table, read only: a record counts once its leaf is in the tiles, never because the table says so. */
    readonly intake: Pick<LockStore, "get">;
    /** Read only: tells a checkpoint that is being published from one that never will be. */
    readonly head: Pick<LockStore, "get">;
    readonly logKey: { readonly arn: string; readonly vkey: Vkey; readonly spkiSha256: string };
    /** SHA-256 of the key's SPKI, hex. Throws if KMS does not say: then nobody can tell whose use it was. */
    readonly spkiSha256: (keyArn: string) => Promise<string>;
    /** Value of the tag `countersign:signer`: the one role that may use the key. */
    readonly signerOf: (keyArn: string) => Promise<string | undefined>;
}

/** A key that the log answers for. */
export interface KnownKey {
    readonly spkiSha256: string;
    readonly alias: string;
    readonly role: "artifact" | "log";
}

export type Verdict =
    | { readonly kind: "matched" | "unknown-key" | "not-ours" }
    /** `pending`: a record, but not yet in the published tree; look again. */
    | {
          readonly kind: "log-key" | "pending" | "unattributed";
          readonly key: KnownKey;
          readonly expectedPrincipal: boolean;
      };

/**
 * Joins an event with the record of the same KMS request. Key, algorithm, message type and signer must agree as well: else a record
 * of one use could cover another.
 */
export async function classify(deps: WitnessDeps, event: UseEvent): Promise<Verdict> {
    const key = await keyOf(deps, event.keyArn);
    const signer = await deps.signerOf(event.keyArn);
    // Registered keys count whatever their tags say: a tag can be taken off.
    if (!key) return { kind: signer === undefined ? "not-ours" : "unknown-key" };
    const expectedPrincipal = signer !== undefined && isRole(event.principal, accountOf(event.keyArn), signer);
    const unattributed = { kind: "unattributed", key, expectedPrincipal } as const;
    if (!expectedPrincipal) return unattributed;
    if (key.role === "log") return { ...unattributed, kind: await classifyLogKey(deps, event, key) };

    const record = await deps.intake.get(`sig#${event.requestId}`);
    if (!record) return unattributed;
    const entry = toUtf8(String(record.value.leaf));
    if (!agrees(decodeLeaf(entry) as SignatureLeaf, event, key)) return unattributed;
    const { log_index: index } = record.value;
    const isLogged = typeof index === "number" && (await isPublished(deps, index, entry));
    return isLogged ? { kind: "matched" } : { kind: "pending", key, expectedPrincipal };
}

function agrees(leaf: SignatureLeaf, event: UseEvent, key: KnownKey): boolean {
    return (
        leaf.kms_request_id === event.requestId &&
        leaf.key_spki_sha256 === key.spkiSha256 &&
        leaf.signing_algorithm === event.signingAlgorithm &&
        leaf.message_type === event.messageType
    );
}

async function keyOf(deps: WitnessDeps, keyArn: string): Promise<KnownKey | undefined> {
    if (keyArn === deps.logKey.arn)
        return { spkiSha256: deps.logKey.spkiSha256, alias: await logKeyAlias(deps), role: "log" };
    const spkiSha256 = await deps.spkiSha256(keyArn);
    const item = await deps.intake.get(`key#${spkiSha256}#KeyRegistered`);
    if (!item) return undefined;
    const { key_alias: alias } = decodeLeaf(toUtf8(String(item.value.leaf))) as KeyEventLeaf;
    return { spkiSha256, alias, role: "artifact" };
}

/** Entry 0 registers the log's key; the intake table has no item for it. */
async function logKeyAlias(deps: WitnessDeps): Promise<string> {
    const { entry } = await readEntry(reader(deps), await publishedCheckpoint(deps), 0n);
    const leaf = decodeLeaf(entry);
    if (leaf.type !== "key_event" || leaf.key_spki_sha256 !== deps.logKey.spkiSha256) {
        throw codedError("KeyMismatch", "entry 0 does not register the log's key");
    }
    return leaf.key_alias;
}

/** Whether the published tree has this entry at this index. */
async function isPublished(deps: WitnessDeps, index: number, entry: Uint8Array): Promise<boolean> {
    const checkpoint = await publishedCheckpoint(deps);
    if (BigInt(index) >= checkpoint.size) return false;
    return equalBytes((await readEntry(reader(deps), checkpoint, BigInt(index))).entry, entry);
}

/**
 * A use of the log's key must have signed an archived checkpoint that verifies and lies on the log. One of a secret fork fails here:
 * it is archived nowhere, or is no prefix of the published tree.
 */
async function classifyLogKey(
    deps: WitnessDeps,
    event: UseEvent,
    key: KnownKey,
): Promise<"log-key" | "pending" | "unattributed"> {
    if (event.signingAlgorithm !== "ED25519_SHA_512" || event.messageType !== "RAW") return "unattributed";
    const hint = await deps.objects.get(useHintPath(event.requestId));
    const size = hint && sizeOf(hint.bytes);
    const stored = size === undefined ? undefined : await deps.objects.get(archivePath(size));
    if (!stored) return (await isBeingPublished(deps, event)) ? "pending" : "unattributed";
    const { checkpoint: note, uses } = decodeArchive(stored.bytes);
    const archived = openCheckpoint(toUtf8(note), deps.logKey.vkey);
    const isNamed = uses.some(
        (use) => use.kms_request_id === event.requestId && use.key_spki_sha256 === key.spkiSha256,
    );
    if (!isNamed) return "unattributed";
    const published = await publishedCheckpoint(deps);
    // The archive comes before the checkpoint.
    if (archived.size > published.size) return "pending";
    return (await isPrefix(deps, archived, published)) ? "log-key" : "unattributed";
}

/** The sequencer stored this signature and will archive it, or its next run will. */
async function isBeingPublished({ head }: WitnessDeps, { requestId }: UseEvent): Promise<boolean> {
    const { signing } = await readProgress(head, "published");
    return (await head.get(`sign#${signing}`))?.value.kms_request_id === requestId;
}

async function isPrefix(deps: WitnessDeps, { size, root }: Checkpoint, published: Checkpoint): Promise<boolean> {
    const proof = await consistencyProof(tileTree(published.size, reader(deps)), size);
    try {
        verifyConsistency({ oldSize: size, oldRoot: root, newSize: published.size, newRoot: published.root, proof });
        return true;
    } catch {
        return false;
    }
}

function sizeOf(hint: Uint8Array): number | undefined {
    const [, size] = /^\{"size":(\d{1,16})\}$/.exec(Buffer.from(hint).toString("latin1")) ?? [];
    return size === undefined ? undefined : Number(size);
}

async function publishedCheckpoint({ objects, logKey }: WitnessDeps): Promise<Checkpoint> {
    const stored = await objects.get("checkpoint");
    if (!stored) throw codedError("NotLogged", "the log has no checkpoint yet");
    return openCheckpoint(stored.bytes, logKey.vkey);
}

function reader({ objects }: WitnessDeps): (path: string) => Promise<Uint8Array | undefined> {
    return async (path) => (await objects.get(path))?.bytes;
}
