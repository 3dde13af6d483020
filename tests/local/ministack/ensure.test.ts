/** What a machine without the right Python is told. Installs nothing; the installation itself is seen in the local run. */
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { ensureMinistack, ministackFolder } from "../../../local/ministack/ensure";
import { startMinistack } from "../../../local/ministack/start";

let folder: string;

beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "countersign-ensure-"));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function python(name: string, answer: string): Promise<void> {
    await mkdir(join(folder, "bin"), { recursive: true });
    await writeFile(join(folder, "bin", name), `#!/bin/sh\n${answer}\n`);
    await chmod(join(folder, "bin", name), 0o755);
}

const ensure = (progress: (line: string) => void = () => undefined): Promise<string> =>
    ensureMinistack(progress, { PATH: join(folder, "bin"), HOME: folder });

describe("ensureMinistack", () => {
    it("keeps it in the user's cache, outside of the clone", () => {
        expect(ministackFolder({ HOME: "/home/u" })).toBe("/home/u/.cache/countersign/ministack/1.5.33");
        expect(ministackFolder({ HOME: "/home/u", XDG_CACHE_HOME: "/cache" })).toBe(
            "/cache/countersign/ministack/1.5.33",
        );
    });

    it("says that there is no Python", () =>
        expect(ensure()).rejects.toMatchObject({
            code: "NoEmulator",
            message: expect.stringContaining("no Python on PATH") as string,
        }));

    it("names those that are too old", async () => {
        await python("python3", "echo 3 9");
        await expect(ensure()).rejects.toMatchObject({
            code: "NoEmulator",
            message: expect.stringMatching(/found only \["python3 3\.9"\], expected Python 3\.10 or newer/) as string,
        });
    });

    it("passes over a Python that cannot make virtual environments", async () => {
        await python("python3", "echo 'No module named ensurepip' >&2; exit 1");
        await expect(ensure()).rejects.toMatchObject({
            message: expect.stringContaining("no Python on PATH") as string,
        });
    });

    it("says why an installation failed, and leaves nothing half made", async () => {
        await python("python3", `case "$*" in *ensurepip*) echo 3 11;; *) echo "no space left" >&2; exit 1;; esac`);
        const lines: string[] = [];
        await expect(ensure((line) => lines.push(line))).rejects.toMatchObject({
            code: "NoEmulator",
            message: expect.stringContaining("no space left") as string,
        });
        expect(lines).toEqual(["creating a virtual environment for MiniStack 1.5.33"]);
    });
});

describe("startMinistack", () => {
    const start = (tmpDir: string): Promise<unknown> =>
        startMinistack({ endpoint: "http://127.0.0.1:9", region: "eu-west-1", rootUsers: [], tmpDir });

    it("wants its folder to exist", () =>
        expect(start(join(folder, "none"))).rejects.toMatchObject({ code: "BadConfig" }));

    it("wants the SDK beside it", async () => {
        await mkdir(join(folder, "tmp"));
        await expect(start(join(folder, "tmp"))).rejects.toMatchObject({
            code: "BadConfig",
            message: expect.stringContaining("no AWS SDK") as string,
        });
    });

    it("wants no package of ES modules above it", async () => {
        await mkdir(join(folder, "node_modules", "@aws-sdk"), { recursive: true });
        await mkdir(join(folder, "tmp"));
        await writeFile(join(folder, "package.json"), `{"type":"module"}`);
        await expect(start(join(folder, "tmp"))).rejects.toMatchObject({
            code: "BadConfig",
            message: expect.stringContaining('"type": "module"') as string,
        });
    });
});
