import { fromUtf8, toUtf8 } from "../../lib/encoding";
import { codedError } from "../../lib/errors";
import { type Archive, encodeArchive } from "../../lib/tlog/archive";
import { encodeCheckpoint } from "../../lib/tlog/checkpoint";
import type { LogDeps } from "./deps";
import { type Head, type Progress, raise, startSigning } from "./head";
import { archivePath, CHECKPOINT, HINT, IMMUTABLE_JSON, useHintPath } from "./objects";
import { checkNotAhead, openStored, readArchive } from "./published";
import { checkpointOf, type CheckpointSignature, leftSignature, type SignedHead, signatureOf } from "./sign-checkpoint";
import { readPublication } from "./state";
import type { StoredObject } from "./stores";

/**
 * Publishes the head (section 12 of the log's protocol): claim, sign, archive, checkpoint. Each step is found done or done again
 * by the next run; between them the log is what the last checkpoint says.
 *
 * @returns the published size: the old one where nothing is new, or another run is at it
 * @throws HeadRolledBack, and then nothing was signed
 */
export async function publish(deps: LogDeps): Promise<{ readonly size: number }> {
    const { head, applied, published, checkpoint } = await readPublication(deps);
    const unchanged = { size: published.size };
    // Tiles first, or the checkpoint would promise what cannot be read.
    if (!head || head.size === 0 || applied.size < head.size) return unchanged;
    // 0: no Sign over a head that contradicts what was published.
    const fresh = await checkNotAhead(deps, checkpoint, head);
    if (fresh.size !== head.size) return unchanged;
    if (published.size >= head.size && openStored(deps, checkpoint)?.size === BigInt(head.size)) return unchanged;
    // 1 to 3.
    const [claimed, found] = await Promise.all([settleClaims(deps, published, head.size), readArchive(deps, head)]);
    if (!claimed) return unchanged;
    const archive = found ? await withUseHints(deps, head, found) : await signAndArchive(deps, head);
    if (!archive) return unchanged;
    // 5 and 6.
    await putCheckpoint(deps, head, toUtf8(archive.checkpoint), checkpoint);
    await raise(deps.head, claimed, head.size);
    return { size: head.size };
}

/**
 * Every signature that was stored gets its archive, also if the head has moved on since its run died: else an honest use of the key
 * would show as unattributed.
 *
 * @returns undefined while another run is at it
 */
async function settleClaims(deps: LogDeps, published: Progress, size: number): Promise<Progress | undefined> {
    const { signing } = published;
    if (signing > published.size && signing !== size) {
        const left = await leftSignature(deps, signing);
        if (left === "theirs") return undefined;
        if (left) await archiveSignature(deps, left.head, left.signed);
    }
    return startSigning(deps.head, published, size);
}

async function signAndArchive(deps: LogDeps, head: SignedHead): Promise<Archive | undefined> {
    const signed = await signatureOf(deps, head);
    return signed && archiveSignature(deps, head, signed);
}

async function archiveSignature(
    deps: LogDeps,
    head: SignedHead,
    signed: CheckpointSignature,
): Promise<Archive | undefined> {
    const archive: Archive = {
        checkpoint: fromUtf8(encodeCheckpoint(checkpointOf(deps, head), deps.key.vkey, signed.signature)),
        uses: [{ key_spki_sha256: deps.key.spkiSha256, kms_request_id: signed.kmsRequestId }],
    };
    const [{ kind }] = await Promise.all([
        deps.objects.put(archivePath(head.size), encodeArchive(archive), "absent", IMMUTABLE_JSON),
        putUseHints(deps, head, archive),
    ]);
    // Another run's, from the same signature: the claim allows one. readArchive verifies it.
    return kind === "ok" ? archive : readArchive(deps, head);
}

/** The run that archived may have died before it wrote them. */
async function withUseHints(deps: LogDeps, head: SignedHead, archive: Archive): Promise<Archive> {
    await putUseHints(deps, head, archive);
    return archive;
}

/** Where the reconciler looks for a use of the log's key. Before `published`, so that no run leaves it out. */
async function putUseHints({ objects }: LogDeps, { size }: SignedHead, { uses }: Archive): Promise<void> {
    const hint = toUtf8(JSON.stringify({ size }));
    await Promise.all(uses.map((use) => objects.put(useHintPath(use.kms_request_id), hint, "any", HINT)));
}

/**
 * Only ever grows. The etag makes the put a swap: whoever published meanwhile is read and judged again.
 *
 * @throws HeadRolledBack, Busy
 */
async function putCheckpoint(
    deps: LogDeps,
    head: Head,
    note: Uint8Array,
    seen: StoredObject | undefined,
): Promise<void> {
    let stored = seen;
    for (let attempt = 0; attempt < 5; attempt += 1) {
        await checkNotAhead(deps, stored, head);
        const size = openStored(deps, stored)?.size ?? 0n;
        if (size >= BigInt(head.size)) return;
        const condition = stored ? { etag: stored.etag } : "absent";
        if ((await deps.objects.put("checkpoint", note, condition, CHECKPOINT)).kind === "ok") return;
        stored = await deps.objects.get("checkpoint");
    }
    throw codedError("Busy", `checkpoint of size ${head.size}: the stored one keeps changing`);
}
