import { equalBytes, fromUtf8, toHex, toUtf8 } from "../../lib/encoding";
import { codedError } from "../../lib/errors";
import type { SignatureLeaf } from "../../lib/record/leaf";
import { messageOf } from "../../lib/record/message";
import { openCheckpoint, type Checkpoint } from "../../lib/tlog/checkpoint";
import { leafHash } from "../../lib/tlog/hashing";
import { inclusionProof, verifyInclusion } from "../../lib/tlog/proof";
import { TILE_HEIGHT, tileAt } from "../../lib/tlog/tile";
import { type ReadObject, readBundle, tileTree } from "../../lib/tlog/tree";
import type { Vkey } from "../../lib/tlog/vkey";

/** A log as anybody can read it. Its objects are not trusted: what is found is proved under a signed checkpoint. */
export interface Log {
    /** Pinned. */
    readonly vkey: Vkey;
    readonly read: ReadObject;
}

/** Newest bundles of 256 entries that are searched without a hint: an entry of this signature is seconds old. */
const NEWEST_BUNDLES = 2n;
/** Newest entries of one digest that are looked at. */
const MAX_HINTS = 32;

/**
 * Where a record is in the log, by inclusion under a checkpoint that verifies.
 *
 * @param text the entry, canonical text
 * @throws NotLogged if it is not found, BadNote, SignatureMismatch, BadCheckpoint, BadTile, BadEntry, BadProof for a log that is broken
 */
export async function findEntry(log: Log, text: string, leaf: SignatureLeaf): Promise<number> {
    const note = await log.read("checkpoint");
    if (!note) throw codedError("NotLogged", "the log has no checkpoint yet");
    const checkpoint = openCheckpoint(note, log.vkey);
    const entry = toUtf8(text);
    for await (const index of candidates(log, checkpoint, entry, leaf)) {
        await proveInclusion(log, checkpoint, entry, index);
        return Number(index);
    }
    throw codedError("NotLogged", `record ${leaf.record_hash} is not in the log at size ${checkpoint.size}`);
}

/** Indices whose entry is this one, to be proved: first of the newest bundle, where a fresh record is, then by the hints. */
async function* candidates(
    log: Log,
    { size }: Checkpoint,
    entry: Uint8Array,
    leaf: SignatureLeaf,
): AsyncGenerator<bigint> {
    const height = BigInt(TILE_HEIGHT);
    const bundles = new Map<bigint, readonly Uint8Array[]>();
    const bundle = async (number: bigint): Promise<readonly Uint8Array[]> => {
        const known = bundles.get(number) ?? (await readBundle(log.read, tileAt(size, "entries", number)));
        bundles.set(number, known);
        return known;
    };
    const search = async function* (number: bigint): AsyncGenerator<bigint> {
        for (const [i, found] of (await bundle(number)).entries()) {
            if (equalBytes(found, entry)) yield (number << height) + BigInt(i);
        }
    };
    if (size === 0n) return;
    const last = (size - 1n) >> height;
    yield* search(last);
    for (const index of await hints(log, leaf)) {
        const found = index < size ? (await bundle(index >> height))[Number(index & 0xffn)] : undefined;
        if (found && equalBytes(found, entry)) yield index;
    }
    for (let number = last - 1n; number >= 0n && number > last - NEWEST_BUNDLES; number--) yield* search(number);
}

async function proveInclusion(
    { read }: Log,
    { size, root }: Checkpoint,
    entry: Uint8Array,
    index: bigint,
): Promise<void> {
    const tree = tileTree(size, read);
    const leaf = leafHash(entry);
    // The proof does not contain the leaf's own hash; whoever audits the tiles would stumble over a wrong one.
    if (!equalBytes(await tree.node(0, index), leaf))
        throw codedError("BadTile", `tile has another hash for entry ${index}`);
    verifyInclusion({ index, size, root, leafHash: leaf, proof: await inclusionProof(tree, index) });
}

/** `index/digest/`: unauthenticated, and written after publication, so neither presence nor absence proves anything. */
async function hints({ read }: Log, leaf: SignatureLeaf): Promise<bigint[]> {
    const digest = toHex(messageOf(leaf));
    const bytes = await read(`index/digest/${digest.slice(0, 2)}/${digest}.json`);
    if (!bytes) return [];
    try {
        const { indices } = JSON.parse(fromUtf8(bytes)) as { readonly indices?: unknown };
        const numbers = Array.isArray(indices) ? indices : [];
        return numbers
            .filter((index) => Number.isSafeInteger(index) && index >= 0)
            .slice(-MAX_HINTS)
            .reverse()
            .map(BigInt);
    } catch {
        return [];
    }
}
