import { execFile } from "node:child_process";
import { access, mkdir, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

/** The evaluator that ours is compared with, at one version, so that figures of two days can be compared. */
export const SIMULATOR = "@cloud-copilot/iam-simulate";
export const SIMULATOR_VERSION = "0.1.173";

const run = promisify(execFile);

export interface Simulator {
    runSimulation(
        simulation: object,
        options: object,
    ): Promise<{ overallResult?: string; analysis?: { result: string } }>;
}

/**
 * The simulator, or why there is none. It is AGPL-3.0, so it is no dependency of this project, not even for development: it is
 * installed beside the project, in the user's cache folder, and only ever run by this comparison.
 *
 * COUNTERSIGN_BENCH_SIMULATOR names a folder that has it instead, or is `off`.
 */
export async function loadSimulator(
    progress: (line: string) => void,
    env: NodeJS.ProcessEnv = process.env,
): Promise<{ simulator: Simulator } | { missing: string }> {
    const given = env["COUNTERSIGN_BENCH_SIMULATOR"];
    if (given === "off") return { missing: `${SIMULATOR} (COUNTERSIGN_BENCH_SIMULATOR is off)` };
    const folder = given || cacheFolder(env);
    if (!given && !(await isInstalled(folder))) {
        progress(
            `installing ${SIMULATOR} ${SIMULATOR_VERSION} into ${folder}: it is licensed under AGPL-3.0-or-later, is run for this ` +
                "comparison only and does not become part of the project (COUNTERSIGN_BENCH_SIMULATOR=off leaves it out)",
        );
        const failure = await install(folder, env);
        if (failure !== undefined) return { missing: `${SIMULATOR} (npm could not install it: ${failure})` };
    }
    try {
        return { simulator: createRequire(join(folder, "package.json"))(SIMULATOR) as Simulator };
    } catch (error) {
        return { missing: `${SIMULATOR} (${folder} does not hold it: ${lastLine(error)})` };
    }
}

function cacheFolder(env: NodeJS.ProcessEnv): string {
    const cache = env["XDG_CACHE_HOME"] || join(env["HOME"] || homedir(), ".cache");
    return join(cache, "countersign", "bench", `iam-simulate-${SIMULATOR_VERSION}`);
}

function isInstalled(folder: string): Promise<boolean> {
    return access(join(folder, "node_modules", ...SIMULATOR.split("/"), "package.json")).then(
        () => true,
        () => false,
    );
}

/** In a folder of its own first, so that an install that was interrupted is never taken for one that is there. */
async function install(folder: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
    const fresh = `${folder}.${process.pid}`;
    const flags = ["--no-save", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"];
    try {
        await mkdir(fresh, { recursive: true });
        await run("npm", ["install", "--prefix", fresh, ...flags, `${SIMULATOR}@${SIMULATOR_VERSION}`], {
            cwd: dirname(folder),
            env: withoutProject(env),
            timeout: 120_000,
        });
        if (!(await isInstalled(fresh))) return "npm said that it did, and did not";
        if (!(await isInstalled(folder))) {
            await rm(folder, { recursive: true, force: true });
            await rename(fresh, folder);
        }
        return undefined;
    } catch (error) {
        return lastLine(error);
    } finally {
        await rm(fresh, { recursive: true, force: true });
    }
}

/** What `npm run` says of this project to its children would make another npm install into it. */
function withoutProject(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    return Object.fromEntries(
        Object.entries(env).filter(
            ([name]) => !/^npm_(?:package|lifecycle|config_local_prefix|config_prefix)/.test(name),
        ),
    );
}

function lastLine(error: unknown): string {
    const text = error instanceof Error ? error.message : String(error);
    return (text.trim().split("\n").at(-1) ?? "").slice(0, 200);
}
