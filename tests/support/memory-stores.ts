import type {
    Change,
    Item,
    LockStore,
    ObjectHeaders,
    ObjectStore,
    PutCondition,
    PutResult,
    StoredObject,
    VersionedItem,
} from "../../lambdas/log/stores";

/**
 * Storage contracts in memory. They judge conditions as the real ones do, note in `broken` who breaks the contract, and fail on
 * request in both ways that a write can fail.
 */

/** All report failure; "applied" happened all the same, and "late", of puts only, happens when `land` is called. */
export type Fault = "lost" | "applied" | "late";

/** One write, as a fault sees it. */
export interface Write {
    readonly store: string;
    readonly operation: "put" | "create" | "createAll" | "replace";
    readonly key: string;
}

export type Faults = (write: Write) => Fault | undefined;

function unknownOutcome({ operation, key }: Write): Error {
    return new Error(`${operation} ${key}: connection lost`);
}

abstract class FaultyStore {
    public faults: Faults = () => undefined;
    /** Every write that was asked for, in order. */
    public readonly writes: Write[] = [];
    /** Contract violations; every test expects none. */
    public readonly broken: string[] = [];
    /** Runs before each operation: other processes get their turn here. */
    public yieldPoint: () => Promise<void> = () => Promise.resolve();

    /** Writes under way whose callers have given up; conditions are judged when they land. */
    public readonly late: (() => unknown)[] = [];

    public constructor(public readonly name: string) {}

    public land(): void {
        this.late.shift()?.();
    }

    protected async write<T>(operation: Write["operation"], key: string, apply: () => T): Promise<T> {
        const write = { store: this.name, operation, key };
        await this.yieldPoint();
        this.writes.push(write);
        const fault = this.faults(write);
        if (fault === "late") this.late.push(apply);
        if (fault === "lost" || fault === "late") throw unknownOutcome(write);
        const result = apply();
        if (fault === "applied") throw unknownOutcome(write);
        return result;
    }
}

export class MemoryObjectStore extends FaultyStore implements ObjectStore {
    public readonly objects = new Map<string, StoredObject & { readonly headers: ObjectHeaders }>();
    private puts = 0;

    public async get(key: string): Promise<StoredObject | undefined> {
        await this.yieldPoint();
        const found = this.objects.get(key);
        return found && { bytes: new Uint8Array(found.bytes), etag: found.etag };
    }

    public put(key: string, bytes: Uint8Array, condition: PutCondition, headers: ObjectHeaders): Promise<PutResult> {
        this.check(key, bytes, condition);
        return this.write("put", key, (): PutResult => {
            const old = this.objects.get(key);
            if (condition === "absent" && old) return { kind: "exists" };
            if (typeof condition === "object" && condition.etag !== old?.etag) return { kind: "changed" };
            const etag = `"${(this.puts += 1)}"`;
            this.objects.set(key, { bytes: new Uint8Array(bytes), etag, headers });
            return { kind: "ok", etag };
        });
    }

    public async has(prefix: string): Promise<boolean> {
        await this.yieldPoint();
        return [...this.objects.keys()].some((key) => key.startsWith(prefix));
    }

    private check(key: string, bytes: Uint8Array, condition: PutCondition): void {
        const old = this.objects.get(key);
        const immutable = /^(tile|archive|records|staging)\//.test(key);
        if (immutable && condition !== "absent") this.broken.push(`${key}: put without condition "absent"`);
        if (immutable && old && Buffer.compare(old.bytes, bytes) !== 0) this.broken.push(`${key}: other bytes`);
        if (condition === "any" && !key.startsWith("index/")) this.broken.push(`${key}: unconditional put`);
    }
}

export class MemoryLockStore extends FaultyStore implements LockStore {
    public readonly items = new Map<string, VersionedItem>();
    /** What the index shows; a test may let it lag or lie. */
    public hint: (keys: readonly string[]) => readonly string[] = (keys) => keys;

    public async get(key: string): Promise<VersionedItem | undefined> {
        await this.yieldPoint();
        return this.items.get(key);
    }

    public create(key: string, value: Item): Promise<"ok" | "exists"> {
        return this.write("create", key, () => this.insert([{ key, value }]));
    }

    public createAll(items: readonly { key: string; value: Item }[]): Promise<"ok" | "exists"> {
        return this.write("createAll", items[0]?.key ?? "", () => this.insert(items));
    }

    private insert(items: readonly { key: string; value: Item }[]): "ok" | "exists" {
        if (items.some(({ key }) => this.items.has(key))) return "exists";
        for (const { key, value } of items) this.items.set(key, { version: 1, value });
        return "ok";
    }

    public replace(key: string, version: number, { set, remove = [] }: Change): Promise<"ok" | "conflict"> {
        return this.write("replace", key, () => {
            const old = this.items.get(key);
            if (old?.version !== version) return "conflict";
            const kept = Object.entries(old.value).filter(([name]) => !remove.includes(name));
            const value = { ...Object.fromEntries(kept), ...set };
            this.checkIndex(key, old.value, value);
            this.items.set(key, { version: version + 1, value });
            return "ok";
        });
    }

    /** A record's index never changes. */
    private checkIndex(key: string, before: Item, after: Item): void {
        if (before.log_index !== undefined && before.log_index !== after.log_index) {
            this.broken.push(`${key}: index ${before.log_index} became ${after.log_index}`);
        }
    }

    public async pending(limit: number): Promise<readonly string[]> {
        await this.yieldPoint();
        const keys = [...this.items]
            .filter(([, { value }]) => value.pending !== undefined)
            .sort(([, a], [, b]) => (String(a.value.received_at) < String(b.value.received_at) ? -1 : 1))
            .map(([key]) => key);
        return this.hint(keys).slice(0, limit);
    }

    /** A copy of the items, for a table restored from backup. */
    public snapshot(): Map<string, VersionedItem> {
        return new Map(this.items);
    }

    public restore(items: ReadonlyMap<string, VersionedItem>): void {
        this.items.clear();
        for (const [key, item] of items) this.items.set(key, item);
    }
}
