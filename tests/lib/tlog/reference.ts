import { createHash } from "node:crypto";

/** RFC 6962 section 2.1 word for word, over arrays and recursion, sharing nothing with lib/tlog. Test data only. */

export function leafOf(i: number): Uint8Array {
    return Buffer.from(`entry ${i}`);
}

function sha256(...parts: readonly Uint8Array[]): Buffer {
    return createHash("sha256").update(Buffer.concat(parts)).digest();
}

export class ReferenceTree {
    private readonly hashes = new Map<string, Buffer>();

    public constructor(private readonly entries: readonly Uint8Array[]) {}

    /** MTH(D[lo:hi]) */
    public mth(lo: number, hi: number): Buffer {
        const key = `${lo}-${hi}`;
        const known = this.hashes.get(key);
        if (known) return known;
        const hash = this.compute(lo, hi);
        this.hashes.set(key, hash);
        return hash;
    }

    private compute(lo: number, hi: number): Buffer {
        if (hi === lo) return sha256();
        if (hi - lo === 1) return sha256(Buffer.from([0]), this.entries[lo] as Uint8Array);
        const k = split(hi - lo);
        return sha256(Buffer.from([1]), this.mth(lo, lo + k), this.mth(lo + k, hi));
    }

    /** PATH(m, D[lo:hi]) */
    public path(m: number, lo: number, hi: number): Buffer[] {
        if (hi - lo === 1) return [];
        const k = split(hi - lo);
        return m < k
            ? [...this.path(m, lo, lo + k), this.mth(lo + k, hi)]
            : [...this.path(m - k, lo + k, hi), this.mth(lo, lo + k)];
    }

    /** SUBPROOF(m, D[lo:hi], b) */
    public subproof(m: number, lo: number, hi: number, b: boolean): Buffer[] {
        if (m === hi - lo) return b ? [] : [this.mth(lo, hi)];
        const k = split(hi - lo);
        return m <= k
            ? [...this.subproof(m, lo, lo + k, b), this.mth(lo + k, hi)]
            : [...this.subproof(m - k, lo + k, hi, false), this.mth(lo, lo + k)];
    }
}

function split(n: number): number {
    let k = 1;
    while (k * 2 < n) k *= 2;
    return k;
}

/** All objects of a log that grew one entry at a time, by path, from the definition of a tile. */
export function referenceTiles(tree: ReferenceTree, size: number, width = 256): Map<string, Uint8Array> {
    const objects = new Map<string, Uint8Array>();
    for (let level = 0, span = 1; span <= size; level += 1, span *= width) {
        const count = Math.floor(size / span);
        for (let n = 0; n * width < count; n += 1) {
            const w = Math.min(width, count - n * width);
            const hashes = Array.from({ length: w }, (_, i) => {
                const first = (n * width + i) * span;
                return tree.mth(first, first + span);
            });
            const name = `tile/${level}/${String(n).padStart(3, "0")}${w === width ? "" : `.p/${w}`}`;
            objects.set(name, Buffer.concat(hashes));
        }
    }
    return objects;
}
