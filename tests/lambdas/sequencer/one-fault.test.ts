import { describe, expect, it } from "vitest";
import { encodeCanonical } from "../../../lib/record/canonical";
import { checkLog } from "../../support/check-log";
import { faultAt, LogWorld } from "../../support/log-world";
import type { Fault } from "../../support/memory-stores";
import { run, worldOf } from "./support";

// Proves that a run which fails at any one write of the protocol leaves nothing lost and nothing twice. Proves nothing about S3 or DynamoDB.

/** Several tiles' worth, so that a run writes full tiles, partial ones and a level 1 tile. */
const grown = worldOf(255);

const PROTOCOL = [
    "put staging/258-HASH",
    "replace head",
    "put tile/0/000",
    "put tile/0/001.p/2",
    "put tile/1/000.p/1",
    "put tile/entries/000",
    "put tile/entries/001.p/2",
    "replace sig#request-255",
    "replace sig#request-256",
    "replace sig#request-257",
    "replace applied",
    "replace published",
    "create sign#258",
    "replace sign#258",
    "put archive/258.json",
    "put index/use/log-request-1.json",
    "put checkpoint",
    "replace published",
];

/** Writes of a run with three records that crosses a tile, up to the hints: they are best effort, and last. */
async function writesOfRun(): Promise<string[]> {
    const world = (await grown).copy();
    for (let i = 0; i < 3; i += 1) world.submit();
    const seen: string[] = [];
    world.faults = ({ operation, key }) => void seen.push(`${operation} ${key.replace(/[0-9a-f]{64}/, "HASH")}`);
    await run(world);
    const hints = seen.findIndex((write) => /index\/d|records|log\.json/.test(write));
    return seen.slice(0, hints);
}

it("writes in the order of the protocol", async () => {
    expect(await writesOfRun()).toEqual(PROTOCOL);
});

const FAULTS: readonly Fault[] = ["lost", "applied"];
const BROKEN = FAULTS.flatMap((fault) => PROTOCOL.map((_, n) => [fault, n] as const));

describe("a run that fails at one write", () => {
    it.each(BROKEN)("%s, write %i: clean runs then lose and double nothing", async (fault, n) => {
        const world = (await grown).copy();
        const leaves = Array.from({ length: 3 }, () => world.submit());
        const { faults, hit } = faultAt(n, fault);
        world.faults = faults;
        await run(world).catch(() => undefined);
        expect(hit()).toBeDefined();
        world.faults = () => undefined;
        await checkLog(world);

        leaves.push(world.submit());
        await run(world);
        await checkLog(world);
        // Claims of runs that died expire.
        world.clock += 120_000;
        expect(await run(world)).toMatchObject({ size: 259 });

        const { entries } = await checkLog(world);
        expect(entries.slice(255)).toEqual(leaves.map((leaf) => encodeCanonical(leaf)));
        expect([...world.intake.items.values()].filter(({ value }) => value.pending !== undefined)).toEqual([]);
        expect(world.unarchivedUses()).toEqual([]);
        expect(world.metrics).toEqual([]);
    });

    it.each(BROKEN)("%s, write %i of the very first run", async (fault, n) => {
        const world = new LogWorld();
        world.submit();
        const { faults, hit } = faultAt(n, fault);
        world.faults = faults;
        await run(world).catch(() => undefined);
        expect(hit()).toBeDefined();
        world.faults = () => undefined;
        await run(world);
        world.clock += 120_000;
        expect(await run(world)).toMatchObject({ size: 2 });
        await checkLog(world);
        expect(world.unarchivedUses()).toEqual([]);
    });
});
