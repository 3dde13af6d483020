import { readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";

export interface Process {
    readonly pid: number;
    readonly command: string;
}

/**
 * Processes that have to do with a folder: its path is in their command line, environment or working directory. Whatever a run
 * starts, however deep and in whatever process group, works in the run's own folder.
 */
export async function processesOf(folder: string): Promise<readonly Process[]> {
    const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
    const found = await Promise.all(
        pids.filter((pid) => pid !== process.pid).map(async (pid) => ((await concerns(pid, folder)) ? pid : undefined)),
    );
    const ours = found.filter((pid) => pid !== undefined);
    return Promise.all(ours.map(async (pid) => ({ pid, command: await commandOf(pid) })));
}

/** False for one that has ended meanwhile, and for a zombie, which has no memory to read any more. */
async function concerns(pid: number, folder: string): Promise<boolean> {
    const at = join("/proc", String(pid));
    const [command, environment, cwd] = await Promise.all([
        readFile(join(at, "cmdline"), "utf8").catch(() => ""),
        readFile(join(at, "environ"), "utf8").catch(() => ""),
        readlink(join(at, "cwd")).catch(() => ""),
    ]);
    return [command, environment, cwd].some((text) => text.includes(folder));
}

async function commandOf(pid: number): Promise<string> {
    const text = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    return text.replaceAll("\0", " ").trim();
}
