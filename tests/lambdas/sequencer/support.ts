import { expect } from "vitest";
import type { LogDeps } from "../../../lambdas/log/deps";
import { handle } from "../../../lambdas/sequencer";
import { LogWorld } from "../../support/log-world";

/** Runs of the sequencer in a world in memory. */

export function run(world: LogWorld, overrides: Partial<LogDeps> = {}): Promise<{ committed: number; size: number }> {
    return handle(world.deps(overrides));
}

/** A log of so many entries, published. */
export async function worldOf(size: number): Promise<LogWorld> {
    const world = new LogWorld();
    for (let i = 1; i < size; i += 1) world.submit();
    await run(world);
    return world;
}

/** A run that dies between its commit and the first tile. */
export async function dieAfterCommit(world: LogWorld): Promise<void> {
    world.faults = ({ key }) => (key.startsWith("tile/") ? "lost" : undefined);
    await expect(run(world)).rejects.toThrow("connection lost");
    world.faults = () => undefined;
}
