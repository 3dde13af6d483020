/** Starting and ending: what does not start says why, and what was started does not stay. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtemp, mkdir, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";

import { ensureMinistack, startMinistack } from "../../../local/ministack/start";
import { until } from "../../support/functions";
import { startEmulator } from "../../support/ministack";

const MAIN = resolve(__dirname, "../../../local/ministack/main.py");
let python: string;
let folder: string;

beforeAll(async () => {
    python = await ensureMinistack(() => undefined);
    folder = await mkdtemp(join(tmpdir(), "countersign-start-"));
    await mkdir(join(folder, "node_modules", "@aws-sdk"), { recursive: true });
    await mkdir(join(folder, "tmp"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const alive = (pid: number): boolean => {
    try {
        process.kill(pid, 0);
        return true;
    } catch {
        return false;
    }
};

it("stops on demand, twice if asked twice", async () => {
    const emulator = await startEmulator();
    const { pid } = emulator.ministack;
    expect(alive(pid)).toBe(true);
    await emulator.stop();
    await emulator.stop();
    expect(alive(pid)).toBe(false);
});

it("ends when its starter's end of the pipe closes", async () => {
    const env = {
        PATH: "/usr/bin:/bin",
        BIND_HOST: "127.0.0.1",
        AUTH: "true",
        GATEWAY_PORT: String(await freePort()),
        TMPDIR: join(folder, "tmp"),
    };
    const child: ChildProcess = spawn(python, ["-B", MAIN], { env, stdio: ["pipe", "ignore", "ignore"] });
    child.stdin!.write(
        `${JSON.stringify({ secret: "a secret of enough length", region: "eu-west-1", rootUsers: [] })}\n`,
    );
    const url = `http://127.0.0.1:${env.GATEWAY_PORT}/_countersign/health`;
    const up = await until(() =>
        fetch(url).then(
            ({ status }) => status,
            () => undefined,
        ),
    );
    expect(up).toBe(403);
    child.stdin!.end();
    expect(await until(() => (child.exitCode === null ? undefined : [child.exitCode]))).toEqual([0]);
});

it("says what stands in the way", async () => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const { port } = server.address() as { port: number };
    const options = {
        endpoint: "http://127.0.0.1:9",
        region: "eu-west-1",
        rootUsers: [],
        tmpDir: join(folder, "tmp"),
        port,
    };
    await expect(startMinistack(options)).rejects.toMatchObject({
        code: "EmulatorFailed",
        message: expect.stringContaining("is already in use") as string,
    });
    server.close();
    await expect(startMinistack({ ...options, nodeBin: "/usr/bin/nodejs" })).rejects.toMatchObject({
        code: "BadConfig",
    });
    await expect(startMinistack({ ...options, secret: "short", port: await freePort() })).rejects.toMatchObject({
        code: "EmulatorFailed",
        message: expect.stringContaining("secret is shorter") as string,
    });
});

it.each([
    [
        "a private name that is gone",
        "import ministack.core.iam_evaluator as e; del e._first_match",
        /_first_match is gone/,
    ],
    [
        "other parameters",
        "import ministack.core.iam_evaluator as e; e._first_match = lambda ctx: None",
        /_first_match takes \('ctx',\)/,
    ],
    [
        "another version",
        "import importlib.metadata as m; m.version = lambda name: '1.5.34'",
        /ministack 1\.5\.34 is installed, expected 1\.5\.33/,
    ],
])("does not start over %s", (_name, change, message) => {
    const input = `${JSON.stringify({ secret: "a secret of enough length", region: "eu-west-1", rootUsers: [] })}\n`;
    const code = `${change}; import runpy; runpy.run_path(${JSON.stringify(MAIN)})`;
    const options = {
        cwd: dirname(MAIN),
        env: { PATH: "/usr/bin:/bin", AUTH: "true" },
        input,
        encoding: "utf8" as const,
        timeout: 20_000,
    };
    const { status, stderr } = spawnSync(python, ["-B", "-c", code], options);
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(message) as string });
});

async function freePort(): Promise<number> {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const { port } = server.address() as { port: number };
    await new Promise((done) => server.close(done));
    return port;
}
