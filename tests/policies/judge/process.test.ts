/**
 * The command as a process: standard input, closed pipes, full disks, no colour. The bundle is made
 * for the test as scripts/build.cjs makes it, since from sources each start takes seconds; dist/policy.js itself runs in tests/engine.
 */
import { spawn } from "node:child_process";
import { existsSync, openSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { afterAll, describe, expect, it } from "vitest";
import { packConfig } from "../../../policies/config";
import { EXAMPLE_PROVIDER, EXAMPLE_SETTINGS } from "../../../policies/rules/example";
import { ROOT } from "../../support/native";
import { folder } from "./command";
import { github } from "./workflow/hostile";

const SETTINGS = join(folder({ "settings.json": EXAMPLE_SETTINGS }), "settings.json");
const CONFIG = JSON.stringify(packConfig(EXAMPLE_SETTINGS));
const urn = "urn:pulumi:dev::countersign::pulumi:providers:aws::aws";
const provider = { urn, type: "pulumi:providers:aws", custom: true, inputs: EXAMPLE_PROVIDER.props };
const EXPORT = JSON.stringify({ version: 3, deployment: { resources: [provider] } });
const USERS = JSON.stringify({
    version: 3,
    deployment: {
        resources: Array.from({ length: 500 }, (_, i) => ({
            urn: `urn:pulumi:dev::countersign::aws:iam/user:User::u${i}`,
            type: "aws:iam/user:User",
            custom: true,
            inputs: { name: `u${i}` },
        })),
    },
});

const BUNDLE = join(folder({}), "policy.cjs");
buildSync({
    absWorkingDir: ROOT,
    entryPoints: ["policies/judge/main.ts"],
    outfile: BUNDLE,
    bundle: true,
    platform: "node",
    target: "node24",
    format: "cjs",
    packages: "external",
    logLevel: "warning",
});
const NODE_PATH = join(ROOT, "node_modules");

interface Ended {
    readonly status: number | null;
    readonly stdout: string;
    readonly stderr: string;
}

interface How {
    readonly input?: string;
    readonly env?: Readonly<Record<string, string>>;
    /** Bytes after which the reader goes away. */
    readonly reads?: number;
    readonly stdout?: number;
}

const running = new Set<ReturnType<typeof spawn>>();
afterAll(() => running.forEach((one) => one.kill("SIGKILL")));

function start(args: readonly string[], { input = "", env = {}, reads, stdout }: How = {}): Promise<Ended> {
    const child = spawn(process.execPath, [BUNDLE, ...args], {
        cwd: ROOT,
        env: { ...process.env, NODE_PATH, ...env },
        stdio: ["pipe", stdout ?? "pipe", "pipe"],
    });
    running.add(child);
    const seen = { stdout: "", stderr: "" };
    child.stdin!.on("error", () => undefined);
    child.stdin!.end(input);
    child.stdout?.on("data", (chunk: Buffer) => {
        seen.stdout += chunk.toString();
        if (reads !== undefined && seen.stdout.length >= reads) child.stdout!.destroy();
    });
    child.stderr!.on("data", (chunk: Buffer) => (seen.stderr += chunk.toString()));
    return new Promise((resolve) =>
        child.on("close", (status) => {
            running.delete(child);
            resolve({ status, ...seen });
        }),
    );
}

describe("standard input", () => {
    it.each<[string, readonly string[], string, string]>([
        ["an export", ["-", "--settings", SETTINGS], EXPORT, "no violation (1 resource judged)\n"],
        ["a configuration", ["check-config", "-"], CONFIG, "no rule is weakened\n"],
        ["a workflow", ["check-workflow", "-"], github(), "no workflow weakens the pack\n"],
    ])("is %s", async (_name, args, input, stdout) =>
        expect(await start(args, { input })).toEqual({ status: 0, stdout, stderr: "" }),
    );

    it("is settings", async () => {
        const { status, stdout } = await start(["config", "--settings", "-"], {
            input: JSON.stringify(EXAMPLE_SETTINGS),
        });
        expect({ status, config: JSON.parse(stdout) as unknown }).toEqual({ status: 0, config: JSON.parse(CONFIG) });
    });

    it.each<[string, readonly string[], string, number, RegExp]>([
        ["nothing", ["-", "--settings", SETTINGS], "", 3, /standard input: nothing on standard input/],
        ["no JSON", ["check-config", "-"], "{", 3, /cannot be decided: standard input: /],
        ["both at once", ["-", "--settings", "-"], EXPORT, 2, /both the export and --settings are -/],
        ["too much", ["check-workflow", "-"], "#".repeat(1024 * 1024 + 1), 3, /more than 1048576 bytes/],
        [
            "settings that are none",
            ["config", "--settings", "-"],
            "[]",
            2,
            /standard input: settings are no JSON object/,
        ],
    ])("is refused where it is %s", async (_name, args, input, exit, saw) => {
        const { status, stderr } = await start(args, { input });
        expect({ status, stderr }).toEqual({ status: exit, stderr: expect.stringMatching(saw) as string });
    });
});

describe("standard output", () => {
    it("may be closed by a reader that has seen enough: no stack trace, and the judgement stands", async () => {
        const { status, stdout, stderr } = await start(["-", "--settings", SETTINGS, "--json"], {
            input: USERS,
            reads: 1,
        });
        expect(stdout.length).toBeGreaterThan(0);
        expect({ status, stderr: stderr.replace(/^\d+ of \d+ resources judged\n/gm, "") }).toEqual({
            status: 1,
            stderr: "",
        });
    });

    it.runIf(existsSync("/dev/full"))("that takes nothing leaves nothing said, which is no 0", async () => {
        const { status, stderr } = await start(["-", "--settings", SETTINGS], {
            input: EXPORT,
            stdout: openSync("/dev/full", "w"),
        });
        expect({ status, stderr }).toEqual({
            status: 3,
            stderr: expect.stringMatching(/cannot print: ENOSPC/) as string,
        });
    });

    it("has no colour, whatever the environment wishes", async () => {
        const env = { FORCE_COLOR: "3", CLICOLOR_FORCE: "1" };
        const all = [
            await start(["-", "--settings", SETTINGS], { input: USERS, env }),
            await start(["judge", "--help"], { env }),
            await start(["judge"], { env }),
        ];
        expect(JSON.stringify(all)).not.toContain("\\u001b");
        expect(all.map(({ status }) => status)).toEqual([1, 0, 2]);
    });
});
