import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

import { codedError } from "../lib/errors";
import type { GatewayConfig, UpstreamConfig } from "./gateway/config";

export interface GatewayProcess {
    /** `http://127.0.0.1:PORT`, the only endpoint that anyone is given. */
    readonly url: string;
    connect(upstream: UpstreamConfig): Promise<void>;
    /** Ends the process, and resolves when it has ended. */
    stop(): Promise<void>;
}

const START_MS = 20_000;

/** Starts the gateway as a process of its own, with no environment but PATH. Secrets go over its standard input. */
export async function startGatewayProcess(workDir: string, config: GatewayConfig): Promise<GatewayProcess> {
    const program = await bundle(workDir);
    const child = spawn(process.execPath, ["--enable-source-maps", program], {
        env: { PATH: process.env["PATH"] ?? "" },
        stdio: ["pipe", "pipe", "pipe"],
    });
    const lines = readLines(child);
    const exited = new Promise<void>((done) => child.once("exit", () => done()));
    const kill = (): void => void child.kill("SIGKILL");
    process.once("exit", kill);
    const stop = async (): Promise<void> => {
        if (child.exitCode === null && child.signalCode === null) {
            child.stdin.end();
            const late = setTimeout(kill, 3000);
            await exited;
            clearTimeout(late);
        }
        process.removeListener("exit", kill);
    };
    try {
        child.stdin.on("error", () => undefined); // it has ended: `lines` says so
        child.stdin.write(`${JSON.stringify(config)}\n`);
        const { url } = (await lines()) as { url: string };
        return {
            url,
            connect: async (upstream) => {
                child.stdin.write(`${JSON.stringify(upstream)}\n`);
                await lines();
            },
            stop,
        };
    } catch (error) {
        await stop();
        throw error;
    }
}

/** One file with all it needs, so that it starts in a fraction of a second and depends on nothing that may move. */
async function bundle(workDir: string): Promise<string> {
    const { buildSync } = await import("esbuild");
    const outfile = join(workDir, "gateway", "gateway.js");
    // Synchronous: the asynchronous call leaves a process of its own running.
    const { outputFiles } = buildSync({
        absWorkingDir: resolve(__dirname, ".."),
        entryPoints: ["local/gateway/main.ts"],
        outfile,
        bundle: true,
        platform: "node",
        target: "node24",
        format: "cjs",
        sourcemap: "inline",
        write: false,
        logLevel: "silent",
    });
    await mkdir(join(workDir, "gateway"), { recursive: true });
    await writeFile(outfile, outputFiles[0]!.contents);
    return outfile;
}

/** Next line of the child's output, or what it said on standard error when it ended instead. */
function readLines(child: ChildProcessWithoutNullStreams): () => Promise<unknown> {
    let errors = "";
    child.stderr.on("data", (chunk: Buffer) => {
        errors = (errors + chunk.toString("utf8")).slice(-4000);
        if (process.env["COUNTERSIGN_LOCAL_LOG"]) process.stderr.write(chunk);
    });
    const lines = createInterface({ input: child.stdout, terminal: false })[Symbol.asyncIterator]();
    return async () => {
        const timeout = new Promise<never>((_, reject) => {
            const timer = setTimeout(
                () => reject(codedError("BadConfig", `the gateway said nothing for ${START_MS / 1000} s: ${errors}`)),
                START_MS,
            );
            timer.unref();
        });
        const line = await Promise.race([lines.next(), timeout]);
        if (line.done) throw codedError("BadConfig", `the gateway ended at its start: ${errors.trim()}`);
        return JSON.parse(line.value) as unknown;
    };
}
