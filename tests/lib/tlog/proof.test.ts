import { describe, expect, it } from "vitest";
import { leafHash } from "../../../lib/tlog/hashing";
import {
    type Consistency,
    consistencyProof,
    type Inclusion,
    inclusionProof,
    verifyConsistency,
    verifyInclusion,
} from "../../../lib/tlog/proof";
import { type Tree, tileTree } from "../../../lib/tlog/tree";
import { leafOf, ReferenceTree, referenceTiles } from "./reference";

// Proves that generator and verifier agree with RFC 6962's own recursion. Proves nothing about tiles as stored.

const SIZE = 300;
const entries = Array.from({ length: SIZE }, (_, i) => leafOf(i));
const reference = new ReferenceTree(entries);

/** Small tiles, so that several levels fill. */
function treeOf(size: number, height = 2): Tree {
    const objects = referenceTiles(reference, size, 1 << height);
    return tileTree(BigInt(size), (path) => Promise.resolve(objects.get(path)), height);
}

async function inclusionOf(index: number, size: number, tree = treeOf(size)): Promise<Inclusion> {
    return {
        index: BigInt(index),
        size: BigInt(size),
        leafHash: leafHash(entries[index] as Uint8Array),
        root: reference.mth(0, size),
        proof: await inclusionProof(tree, BigInt(index)),
    };
}

async function consistencyOf(oldSize: number, newSize: number, tree = treeOf(newSize)): Promise<Consistency> {
    return {
        oldSize: BigInt(oldSize),
        oldRoot: reference.mth(0, oldSize),
        newSize: BigInt(newSize),
        newRoot: reference.mth(0, newSize),
        proof: await consistencyProof(tree, BigInt(oldSize)),
    };
}

const sizes = Array.from({ length: SIZE }, (_, i) => i + 1);
const bytes = (hashes: readonly Uint8Array[]): string[] => hashes.map((hash) => Buffer.from(hash).toString("hex"));
const joined = (hashes: readonly Uint8Array[]): string => bytes(hashes).join();

/** `expect(...).toThrow` a hundred thousand times takes longer than the hashing. */
function isRejected(verify: () => void): boolean {
    try {
        verify();
        return false;
    } catch (error) {
        return (error as { code?: unknown }).code === "BadProof";
    }
}

describe("every index, every size", () => {
    it(`proves inclusion up to ${SIZE} as RFC 6962's PATH does`, async () => {
        const wrong: [number, number][] = [];
        for (const size of sizes) {
            const tree = treeOf(size);
            for (let index = 0; index < size; index += 1) {
                const inclusion = await inclusionOf(index, size, tree);
                if (joined(inclusion.proof) !== joined(reference.path(index, 0, size))) wrong.push([index, size]);
                verifyInclusion(inclusion);
            }
        }
        expect(wrong).toEqual([]);
    });

    it(`proves consistency up to ${SIZE} as RFC 6962's PROOF does`, async () => {
        const wrong: [number, number][] = [];
        for (const newSize of sizes) {
            const tree = treeOf(newSize);
            for (let oldSize = 1; oldSize <= newSize; oldSize += 1) {
                const consistency = await consistencyOf(oldSize, newSize, tree);
                if (joined(consistency.proof) !== joined(reference.subproof(oldSize, 0, newSize, true)))
                    wrong.push([oldSize, newSize]);
                verifyConsistency(consistency);
            }
        }
        expect(wrong).toEqual([]);
    });

    it("reads the same proofs from tiles 256 wide", async () => {
        const tree = treeOf(SIZE, 8);
        expect(bytes(await inclusionProof(tree, 7n))).toEqual(bytes(reference.path(7, 0, SIZE)));
        expect(bytes(await consistencyProof(tree, 257n))).toEqual(bytes(reference.subproof(257, 0, SIZE, true)));
    });
});

/** Each hash altered, missing, doubled, swapped with the next; one added. */
function spoil(proof: readonly Uint8Array[]): Uint8Array[][] {
    const flipped = proof.map((_, i) =>
        proof.map((hash, j) => (i === j ? hash.map((b, k) => (k === 5 ? b ^ 1 : b)) : hash)),
    );
    const missing = proof.map((_, i) => proof.filter((__, j) => i !== j));
    const doubled = proof.map((hash, i) => [...proof.slice(0, i), hash, ...proof.slice(i)]);
    const swapped = proof.slice(1).map((_, i) => {
        const copy = [...proof];
        [copy[i], copy[i + 1]] = [copy[i + 1] as Uint8Array, copy[i] as Uint8Array];
        return copy;
    });
    return [...flipped, ...missing, ...doubled, ...swapped, [...proof, new Uint8Array(32)]];
}

const spoiledSizes = Array.from({ length: 48 }, (_, i) => i + 1);

