import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir, release, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { codedError } from "../../lib/errors";
import type { Say } from "../progress";

const run = promisify(execFile);

/** Plain ELF files only: a compressed module is signed before it is compressed. */
const MODULE = /\.ko$/;

/** A meta package whose dependency is the current kernel; the cloud flavour is the smallest. */
const KERNEL_PACKAGES = ["linux-image-cloud-amd64", "linux-image-amd64", "linux-image-arm64"];

export interface Input {
    readonly path: string;
    /** Where the file comes from, for the summary. */
    readonly origin: string;
}

/**
 * The files to sign: those named, else a kernel module and an ordinary file of this machine.
 *
 * @throws BadConfig if a named file cannot be read
 */
export async function chooseInputs(named: readonly string[], project: string, say: Say): Promise<readonly Input[]> {
    if (named.length > 0) return Promise.all(named.map(readable));
    const ordinary = { path: join(project, "LICENSE"), origin: "ordinary file of this project" };
    const module = (await installedModule()) ?? (await packagedModule(say));
    return module ? [module, ordinary] : [ordinary];
}

async function readable(path: string): Promise<Input> {
    await readFile(path).catch((error: NodeJS.ErrnoException) => {
        throw codedError(
            "BadConfig",
            `cannot read ${JSON.stringify(path)} (${error.code}), expected a file to sign`,
            error,
        );
    });
    return { path, origin: "named on the command line" };
}

async function installedModule(): Promise<Input | undefined> {
    const folder = join("/lib/modules", release());
    const path = await smallestModule(folder);
    return path === undefined ? undefined : { path, origin: "kernel module of this machine" };
}

/** One module out of Debian's kernel package, kept in the user's cache folder: the package is some 30 MB. */
async function packagedModule(say: Say): Promise<Input | undefined> {
    const cache = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "countersign", "kernel-module");
    const cached = await smallestModule(cache);
    if (cached !== undefined) return { path: cached, origin: "kernel module out of Debian's kernel package" };
    const folder = await mkdtemp(join(tmpdir(), "countersign-kernel-"));
    try {
        say("fetching Debian's kernel package for a module to sign");
        const archive = await download(folder);
        if (archive === undefined) return undefined;
        await run("dpkg-deb", ["-x", archive, join(folder, "root")], { maxBuffer: 1 << 24 });
        const module = await smallestModule(join(folder, "root"));
        if (module === undefined) return undefined;
        await mkdir(cache, { recursive: true });
        const kept = join(cache, basename(module));
        await writeFile(`${kept}.part`, await readFile(module));
        await rename(`${kept}.part`, kept);
        return { path: kept, origin: "kernel module out of Debian's kernel package" };
    } catch {
        return undefined; // without apt, or without its lists, there is no module; the summary says so
    } finally {
        await rm(folder, { recursive: true, force: true });
    }
}

async function download(folder: string): Promise<string | undefined> {
    const name = (await kernelPackage()) ?? (await updated(kernelPackage));
    if (name === undefined) return undefined;
    await run("apt-get", ["download", name], { cwd: folder, timeout: 180_000, maxBuffer: 1 << 24 });
    const file = (await readdir(folder)).find((entry) => entry.endsWith(".deb"));
    return file === undefined ? undefined : join(folder, file);
}

async function updated<T>(retry: () => Promise<T>): Promise<T> {
    await run("apt-get", ["update", "-qq"], { timeout: 180_000, maxBuffer: 1 << 24 });
    return retry();
}

/** What the meta package depends on; its name carries the version, so it is resolved, not pinned. */
async function kernelPackage(): Promise<string | undefined> {
    for (const meta of KERNEL_PACKAGES) {
        const { stdout } = await run("apt-cache", ["depends", meta]).catch(() => ({ stdout: "" }));
        const name = /Depends: (linux-image-[0-9][^\s]*)/.exec(stdout)?.[1];
        if (name !== undefined) return name;
    }
    return undefined;
}

async function smallestModule(folder: string): Promise<string | undefined> {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
    const files = entries
        .filter((entry) => entry.isFile() && MODULE.test(entry.name))
        .map((entry) => join(entry.parentPath, entry.name));
    const preferred = files.find((file) => basename(file) === "dummy.ko") ?? files.sort()[0];
    return preferred;
}
