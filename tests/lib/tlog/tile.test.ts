import { describe, expect, it } from "vitest";
import {
    decodeTile,
    encodeTile,
    parseTilePath,
    partialTiles,
    type Tile,
    tileAt,
    tilePath,
} from "../../../lib/tlog/tile";
import { parseUint64 } from "../../../lib/tlog/uint64";
import { coded } from "../../support/codes";

// Proves paths and widths against tlog-tiles' examples. Proves nothing about what tiles contain.

describe("tile paths", () => {
    it.each<[string, Tile]>([
        ["tile/0/000", { level: 0, index: 0n, width: 256 }],
        ["tile/0/x001/x234/067", { level: 0, index: 1234067n, width: 256 }],
        ["tile/0/x001/x234/067.p/8", { level: 0, index: 1234067n, width: 8 }],
        ["tile/63/999.p/255", { level: 63, index: 999n, width: 255 }],
        ["tile/1/x001/000.p/1", { level: 1, index: 1000n, width: 1 }],
        ["tile/entries/x273/112.p/112", { level: "entries", index: 273112n, width: 112 }],
        ["tile/0/x018/x446/x744/x073/x709/x551/615", { level: 0, index: 18446744073709551615n, width: 256 }],
    ])("%s", (path, tile) => {
        expect(tilePath(tile)).toBe(path);
        expect(parseTilePath(path)).toEqual(tile);
    });

    it.each([
        "",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/08",
        "tile/64/000",
        "tile/00/000",
        "tile/-1/000",
        "tile/8/0/000",
        "tile/0/x001/0002",
        "tile/0/x000/001",
        "tile/0/1",
        "tile/0/0001",
        "tile/0/001/000",
        "tile/0/x001",
        "tile/data/000",
        "/tile/0/000",
        "tile/0/000/",
        "tile/0/000\n",
        "tile/0/x018/x446/x744/x073/x709/x551/616",
    ])("refuses %j", (path) => {
        expect(() => parseTilePath(path)).toThrow(coded("BadPath"));
    });
});

describe("widths", () => {
    it("of 70,000 entries are those of the specification's example", () => {
        expect(partialTiles(70_000n)).toEqual([
            { level: 0, index: 273n, width: 112 },
            { level: 1, index: 1n, width: 17 },
            { level: 2, index: 0n, width: 1 },
        ]);
    });

    it.each<[bigint, Tile[]]>([
        [0n, []],
        [1n, [{ level: 0, index: 0n, width: 1 }]],
        [255n, [{ level: 0, index: 0n, width: 255 }]],
        [256n, [{ level: 1, index: 0n, width: 1 }]],
        [
            257n,
            [
                { level: 0, index: 1n, width: 1 },
                { level: 1, index: 0n, width: 1 },
            ],
        ],
        [65_536n, [{ level: 2, index: 0n, width: 1 }]],
    ])("at size %i", (size, tiles) => {
        expect(partialTiles(size)).toEqual(tiles);
    });

    it("of a tile depend on the size of the tree", () => {
        expect(tileAt(70_000n, 0, 272n).width).toBe(256);
        expect(tileAt(70_000n, "entries", 273n).width).toBe(112);
        expect(() => tileAt(70_000n, 0, 274n)).toThrow(coded("BadTile"));
        expect(() => tileAt(255n, 1, 0n)).toThrow(coded("BadTile"));
    });
});

describe("tile bytes", () => {
    const hashes = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];

    it("are the hashes, nothing else", () => {
        expect(decodeTile(encodeTile(hashes), 2)).toEqual(hashes);
    });

    it.each([1, 3])("of two hashes are not a tile of %i", (width) => {
        expect(() => decodeTile(encodeTile(hashes), width)).toThrow(coded("BadTile"));
    });

    it("are whole hashes", () => {
        expect(() => decodeTile(encodeTile(hashes).subarray(1), 2)).toThrow(coded("BadTile"));
    });
});

describe("decimal uint64", () => {
    it("reaches 2^64-1", () => {
        expect(["0", "1", "9007199254740993", "18446744073709551615"].map(parseUint64)).toEqual([
            0n,
            1n,
            9007199254740993n,
            18446744073709551615n,
        ]);
    });

    it.each([
        "",
        "-1",
        "+1",
        "01",
        "0x10",
        "1e3",
        " 1",
        "1\n",
        "18446744073709551616",
        "99999999999999999999",
        "1".repeat(40),
    ])("refuses %j", (text) => {
        expect(() => parseUint64(text)).toThrow(coded("BadNumber"));
    });
});
