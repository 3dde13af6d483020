import { execFile } from "node:child_process";
import { access, constants, open } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { codedError } from "../../lib/errors";
import { buildEngine, findGo } from "./build";

/** The one version of engine and SDK (docs/architecture.md): the newest that can also be built from Go modules. */
export const ENGINE_VERSION = "3.259.0";

/** Called with one line about what goes on, at least every few seconds during a long step. */
export type Progress = (line: string) => void;

export interface EngineSources {
    /** Variables that decide where to look: PATH, HOME, PULUMI_HOME, XDG_CACHE_HOME. */
    env: NodeJS.ProcessEnv;
    /** The npm package `pulumi`, which downloads the CLI when it is first run. */
    installer: string | undefined;
    /** Folder with go.mod and go.sum that pin the CLI's source. */
    module: string;
}

/**
 * Path of the Pulumi CLI, version 3.259.0 exactly, which is checked by running it.
 *
 * In order: an installed one (PULUMI_HOME, PATH), one built earlier (the user's cache), the npm package's download, and a
 * build from Go modules (three minutes, once a machine).
 *
 * @throws NoEngine, saying what each way ended with
 */
export async function ensureEngine(progress: Progress, sources: EngineSources = defaultSources()): Promise<string> {
    const { env, installer, module } = sources;
    const cached = cachedEngine(env);
    const installed = installedEngine(env);
    for (const candidate of [installed, ...onPath(env), cached]) {
        if (await isEngine(candidate)) {
            return candidate;
        }
    }
    const ended: string[] = [`no ${installed}, no pulumi ${ENGINE_VERSION} on PATH`];

    if (installer !== undefined) {
        progress(`downloading the Pulumi CLI ${ENGINE_VERSION} through the npm package pulumi`);
        ended.push(await failureOf(() => download(installer, env), "the npm package pulumi"));
        if (await isEngine(installed)) {
            return installed;
        }
    }

    const go = await findGo(env);
    if (go === undefined) {
        ended.push("no go on PATH or in /usr/local/go");
    } else {
        ended.push(
            await failureOf(
                () => buildEngine({ go, module, out: cached, version: ENGINE_VERSION, env, progress }),
                "the build with Go",
            ),
        );
        if (await isEngine(cached)) {
            return cached;
        }
    }
    throw codedError(
        "NoEngine",
        `no Pulumi CLI ${ENGINE_VERSION}: ${ended.filter(Boolean).join("; ")}. Provide one of: pulumi ${ENGINE_VERSION} on PATH, ` +
            "network access for the npm package pulumi, or Go 1.25 or newer with a module proxy",
    );
}

/** Where the official installer puts it, and looks for it. */
export function installedEngine(env: NodeJS.ProcessEnv): string {
    return join(
        env["PULUMI_HOME"] || join(env["HOME"] || homedir(), ".pulumi"),
        "versions",
        ENGINE_VERSION,
        "bin",
        "pulumi",
    );
}

/** Outside the clone, so that a second clone finds it. */
export function cachedEngine(env: NodeJS.ProcessEnv): string {
    const cache = env["XDG_CACHE_HOME"] || join(env["HOME"] || homedir(), ".cache");
    return join(cache, "countersign", "engine", ENGINE_VERSION, "pulumi");
}

/**
 * Runs the file and compares what it says of itself. A script is passed over: the npm package's launcher is named `pulumi`
 * too, and asking it for its version would start the download.
 */
export async function isEngine(path: string): Promise<boolean> {
    try {
        await access(path, constants.X_OK);
        if (await isScript(path)) {
            return false;
        }
        const { stdout } = await run(path, ["version"], { timeout: 20_000, env: { PULUMI_SKIP_UPDATE_CHECK: "true" } });
        return stdout.trim() === `v${ENGINE_VERSION}`;
    } catch {
        return false;
    }
}

async function isScript(path: string): Promise<boolean> {
    const file = await open(path);
    try {
        const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
        return buffer.toString("latin1") === "#!";
    } finally {
        await file.close();
    }
}

const run = promisify(execFile);

function onPath(env: NodeJS.ProcessEnv): string[] {
    return (env["PATH"] ?? "")
        .split(delimiter)
        .filter(Boolean)
        .map((folder) => resolve(folder, "pulumi"));
}

/** The package's launcher takes the official installer to PULUMI_HOME; offline it fails within the time limit. */
async function download(installer: string, env: NodeJS.ProcessEnv): Promise<void> {
    await run(process.execPath, [installer, "version"], {
        timeout: 180_000,
        env: { ...env, PULUMI_VERSION: ENGINE_VERSION },
    });
}

async function failureOf(action: () => Promise<void>, what: string): Promise<string> {
    try {
        await action();
        return `${what} left no pulumi ${ENGINE_VERSION}`;
    } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        return `${what} failed: ${text.trim().split("\n").slice(-2).join(" ").slice(0, 300)}`;
    }
}

function defaultSources(): EngineSources {
    return { env: process.env, installer: npmPackage(), module: __dirname };
}

function npmPackage(): string | undefined {
    try {
        return join(dirname(require.resolve("pulumi/package.json")), "run.js");
    } catch {
        return undefined;
    }
}
