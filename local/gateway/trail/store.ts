import type { TrailRecord } from "./record";

/** Every record of the run, in the order in which calls ended. Nothing is ever changed or removed. */
export interface TrailStore {
    append(records: readonly TrailRecord[]): void;
    /** Records from position `after` on; `next` is where to go on. */
    page(after: number, limit: number): { records: TrailRecord[]; next: number };
    /** Newest first, as LookupEvents answers. */
    newestFirst(): IterableIterator<TrailRecord>;
}

export function createTrailStore(): TrailStore {
    const all: TrailRecord[] = [];
    return {
        append: (records) => void all.push(...records),
        page: (after, limit) => {
            const records = all.slice(after, after + limit);
            return { records, next: after + records.length };
        },
        *newestFirst() {
            for (let i = all.length - 1; i >= 0; i--) yield all[i]!;
        },
    };
}
