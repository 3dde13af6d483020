import { equalBytes, quote } from "../../lib/encoding";
import { codedError } from "../../lib/errors";
import { type Batch, bytesOf, itemOf, openStaged } from "./batch";
import type { LogDeps } from "./deps";
import { readEdge, type StoredEdge } from "./edge";
import { type Head, type Progress, raise } from "./head";
import { IMMUTABLE } from "./objects";
import type { LockStore } from "./stores";

/** What an applied batch leaves behind for the steps after it. */
export interface Applied {
    readonly batch: Batch;
    readonly edge: StoredEdge;
}

/**
 * Steps 5 to 7: writes what the head committed to. Whatever happens here, the next run does it again: every put is `absent`
 * with one possible content, and indices come from the staged batch.
 *
 * @param body the staged batch, if this run put it and knows that it is stored; read from the store otherwise
 * @param versions of items as last read, to spare reading them again
 * @throws Equivocation if an object or item says otherwise, RootMismatch
 */
export async function apply(
    deps: LogDeps,
    head: Head,
    applied: Progress,
    body?: Uint8Array,
    versions: ReadonlyMap<string, number> = new Map<string, number>(),
): Promise<Applied> {
    const batch = openStaged(body ?? (await readStaged(deps, head)), head);
    await Promise.all(batch.objects.map((object) => putOnce(deps, object.path, bytesOf(object))));
    const edge = await readBack(deps, batch);
    await Promise.all(
        batch.keys.map(async (name, i) => {
            const item = itemOf(name);
            if (item) await setIndex(deps.inboxes[item.inbox], item.key, batch.from + i, versions.get(name));
        }),
    );
    // Last: it says that all of the above is done.
    await raise(deps.head, applied, head.size);
    return { batch, edge };
}

async function readStaged({ objects }: LogDeps, { size, stage }: Head): Promise<Uint8Array> {
    const found = stage && (await objects.get(stage.key));
    if (!found)
        throw codedError("Equivocation", `staged batch of size ${size} is missing, expected ${quote(stage?.key)}`);
    return found.bytes;
}

async function putOnce({ objects }: LogDeps, path: string, bytes: Uint8Array): Promise<void> {
    const { kind } = await objects.put(path, bytes, "absent", IMMUTABLE);
    if (kind === "ok") return;
    const stored = await objects.get(path);
    if (!stored || !equalBytes(stored.bytes, bytes)) {
        throw codedError("Equivocation", `${path} holds other bytes than the log committed to`);
    }
}

/** Step 6: the stored objects, not those in memory, give the head's root. */
async function readBack({ objects }: LogDeps, batch: Batch): Promise<StoredEdge> {
    const stored = new Map<string, Uint8Array>();
    await Promise.all(
        batch.objects.map(async (object) => {
            const found = await objects.get(object.path);
            if (!found || !equalBytes(found.bytes, bytesOf(object))) {
                throw codedError("Equivocation", `${object.path} reads back as other bytes than were put`);
            }
            stored.set(object.path, found.bytes);
        }),
    );
    const read = async (path: string): Promise<Uint8Array | undefined> =>
        stored.get(path) ?? (await objects.get(path))?.bytes;
    return readEdge(read, batch.size, batch.root);
}

/** Only if absent or equal: no record ever has two indices. */
async function setIndex(store: LockStore, key: string, index: number, version?: number): Promise<void> {
    const change = { set: { log_index: index }, remove: ["pending"] };
    if (version !== undefined && (await store.replace(key, version, change)) === "ok") return;
    for (let attempt = 0; attempt < 5; attempt += 1) {
        const item = await store.get(key);
        if (item?.value.log_index === index) return;
        if (!item || item.value.log_index !== undefined) {
            throw codedError(
                "Equivocation",
                `${quote(key)} has index ${quote(item?.value.log_index)}, the log has it at ${index}`,
            );
        }
        if ((await store.replace(key, item.version, change)) === "ok") return;
    }
    throw codedError("Busy", `${quote(key)} keeps changing`);
}
