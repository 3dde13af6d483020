import { existsSync } from "node:fs";
import { spawnSync } from "node:child_process";

/**
 * Programs that others wrote, as judges. Where one is missing the tests that need it are skipped, with a line that says so.
 * Names of missing tools are printed once a file.
 */
export function nativeTool(name: string, candidates: readonly string[] = [], hint = ""): string | undefined {
    const found = candidates.find((path) => existsSync(path)) ?? onPath(name);
    if (!found)
        process.stderr.write(`SKIPPED: tests that need ${name}, which is not installed${hint && ` (${hint})`}\n`);
    return found;
}

function onPath(name: string): string | undefined {
    const { stdout, status } = spawnSync("sh", ["-c", 'command -v "$1"', "sh", name], { encoding: "utf8" });
    return status === 0 ? stdout.trim() : undefined;
}

/** Exit status of a tool; its output is never read for a verdict. */
export function statusOf(tool: string, args: readonly string[]): number | null {
    return spawnSync(tool, args, { stdio: "ignore", timeout: 20_000 }).status;
}
