import { describe, expect, it } from "vitest";
import { handle } from "../../../lambdas/sequencer";
import type { SignatureLeaf } from "../../../lib/record/leaf";
import { encodeCanonical } from "../../../lib/record/canonical";
import { checkLog } from "../../support/check-log";
import { LogWorld } from "../../support/log-world";
import type { Fault, MemoryLockStore } from "../../support/memory-stores";
import { randomFrom } from "../../support/random";
import { Scheduler } from "../../support/scheduler";

// Proves that sequencers which interleave, die and lose answers leave one log. A sample of the fault model; each seed is a run.

const SEEDS = Array.from({ length: 24 }, (_, i) => 1000 + i);
const STEPS = 300;
/** Steps by which the index of waiting records may lag. */
const LAG = 50;

interface Story {
    readonly world: LogWorld;
    readonly scheduler: Scheduler;
    readonly random: () => number;
    readonly records: SignatureLeaf[];
    /** Log-key uses that may stay without archive: sign faults, deaths, takeovers. */
    excuses: number;
}

function begin(seed: number): Story {
    const { below } = randomFrom(seed);
    const random = (): number => below(1_000_000) / 1_000_000;
    const world = new LogWorld();
    const scheduler = new Scheduler(random);
    for (const store of world.stores) store.yieldPoint = scheduler.yieldPoint;
    return { world, scheduler, random, records: [], excuses: 0 };
}

/** The index answers as of some steps ago, and now and then leaves a key out. */
function lag({ random }: Story, store: MemoryLockStore): void {
    const history: (readonly string[])[] = [];
    store.hint = (keys) => {
        history.push(keys);
        const then = history[Math.max(0, history.length - 1 - Math.floor(random() * LAG))] ?? [];
        return then.filter(() => random() < 0.8).slice(0, 5);
    };
}

function breakThings(story: Story): void {
    const { world, random } = story;
    world.faults = ({ operation }) => {
        const dice = random();
        const faults: readonly Fault[] = operation === "put" ? ["lost", "applied", "late"] : ["lost", "applied"];
        return faults[Math.floor(dice / 0.04)];
    };
    world.signFault = () => {
        const dice = random();
        if (dice < 0.04) story.excuses += 1;
        return dice < 0.02 ? "fails" : dice < 0.04 ? "signs" : undefined;
    };
}

async function storm(story: Story): Promise<void> {
    const { world, scheduler, random } = story;
    for (let step = 0; step < STEPS; step += 1) {
        world.clock += 1000;
        if (random() < 0.15) story.records.push(world.submit(random() < 0.8 ? world.intake : world.reconciler));
        if (scheduler.running < 2 && random() < 0.5) scheduler.start(() => handle(world.deps()));
        if (random() < 0.03) {
            scheduler.kill();
            story.excuses += 1;
        }
        if (random() < 0.03) world.objects.land();
        await scheduler.step();
    }
}

async function calm({ world, scheduler }: Story): Promise<void> {
    while (scheduler.running > 0) scheduler.kill();
    while (world.objects.late.length > 0) world.objects.land();
    world.faults = () => undefined;
    world.signFault = () => undefined;
    for (const store of [world.intake, world.reconciler]) store.hint = (keys) => keys;
    for (let run = 0; run < 60 && isWaiting(world); run += 1) {
        world.clock += 70_000;
        await handle(world.deps());
    }
}

function isWaiting({ intake, reconciler, head }: LogWorld): boolean {
    const waiting = [intake, reconciler].some(({ items }) => [...items.values()].some(({ value }) => value.pending));
    return waiting || head.items.get("published")?.value.size !== head.items.get("head")?.value.size;
}

function takeovers({ head }: LogWorld): number {
    return [...head.items.values()].reduce((sum, { value }) => sum + Math.max(0, Number(value.attempts ?? 1) - 1), 0);
}

describe("sequencers that interleave, die and lose answers", () => {
    it.each(SEEDS)("leave one log with every record once, seed %i", async (seed) => {
        const story = begin(seed);
        const { world, records } = story;
        for (const store of [world.intake, world.reconciler]) lag(story, store);
        breakThings(story);
        await storm(story);
        await calm(story);

        const { entries } = await checkLog(world);
        expect([...entries.slice(1)].sort()).toEqual(records.map((leaf) => encodeCanonical(leaf)).sort());
        expect(world.metrics).toEqual([]);
        expect(world.unarchivedUses().length).toBeLessThanOrEqual(story.excuses + takeovers(world));
    });

    it("do so without any fault as well", async () => {
        const story = begin(1);
        const { world, scheduler, random } = story;
        for (let step = 0; step < STEPS; step += 1) {
            if (random() < 0.15) story.records.push(world.submit());
            if (scheduler.running < 3) scheduler.start(() => handle(world.deps()));
            await scheduler.step();
        }
        while (scheduler.running > 0) await scheduler.step();
        await calm(story);
        expect((await checkLog(world)).size).toBe(story.records.length + 1);
        expect(world.unarchivedUses()).toEqual([]);
    });
});

describe("a head table restored from an older copy", () => {
    it.each(SEEDS.slice(0, 6))("never gets a fork signed, seed %i", async (seed) => {
        const story = begin(seed);
        const { world, random } = story;
        for (let i = 0; i < 3; i += 1) {
            world.submit();
            await handle(world.deps());
        }
        const backup = world.head.snapshot();
        for (let i = 0; i <= random() * 5; i += 1) {
            world.submit();
            await handle(world.deps());
        }
        const before = await checkLog(world);
        const signed = world.signed.length;
        world.head.restore(backup);
        breakThings(story);
        story.excuses = 0;
        world.signFault = () => undefined;
        await storm(story);
        expect(world.signed).toHaveLength(signed);
        expect(world.metrics).toContain("LogHalted");
        expect(await checkLog(world)).toEqual(before);
    });
});
