import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../../lib/encoding";
import { bitLength, EMPTY_ROOT, leafHash, merkleRoot, nodeHash, splitPoint } from "../../../lib/tlog/hashing";

// Proves the hashes against published vectors. Proves nothing about tiles.

/** Entries and roots of certificate-transparency's merkle tree tests, which RFC 6962 implementations share. */
const ENTRIES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
const ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

describe("merkleRoot", () => {
    it("is the SHA-256 of nothing for the empty tree", () => {
        expect(toHex(merkleRoot([]))).toBe(EMPTY_ROOT);
        expect(Buffer.from(EMPTY_ROOT, "hex").toString("base64")).toBe("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    });

    it.each(ROOTS.map((root, i) => [i + 1, root]))("of the first %i entries is the published one", (size, root) => {
        const leaves = ENTRIES.slice(0, Number(size)).map((entry) => leafHash(fromHex(entry)));
        expect(toHex(merkleRoot(leaves))).toBe(root);
    });

    it("tells a leaf from a node, so that no entry passes for a subtree", () => {
        const [left, right] = [leafHash(fromHex("00")), leafHash(fromHex("10"))];
        expect(toHex(leafHash(Buffer.concat([left, right])))).not.toBe(toHex(nodeHash(left, right)));
    });
});

it("splits at the largest power of two strictly below the size", () => {
    expect([2n, 3n, 4n, 5n, 8n, 9n, 1n << 63n, (1n << 64n) - 1n].map(splitPoint)).toEqual([
        1n,
        2n,
        2n,
        4n,
        4n,
        8n,
        1n << 62n,
        1n << 63n,
    ]);
});

it("counts bits of sizes beyond 32 and 53 bits", () => {
    expect([0n, 1n, 2n, 255n, 256n, 1n << 32n, (1n << 64n) - 1n].map(bitLength)).toEqual([0, 1, 2, 8, 9, 33, 64]);
});
