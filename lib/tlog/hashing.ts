import { sha256 } from "../hash";

/** Merkle tree hashing of RFC 6962 section 2.1. Sizes and indices are uint64, hence BigInt: bit operators have 32 bits. */

/** SHA-256 of nothing: the root at size 0, hex. */
export const EMPTY_ROOT = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/**
 * SHA-256(0x00 || entry).
 *
 * @returns 32 bytes
 */
export function leafHash(entry: Uint8Array): Uint8Array {
    return sha256(new Uint8Array([0]), entry);
}

/** SHA-256(0x01 || left || right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
    return sha256(new Uint8Array([1]), left, right);
}

/** Bits needed for n; 0 for 0. */
export function bitLength(n: bigint): number {
    return n === 0n ? 0 : n.toString(2).length;
}

/** Where a tree of n > 1 leaves splits: the largest power of two strictly below n. */
export function splitPoint(n: bigint): bigint {
    return 1n << BigInt(bitLength(n - 1n) - 1);
}

/** Root over all leaf hashes; for tests and small trees, since it reads everything. */
export function merkleRoot(leaves: readonly Uint8Array[]): Uint8Array {
    const [only] = leaves;
    if (leaves.length === 0 || !only) return sha256();
    if (leaves.length === 1) return only;
    const split = Number(splitPoint(BigInt(leaves.length)));
    return nodeHash(merkleRoot(leaves.slice(0, split)), merkleRoot(leaves.slice(split)));
}
