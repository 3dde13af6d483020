/** Where the compared evaluator comes from. Installs nothing: that is `npm run bench`. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { loadSimulator, SIMULATOR, SIMULATOR_VERSION } from "../../bench/simulator";

let folder = "";
beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "simulator-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Something in its place, in a folder as npm makes it. */
async function pretend(at: string): Promise<void> {
    const home = join(at, "node_modules", ...SIMULATOR.split("/"));
    await mkdir(home, { recursive: true });
    await writeFile(join(home, "package.json"), JSON.stringify({ name: SIMULATOR, main: "main.js" }));
    await writeFile(join(home, "main.js"), "exports.runSimulation = async () => ({ overallResult: 'Allowed' });");
}

const silent = (line: string): never => expect.fail(`said ${line}`);

it("is left out on demand", async () =>
    expect(await loadSimulator(silent, { COUNTERSIGN_BENCH_SIMULATOR: "off" })).toEqual({
        missing: expect.stringContaining("is off") as string,
    }));

it("is taken from a folder that is named, which says so if it lacks it", async () => {
    const [good, empty] = [join(folder, "good"), join(folder, "empty")];
    await Promise.all([pretend(good), mkdir(empty)]);
    expect(await loadSimulator(silent, { COUNTERSIGN_BENCH_SIMULATOR: good })).toHaveProperty("simulator");
    expect(await loadSimulator(silent, { COUNTERSIGN_BENCH_SIMULATOR: empty })).toEqual({
        missing: expect.stringContaining(`${empty} does not hold it`) as string,
    });
});

it("is taken from the cache without a word once it is there", async () => {
    await pretend(join(folder, "countersign", "bench", `iam-simulate-${SIMULATOR_VERSION}`));
    expect(await loadSimulator(silent, { XDG_CACHE_HOME: folder })).toHaveProperty("simulator");
});

it("is missing, with npm's reason and nothing left behind, where it cannot be installed", async () => {
    const said: string[] = [];
    const cache = join(folder, "other");
    const answer = await loadSimulator((line) => void said.push(line), { XDG_CACHE_HOME: cache, PATH: folder });
    expect(answer).toEqual({ missing: expect.stringContaining("npm could not install it") as string });
    expect(said.join()).toContain("AGPL-3.0-or-later");
    expect(await readdir(join(cache, "countersign", "bench"))).toEqual([]);
});

it("is no dependency of the project", async () => {
    for (const file of ["package.json", "package-lock.json"]) {
        expect(await readFile(join(__dirname, "..", "..", file), "utf8")).not.toContain(SIMULATOR);
    }
});
