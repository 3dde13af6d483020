import { describe, expect, it } from "vitest";
import { decodeLeaf } from "../../lib/record/codec";
import { checkLog } from "../support/check-log";
import { LogWorld } from "../support/log-world";
import { run } from "./sequencer/support";

/**
 * Proves what a run without faults writes, over the storage contracts; sequencer/ has faults, the log's key, what was tampered with, and
 * storms. Proves nothing about S3, DynamoDB or KMS.
 */

describe("a new log", () => {
    it("starts with the registration of its own key", async () => {
        const world = new LogWorld();
        expect(await run(world)).toEqual({ committed: 1, size: 1 });
        const { entries } = await checkLog(world);
        expect(decodeLeaf(Buffer.from(entries[0] ?? ""))).toMatchObject({
            type: "key_event",
            event_name: "KeyRegistered",
            key_role: "log",
            key_spki_sha256: world.spkiSha256,
            signing_algorithms: ["ED25519_SHA_512"],
        });
        expect(world.metrics).toEqual([]);
    });

    it("needs bootstrap", async () => {
        const world = new LogWorld();
        await expect(run(world, { bootstrap: false })).rejects.toMatchObject({ code: "HeadRolledBack" });
        expect(world.metrics).toEqual(["LogHalted"]);
        expect(world.signed).toEqual([]);
    });

    it("needs an empty bucket: a lost head table must not start a fork", async () => {
        const world = new LogWorld();
        await run(world);
        world.head.items.clear();
        await expect(run(world)).rejects.toMatchObject({ code: "LogNotEmpty" });
        expect(world.metrics).toEqual(["LogHalted"]);
        expect(world.signed).toHaveLength(1);
    });
});

describe("a run", () => {
    it("puts what waits into the published tree, oldest first, from both tables", async () => {
        const world = new LogWorld();
        await run(world);
        const leaves = [world.submit(), world.submit(world.reconciler), world.submit()];
        expect(await run(world)).toEqual({ committed: 3, size: 4 });
        const { entries } = await checkLog(world);
        expect(entries.slice(1).map((entry) => decodeLeaf(Buffer.from(entry)))).toEqual(leaves);
        expect(world.intake.items.get(`sig#${leaves[0]?.kms_request_id}`)?.value).toMatchObject({ log_index: 1 });
        expect(world.reconciler.items.get(`sig#${leaves[1]?.kms_request_id}`)?.value).toMatchObject({ log_index: 2 });
    });

    it("writes nothing and signs nothing when nothing waits", async () => {
        const world = new LogWorld();
        await run(world);
        const before = world.stores.map(({ writes }) => writes.length);
        expect(await run(world)).toEqual({ committed: 0, size: 1 });
        expect(world.stores.map(({ writes }) => writes.length)).toEqual(before);
        expect(world.signed).toHaveLength(1);
    });

    it("sets the headers that readers cache by", async () => {
        const world = new LogWorld();
        await run(world);
        const headers = (key: string) => world.objects.objects.get(key)?.headers;
        const immutable = {
            contentType: "application/octet-stream",
            cacheControl: "public, max-age=604800, immutable",
        };
        expect(headers("tile/0/000.p/1")).toEqual(immutable);
        expect(headers("tile/entries/000.p/1")).toEqual(immutable);
        expect(headers("checkpoint")).toEqual({ contentType: "text/plain; charset=utf-8", cacheControl: "max-age=5" });
    });

    it("fills tiles and starts new ones", async () => {
        const world = new LogWorld();
        for (const batch of [254, 1, 1, 3, 300]) {
            for (let i = 0; i < batch; i += 1) world.submit();
            await run(world);
            await checkLog(world);
        }
        expect((await checkLog(world)).size).toBe(560);
        expect(world.objects.objects.has("tile/1/000.p/2")).toBe(true);
    });

    it("commits more than one batch's records before it publishes once", async () => {
        const world = new LogWorld();
        await run(world);
        for (let i = 0; i < 2100; i += 1) world.submit();
        expect(await run(world)).toEqual({ committed: 2100, size: 2101 });
        await checkLog(world);
        expect(world.signed).toHaveLength(2);
    });

    it("leaves out an item that is no leaf, and says so", async () => {
        const world = new LogWorld();
        await run(world);
        world.intake.items.set("sig#x", { version: 1, value: { leaf: "{}", pending: "1", received_at: "0" } });
        world.submit();
        expect(await run(world)).toEqual({ committed: 1, size: 2 });
        expect(world.metrics).toEqual(["LogSkipped"]);
        await checkLog(world);
    });

    it("takes nothing from the index on trust", async () => {
        const world = new LogWorld();
        await run(world);
        const leaf = world.submit();
        await run(world);
        world.intake.hint = () => ["sig#nobody", `sig#${leaf.kms_request_id}`];
        expect(await run(world)).toEqual({ committed: 0, size: 2 });
        expect((await checkLog(world)).size).toBe(2);
    });

    it("writes hints that lead to the entries", async () => {
        const world = new LogWorld();
        await run(world);
        const leaf = world.submit();
        await run(world);
        const text = (key: string) => Buffer.from(world.objects.objects.get(key)?.bytes ?? []).toString();
        const hex = leaf.artifact_sha256 ?? "";
        expect(text(`index/digest/${hex.slice(0, 2)}/${hex}.json`)).toBe('{"indices":[1]}');
        expect(text("index/date/2026/11/21.json")).toBe('{"indices":[0,1]}');
        expect(text("records/2026/11/21/000000000001.json")).toContain(leaf.record_hash);
        expect(JSON.parse(text("log.json"))).toMatchObject({ origin: "log.example.test/countersign" });
        expect(text(`index/use/${world.signed[1]?.requestId}.json`)).toBe('{"size":2}');
    });

    it("times commits by a clock that never goes back, and says when it would have", async () => {
        const world = new LogWorld();
        await run(world);
        const first = Number(world.head.items.get("head")?.value.committed_at);
        world.clock -= 120_000;
        world.submit();
        await run(world);
        expect(world.head.items.get("head")?.value.committed_at).toBe(first + 1);
        expect(world.metrics).toEqual(["LogClockBehind"]);
    });
});
