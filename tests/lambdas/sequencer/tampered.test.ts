import { describe, expect, it } from "vitest";
import { checkLog } from "../../support/check-log";
import type { LogWorld } from "../../support/log-world";
import { dieAfterCommit, run, worldOf } from "./support";

// Proves that the sequencer signs nothing over a head, an object or an item that contradicts what it published or committed to.

describe("a head that contradicts what was published", () => {
    it("was set back: no Sign, no write, an alarm", async () => {
        const world = await worldOf(2);
        const backup = world.head.snapshot();
        world.submit();
        await run(world);
        world.head.restore(backup);
        world.submit();
        const signed = world.signed.length;
        await expect(run(world)).rejects.toMatchObject({ code: "HeadRolledBack" });
        expect(world.metrics).toEqual(["LogHalted"]);
        expect(world.signed).toHaveLength(signed);
        expect(world.head.items).toEqual(backup);
    });

    it("was set back with nothing waiting: found all the same", async () => {
        const world = await worldOf(2);
        const backup = world.head.snapshot();
        world.submit();
        await run(world);
        world.head.restore(backup);
        await expect(run(world)).rejects.toMatchObject({ code: "HeadRolledBack" });
    });

    it("was set back, and the checkpoint taken away: the stored tiles contradict the next commit", async () => {
        const world = await worldOf(2);
        const backup = world.head.snapshot();
        world.submit();
        await run(world);
        world.head.restore(backup);
        world.intake.items.clear();
        world.objects.objects.delete("checkpoint");
        world.submit();
        const signed = world.signed.length;
        await expect(run(world)).rejects.toMatchObject({ code: "Equivocation" });
        expect(world.metrics).toEqual(["LogHalted"]);
        expect(world.signed).toHaveLength(signed);
    });

    it("has another root at the published size", async () => {
        const world = await worldOf(2);
        const item = world.head.items.get("head");
        world.head.items.set("head", { version: item?.version ?? 0, value: { ...item?.value, root: "00".repeat(32) } });
        await expect(run(world)).rejects.toMatchObject({ code: "HeadRolledBack" });
        expect(world.metrics).toEqual(["LogHalted"]);
    });

    it("has another root than the archive of its size", async () => {
        const world = await worldOf(2);
        world.submit();
        const archive = world.forkedArchive(3);
        await world.objects.put("archive/3.json", archive, "absent", { contentType: "", cacheControl: "" });
        await expect(run(world)).rejects.toMatchObject({ code: "HeadRolledBack" });
        expect(world.signed).toHaveLength(1);
    });

    it("signed another root at its size before", async () => {
        const world = await worldOf(2);
        world.submit();
        world.head.items.set("sign#3", { version: 1, value: { root: "00", attempt: "a", deadline: 0, attempts: 1 } });
        await expect(run(world)).rejects.toMatchObject({ code: "HeadRolledBack" });
        expect(world.signed).toHaveLength(1);
    });
});

describe("objects that were changed", () => {
    const spoil = (world: LogWorld, key: string, bytes: Uint8Array | undefined): void => {
        const old = world.objects.objects.get(key);
        if (!old) throw new Error(`no object ${key}`);
        if (bytes) world.objects.objects.set(key, { ...old, bytes });
        else world.objects.objects.delete(key);
    };
    const flipped = (world: LogWorld, key: string): Uint8Array =>
        Uint8Array.from(world.objects.objects.get(key)?.bytes ?? [], (byte, i) => (i === 9 ? byte ^ 1 : byte));

    it.each([
        ["tile/0/000.p/2", "RootMismatch"],
        ["tile/entries/000.p/2", "LeafMismatch"],
        ["checkpoint", "SignatureMismatch"],
    ])("%s by one byte: nothing is built on it", async (key, code) => {
        const world = await worldOf(2);
        spoil(world, key, flipped(world, key));
        world.submit();
        await expect(run(world)).rejects.toMatchObject({ code });
        expect(world.metrics).toEqual(["LogHalted"]);
        expect(world.head.items.get("head")?.value.size).toBe(2);
    });

    it.each(["tile/0/000.p/2", "tile/entries/000.p/2"])("%s away: nothing is built on it", async (key) => {
        const world = await worldOf(2);
        spoil(world, key, undefined);
        world.submit();
        await expect(run(world)).rejects.toMatchObject({ code: "BadTile" });
    });

    it("a checkpoint away is put back", async () => {
        const world = await worldOf(2);
        spoil(world, "checkpoint", undefined);
        expect(await run(world)).toEqual({ committed: 0, size: 2 });
        expect(world.signed).toHaveLength(1);
        expect((await checkLog(world)).size).toBe(2);
    });

    it.each([
        ["changed", (bytes: Uint8Array) => Uint8Array.from([...bytes, 32])],
        ["missing", () => undefined],
    ] as const)("a staged batch that is %s after its commit stops the log", async (_, change) => {
        const world = await worldOf(2);
        world.submit();
        await dieAfterCommit(world);
        const staged = String(world.head.items.get("head")?.value.stage_key);
        spoil(world, staged, change(world.objects.objects.get(staged)?.bytes ?? new Uint8Array()));
        await expect(run(world)).rejects.toMatchObject({ code: "Equivocation" });
    });

    it("an item with another index than the log's stops the log", async () => {
        const world = await worldOf(2);
        const leaf = world.submit();
        await dieAfterCommit(world);
        const key = `sig#${leaf.kms_request_id}`;
        const item = world.intake.items.get(key);
        world.intake.items.set(key, { version: 2, value: { ...item?.value, log_index: 77 } });
        await expect(run(world)).rejects.toMatchObject({ code: "Equivocation" });
    });
});
