import { expect, it } from "vitest";
import { lockStoreContract, objectStoreContract } from "../support/log-store-contract";
import { MemoryLockStore, MemoryObjectStore } from "../support/memory-stores";

// Proves that the fakes keep the contract that AWS's stores are held to, and that they check their callers.

const objects = new MemoryObjectStore("objects");
const locks = new MemoryLockStore("locks");

objectStoreContract(() => objects);
lockStoreContract(() => locks);

const HEADERS = { contentType: "", cacheControl: "" };

it("notes whoever would overwrite what is immutable", async () => {
    const store = new MemoryObjectStore("objects");
    await store.put("tile/0/000", new Uint8Array(1), "absent", HEADERS);
    await store.put("tile/0/000", new Uint8Array(1), "absent", HEADERS);
    expect(store.broken).toEqual([]);
    await store.put("tile/0/000", new Uint8Array(2), "absent", HEADERS);
    await store.put("archive/1.json", new Uint8Array(1), { etag: "x" }, HEADERS);
    await store.put("checkpoint", new Uint8Array(1), "any", HEADERS);
    expect(store.broken).toEqual([
        "tile/0/000: other bytes",
        'archive/1.json: put without condition "absent"',
        "checkpoint: unconditional put",
    ]);
});

it("notes whoever would give a record another index", async () => {
    const store = new MemoryLockStore("intake");
    await store.create("sig#1", { log_index: 1 });
    await store.replace("sig#1", 1, { set: { log_index: 2 } });
    expect(store.broken).toEqual(["sig#1: index 1 became 2"]);
});

it("fails in the three ways of a write", async () => {
    const store = new MemoryObjectStore("objects");
    for (const fault of ["lost", "applied", "late"] as const) {
        store.faults = () => fault;
        await expect(store.put(fault, new Uint8Array(1), "absent", HEADERS)).rejects.toThrow("connection lost");
    }
    expect([...store.objects.keys()]).toEqual(["applied"]);
    store.land();
    expect([...store.objects.keys()]).toEqual(["applied", "late"]);
});
