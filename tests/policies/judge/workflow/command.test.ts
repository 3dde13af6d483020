/**
 * The command: what it ends with, and prints.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { folder, policy } from "../command";
import { github } from "./hostile";
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

    it.each<[string, string | Uint8Array, RegExp]>([
        ["a byte order mark", `\ufeff${github()}`, /byte order mark/],
        ["tabs", github().replaceAll("    ", "\t"), /Tabs/],
        ["ten megabytes", `${github()}${"#".repeat(10_000_000)}`, /bytes, expected at most/],
        ["brackets without end", `a: ${"[".repeat(400_000)}`, /brackets are open at once/],
        ["UTF-16", Buffer.from(github(), "utf16le"), /NUL character/],
        ["a NUL in a script", github(["echo \0 pulumi up"]), /NUL character/],
        ["a merge of itself", "x: &x {<<: *x}\n", /alias/i],
        ["a list", "- a\n", /no job that runs pulumi/],
        ["jobs that are none", "on: push\njobs: [a]\n", /no job that runs pulumi/],
        ["steps that are none", "on: push\njobs: {a: {steps: [null, 7, {run: 7}, {run: [pulumi]}]}}\n", /no job/],
    ])("ends with 3 and one line for %s", async (_name, text, saw) => {
        const root = folder({});
        writeFileSync(join(root, "w.yml"), text);
        const { status, stdout, stderr } = await policy("check-workflow", join(root, "w.yml"));
        expect({ status, stdout, stderr }).toEqual({
            status: 3,
            stdout: "",
            stderr: expect.stringMatching(saw) as string,
        });
        expect(stderr).toMatch(/^cannot be decided: [^\n]*\n$/);
    });

    it("takes line ends of Windows", async () =>
        expect(await check(github().replaceAll("\n", "\r\n"))).toMatchObject({ status: 0 }));

    it("judges jobs of any name", async () => {
        const text = JSON.stringify({ on: "push", permissions: {} }).replace(
            "{",
            '{"jobs":{"__proto__":{"steps":[{"run":"pulumi up"}]},"constructor":{"steps":[{"run":"pulumi up"}]}},',
        );
        const { status, stdout } = await check(text);
        expect(status).toBe(1);
        for (const name of ["__proto__", "constructor"]) expect(stdout).toContain(`${name}: an update without`);
    });

    it("names what has nothing to check, and judges the rest", async () => {
        const root = folder({ "ci.yml": "on: push\njobs: { a: { steps: [{ run: make }] } }", "deploy.yml": github() });
        const [ci, deploy] = ["ci.yml", "deploy.yml"].map((name) => join(root, name)) as [string, string];
        expect(await policy("check-workflow", ci, deploy)).toEqual({
            status: 0,
            stdout: "no workflow weakens the pack\n",
            stderr: `${ci}: runs no pulumi and gets no identity token, so there is nothing to check in it\n`,
        });
        expect((await policy("check-workflow", ci)).status).toBe(3);
    });

    it("--json has every problem with its file and job", async () => {
        const root = folder({
            "ci.yml": "on: push\njobs: {}",
            "w.yml": github(["pulumi up --yes"], "", "env: { PATH: x }"),
        });
        const [ci, file] = ["ci.yml", "w.yml"].map((name) => join(root, name)) as [string, string];
        const { status, stdout } = await policy("check-workflow", ci, file, "--json");
        const { problems, passed } = JSON.parse(stdout) as { problems: unknown[]; passed: unknown };
        expect({ status, passed }).toEqual({ status: 1, passed: [ci] });
        expect(problems).toContainEqual({
            file,
            job: "",
            problem: "variable PATH, which changes what code runs",
        });
        expect(problems).toContainEqual({
            file,
            job: "deploy",
            problem: "an update without --policy-pack or --policy-pack-config",
        });
    });

    it("ends with 2 without a file", async () => expect((await policy("check-workflow")).status).toBe(2));
});
