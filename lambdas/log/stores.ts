/**
 * Storage contracts of the log. In both a THROW MEANS THE OUTCOME IS UNKNOWN: nothing happened, it happened, or (objects)
 * it happens later, after the caller's death. Recover by reading, never by assuming.
 */

/** Objects of one log. Untrusted: readers verify what they get. */
export interface ObjectStore {
    /** Reads its own writes. Undefined means absent, never "not allowed". */
    get(key: string): Promise<StoredObject | undefined>;
    /**
     * Durable once it returns. `condition` is judged when the write lands, not when it is sent: "absent", or the etag that
     * the object must have. "any" is for hints under `index/` only.
     */
    put(key: string, bytes: Uint8Array, condition: PutCondition, headers: ObjectHeaders): Promise<PutResult>;
    /** Whether any key starts so. */
    has(prefix: string): Promise<boolean>;
}

export interface StoredObject {
    readonly bytes: Uint8Array;
    readonly etag: string;
}

export type PutCondition = "absent" | "any" | { readonly etag: string };

export type PutResult =
    { readonly kind: "ok"; readonly etag: string } | { readonly kind: "exists" } | { readonly kind: "changed" };

export interface ObjectHeaders {
    readonly contentType: string;
    readonly cacheControl: string;
}

/** Attributes of an item but for its key and version. Swaps go by version number: content may be MD5-equal, a version never repeats. */
export type Item = Readonly<Record<string, string | number>>;

export interface Change {
    readonly set: Item;
    readonly remove?: readonly string[];
}

export interface VersionedItem {
    readonly version: number;
    readonly value: Item;
}

/** Items with linearizable conditional writes. */
export interface LockStore {
    /** Strongly consistent. */
    get(key: string): Promise<VersionedItem | undefined>;
    /** "exists" may be a write of our own, repeated by a retry we do not see. */
    create(key: string, value: Item): Promise<"ok" | "exists">;
    /** All or none; "exists" if any key does. */
    createAll(items: readonly { readonly key: string; readonly value: Item }[]): Promise<"ok" | "exists">;
    /** Changes the named attributes, leaves the others. "conflict" if the item is absent or has another version. */
    replace(key: string, version: number, change: Change): Promise<"ok" | "conflict">;
    /** Keys of items with the attribute `pending`, oldest `received_at` first. A hint, eventually consistent: confirm each by `get`. */
    pending(limit: number): Promise<readonly string[]>;
}
