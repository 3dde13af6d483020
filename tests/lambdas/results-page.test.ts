/**
 * docs/results.md names every code that a submitter may be answered with. Read off the sources, so it proves nothing about which of them happen.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const ROOT = join(__dirname, "..", "..");
const STEPS = ["prepare", "recheck", "sign", "assemble", "verify"].map((step) => join("lambdas", `${step}.ts`));
/** Thrown and never answered: lambdas/signing/answer.ts, and what S3 does not send. */
const NO_ANSWER = ["BadConfig", "ClaimLost", "UnknownOutcome", "BadEvent"];

function sources(folder: string): string[] {
    return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
        const path = join(folder, entry.name);
        return entry.isDirectory() ? sources(path) : path.endsWith(".ts") ? [path] : [];
    });
}

it("docs/results.md has every code that the steps answer with, and none that there is not", () => {
    const files = [...STEPS, ...sources("lambdas/signing"), ...sources("lib/formats"), ...sources("lib/signing")];
    const texts = files.map((file) => readFileSync(join(ROOT, file), "utf8"));
    const thrown = texts.flatMap((text) => [...text.matchAll(/codedError\(\s*"(\w+)"/g)].map(([, code]) => code!));
    const page = readFileSync(join(ROOT, "docs", "results.md"), "utf8");
    const rows = page.split("\n").filter((line) => line.startsWith("| `"));
    const listed = rows.flatMap((line) => [...line.split("|")[1]!.matchAll(/`(\w+)`/g)].map(([, code]) => code!));
    expect(thrown.length).toBeGreaterThan(50);
    expect([...new Set(thrown)].filter((code) => !listed.includes(code) && !NO_ANSWER.includes(code))).toEqual([]);
    const known = readFileSync(join(ROOT, "lib", "errors.ts"), "utf8");
    expect(listed.filter((code) => !known.includes(`| "${code}"`))).toEqual([]);
    expect(listed.filter((code, i) => listed.indexOf(code) !== i)).toEqual([]);
});
