import { concat, quote } from "../encoding";
import { codedError } from "../errors";

/**
 * Tiles and their paths: C2SP tlog-tiles v0.1.0.
 *
 * Tile n of level l holds, in slot i, the root over leaves `[(n*256+i)*256^l, (n*256+i+1)*256^l)`. Only full tiles hash into the level above.
 */
export interface Tile {
    /** 0 to 63, or `entries`: the bundle of the entries below a level 0 tile. */
    readonly level: number | "entries";
    readonly index: bigint;
    /** 1 to 256 hashes or entries; below 256 the tile is partial. */
    readonly width: number;
}

/** Hashes are grouped by 2^8. A parameter of most functions, so that tests can fill small tiles; no other value is ever stored. */
export const TILE_HEIGHT = 8;

const HASH_SIZE = 32;
const PATH = /^tile\/(entries|0|[1-9]|[1-5][0-9]|6[0-3])\/((?:x[0-9]{3}\/)*[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/;

/** The object of a tile: `tile/<L>/<N>[.p/<W>]`. */
export function tilePath({ level, index, width }: Tile, height = TILE_HEIGHT): string {
    const partial = width === 1 << height ? "" : `.p/${width}`;
    return `tile/${level}/${encodeIndex(index)}${partial}`;
}

/** Groups of three digits, all but the last prefixed `x`: 1234067 is `x001/x234/067`. */
function encodeIndex(index: bigint): string {
    const text = index.toString();
    const groups = text.padStart(3 * Math.ceil(text.length / 3), "0").match(/.{3}/g) ?? [];
    return groups.map((group, i) => (i === groups.length - 1 ? group : `x${group}`)).join("/");
}

/**
 * @param path caller-controlled
 * @throws BadPath for any spelling but the one that `tilePath` writes
 */
export function parseTilePath(path: string): Tile {
    const [, level = "", groups = "", width = "256"] = PATH.exec(path) ?? [];
    const digits = groups.replace(/[x/]/g, "");
    const tile: Tile = {
        level: level === "entries" ? level : Number(level),
        index: BigInt(digits || "0"),
        width: Number(width),
    };
    if (tilePath(tile) !== path || tile.index > 0xffff_ffff_ffff_ffffn) {
        throw codedError(
            "BadPath",
            `${quote(path)} is no tile, expected tile/<L>/<N>[.p/<W>] as in tile/0/x001/234.p/5`,
        );
    }
    return tile;
}

/** Hashes that exist at this level at this size. */
function hashesAt(size: bigint, level: number, height: number): bigint {
    return size >> BigInt(height * level);
}

/**
 * The tile as it is at this size, full or partial.
 *
 * @throws BadTile if the size does not reach it
 */
export function tileAt(size: bigint, level: number | "entries", index: bigint, height = TILE_HEIGHT): Tile {
    const first = index << BigInt(height);
    const rest = hashesAt(size, level === "entries" ? 0 : level, height) - first;
    if (rest <= 0n) throw codedError("BadTile", `tile ${level}/${index} does not exist at size ${size}`);
    const full = 1 << height;
    return { level, index, width: rest >= BigInt(full) ? full : Number(rest) };
}

/** The right edge: the partial tile of each level that has one, lowest first. Width 0 is never stored. */
export function partialTiles(size: bigint, height = TILE_HEIGHT): Tile[] {
    const tiles: Tile[] = [];
    for (let level = 0; hashesAt(size, level, height) > 0n; level += 1) {
        const count = hashesAt(size, level, height);
        const index = count >> BigInt(height);
        const width = Number(count - (index << BigInt(height)));
        if (width > 0) tiles.push({ level, index, width });
    }
    return tiles;
}

export function encodeTile(hashes: readonly Uint8Array[]): Uint8Array {
    return concat(...hashes);
}

/** @throws BadTile unless the bytes are exactly `width` hashes */
export function decodeTile(bytes: Uint8Array, width: number): Uint8Array[] {
    if (bytes.length !== HASH_SIZE * width) {
        throw codedError("BadTile", `tile has ${bytes.length} bytes, expected ${width} hashes of ${HASH_SIZE}`);
    }
    return Array.from({ length: width }, (_, i) => bytes.slice(HASH_SIZE * i, HASH_SIZE * (i + 1)));
}
