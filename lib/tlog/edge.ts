import { concat, equalBytes, toHex } from "../encoding";
import { codedError } from "../errors";
import { sha256 } from "../hash";
import { nodeHash } from "./hashing";
import { encodeTile, partialTiles, type Tile, TILE_HEIGHT } from "./tile";

/**
 * The right edge of a tree: what a log must know to grow. `levels[l]` holds the hashes of the partial tile of level l,
 * none where that tile would be empty; whatever is left of them is in full tiles and is never read again.
 */
export interface Edge {
    readonly size: bigint;
    readonly levels: readonly (readonly Uint8Array[])[];
}

export const EMPTY_EDGE: Edge = { size: 0n, levels: [] };

/** A tile and its bytes, for storage. */
export interface StoredTile {
    readonly tile: Tile;
    readonly bytes: Uint8Array;
}

/** @param hashes of the tile of each level that `partialTiles(size)` names */
export function edgeFrom(size: bigint, hashes: (tile: Tile) => readonly Uint8Array[], height = TILE_HEIGHT): Edge {
    const levels: (readonly Uint8Array[])[] = [];
    for (const tile of partialTiles(size, height)) {
        while (levels.length < Number(tile.level)) levels.push([]);
        levels.push(hashes(tile));
    }
    return { size, levels };
}

/** Root of the tree, from its edge alone: the perfect subtrees, folded from the smallest. */
export function edgeRoot({ levels }: Edge): Uint8Array {
    let root: Uint8Array | undefined;
    for (const hashes of levels) {
        for (const peak of peaks(hashes)) root = root ? nodeHash(peak, root) : peak;
    }
    return root ?? sha256();
}

/** Roots of the perfect subtrees over these hashes, the rightmost, which is the smallest, first. */
function peaks(hashes: readonly Uint8Array[]): Uint8Array[] {
    const found: Uint8Array[] = [];
    let row = hashes;
    while (row.length > 0) {
        if (row.length % 2 === 1) found.push(row[row.length - 1] as Uint8Array);
        row = pairUp(row);
    }
    return found;
}

/** The row above; an odd hash at the end has no parent yet. */
export function pairUp(row: readonly Uint8Array[]): Uint8Array[] {
    const above: Uint8Array[] = [];
    for (let i = 0; i + 1 < row.length; i += 2) above.push(nodeHash(row[i] as Uint8Array, row[i + 1] as Uint8Array));
    return above;
}

/**
 * Appends leaf hashes.
 *
 * @returns the new edge, and each tile that is new: full ones, and the partial ones of the new size
 */
export function appendLeaves(
    edge: Edge,
    leaves: readonly Uint8Array[],
    height = TILE_HEIGHT,
): { readonly edge: Edge; readonly tiles: readonly StoredTile[] } {
    const full = 1 << height;
    const size = edge.size + BigInt(leaves.length);
    const levels: Uint8Array[][] = [];
    const tiles: StoredTile[] = [];
    let added = leaves;
    for (let level = 0; added.length > 0 || level < edge.levels.length; level += 1) {
        const row = [...(edge.levels[level] ?? []), ...added];
        const carried: Uint8Array[] = [];
        let index = edge.size >> BigInt(height * (level + 1));
        let at = 0;
        for (; at + full <= row.length; at += full, index += 1n) {
            const hashes = row.slice(at, at + full);
            tiles.push({ tile: { level, index, width: full }, bytes: encodeTile(hashes) });
            carried.push(tileRoot(hashes));
        }
        const rest = row.slice(at);
        if (rest.length > 0 && added.length > 0) {
            tiles.push({ tile: { level, index, width: rest.length }, bytes: encodeTile(rest) });
        }
        levels.push(rest);
        added = carried;
    }
    return { edge: { size, levels }, tiles };
}

/** Root over a full tile. */
function tileRoot(hashes: readonly Uint8Array[]): Uint8Array {
    let row: readonly Uint8Array[] = hashes;
    while (row.length > 1) row = pairUp(row);
    return concat(...row);
}

/** @throws RootMismatch */
export function checkRoot(edge: Edge, root: Uint8Array): void {
    const seen = edgeRoot(edge);
    if (!equalBytes(seen, root)) {
        throw codedError(
            "RootMismatch",
            `tiles at size ${edge.size} hash to ${toHex(seen)}, expected root ${toHex(root)}`,
        );
    }
}
