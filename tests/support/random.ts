/** Seeded random numbers (mulberry32): a failing test prints its seed and can be run again. */
export function randomFrom(seed: number): { below(n: number): number; bytes(length: number): Uint8Array } {
    let state = seed >>> 0;
    const next = (): number => {
        state = (state + 0x6d2b79f5) >>> 0;
        let t = state;
        t = Math.imul(t ^ (t >>> 15), t | 1);
        t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
        return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
    const below = (n: number): number => Math.floor(next() * n);
    return { below, bytes: (length) => Uint8Array.from({ length }, () => below(256)) };
}
