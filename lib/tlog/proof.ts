import { equalBytes, toHex } from "../encoding";
import { codedError } from "../errors";
import { bitLength, nodeHash, splitPoint } from "./hashing";
import { rangeHash, type Tree } from "./tree";

/** Inclusion and consistency proofs of RFC 6962 section 2.1: generators over a tree, verifiers over nothing but hashes. */

type Range = readonly [lo: bigint, hi: bigint];

/**
 * PATH(index, D[0:size]), the leaf's sibling first.
 *
 * @throws BadProof unless index < size
 */
export async function inclusionProof(tree: Tree, index: bigint): Promise<Uint8Array[]> {
    if (index < 0n || index >= tree.size)
        throw codedError("BadProof", `no entry ${index} in a tree of size ${tree.size}`);
    const ranges: Range[] = [];
    let [lo, hi]: Range = [0n, tree.size];
    while (hi - lo > 1n) {
        const split = lo + splitPoint(hi - lo);
        ranges.unshift(index < split ? [split, hi] : [lo, split]);
        [lo, hi] = index < split ? [lo, split] : [split, hi];
    }
    return hashesOf(tree, ranges);
}

/**
 * PROOF(oldSize, D[0:size]). Empty for equal sizes.
 *
 * @throws BadProof unless 0 < oldSize <= size: every tree extends the empty one, so there is nothing to prove
 */
export async function consistencyProof(tree: Tree, oldSize: bigint): Promise<Uint8Array[]> {
    if (oldSize <= 0n || oldSize > tree.size) {
        throw codedError("BadProof", `no proof from size ${oldSize} to ${tree.size}, expected 0 < old <= new`);
    }
    const ranges: Range[] = [];
    let [lo, hi]: Range = [0n, tree.size];
    while (hi !== oldSize) {
        const split = lo + splitPoint(hi - lo);
        ranges.unshift(oldSize <= split ? [split, hi] : [lo, split]);
        [lo, hi] = oldSize <= split ? [lo, split] : [split, hi];
    }
    // From 0 the verifier has that node: it is the old root.
    if (lo > 0n) ranges.unshift([lo, hi]);
    return hashesOf(tree, ranges);
}

function hashesOf(tree: Tree, ranges: readonly Range[]): Promise<Uint8Array[]> {
    return Promise.all(ranges.map(([lo, hi]) => rangeHash(tree, lo, hi)));
}

export interface Inclusion {
    readonly index: bigint;
    readonly size: bigint;
    readonly leafHash: Uint8Array;
    readonly root: Uint8Array;
    readonly proof: readonly Uint8Array[];
}

/**
 * @param inclusion all of it caller-controlled but the root, which comes from a verified checkpoint
 * @throws BadProof
 */
export function verifyInclusion({ index, size, leafHash, root, proof }: Inclusion): void {
    if (index < 0n || index >= size) throw codedError("BadProof", `no entry ${index} in a tree of size ${size}`);
    const inner = bitLength(index ^ (size - 1n));
    const border = popCount(index >> BigInt(inner));
    checkHashes(proof, inner + border);
    const seen = proof.reduce((hash, sibling, i) => {
        const isLeft = i < inner && ((index >> BigInt(i)) & 1n) === 0n;
        return isLeft ? nodeHash(hash, sibling) : nodeHash(sibling, hash);
    }, leafHash);
    checkEqual(seen, root, `entry ${index} of ${size}`);
}

export interface Consistency {
    readonly oldSize: bigint;
    readonly oldRoot: Uint8Array;
    readonly newSize: bigint;
    readonly newRoot: Uint8Array;
    readonly proof: readonly Uint8Array[];
}

/**
 * Shows that the old tree is a prefix of the new one.
 *
 * @throws BadProof, also for old size 0, of which nothing needs proof: callers decide what an empty log means
 */
export function verifyConsistency({ oldSize, oldRoot, newSize, newRoot, proof }: Consistency): void {
    if (oldSize <= 0n || oldSize > newSize) {
        throw codedError("BadProof", `no proof from size ${oldSize} to ${newSize}, expected 0 < old <= new`);
    }
    if (oldSize === newSize) {
        checkHashes(proof, 0);
        return checkEqual(oldRoot, newRoot, `both trees of size ${newSize}`);
    }
    // The proof is that of inclusion of the old tree's last perfect subtree, `shift` levels above the leaves.
    const shift = trailingZeros(oldSize);
    const index = (oldSize - 1n) >> shift;
    const inner = bitLength((oldSize - 1n) ^ (newSize - 1n)) - Number(shift);
    const border = popCount(index >> BigInt(inner));
    const isPerfect = oldSize === 1n << shift;
    checkHashes(proof, inner + border + (isPerfect ? 0 : 1));
    const seed = isPerfect ? oldRoot : (proof[0] as Uint8Array);
    const path = isPerfect ? proof : proof.slice(1);
    const isLeft = (i: number): boolean => i < inner && ((index >> BigInt(i)) & 1n) === 0n;
    const old = path.reduce((hash, sibling, i) => (isLeft(i) ? hash : nodeHash(sibling, hash)), seed);
    const grown = path.reduce(
        (hash, sibling, i) => (isLeft(i) ? nodeHash(hash, sibling) : nodeHash(sibling, hash)),
        seed,
    );
    checkEqual(old, oldRoot, `old tree of size ${oldSize}`);
    checkEqual(grown, newRoot, `new tree of size ${newSize}`);
}

function checkHashes(proof: readonly Uint8Array[], length: number): void {
    if (proof.length !== length || proof.some((hash) => hash.length !== 32)) {
        throw codedError("BadProof", `proof has ${proof.length} hashes, expected ${length} of 32 bytes`);
    }
}

function checkEqual(seen: Uint8Array, root: Uint8Array, what: string): void {
    if (!equalBytes(seen, root))
        throw codedError("BadProof", `${what}: proof gives root ${toHex(seen)}, expected ${toHex(root)}`);
}

function popCount(n: bigint): number {
    return n.toString(2).replace(/0/g, "").length;
}

function trailingZeros(n: bigint): bigint {
    return BigInt(bitLength(n & -n) - 1);
}
