import { equalBytes, quote, toHex } from "../encoding";
import { codedError } from "../errors";
import { openCheckpoint, type Checkpoint } from "../tlog/checkpoint";
import { leafHash, nodeHash } from "../tlog/hashing";
import { inclusionProof, verifyInclusion } from "../tlog/proof";
import { TILE_HEIGHT, tileAt } from "../tlog/tile";
import type { TlogProof } from "../tlog/tlog-proof";
import { readBundle, tileTree, type ReadObject, type Tree } from "../tlog/tree";
import type { Vkey } from "../tlog/vkey";
import { check, checkAsync } from "./check";

/** A verified checkpoint with its bytes and the tree below it, which is read once however many entries are proved. */
export interface OpenLog extends Checkpoint {
    readonly bytes: Uint8Array;
    readonly tree: Tree;
    readonly read: ReadObject;
}

/** @throws the check `checkpoint`, also where there is none: what is not there was not signed */
export async function openLog(read: ReadObject, vkey: Vkey): Promise<OpenLog> {
    const bytes = (await read("checkpoint")) ?? new Uint8Array();
    const checkpoint = check("checkpoint", () => openCheckpoint(bytes, vkey));
    return { ...checkpoint, bytes, tree: tileTree(checkpoint.size, read), read };
}

/**
 * Entry and proof out of tiles. All that was read is compared, also what the proof itself does not need (the entry's own slot in each
 * tile), so that a log that contradicts itself does not pass.
 *
 * @throws the checks `entry`, `tiles`, `inclusion`
 */
export async function proveEntry(log: OpenLog, index: bigint): Promise<TlogProof> {
    const { size, root, tree, bytes } = log;
    if (index >= size) {
        check("inclusion", () => {
            throw codedError("BadProof", `log has ${size} entries, there is no entry ${index}`);
        });
    }
    const entry = await checkAsync("entry", () => readEntry(log, index));
    const slot = await checkAsync("tiles", () => tree.node(0, index));
    const hashes = await checkAsync("tiles", () => inclusionProof(tree, index));
    const proof = { size, root, index, proof: hashes };
    if (!equalBytes(leafHash(entry), slot)) {
        // One of the two was changed: the one that does not lead to the root.
        const changed = isIncluded({ ...proof, leafHash: slot }) ? "entry" : "tiles";
        check(changed, () => {
            throw codedError(
                "LeafMismatch",
                `entry ${index} hashes to ${toHex(leafHash(entry))}, its tile has ${toHex(slot)}`,
            );
        });
    }
    await checkAsync("tiles", () => checkTiles(tree, index));
    check("inclusion", () => verifyInclusion({ ...proof, leafHash: leafHash(entry) }));
    return { extra: entry, index, hashes, checkpoint: bytes };
}

async function readEntry({ size, read }: OpenLog, index: bigint): Promise<Uint8Array> {
    const bundle = index >> BigInt(TILE_HEIGHT);
    const entries = await readBundle(read, tileAt(size, "entries", bundle));
    const entry = entries[Number(index - (bundle << BigInt(TILE_HEIGHT)))];
    if (!entry) throw codedError("BadEntry", `bundle ${bundle} has ${entries.length} entries, expected entry ${index}`);
    return entry;
}

/** Each full tile on the entry's way up hashes to its slot in the tile above. */
async function checkTiles(tree: Tree, index: bigint): Promise<void> {
    for (let level = TILE_HEIGHT; ; level += TILE_HEIGHT) {
        const above = index >> BigInt(level);
        if (above >= tree.size >> BigInt(level)) return;
        const [left, right, slot] = await Promise.all([
            tree.node(level - 1, 2n * above),
            tree.node(level - 1, 2n * above + 1n),
            tree.node(level, above),
        ]);
        if (!equalBytes(nodeHash(left, right), slot)) {
            const at = quote(`level ${level / TILE_HEIGHT}, slot ${above}`);
            throw codedError("BadTile", `tile has ${toHex(slot)} at ${at}, the tile below hashes to another value`);
        }
    }
}

function isIncluded(inclusion: Parameters<typeof verifyInclusion>[0]): boolean {
    try {
        verifyInclusion(inclusion);
        return true;
    } catch {
        return false;
    }
}
