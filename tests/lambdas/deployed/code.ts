import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { codeSha256, loadCalls, specifiers } from "../../support/conformance";
import { FUNCTIONS } from "../../support/deployed-functions";
import { ROOT } from "../../support/native";
import type { DeployedStage } from "./stage";

/** What is in the archives, and that it is always the same. */
export function codeSuite(stage: () => DeployedStage): void {
    describe.each(Object.entries(FUNCTIONS))("%s as deployed", (name, { loads }) => {
        const code = () => stage().deployed[name]!.archive["__index.js"]!;

        it("is one file", () => expect(Object.keys(stage().deployed[name]!.archive)).toEqual(["__index.js"]));

        it("loads the SDK's clients by name, and crypto", () => {
            expect(specifiers(code())).toEqual(loads);
            // None that the list could not read.
            expect(loadCalls(code())).toBe(loads.length);
        });

        it("holds no class, no trace of a bundler, no path of this checkout", () => {
            expect(code()).not.toMatch(/\bclass [A-Za-z{]/);
            expect(code()).not.toContain("__vite");
            expect(code()).not.toContain("@pulumi/");
            expect(code()).not.toContain(process.cwd());
        });
    });

    describe("serializing", () => {
        it("gives the same bytes in another process", async () => {
            const { stdout } = await promisify(execFile)(
                process.execPath,
                ["--require", "./scripts/register.cjs", "tests/support/print-hashes.ts", ...Object.keys(FUNCTIONS)],
                { cwd: ROOT },
            );
            const here = Object.entries(stage().deployed).map(([name, fn]) => [name, codeSha256(fn)]);
            expect(JSON.parse(stdout)).toEqual(Object.fromEntries(here));
        }, 180_000);
    });
}
