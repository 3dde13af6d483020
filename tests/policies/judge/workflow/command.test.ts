/**
 * The command: what it ends with, and prints.
 */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { folder, policy } from "../command";
import { FOLDER, read } from "./mutants";

describe("npm run policy -- check-workflow", () => {
    const check = (text: string) => policy("check-workflow", join(folder({ "workflow.yml": text }), "workflow.yml"));

    it("ends with 1 and names the file and the job", async () => {
        const text = read(`${FOLDER}/github.yml`).replace(/^ {8}if: github\.event.*$/m, "");
        const { status, stdout } = await check(text);
        expect(status).toBe(1);
        expect(stdout).toMatch(/workflow\.yml: preview: runs for forks' requests\n$/);
    });

    it.each([
        ["no YAML", "a: [", /./],
        ["a key twice", "jobs: {}\njobs: {}", /unique/i],
        ["nothing", "", /empty/],
        ["a workflow without Pulumi", "jobs: { a: { steps: [{ run: make }] } }", /no job that runs pulumi/],
        ["a tag that hides what is there", "a: { script: !reference [.b, script] }", /tag/],
        ["a script that is not there", "jobs: { a: { steps: [{ run: sh none/there.sh }] } }", /ENOENT/],
        [
            "aliases without end",
            `a: &a [x]\n${"bcdefgh"
                .split("")
                .map((k, i, all) => `${k}: &${k} [${`*${all[i - 1] ?? "a"},`.repeat(20)}]`)
                .join("\n")}`,
            /alias/i,
        ],
    ])("ends with 3 for %s", async (_name, text, saw) => {
        const { status, stderr } = await check(text);
        expect({ status, stderr }).toEqual({ status: 3, stderr: expect.stringMatching(saw) as string });
    });

    it("ends with 2 without a file", async () => expect((await policy("check-workflow")).status).toBe(2));
});
