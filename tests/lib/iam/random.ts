/** A small generator with a seed, so that a failure can be repeated (mulberry32). */
export interface Random {
    int(below: number): number;
    pick<T>(items: readonly T[]): T;
    chance(probability: number): boolean;
    some<T>(items: readonly T[], atMost: number): T[];
}

export function createRandom(seed: number): Random {
    let state = seed >>> 0;
    const next = (): number => {
        state = (state + 0x6d2b79f5) >>> 0;
        let t = state;
        t = Math.imul(t ^ (t >>> 15), t | 1);
        t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
        return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
    };
    const int = (below: number): number => Math.floor(next() * below);
    const pick = <T>(items: readonly T[]): T => items[int(items.length)] as T;
    const some = <T>(items: readonly T[], atMost: number): T[] =>
        Array.from({ length: 1 + int(atMost) }, () => pick(items)).filter((item, i, all) => all.indexOf(item) === i);
    return { int, pick, chance: (probability) => next() < probability, some };
}
