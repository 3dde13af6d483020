import { execFile } from "node:child_process";
import { access, constants, mkdir, readdir, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";

import { quote } from "../../lib/encoding";
import { codedError } from "../../lib/errors";

/** The one version that the extension fits: it replaces private functions, and checks them at every start. */
export const MINISTACK_VERSION = "1.5.33";

const CANDIDATES = ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10", "python"];
const OLDEST = [3, 10] as const;
const run = promisify(execFile);

export type Progress = (line: string) => void;

/**
 * Path of a Python that has MiniStack, in a virtual environment in the user's cache folder, so that a second clone has it.
 * Made if it is missing: half a minute, from the package index that pip is configured for.
 *
 * @throws NoEmulator, saying what to provide
 */
export async function ensureMinistack(progress: Progress, env: NodeJS.ProcessEnv = process.env): Promise<string> {
    const folder = ministackFolder(env);
    const python = pythonOf(folder);
    if (await hasMinistack(python)) return python;
    const base = await findPython(env);
    const fresh = `${folder}.${process.pid}`;
    try {
        progress(`creating a virtual environment for MiniStack ${MINISTACK_VERSION}`);
        await mkdir(dirname(folder), { recursive: true });
        await run(base, ["-m", "venv", fresh], { env: clean(env), timeout: 120_000 });
        progress(`installing MiniStack ${MINISTACK_VERSION}`);
        const requirements = resolve(__dirname, "requirements.txt");
        const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"];
        await run(pythonOf(fresh), [...pip, "-r", requirements], { env: clean(env), timeout: 600_000 });
        await settle(fresh, folder);
    } catch (error) {
        throw codedError(
            "NoEmulator",
            `MiniStack ${MINISTACK_VERSION} could not be installed with ${base}: ${tail(error)}`,
        );
    } finally {
        await rm(fresh, { recursive: true, force: true });
    }
    if (await hasMinistack(python)) return python;
    throw codedError("NoEmulator", `${folder} does not hold MiniStack ${MINISTACK_VERSION}: remove it and try again`);
}

/** Outside of the clone. */
export function ministackFolder(env: NodeJS.ProcessEnv): string {
    const cache = env["XDG_CACHE_HOME"] || join(env["HOME"] || homedir(), ".cache");
    return join(cache, "countersign", "ministack", MINISTACK_VERSION);
}

/** A virtual environment may be moved as long as only its Python is called. Who comes second keeps what the first made. */
async function settle(fresh: string, folder: string): Promise<void> {
    if (!(await hasMinistack(pythonOf(folder)))) {
        await rm(folder, { recursive: true, force: true });
        await rename(fresh, folder);
    }
}

function pythonOf(folder: string): string {
    return join(folder, "bin", "python");
}

/** By what pip wrote last, without running anything: the server checks the version again when it starts. */
async function hasMinistack(python: string): Promise<boolean> {
    const lib = join(dirname(python), "..", "lib");
    try {
        await access(python, constants.X_OK);
        for (const folder of await readdir(lib)) {
            const packages = await readdir(join(lib, folder, "site-packages"));
            const wanted = [`ministack-${MINISTACK_VERSION}.dist-info`, "cryptography", "botocore"];
            if (wanted.every((name) => packages.includes(name))) return true;
        }
    } catch {
        // not there
    }
    return false;
}

/** @throws NoEmulator naming every Python that was found too old */
async function findPython(env: NodeJS.ProcessEnv): Promise<string> {
    const old: string[] = [];
    for (const candidate of CANDIDATES) {
        const version = await versionOf(candidate, env);
        if (version === undefined) continue;
        if (version[0] > OLDEST[0] || (version[0] === OLDEST[0] && version[1] >= OLDEST[1])) return candidate;
        old.push(`${candidate} ${version.join(".")}`);
    }
    const found = old.length > 0 ? `found only ${quote(old)}` : `no Python on PATH (looked for ${quote(CANDIDATES)})`;
    throw codedError(
        "NoEmulator",
        `${found}, expected Python ${OLDEST.join(".")} or newer with its venv module: install one and put it on PATH`,
    );
}

async function versionOf(python: string, env: NodeJS.ProcessEnv): Promise<[number, number] | undefined> {
    const ask = "import sys, venv, ensurepip; print(sys.version_info[0], sys.version_info[1])";
    try {
        const { stdout } = await run(python, ["-c", ask], { timeout: 30_000, env: clean(env) });
        const [major, minor] = stdout.trim().split(" ").map(Number);
        return major === undefined || minor === undefined ? undefined : [major, minor];
    } catch {
        return undefined;
    }
}

/** pip needs its own settings (index, proxy, certificates), nobody's credentials for AWS. */
function clean(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(AWS_|PULUMI_|PYTHON|VIRTUAL_ENV)/.test(name)));
}

function tail(error: unknown): string {
    const { stderr, message } = error as { stderr?: string; message?: string };
    return (stderr?.trim() || message || String(error)).split("\n").slice(-4).join(" ").slice(0, 600);
}
