import type { AnyKeySpec } from "../key-specs";
import { generatePair, type KeyPair } from "./key-pair";

/**
 * Key pairs made before anyone asks, so that a deployment does not wait for primes. Each leaves the pool once; when it is
 * empty, keys are made on demand. Known to one process, gone with it.
 */
export interface KeyPool {
    take(spec: AnyKeySpec): Promise<KeyPair>;
}

export function createKeyPool(counts: Readonly<Record<string, number>>): KeyPool {
    const waiting = new Map<string, Promise<KeyPair>[]>();
    // One after the other: two at a time would take both cores from whoever starts up beside us.
    let last: Promise<unknown> = Promise.resolve();
    for (const [spec, count] of Object.entries(counts)) {
        const pairs = Array.from({ length: count }, () => {
            const pair = last.then(() => generatePair(spec as AnyKeySpec));
            last = pair.catch(() => undefined);
            return pair;
        });
        // A failure belongs to whoever takes the pair, not to the process.
        pairs.forEach((pair) => pair.catch(() => undefined));
        waiting.set(spec, pairs);
    }
    return { take: (spec) => waiting.get(spec)?.shift() ?? generatePair(spec) };
}
