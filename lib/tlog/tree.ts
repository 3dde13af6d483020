import { codedError } from "../errors";
import { decodeBundle } from "./bundle";
import { pairUp } from "./edge";
import { bitLength, nodeHash, splitPoint } from "./hashing";
import { decodeTile, type Tile, TILE_HEIGHT, tileAt, tilePath } from "./tile";

/** Gets an object of a log by path. Undefined means absent. What it answers is not trusted: proofs made of it are verified. */
export type ReadObject = (path: string) => Promise<Uint8Array | undefined>;

/** The nodes of a tree of one size. A node of level l and index n is the root over leaves `[n*2^l, (n+1)*2^l)`. */
export interface Tree {
    readonly size: bigint;
    readonly node: (level: number, index: bigint) => Promise<Uint8Array>;
    /** Roots of `[first, size)` found so far: nearly every proof needs some, and there are few. */
    readonly borders: Map<bigint, Promise<Uint8Array>>;
}

/** A tree read from tiles; each tile is read, and the nodes in it are hashed, once. */
export function tileTree(size: bigint, read: ReadObject, height = TILE_HEIGHT): Tree {
    const cache = new Map<string, Promise<readonly (readonly Uint8Array[])[]>>();

    const rowsOf = (tile: Tile): Promise<readonly (readonly Uint8Array[])[]> => {
        const path = tilePath(tile, height);
        const known = cache.get(path);
        if (known) return known;
        const rows = readTile(read, tile, height).then(rowsOver);
        cache.set(path, rows);
        return rows;
    };

    return {
        size,
        borders: new Map<bigint, Promise<Uint8Array>>(),
        node: async (level, index) => {
            const inTile = level % height;
            const row = height - inTile;
            const tileIndex = index >> BigInt(row);
            const rows = await rowsOf(tileAt(size, (level - inTile) / height, tileIndex, height));
            const hash = rows[inTile]?.[Number(index - (tileIndex << BigInt(row)))];
            if (!hash) throw codedError("BadTile", `no node ${index} at level ${level} in a tree of size ${size}`);
            return hash;
        },
    };
}

/** All complete rows over a tile's hashes, the hashes themselves first. */
function rowsOver(hashes: readonly Uint8Array[]): readonly (readonly Uint8Array[])[] {
    const rows = [hashes];
    for (let row = pairUp(hashes); row.length > 0; row = pairUp(row)) rows.push(row);
    return rows;
}

/** @throws BadTile if neither the tile nor, for a partial one, the full tile that replaced it is there */
export async function readTile(read: ReadObject, tile: Tile, height = TILE_HEIGHT): Promise<readonly Uint8Array[]> {
    const { bytes, width } = await readEither(read, tile, height);
    return decodeTile(bytes, width).slice(0, tile.width);
}

/**
 * Entries of the bundle that covers a tile's width.
 *
 * @throws BadTile if it is absent, BadEntry if malformed
 */
export async function readBundle(read: ReadObject, tile: Tile, height = TILE_HEIGHT): Promise<readonly Uint8Array[]> {
    const { bytes, width } = await readEither(read, { ...tile, level: "entries" }, height);
    return decodeBundle(bytes, width).slice(0, tile.width);
}

/** Partials may be collected once the full tile exists. */
async function readEither(read: ReadObject, tile: Tile, height: number): Promise<{ bytes: Uint8Array; width: number }> {
    const full = { ...tile, width: 1 << height };
    for (const candidate of tile.width === full.width ? [full] : [tile, full]) {
        const bytes = await read(tilePath(candidate, height));
        if (bytes) return { bytes, width: candidate.width };
    }
    throw codedError("BadTile", `log has no ${tilePath(tile, height)}`);
}

/**
 * Root over leaves `[lo, hi)`: the node where that is a perfect subtree, else both sides of the split.
 *
 * @param lo, hi as a proof splits them, so that a subtree which is not perfect ends where the tree does
 */
export function rangeHash(tree: Tree, lo: bigint, hi: bigint): Promise<Uint8Array> {
    const width = hi - lo;
    const level = bitLength(width) - 1;
    if (width === 1n << BigInt(level)) return tree.node(level, lo >> BigInt(level));
    const known = tree.borders.get(lo);
    if (known) return known;
    const split = lo + splitPoint(width);
    const sides = Promise.all([rangeHash(tree, lo, split), rangeHash(tree, split, hi)]);
    const hash = sides.then(([left, right]) => nodeHash(left, right));
    tree.borders.set(lo, hash);
    return hash;
}
