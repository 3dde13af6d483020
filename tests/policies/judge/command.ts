import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll } from "vitest";
import { run } from "../../../policies/judge/command";

export interface Ended {
    readonly status: number;
    readonly stdout: string;
    readonly stderr: string;
}

/** What `npm run policy -- ARGS` does, in this process. */
export async function policy(...args: readonly string[]): Promise<Ended> {
    let stdout = "";
    let stderr = "";
    const status = await run(args, { out: (text) => void (stdout += text), err: (text) => void (stderr += text) });
    return { status, stdout, stderr };
}

const made: string[] = [];
afterAll(() => made.splice(0).forEach((one) => rmSync(one, { recursive: true, force: true })));

/** A folder of its own with these files, gone after the test file; content that is no text is written as JSON. */
export function folder(files: Readonly<Record<string, unknown>>): string {
    const root = mkdtempSync(join(tmpdir(), "countersign-judge-"));
    made.push(root);
    for (const [path, content] of Object.entries(files)) {
        const file = join(root, path);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
    }
    return root;
}
