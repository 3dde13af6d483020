/**
 * Proves the order of the ways to the CLI, with small programs that answer `version` in its place. Proves nothing about
 * the download and the compilation themselves.
 */
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { buildEngine, findGo } from "../../../local/engine/build";
import {
    cachedEngine,
    ENGINE_VERSION,
    ensureEngine,
    installedEngine,
    isEngine,
    type EngineSources,
} from "../../../local/engine/ensure";

let folder: string;
let env: NodeJS.ProcessEnv;
let sources: EngineSources;
beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "countersign-engine-"));
    env = { HOME: join(folder, "home"), PATH: join(folder, "bin") };
    sources = { env, installer: undefined, module: folder };
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A binary in the engine's place: `isEngine` passes scripts over, so this is the shell under another name. */
async function program(path: string, version: string): Promise<string> {
    await mkdir(dirname(path), { recursive: true });
    // No first line that names an interpreter: the system then has its shell run it, as for any file of commands.
    await writeFile(path, `echo v${version}\n`);
    await chmod(path, 0o755);
    return path;
}

async function script(path: string, body: string): Promise<string> {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `#!/bin/sh\n${body}\n`);
    await chmod(path, 0o755);
    return path;
}

const noProgress = () => undefined;

describe("isEngine", () => {
    it("asks the file for its version", async () => {
        expect(await isEngine(await program(join(folder, "right"), ENGINE_VERSION))).toBe(true);
        expect(await isEngine(await program(join(folder, "older"), "3.258.0"))).toBe(false);
        expect(await isEngine(join(folder, "absent"))).toBe(false);
    });

    it("passes over a script without running it: the npm package's would begin to download", async () => {
        const trap = join(folder, "ran");
        expect(await isEngine(await script(join(folder, "script"), `touch ${trap}; echo v${ENGINE_VERSION}`))).toBe(
            false,
        );
        expect(await readdir(folder)).toEqual(["script"]);
    });
});

describe("ensureEngine", () => {
    it("takes the installed one first, then PATH, then the cache", async () => {
        const cached = await program(cachedEngine(env), ENGINE_VERSION);
        expect(await ensureEngine(noProgress, sources)).toBe(cached);
        const onPath = await program(join(folder, "bin", "pulumi"), ENGINE_VERSION);
        expect(await ensureEngine(noProgress, sources)).toBe(onPath);
        const installed = await program(installedEngine(env), ENGINE_VERSION);
        expect(await ensureEngine(noProgress, sources)).toBe(installed);
    });

    it("passes over another version on PATH", async () => {
        await program(join(folder, "bin", "pulumi"), "3.300.0");
        const cached = await program(cachedEngine(env), ENGINE_VERSION);
        expect(await ensureEngine(noProgress, sources)).toBe(cached);
    });

    it("lets the npm package install, and says so", async () => {
        const target = installedEngine(env);
        const installer = join(folder, "run.js");
        await writeFile(
            installer,
            `const fs = require("fs"); fs.mkdirSync(${JSON.stringify(dirname(target))}, { recursive: true });
             fs.writeFileSync(${JSON.stringify(target)}, "echo v" + process.env.PULUMI_VERSION + "\\n", { mode: 0o755 });`,
        );
        const lines: string[] = [];
        expect(await ensureEngine((line) => lines.push(line), { ...sources, installer })).toBe(target);
        expect(lines).toEqual([expect.stringContaining("npm package")]);
    });

    it("builds with Go when the package cannot install, and keeps what it built", async () => {
        const installer = join(folder, "run.js");
        await writeFile(installer, "console.error('no network'); process.exit(1);");
        await script(
            join(folder, "bin", "go"),
            `while [ "$1" != -o ]; do shift; done; echo 'echo v${ENGINE_VERSION}' > "$2"; /bin/chmod 755 "$2"`,
        );
        const lines: string[] = [];
        expect(await ensureEngine((line) => lines.push(line), { ...sources, installer })).toBe(cachedEngine(env));
        expect(lines.at(-1)).toContain("about 200 s");
        expect(await readdir(dirname(cachedEngine(env)))).toEqual(["pulumi"]);
    });

    it("says how every way ended, and what to provide", async () => {
        const installer = join(folder, "run.js");
        await writeFile(installer, "console.error('no network'); process.exit(1);");
        await script(join(folder, "bin", "go"), "echo 'module lookup disabled' >&2; exit 1");
        const error: unknown = await ensureEngine(noProgress, { ...sources, installer }).catch(
            (thrown: unknown) => thrown,
        );
        expect(error).toMatchObject({ code: "NoEngine" });
        const { message } = error as Error;
        for (const part of [
            "no network",
            "module lookup disabled",
            "Provide one of",
            `pulumi ${ENGINE_VERSION} on PATH`,
        ]) {
            expect(message).toContain(part);
        }
    });
});

describe("buildEngine", () => {
    const build = (go: string) =>
        buildEngine({ go, module: folder, out: cachedEngine(env), version: ENGINE_VERSION, env, progress: noProgress });

    it("leaves nothing behind when it fails", async () => {
        const go = await script(join(folder, "go"), 'while [ "$1" != -o ]; do shift; done; echo half > "$2"; exit 1');
        await expect(build(go)).rejects.toThrow();
        expect(await readdir(dirname(cachedEngine(env)))).toEqual([]);
    });

    it("holds the modules to go.sum, and stamps the version", async () => {
        const seen = join(folder, "seen");
        const go = await script(
            join(folder, "go"),
            `echo "$@" "$CGO_ENABLED" "$GOFLAGS" > ${seen}; while [ "$1" != -o ]; do shift; done; echo > "$2"`,
        );
        await build(go);
        const { readFile } = await import("node:fs/promises");
        const said = await readFile(seen, "utf8");
        expect(said).toContain("-mod=readonly");
        expect(said).toContain(`version.Version=v${ENGINE_VERSION} github.com/pulumi/pulumi/pkg/v3/cmd/pulumi 0`);
    });

    it("is done with the first go on PATH", async () => {
        const go = await script(join(folder, "bin", "go"), "exit 0");
        expect(await findGo(env)).toBe(go);
    });
});
