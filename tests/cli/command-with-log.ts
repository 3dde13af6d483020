import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { bundleCli, type Run, runCli, type Served, serveObjects, type TestLog } from "./support";

/** For one test file: the command as it is shipped, a log that answers on loopback, and a folder. */
export interface CommandWithLog {
    readonly folder: string;
    /** From `beforeAll` on. */
    readonly server: Served;
    /** What the server has, as the log made it before each test. */
    objects: Map<string, Uint8Array>;
    run(args: readonly string[], env?: Record<string, string>, cwd?: string): Promise<Run>;
    /** @returns path of a file in the folder */
    save(name: string, bytes: Uint8Array | string): string;
}

export function commandWithLog(log: TestLog): CommandWithLog {
    const folder = mkdtempSync(join(tmpdir(), "countersign-cli-"));
    let cli: { path: string; remove(): void };
    let server: Served;
    const command = {
        folder,
        get server() {
            return server;
        },
        objects: new Map<string, Uint8Array>(),
        run: (args: readonly string[], env?: Record<string, string>, cwd?: string) => runCli(cli.path, args, env, cwd),
        save: (name: string, bytes: Uint8Array | string) => {
            writeFileSync(join(folder, name), bytes);
            return join(folder, name);
        },
    };
    beforeAll(async () => {
        cli = await bundleCli();
        server = await serveObjects(() => command.objects);
    }, 60_000);
    beforeEach(() => {
        command.objects = new Map(log.objects);
        server.requests.length = 0;
    });
    afterAll(async () => {
        rmSync(folder, { recursive: true, force: true });
        cli?.remove();
        await server?.stop();
    });
    return command;
}
