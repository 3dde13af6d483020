import { describe, expect, it } from "vitest";
import type { LockStore, ObjectStore } from "../../lambdas/log/stores";
import { toUtf8 } from "../../lib/encoding";

/** One suite for every implementation of the log's stores: in memory here, AWS's over the local cloud. */

const HEADERS = { contentType: "text/plain", cacheControl: "max-age=5" };

export function objectStoreContract(store: () => ObjectStore): void {
    const put = (key: string, text: string, condition: Parameters<ObjectStore["put"]>[2]) =>
        store().put(key, toUtf8(text), condition, HEADERS);
    const text = async (key: string) => Buffer.from((await store().get(key))?.bytes ?? []).toString();

    describe("an object store", () => {
        it("is empty at first", async () => {
            expect(await store().has("")).toBe(false);
            expect(await store().get("checkpoint")).toBeUndefined();
        });

        it("puts once what must be absent", async () => {
            expect(await put("tile/0/000.p/1", "first", "absent")).toMatchObject({ kind: "ok" });
            expect(await put("tile/0/000.p/1", "second", "absent")).toEqual({ kind: "exists" });
            expect(await text("tile/0/000.p/1")).toBe("first");
        });

        it("swaps by the etag that it gave", async () => {
            const first = await put("checkpoint", "1", "absent");
            const seen = await store().get("checkpoint");
            expect(first).toEqual({ kind: "ok", etag: seen?.etag });
            expect(await put("checkpoint", "2", { etag: seen?.etag ?? "" })).toMatchObject({ kind: "ok" });
            expect(await put("checkpoint", "3", { etag: seen?.etag ?? "" })).toEqual({ kind: "changed" });
            expect(await text("checkpoint")).toBe("2");
        });

        it("has changed where the object of an etag is gone", async () => {
            expect(await put("nowhere", "1", { etag: '"0123456789abcdef0123456789abcdef"' })).toEqual({
                kind: "changed",
            });
            expect(await store().get("nowhere")).toBeUndefined();
        });

        it("puts hints whatever is there", async () => {
            await put("index/a.json", "1", "any");
            await put("index/a.json", "2", "any");
            expect(await text("index/a.json")).toBe("2");
        });

        it("keeps bytes as they are, and none", async () => {
            const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
            await store().put("tile/0/bytes", bytes, "absent", HEADERS);
            expect((await store().get("tile/0/bytes"))?.bytes).toEqual(bytes);
            await store().put("tile/0/none", new Uint8Array(), "absent", HEADERS);
            expect((await store().get("tile/0/none"))?.bytes).toEqual(new Uint8Array());
        });

        it("knows what starts so", async () => {
            expect(await store().has("tile/")).toBe(true);
            expect(await store().has("archive/")).toBe(false);
        });

        it("lets one of many writers win", async () => {
            const results = await Promise.all(
                Array.from({ length: 8 }, (_, i) => put("archive/1.json", String(i), "absent")),
            );
            expect(results.filter(({ kind }) => kind === "ok")).toHaveLength(1);
        });
    });
}

export function lockStoreContract(store: () => LockStore): void {
    describe("a lock store", () => {
        it("creates once", async () => {
            expect(await store().get("head")).toBeUndefined();
            expect(await store().create("head", { size: 0, root: "ab" })).toBe("ok");
            expect(await store().create("head", { size: 1, root: "cd" })).toBe("exists");
            expect(await store().get("head")).toEqual({ version: 1, value: { size: 0, root: "ab" } });
        });

        it("swaps by version, keeping what is not named", async () => {
            expect(await store().replace("head", 1, { set: { size: 9007199254740991 } })).toBe("ok");
            expect(await store().replace("head", 1, { set: { size: 2 } })).toBe("conflict");
            expect(await store().get("head")).toEqual({ version: 2, value: { size: 9007199254740991, root: "ab" } });
        });

        it("conflicts where nothing is", async () => {
            expect(await store().replace("nothing", 0, { set: { size: 2 } })).toBe("conflict");
            expect(await store().get("nothing")).toBeUndefined();
        });

        it("creates all or none", async () => {
            const value = { n: 1 };
            expect(
                await store().createAll([
                    { key: "a", value },
                    { key: "b", value },
                ]),
            ).toBe("ok");
            expect(
                await store().createAll([
                    { key: "c", value },
                    { key: "b", value },
                ]),
            ).toBe("exists");
            expect(await store().get("c")).toBeUndefined();
            expect(await store().get("a")).toEqual({ version: 1, value });
        });

        it("shows what is pending, oldest first, until it no longer is", async () => {
            const item = (received_at: string) => ({ pending: "1", received_at, leaf: "{}" });
            await store().create("sig#2", item("2026-11-21T08:00:02.000Z"));
            await store().create("sig#1", item("2026-11-21T08:00:01.000Z"));
            expect(await store().pending(10)).toEqual(["sig#1", "sig#2"]);
            expect(await store().pending(1)).toEqual(["sig#1"]);
            await store().replace("sig#1", 1, { set: { log_index: 5 }, remove: ["pending"] });
            expect(await store().pending(10)).toEqual(["sig#2"]);
            expect((await store().get("sig#1"))?.value).toEqual({
                log_index: 5,
                leaf: "{}",
                received_at: "2026-11-21T08:00:01.000Z",
            });
        });

        it("lets one of many writers win", async () => {
            const created = await Promise.all(
                Array.from({ length: 8 }, (_, i) => store().create("sign#1", { attempt: String(i) })),
            );
            expect(created.filter((result) => result === "ok")).toHaveLength(1);
            const swapped = await Promise.all(
                Array.from({ length: 8 }, (_, i) => store().replace("sign#1", 1, { set: { attempt: String(i) } })),
            );
            expect(swapped.filter((result) => result === "ok")).toHaveLength(1);
        });
    });
}
