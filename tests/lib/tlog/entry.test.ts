import { describe, expect, it } from "vitest";
import { encodeBundle } from "../../../lib/tlog/bundle";
import { readEntry } from "../../../lib/tlog/entry";
import { leafOf, ReferenceTree, referenceTiles } from "./reference";

// Proves that an entry is only given out with a proof that holds. Proves nothing about checkpoints.

const SIZE = 300;
const entries = Array.from({ length: SIZE }, (_, i) => leafOf(i));
const reference = new ReferenceTree(entries);
const checkpoint = { origin: "log", size: BigInt(SIZE), root: new Uint8Array(reference.mth(0, SIZE)) };

function objects(): Map<string, Uint8Array> {
    const stored = referenceTiles(reference, SIZE);
    stored.set("tile/entries/000", encodeBundle(entries.slice(0, 256)));
    stored.set("tile/entries/001.p/44", encodeBundle(entries.slice(256)));
    return stored;
}

const readFrom = (stored: ReadonlyMap<string, Uint8Array>) => (path: string) => Promise.resolve(stored.get(path));

describe("readEntry", () => {
    it.each([0, 1, 255, 256, 299])("gives entry %i with its proof", async (index) => {
        const found = await readEntry(readFrom(objects()), checkpoint, BigInt(index));
        expect(Buffer.from(found.entry)).toEqual(Buffer.from(leafOf(index)));
        expect(found.proof.map((hash) => Buffer.from(hash).toString("hex"))).toEqual(
            reference.path(index, 0, SIZE).map((hash) => hash.toString("hex")),
        );
    });

    it.each([
        ["tile/entries/001.p/44", 5],
        ["tile/0/001.p/44", 37],
        ["tile/1/000.p/1", 5],
    ])("refuses a changed byte in %s", async (path, at) => {
        const stored = objects();
        stored.set(
            path,
            (stored.get(path) ?? new Uint8Array()).map((byte, i) => (i === at ? byte ^ 1 : byte)),
        );
        // Entry 256 is the first of its bundle; its sibling is the second hash of its tile.
        await expect(readEntry(readFrom(stored), checkpoint, 256n)).rejects.toMatchObject({ code: "BadProof" });
    });

    it("says which object is missing", async () => {
        const stored = objects();
        stored.delete("tile/entries/001.p/44");
        await expect(readEntry(readFrom(stored), checkpoint, 256n)).rejects.toMatchObject({
            code: "BadTile",
            message: "log has no tile/entries/001.p/44",
        });
    });

    it.each([-1n, 300n])("knows no entry %i", async (index) => {
        await expect(readEntry(readFrom(objects()), checkpoint, index)).rejects.toMatchObject({ code: "BadProof" });
    });
});
