import { equalBytes, fromHex } from "../../lib/encoding";
import { codedError } from "../../lib/errors";
import { checkRoot, type Edge, edgeFrom } from "../../lib/tlog/edge";
import { leafHash } from "../../lib/tlog/hashing";
import { partialTiles, tilePath } from "../../lib/tlog/tile";
import { readBundle, readTile, type ReadObject } from "../../lib/tlog/tree";

/** The right edge as stored, and the entries that share a bundle with the next one. */
export interface StoredEdge extends Edge {
    readonly entries: readonly Uint8Array[];
}

/**
 * Reads the partial tiles and the partial bundle. The bucket is untrusted: they must hash to the head's root, and each entry
 * to its leaf hash, else nothing may be built on them.
 *
 * @param root hex
 * @throws RootMismatch, LeafMismatch, BadTile, BadEntry
 */
export async function readEdge(read: ReadObject, size: number, root: string): Promise<StoredEdge> {
    const tiles = partialTiles(BigInt(size));
    const lowest = tiles.find(({ level }) => level === 0);
    const [entries, ...rows] = await Promise.all([
        lowest ? readBundle(read, lowest) : [],
        ...tiles.map((tile) => readTile(read, tile)),
    ]);
    const byPath = new Map(tiles.map((tile, i) => [tilePath(tile), rows[i] ?? []]));
    const edge = edgeFrom(BigInt(size), (tile) => byPath.get(tilePath(tile)) ?? []);
    checkRoot(edge, fromHex(root));
    const leaves = lowest ? (edge.levels[0] ?? []) : [];
    const wrong = entries.findIndex((entry, i) => !equalBytes(leafHash(entry), leaves[i] ?? new Uint8Array()));
    if (wrong >= 0)
        throw codedError("LeafMismatch", `stored entry ${size - entries.length + wrong} does not hash to its leaf`);
    return { ...edge, entries };
}
