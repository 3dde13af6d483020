/** Proves that a program is loaded afresh for each run, and compiled as ts-node compiles it. */
import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { programFrom } from "../../../local/engine/program";
import { loadTypeScript } from "../../../local/engine/typescript";

const ROOT = join(__dirname, "..", "..", "..");

let folder: string;
beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "countersign-program-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const write = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
};

describe("programFrom", () => {
    it("gives what the program exports", async () => {
        const entry = await write(
            "index.ts",
            "export const a: number = 1; export const b = { c: 'd' }; export default 5;",
        );
        expect(await programFrom(entry)()).toEqual({ a: 1, b: { c: "d" } });
        const assigned = await write("assigned.ts", "const a: string = 'x'; export = { a };");
        expect(await programFrom(assigned)()).toEqual({ a: "x" });
    });

    it("evaluates every module again in every run, for a cached one registers nothing", async () => {
        const counter = globalThis as { evaluated?: string[] };
        counter.evaluated = [];
        await write("part.ts", "(globalThis as any).evaluated.push('part'); export const value: number = 1;");
        const entry = await write(
            "index.ts",
            "(globalThis as any).evaluated.push('index'); export { value } from './part';",
        );
        const program = programFrom(entry);
        await program();
        expect(await program()).toEqual({ value: 1 });
        expect(counter.evaluated.sort()).toEqual(["index", "index", "part", "part"]);
    });

    it("sees an edit", async () => {
        const entry = await write("index.ts", "export const a: number = 1;");
        const program = programFrom(entry);
        expect(await program()).toEqual({ a: 1 });
        await write("index.ts", "export const a: number = 2;");
        expect(await program()).toEqual({ a: 2 });
    });

    it("fails as the program fails, and can run again", async () => {
        const entry = await write("index.ts", "throw new Error('no such key');");
        await expect(programFrom(entry)()).rejects.toThrow("no such key");
        await write("index.ts", "export const a = 1;");
        expect(await programFrom(entry)()).toEqual({ a: 1 });
    });
});

it("compiles to what ts-node compiles to, from the cache too", async () => {
    const source = `
        interface Options { readonly name: string }
        export function handler({ name }: Options): () => Promise<string> {
            return async () => name?.toUpperCase() ?? \\\`none of \${name}\\\`;
        }`;
    const entry = await write("handler.ts", source.replace(/\\`/g, "`"));
    const script = `require("ts-node").register({ transpileOnly: true, project: ${JSON.stringify(join(ROOT, "tsconfig.json"))} });
        process.stdout.write(require(${JSON.stringify(entry)}).handler.toString());`;
    const theirs = execFileSync(process.execPath, ["-e", script], { cwd: ROOT, encoding: "utf8" });
    for (let round = 0; round < 2; round++) {
        expect((loadTypeScript(entry) as { handler: object }).handler.toString()).toBe(theirs);
    }
    expect(theirs).not.toContain("Options");
});
