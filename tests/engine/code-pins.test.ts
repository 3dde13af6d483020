/**
 * Proves that the pins of signers' and checkers' code say nothing of the machine: a copy of the sources elsewhere, which finds nothing compiled
 * or serialized before, registers the same bytes. Proves nothing about another version of Node, TypeScript or Pulumi, which are locked.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Settings } from "../../policies/settings";
import { ROOT } from "../support/native";
import { record, stackConfig } from "../support/record-harness";
import { saidOf } from "../support/recorded";

const SOURCES = ["index.ts", "components", "lambdas", "lib", "policies", "scripts", "package.json"];
const SETTINGS = ["tsconfig.json", "tsconfig.pulumi.json", "Pulumi.yaml"];

let root: string;
let copy: string;
beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), "countersign-pins-"));
    copy = join(root, "another place", "of its own");
    mkdirSync(join(copy, "node_modules"), { recursive: true });
    for (const name of [...SOURCES, ...SETTINGS]) cpSync(join(ROOT, name), join(copy, name), { recursive: true });
    // All packages, but nothing of what is kept in .cache.
    for (const name of readdirSync(join(ROOT, "node_modules")).filter((one) => one !== ".cache"))
        symlinkSync(join(ROOT, "node_modules", name), join(copy, "node_modules", name));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe.each(["dev", "prod"])("the code of stack %s", (stack) => {
    it("is the same, byte for byte, from a checkout elsewhere, with another home, time zone and language", () => {
        const config = stackConfig(stack);
        const accountId = String(config["countersign:accountId"]);
        const where = { accountId, region: "eu-west-1", partition: "aws" };
        const input = JSON.stringify({ project: "countersign", stack, config, ...where });
        const args = ["--require", "./scripts/register.cjs", "policies/judge/registered-code-main.ts"];
        const env = { HOME: root, TZ: "Asia/Tokyo", LANG: "tr_TR.UTF-8", PATH: process.env.PATH };
        // The answer has a pipe of its own, beside what the program prints.
        const stdio = ["pipe", "pipe", "pipe", "pipe"] as const;
        const ended = spawnSync(process.execPath, args, {
            cwd: copy,
            input,
            encoding: "utf8",
            env,
            timeout: 240_000,
            stdio: [...stdio],
        });
        expect({ status: ended.status, stderr: ended.stderr }).toEqual({ status: 0, stderr: "" });
        const digests = JSON.parse(ended.output[3]!) as Record<string, string>;
        expect(Object.keys(digests)).toHaveLength(10);
        expect(JSON.stringify(digests)).not.toContain(root);

        const settings = settingsOf(stack);
        const all = [...settings.signers!, ...settings.checkers!];
        const pins = all.map((one) => [one.function, one.codeSha256]);
        expect(pins).toEqual(all.map((one) => [one.function, [digests[one.function]]]));
    });
});

it("lets the pack say nothing of prod's first preview under prod's settings, neither violation nor notice", async () => {
    // The engine that records knows one account.
    const inOneAccount = <T>(value: T): T =>
        JSON.parse(JSON.stringify(value).replaceAll("444455556666", "111122223333")) as T;
    const recording = await record({ stack: "prod", config: inOneAccount(stackConfig("prod")) });
    expect(recording.errors).toEqual([]);
    expect(await saidOf(recording, inOneAccount(settingsOf("prod")))).toEqual([]);
});

function settingsOf(stack: string): Partial<Settings> {
    return JSON.parse(readFileSync(join(ROOT, "policies", `settings.${stack}.json`), "utf8")) as Partial<Settings>;
}
