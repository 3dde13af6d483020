// Proves that a log that contradicts itself on an entry's way up does not pass, on a tree of three levels of tiles.
import { generateKeyPairSync, sign } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { toUtf8 } from "../../../lib/encoding";
import { encodeBundle } from "../../../lib/tlog/bundle";
import { checkpointText, encodeCheckpoint } from "../../../lib/tlog/checkpoint";
import { appendLeaves, edgeRoot, EMPTY_EDGE } from "../../../lib/tlog/edge";
import { leafHash } from "../../../lib/tlog/hashing";
import { verifyInclusion } from "../../../lib/tlog/proof";
import { tilePath } from "../../../lib/tlog/tile";
import { vkeyFromSpki } from "../../../lib/tlog/vkey";
import { openLog, proveEntry } from "../../../lib/verifier/prove-entry";

const SIZE = 65_537 + 256;
const entryAt = (index: number): Uint8Array => toUtf8(`entry ${index}`);
const { edge, tiles } = appendLeaves(
    EMPTY_EDGE,
    Array.from({ length: SIZE }, (_, i) => leafHash(entryAt(i))),
);
const pair = generateKeyPairSync("ed25519");
const vkey = vkeyFromSpki("log.example/big", new Uint8Array(pair.publicKey.export({ format: "der", type: "spki" })));
const checkpoint = { origin: "log.example/big", size: BigInt(SIZE), root: edgeRoot(edge) };
const signature = new Uint8Array(sign(null, Buffer.from(checkpointText(checkpoint)), pair.privateKey));
const stored = new Map(tiles.map(({ tile, bytes }) => [tilePath(tile), bytes]));
stored.set("checkpoint", encodeCheckpoint(checkpoint, vkey, signature));
const bundle = (first: number): Uint8Array => encodeBundle(Array.from({ length: 256 }, (_, i) => entryAt(first + i)));
stored.set("tile/entries/003", bundle(768));
stored.set("tile/entries/256", bundle(65_536));

let objects: Map<string, Uint8Array>;
beforeEach(() => {
    objects = new Map(stored);
});
const prove = async (index: bigint): Promise<Awaited<ReturnType<typeof proveEntry>>> =>
    proveEntry(await openLog(async (path) => objects.get(path), vkey), index);
const flip = (path: string, at: number): void => {
    const copy = Uint8Array.from(objects.get(path)!);
    copy[at]! ^= 1;
    objects.set(path, copy);
};

it.each([770n, 65_536n])("proves entry %i", async (index) => {
    const proof = await prove(index);
    const inclusion = { index, size: checkpoint.size, root: checkpoint.root, proof: proof.hashes };
    expect(() => verifyInclusion({ ...inclusion, leafHash: leafHash(entryAt(Number(index))) })).not.toThrow();
});

describe("one changed byte", () => {
    // 770 is slot 2 of tile 0/3, which is slot 3 of tile 1/0, which is slot 0 of the one at level 2.
    it.each([
        ["the entry's own slot", "tile/0/003", 2 * 32, "tiles"],
        ["its sibling", "tile/0/003", 3 * 32, "tiles"],
        ["another slot of the tile", "tile/0/003", 200 * 32, "tiles"],
        ["the tile's slot in the tile above", "tile/1/000", 3 * 32 + 7, "tiles"],
        ["another slot above", "tile/1/000", 255 * 32, "tiles"],
        ["the topmost tile", "tile/2/000.p/1", 0, "tiles"],
        ["the right edge, which only the root covers", "tile/0/257.p/1", 0, "inclusion"],
        ["the entry", "tile/entries/003", 30, "entry"],
    ])("in %s is seen", async (_, path, at, check) => {
        flip(path, at);
        await expect(prove(770n)).rejects.toMatchObject({ check });
    });

    it("in a tile that the proof does not need is not seen", async () => {
        flip("tile/0/004", 0);
        await expect(prove(770n)).resolves.toBeDefined();
    });
});

it("names what is missing", async () => {
    await expect(prove(BigInt(SIZE))).rejects.toMatchObject({ check: "inclusion", code: "BadProof" });
    objects.delete("tile/entries/003");
    await expect(prove(770n)).rejects.toMatchObject({ check: "entry", code: "BadTile" });
    objects.delete("tile/2/000.p/1");
    await expect(prove(65_536n)).rejects.toMatchObject({ check: "tiles", code: "BadTile" });
    objects.delete("checkpoint");
    await expect(prove(770n)).rejects.toMatchObject({ check: "checkpoint", code: "BadNote" });
});
