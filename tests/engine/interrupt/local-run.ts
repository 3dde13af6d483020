import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../../../local/story/stage";
import { module } from "../../lib/formats/fixtures";
import { PROJECT_FOLDER } from "../deployed/stage";
import { type Process, processesOf } from "./processes";

/** Seconds; a busy machine takes long, but not for ever. */
const PATIENCE = 240;
/** Seconds within which an interrupted run has to be over. */
export const END_SECONDS = 120;

export interface LocalRun {
    /** What it printed so far. */
    readonly text: () => { readonly out: string; readonly err: string };
    /** Waits until this is true of what it printed and of the processes it started. */
    reach(moment: (err: string, processes: readonly Process[]) => boolean): Promise<void>;
    /** As a terminal does: to the whole foreground process group. */
    pressCtrlC(): void;
    /** As a supervisor does: to the one process it knows. */
    kill(signal: NodeJS.Signals): void;
    /** Exit status, or the signal that ended it. */
    ended(seconds: number): Promise<number | string>;
    /** What is still there of it. */
    left(): Promise<{ readonly processes: readonly Process[]; readonly files: readonly string[] }>;
    /** Ends whatever a failed test left behind. */
    discard(): Promise<void>;
}

/** `npm run local -- FILES`, in a process group of its own, with two small files and a folder for temporary files of its own. */
export async function startLocalRun(...options: string[]): Promise<LocalRun> {
    const folder = await mkdtemp(join(tmpdir(), "countersign-interrupted-"));
    const inputs = await mkdtemp(join(tmpdir(), "countersign-inputs-"));
    const files = [join(inputs, "small.ko"), join(inputs, "small.txt")];
    await writeFile(files[0]!, module(31));
    await writeFile(files[1]!, "small\n");
    const child = spawn(
        process.execPath,
        ["--require", "./scripts/register.cjs", "local/main.ts", ...options, ...files],
        { cwd: PROJECT_FOLDER, detached: true, stdio: ["ignore", "pipe", "pipe"], env: environment(folder) },
    );
    const text = { out: "", err: "" };
    child.stdout.setEncoding("utf8").on("data", (part: string) => (text.out += part));
    child.stderr.setEncoding("utf8").on("data", (part: string) => (text.err += part));
    const ending = new Promise<number | string>((done) =>
        child.once("close", (code, signal) => done(code ?? signal ?? "nothing")),
    );
    return {
        text: () => text,
        reach: (moment) => reach(child, text, folder, moment),
        pressCtrlC: () => void process.kill(-child.pid!, "SIGINT"),
        kill: (signal) => void child.kill(signal),
        ended: (seconds) => within(seconds, ending, () => `not ended after ${seconds} s: ${text.err}`),
        left: async () => ({ processes: await settled(folder), files: (await readdir(folder)).filter(isOurs) }),
        discard: async () => {
            for (const { pid } of await processesOf(folder)) kill(pid);
            await rm(folder, { recursive: true, force: true });
            await rm(inputs, { recursive: true, force: true });
        },
    };
}

function environment(folder: string): NodeJS.ProcessEnv {
    const { PATH, HOME, XDG_CACHE_HOME, PULUMI_HOME } = process.env;
    return {
        PATH,
        HOME,
        ...(XDG_CACHE_HOME !== undefined && { XDG_CACHE_HOME }),
        ...(PULUMI_HOME !== undefined && { PULUMI_HOME }),
        TMPDIR: folder,
    };
}

async function reach(
    child: ChildProcess,
    text: { readonly err: string },
    folder: string,
    moment: Parameters<LocalRun["reach"]>[0],
): Promise<void> {
    await until("the moment", PATIENCE, async () => {
        if (child.exitCode !== null) throw new Error(`the run ended before the moment: ${text.err}`);
        return moment(text.err, await processesOf(folder)) ? true : undefined;
    });
}

/** The compiler keeps what it compiled for the next run, whoever starts it. */
function isOurs(name: string): boolean {
    return !name.startsWith("v8-compile-cache-");
}

/** The parent has ended; what it told to end may take another moment, not more. */
async function settled(folder: string): Promise<readonly Process[]> {
    let left: readonly Process[] = [];
    await until("the end of every process", 10, async () => {
        left = await processesOf(folder);
        return left.length === 0 ? true : undefined;
    }).catch(() => undefined);
    return left;
}

async function within<T>(seconds: number, work: Promise<T>, message: () => string): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, failed) => {
        timer = setTimeout(() => failed(new Error(message())), seconds * 1000);
    });
    return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

function kill(pid: number): void {
    try {
        process.kill(pid, "SIGKILL");
    } catch {
        // it has ended
    }
}
