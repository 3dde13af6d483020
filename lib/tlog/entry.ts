import { codedError } from "../errors";
import type { Checkpoint } from "./checkpoint";
import { leafHash } from "./hashing";
import { inclusionProof, verifyInclusion } from "./proof";
import { TILE_HEIGHT, tileAt } from "./tile";
import { readBundle, type ReadObject, tileTree } from "./tree";

/** An entry and the proof that a checkpoint covers it. */
export interface ProvenEntry {
    readonly index: bigint;
    readonly entry: Uint8Array;
    readonly proof: readonly Uint8Array[];
}

/**
 * Reads an entry and its proof, and verifies: what the objects say is not trusted, the checkpoint is.
 *
 * @param checkpoint verified by the caller
 * @throws BadProof if index or entry are not in that tree, BadTile or BadEntry if objects are missing or malformed
 */
export async function readEntry(read: ReadObject, { size, root }: Checkpoint, index: bigint): Promise<ProvenEntry> {
    if (index < 0n || index >= size) throw codedError("BadProof", `no entry ${index} in a tree of size ${size}`);
    const [entries, proof] = await Promise.all([
        readBundle(read, tileAt(size, "entries", index >> BigInt(TILE_HEIGHT))),
        inclusionProof(tileTree(size, read), index),
    ]);
    const entry = entries[Number(index & BigInt((1 << TILE_HEIGHT) - 1))] ?? new Uint8Array();
    verifyInclusion({ index, size, leafHash: leafHash(entry), root, proof });
    return { index, entry, proof };
}
