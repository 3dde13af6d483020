import { describe, expect, it } from "vitest";
import { toHex } from "../../../lib/encoding";
import { decodeBundle, encodeBundle, MAX_ENTRY } from "../../../lib/tlog/bundle";
import { appendLeaves, checkRoot, type Edge, edgeFrom, edgeRoot, EMPTY_EDGE } from "../../../lib/tlog/edge";
import { leafHash } from "../../../lib/tlog/hashing";
import { decodeTile, tilePath } from "../../../lib/tlog/tile";
import { readBundle, readTile, tileTree } from "../../../lib/tlog/tree";
import { coded } from "../../support/codes";
import { leafOf, ReferenceTree, referenceTiles } from "./reference";

// Proves that tiles grow as tlog-tiles defines them. Proves nothing about their storage.

const SIZE = 300;
const HEIGHT = 2;
const entries = Array.from({ length: SIZE }, (_, i) => leafOf(i));
const leaves = entries.map(leafHash);
const reference = new ReferenceTree(entries);

/** Appends batches of these sizes, keeping every tile ever written. */
function grow(batches: readonly number[], height: number): { edge: Edge; objects: Map<string, Uint8Array> } {
    const objects = new Map<string, Uint8Array>();
    let edge: Edge = EMPTY_EDGE;
    for (const batch of batches) {
        const from = Number(edge.size);
        const grown = appendLeaves(edge, leaves.slice(from, from + batch), height);
        for (const { tile, bytes } of grown.tiles) objects.set(tilePath(tile, height), bytes);
        edge = grown.edge;
    }
    return { edge, objects };
}

describe("appendLeaves", () => {
    it("gives at each size the root and the tiles of the definition", () => {
        for (let size = 1; size <= SIZE; size += 1) {
            const { edge, objects } = grow([size], HEIGHT);
            expect(toHex(edgeRoot(edge))).toBe(toHex(reference.mth(0, size)));
            const expected = referenceTiles(reference, size, 1 << HEIGHT);
            expect([...objects.keys()].sort()).toEqual([...expected.keys()].sort());
            for (const [path, bytes] of expected)
                expect(toHex(objects.get(path) ?? new Uint8Array())).toBe(toHex(bytes));
        }
    });

    it.each([[[1, 1, 1, 1]], [[3, 5, 1, 16, 40]], [[255, 1]], [[255, 2, 43]], [[256, 44]]])(
        "gives the same edge and final tiles in batches of %j",
        (batches) => {
            const size = batches.reduce((sum, batch) => sum + batch, 0);
            for (const height of [HEIGHT, 8]) {
                const { edge, objects } = grow(batches, height);
                expect(edge).toEqual(grow([size], height).edge);
                for (const [path, bytes] of referenceTiles(reference, size, 1 << height)) {
                    expect(toHex(objects.get(path) ?? new Uint8Array())).toBe(toHex(bytes));
                }
            }
        },
    );

    it("writes one tile for one entry, none for none", () => {
        const { edge } = grow([5], 8);
        expect(appendLeaves(edge, leaves.slice(5, 6)).tiles.map(({ tile }) => tilePath(tile))).toEqual([
            "tile/0/000.p/6",
        ]);
        expect(appendLeaves(edge, []).tiles).toEqual([]);
    });

    it("starts again from what is stored", () => {
        for (let size = 0; size <= 70; size += 1) {
            const objects = referenceTiles(reference, size, 1 << HEIGHT);
            const edge = edgeFrom(
                BigInt(size),
                (tile) => decodeTile(objects.get(tilePath(tile, HEIGHT)) ?? new Uint8Array(), tile.width),
                HEIGHT,
            );
            checkRoot(edge, reference.mth(0, size));
            expect(() => checkRoot(edge, reference.mth(0, size + 1))).toThrow(coded("RootMismatch"));
        }
    });
});

describe("reading tiles", () => {
    const { objects } = grow([1, 2, 3, 4, 246, 44], 8);
    const read = (path: string): Promise<Uint8Array | undefined> => Promise.resolve(objects.get(path));

    it("takes the full tile where the partial one was collected", async () => {
        expect(objects.has("tile/0/000.p/9")).toBe(false);
        expect(await readTile(read, { level: 0, index: 0n, width: 9 })).toEqual(leaves.slice(0, 9));
    });

    it("says which tile is missing", async () => {
        await expect(readTile(read, { level: 0, index: 9n, width: 9 })).rejects.toMatchObject({
            code: "BadTile",
            message: "log has no tile/0/009.p/9",
        });
    });

    it("reads each tile once", async () => {
        const seen: string[] = [];
        const tree = tileTree(300n, (path) => (seen.push(path), read(path)));
        await Promise.all([tree.node(0, 3n), tree.node(5, 2n), tree.node(0, 3n), tree.node(8, 0n)]);
        expect(seen.sort()).toEqual(["tile/0/000", "tile/1/000.p/1"]);
    });

    it("has no node that the size does not complete", async () => {
        await expect(tileTree(300n, read).node(3, 37n)).rejects.toMatchObject({ code: "BadTile" });
    });

    it("reads entries by the same widths", async () => {
        const bundle = encodeBundle(entries.slice(0, 256));
        const found = await readBundle((path) => Promise.resolve(path === "tile/entries/000" ? bundle : undefined), {
            level: 0,
            index: 0n,
            width: 7,
        });
        expect(found).toEqual(entries.slice(0, 7).map((entry) => new Uint8Array(entry)));
    });
});

describe("bundles", () => {
    const bundle = encodeBundle([Buffer.from("a"), new Uint8Array(), Buffer.from("bc")]);

    it("prefix each entry by its length in two bytes", () => {
        expect(toHex(bundle)).toBe("000161" + "0000" + "00026263");
        expect(decodeBundle(bundle, 3).map((entry) => Buffer.from(entry).toString())).toEqual(["a", "", "bc"]);
    });

    it("hold entries of 65,535 bytes, not of one more", () => {
        expect(decodeBundle(encodeBundle([new Uint8Array(MAX_ENTRY)]), 1)[0]).toHaveLength(65_535);
        expect(() => encodeBundle([new Uint8Array(MAX_ENTRY + 1)])).toThrow(coded("BadEntry"));
    });

    it.each([2, 4])("have as many entries as expected, not %i", (count) => {
        expect(() => decodeBundle(bundle, count)).toThrow(coded("BadEntry"));
    });

    it.each([1, 2, 3, 5, 8])("cut off after %i bytes are refused", (length) => {
        expect(() => decodeBundle(bundle.subarray(0, length), 3)).toThrow(coded("BadEntry"));
    });
});
