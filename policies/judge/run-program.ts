import { spawn } from "node:child_process";
import { join } from "node:path";
import { Usage } from "./inputs";
import type { ProgramRun } from "./registered-code";

const TIMEOUT_MS = 120_000;
const MAX_STDERR = 2_000;

/**
 * SHA-256 of the code that the program registers, by function name, from a process of its own.
 *
 * @param root folder of the program
 * @throws Usage where the program does not run with the configuration
 */
export async function digestsOf(root: string, run: ProgramRun): Promise<Record<string, string>> {
    const args = ["--require", "./scripts/register.cjs", join("policies", "judge", "registered-code-main.ts")];
    // What the program prints is its own matter: the answer has a pipe of its own.
    const child = spawn(process.execPath, args, { cwd: root, stdio: ["pipe", "ignore", "pipe", "pipe"] });
    const timer = setTimeout(() => child.kill("SIGKILL"), TIMEOUT_MS);
    try {
        child.stdin!.on("error", () => undefined); // it ended before it read: its status says so
        child.stdin!.end(JSON.stringify(run));
        const [answer, stderr, status] = await Promise.all([
            textOf(child.stdio[3] as NodeJS.ReadableStream),
            textOf(child.stderr!),
            new Promise<number | string>((resolve, reject) => {
                child.on("error", reject);
                child.on("close", (code, signal) => resolve(code ?? signal ?? "no status"));
            }),
        ]);
        if (status === 0) return JSON.parse(answer) as Record<string, string>;
        const why = stderr.trim().slice(0, MAX_STDERR) || `it ended with ${status}`;
        throw new Usage(`the program does not run with this configuration: ${why}`);
    } finally {
        clearTimeout(timer);
    }
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
    let text = "";
    stream.setEncoding("utf8");
    for await (const chunk of stream) text += chunk as string;
    return text;
}