describe("whatever is changed is rejected", () => {
    it("hashes, index, size, leaf and root of an inclusion proof", async () => {
        const accepted: Inclusion[] = [];
        for (const size of spoiledSizes) {
            const tree = treeOf(size);
            for (let index = 0; index < size; index += 1) {
                const good = await inclusionOf(index, size, tree);
                const bad: Inclusion[] = [
                    ...spoil(good.proof).map((proof) => ({ ...good, proof })),
                    { ...good, index: good.index + 1n },
                    { ...good, index: good.index - 1n },
                    { ...good, index: good.size },
                    { ...good, leafHash: leafHash(leafOf(index + 1)) },
                    { ...good, root: reference.mth(0, size + 1) },
                ];
                accepted.push(...bad.filter((inclusion) => !isRejected(() => verifyInclusion(inclusion))));
            }
        }
        expect(accepted).toEqual([]);
    });

    it("hashes, sizes and roots of a consistency proof", async () => {
        const accepted: Consistency[] = [];
        for (const newSize of spoiledSizes) {
            const tree = treeOf(newSize);
            for (let oldSize = 1; oldSize <= newSize; oldSize += 1) {
                const good = await consistencyOf(oldSize, newSize, tree);
                const bad: Consistency[] = [
                    ...spoil(good.proof).map((proof) => ({ ...good, proof })),
                    { ...good, oldSize: good.oldSize + 1n },
                    { ...good, oldSize: good.oldSize - 1n },
                    { ...good, oldRoot: reference.mth(1, oldSize + 1) },
                    { ...good, newRoot: reference.mth(1, newSize + 1) },
                ];
                accepted.push(...bad.filter((consistency) => !isRejected(() => verifyConsistency(consistency))));
            }
        }
        expect(accepted).toEqual([]);
    });

    it("the code is BadProof", async () => {
        const inclusion = await inclusionOf(2, 5);
        expect(() => verifyInclusion({ ...inclusion, proof: [] })).toThrow(
            expect.objectContaining({ code: "BadProof" }),
        );
        const short = { ...inclusion, proof: inclusion.proof.map((hash) => hash.subarray(1)) };
        expect(() => verifyInclusion(short)).toThrow(expect.objectContaining({ code: "BadProof" }));
        const consistency = await consistencyOf(2, 5);
        const empty = { ...consistency, proof: [] };
        expect(() => verifyConsistency(empty)).toThrow(expect.objectContaining({ code: "BadProof" }));
    });

    it("equal sizes with another root, or with hashes", async () => {
        const good = await consistencyOf(5, 5);
        expect(good.proof).toEqual([]);
        expect(() => verifyConsistency({ ...good, newRoot: reference.mth(1, 6) })).toThrow("both trees");
        expect(() => verifyConsistency({ ...good, proof: [good.newRoot] })).toThrow("expected 0");
    });
});

describe("outside the tree", () => {
    it("there is no proof of entries past the end", async () => {
        await expect(inclusionProof(treeOf(5), 5n)).rejects.toMatchObject({ code: "BadProof" });
        await expect(inclusionProof(treeOf(5), -1n)).rejects.toMatchObject({ code: "BadProof" });
    });

    it("there is no proof from the empty tree, nor to a smaller one", async () => {
        await expect(consistencyProof(treeOf(5), 0n)).rejects.toMatchObject({ code: "BadProof" });
        await expect(consistencyProof(treeOf(5), 6n)).rejects.toMatchObject({ code: "BadProof" });
        const empty = {
            oldSize: 0n,
            oldRoot: reference.mth(0, 0),
            newSize: 5n,
            newRoot: reference.mth(0, 5),
            proof: [],
        };
        expect(() => verifyConsistency(empty)).toThrow(expect.objectContaining({ code: "BadProof" }));
    });
});

/** RFC 6962 section 2.1.3: the tree of seven leaves, by its letters. */
describe("the example of RFC 6962", () => {
    const node = (lo: number, hi: number): string => bytes([reference.mth(lo, hi)])[0] as string;
    const letters: Record<string, string> = {
        b: node(1, 2),
        c: node(2, 3),
        d: node(3, 4),
        f: node(5, 6),
        g: node(0, 2),
        h: node(2, 4),
        i: node(4, 6),
        j: node(6, 7),
        k: node(0, 4),
        l: node(4, 7),
    };
    const named = (text: string): (string | undefined)[] => [...text].map((letter) => letters[letter]);

    it.each([
        [0, "bhl"],
        [3, "cgl"],
        [4, "fjk"],
        [6, "ik"],
    ])("inclusion of leaf %i is %s", async (index, path) => {
        expect(bytes(await inclusionProof(treeOf(7), BigInt(index)))).toEqual(named(path));
    });

    it.each([
        [3, "cdgl"],
        [4, "l"],
        [6, "ijk"],
    ])("consistency from %i to 7 is %s", async (size, path) => {
        expect(bytes(await consistencyProof(treeOf(7), BigInt(size)))).toEqual(named(path));
    });
});
