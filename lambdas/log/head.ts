import { quote } from "../../lib/encoding";
import { codedError } from "../../lib/errors";
import { EMPTY_ROOT } from "../../lib/tlog/hashing";
import type { Item, LockStore, VersionedItem } from "./stores";

/**
 * The head: size and root that the log has committed to. Trusted: who edits or restores it can fork the log, which publication's
 * first step makes loud. Items of the head table: `head`, `applied`, `published`, `sign#<size>`.
 */
export interface Head {
    readonly version: number;
    readonly size: number;
    /** Hex. */
    readonly root: string;
    /** Milliseconds; never goes back. */
    readonly committedAt: number;
    /** The staged batch that made this size; undefined at size 0. */
    readonly stage?: { readonly key: string; readonly sha256: string };
}

export function newHead(now: number): Item {
    return { size: 0, root: EMPTY_ROOT, committed_at: now };
}

export function headItem(head: Omit<Head, "version">): Item {
    return {
        size: head.size,
        root: head.root,
        committed_at: head.committedAt,
        ...(head.stage && { stage_key: head.stage.key, stage_sha256: head.stage.sha256 }),
    };
}

/** Strong read. */
export async function readHead(store: LockStore): Promise<Head | undefined> {
    const item = await store.get("head");
    return item && parseHead(item);
}

/** @throws BadConfig for an item that no sequencer wrote */
function parseHead({ version, value }: VersionedItem): Head {
    const { size, root, committed_at: committedAt, stage_key: key, stage_sha256: sha256 } = value;
    if (typeof size !== "number" || typeof root !== "string" || typeof committedAt !== "number") {
        throw codedError("BadConfig", `head item is ${quote(value)}, expected size, root and committed_at`);
    }
    const stage = typeof key === "string" && typeof sha256 === "string" ? { key, sha256 } : undefined;
    return { version, size, root, committedAt, ...(stage && { stage }) };
}

/** How far a step has come: entries applied to the tiles, entries published. */
export interface Progress {
    readonly name: "applied" | "published";
    /** 0 before the item exists. */
    readonly version: number;
    readonly size: number;
    /** `published` only: the size whose checkpoint is being signed, or was last; above `size` while it is not published. */
    readonly signing: number;
}

export async function readProgress(store: Pick<LockStore, "get">, name: Progress["name"]): Promise<Progress> {
    const item = await store.get(name);
    const { size = 0, signing = 0 } = item?.value ?? {};
    return { name, version: item?.version ?? 0, size: Number(size), signing: Number(signing) };
}

/** Raises, never lowers. A conflict is another run that did the same, or more. */
export async function raise(store: LockStore, progress: Progress, size: number): Promise<void> {
    let seen = progress;
    for (let attempt = 0; attempt < 5 && seen.size < size; attempt += 1) {
        const result = await (seen.version === 0
            ? store.create(seen.name, { size })
            : store.replace(seen.name, seen.version, { set: { size } }));
        if (result === "ok") return;
        seen = await readProgress(store, seen.name);
    }
    if (seen.size < size) throw codedError("Busy", `${seen.name} stays at ${seen.size}, others keep changing it`);
}

/**
 * Says which size is about to be signed, so that a claim whose owner died is found again.
 *
 * @returns undefined if another run changed it meanwhile
 */
export async function startSigning(store: LockStore, published: Progress, size: number): Promise<Progress | undefined> {
    if (published.signing === size) return published;
    const result = await (published.version === 0
        ? store.create(published.name, { size: 0, signing: size })
        : store.replace(published.name, published.version, { set: { signing: size } }));
    return result === "ok" ? { ...published, version: published.version + 1, signing: size } : undefined;
}
