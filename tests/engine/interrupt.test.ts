/**
 * Proves that a local run ends at Ctrl-C at any of these moments, with nothing left behind, and that the next run starts clean.
 * Linux only: what is left is looked for in /proc. Proves nothing about moments between these.
 */
import { afterEach, describe, expect, it } from "vitest";
import { END_SECONDS, type LocalRun, startLocalRun } from "./interrupt/local-run";
import type { Process } from "./interrupt/processes";

type Moment = (err: string, processes: readonly Process[]) => boolean;

const step =
    (name: string): Moment =>
    (err) =>
        err.includes(`  ${name} ...\n`);
/** The engine runs this, and has its provider. */
const engine =
    (operation: string): Moment =>
    (_, processes) =>
        processes.some(({ command }) => command.includes(`pulumi ${operation}`)) &&
        processes.some(({ command }) => command.includes("pulumi-resource-aws"));

const STARTS: Moment = step("local cloud");
const PREVIEWS: Moment = engine("preview");
const DEPLOYS: Moment = engine("up");
const SIGNS: Moment = step("sign");
const TRIES: Moment = step("refusals");
const DESTROYS: Moment = engine("destroy");

let run: LocalRun | undefined;
afterEach(async () => {
    await run?.discard();
    run = undefined;
});

describe("a local run", { timeout: 600_000 }, () => {
    it.each([
        ["the local cloud starts", STARTS],
        ["the engine previews", PREVIEWS],
        ["the engine deploys", DEPLOYS],
        ["files are signed", SIGNS],
        ["the engine destroys", DESTROYS],
    ])("ends at Ctrl-C while %s", async (_, moment) => {
        run = await startLocalRun();
        await run.reach(moment);
        run.pressCtrlC();
        expect(await run.ended(END_SECONDS)).toBe(130);
        expect(run.text().err).toContain("interrupted; everything that was started has ended");
        expect(run.text().out).toBe("");
        expect(await run.left()).toEqual({ processes: [], files: [] });
    });

    it.each([
        ["the engine deploys", DEPLOYS],
        ["refusals are tried", TRIES],
    ])("ends when its one process is told to, while %s", async (_, moment) => {
        run = await startLocalRun();
        await run.reach(moment);
        run.kill("SIGTERM");
        expect(await run.ended(END_SECONDS)).toBe(130);
        expect(await run.left()).toEqual({ processes: [], files: [] });
    });

    it("ends at a second Ctrl-C as well", async () => {
        run = await startLocalRun();
        await run.reach(DEPLOYS);
        run.pressCtrlC();
        run.pressCtrlC();
        expect(await run.ended(END_SECONDS)).toBe(130);
        expect(await run.left()).toEqual({ processes: [], files: [] });
    });

    it("is kept until Ctrl-C, and then destroys the stack in order", async () => {
        run = await startLocalRun("--keep");
        await run.reach((err) => err.includes("Ctrl-C destroys the stack"));
        const [, url] = /The log is at (\S+);/.exec(run.text().err)!;
        expect((await fetch(`${url}/checkpoint`)).status).toBe(200);
        run.pressCtrlC();
        expect(await run.ended(END_SECONDS)).toBe(0);
        expect(run.text().err).toContain("+ destroy");
        expect(await run.left()).toEqual({ processes: [], files: [] });
        await expect(fetch(`${url}/checkpoint`)).rejects.toThrow("fetch failed");
    });

    it("that is not interrupted starts clean after all these, and leaves as little", async () => {
        run = await startLocalRun("--json");
        expect(await run.ended(2 * END_SECONDS)).toBe(0);
        const summary = JSON.parse(run.text().out) as { ok: boolean; signed: unknown[] };
        expect([summary.ok, summary.signed.length]).toEqual([true, 2]);
        expect(await run.left()).toEqual({ processes: [], files: [] });
    });
});
