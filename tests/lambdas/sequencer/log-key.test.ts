import { describe, expect, it } from "vitest";
import { checkLog } from "../../support/check-log";
import { run, worldOf } from "./support";

// Proves how the sequencer uses the log's key: one claim a checkpoint, each use archived. Proves nothing about KMS.

describe("the log's key", () => {
    it.each(["fails", "signs"] as const)(
        "whose Sign %s and reports failure is used again at once, by the next run",
        async (fault) => {
            const world = await worldOf(2);
            world.submit();
            world.signFault = () => fault;
            await expect(run(world)).rejects.toThrow();
            world.signFault = () => undefined;
            expect(await run(world)).toEqual({ committed: 0, size: 3 });
            await checkLog(world);
            // The use whose answer was lost has no archive: the reconciler publishes it. By design.
            expect(world.unarchivedUses()).toHaveLength(fault === "signs" ? 1 : 0);
        },
    );

    it("waits for a claim whose owner may still sign, then takes it over", async () => {
        const world = await worldOf(2);
        world.submit();
        const deadline = world.clock + 65_000;
        const key = { ...world.deps().key, sign: () => new Promise<never>(() => undefined) };
        void run(world, { key });
        await settled();
        expect(world.head.items.get("sign#3")?.value).toMatchObject({ deadline, attempts: 1 });
        expect(await run(world)).toEqual({ committed: 0, size: 2 });
        expect(world.signed).toHaveLength(1);
        world.clock += 65_000;
        expect(await run(world)).toEqual({ committed: 0, size: 3 });
        expect(world.head.items.get("sign#3")?.value).toMatchObject({ attempts: 2 });
        await checkLog(world);
    });

    it("has its signature archived though the head moved on after its run died", async () => {
        const world = await worldOf(2);
        world.submit();
        world.faults = ({ key }) => (key.startsWith("index/use/") ? "lost" : undefined);
        await expect(run(world)).rejects.toThrow("connection lost");
        world.faults = () => undefined;
        world.submit();
        expect(await run(world)).toEqual({ committed: 1, size: 4 });
        expect(world.objects.objects.has("archive/3.json")).toBe(true);
        expect(world.unarchivedUses()).toEqual([]);
        await checkLog(world);
    });

    it("that signs something else stops the log", async () => {
        const world = await worldOf(2);
        world.submit();
        const wrong = { signature: new Uint8Array(64), kmsRequestId: "x" };
        const key = { ...world.deps().key, sign: () => Promise.resolve(wrong) };
        await expect(run(world, { key })).rejects.toMatchObject({ code: "SignatureMismatch" });
        expect(world.metrics).toEqual(["LogHalted"]);
    });
});

/** Lets everything that waits for nothing finish. */
async function settled(): Promise<void> {
    for (let i = 0; i < 50; i += 1) await new Promise((resolve) => setImmediate(resolve));
}
