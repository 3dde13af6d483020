import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ROOT } from "../../support/native";

export interface Ended {
    readonly status: number | null;
    readonly stdout: string;
    readonly stderr: string;
}

/** The command as `npm run policy --` starts it, from sources instead of the bundle. */
export function policy(...args: readonly string[]): Ended {
    const { status, stdout, stderr } = spawnSync(
        process.execPath,
        ["--require", join(ROOT, "scripts", "register.cjs"), join(ROOT, "policies", "judge", "main.ts"), ...args],
        { cwd: ROOT, encoding: "utf8", env: { PATH: process.env.PATH }, timeout: 60_000 },
    );
    return { status, stdout, stderr };
}

/** A folder of its own with these files; content that is no text is written as JSON. */
export function folder(files: Readonly<Record<string, unknown>>): string {
    const root = mkdtempSync(join(tmpdir(), "countersign-judge-"));
    for (const [path, content] of Object.entries(files)) {
        const file = join(root, path);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
    }
    return root;
}
