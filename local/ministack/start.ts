import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { open, readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { basename, dirname, join, resolve } from "node:path";

import { quote } from "../../lib/encoding";
import { codedError } from "../../lib/errors";
import { type Progress, ensureMinistack } from "./ensure";

export { MINISTACK_VERSION, ensureMinistack } from "./ensure";

export interface RootUser {
    readonly accountId: string;
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
}

export interface MinistackOptions {
    /** Where functions find AWS: the gateway, `http://127.0.0.1:PORT`. */
    readonly endpoint: string;
    readonly region: string;
    /** Header `x-countersign-extension` of every request that MiniStack serves; at least 16 characters. @default random */
    readonly secret?: string;
    /** One for each account. The first account is the one that requests without a known key fall to. */
    readonly rootUsers: readonly RootUser[];
    /** Existing folder. Functions are unpacked in it, and find `@aws-sdk` in the `node_modules` beside it. */
    readonly tmpDir: string;
    /** The Node that runs functions, whatever their runtime says. A file named `node`. @default the Node of this process */
    readonly nodeBin?: string;
    /** @default a free one */
    readonly port?: number;
    readonly onProgress?: Progress;
}

export interface Ministack {
    /** `http://127.0.0.1:PORT`, for the gateway alone. */
    readonly url: string;
    readonly secret: string;
    readonly pid: number;
    /** Ends the server and the functions it runs, and resolves when they have ended. May be called twice. */
    stop(): Promise<void>;
}

const START_MS = 20_000;
const STOP_MS = 3_000;

/**
 * Starts MiniStack with our extension on 127.0.0.1, in an environment that holds nothing of ours, since functions inherit it.
 *
 * Secrets go over standard input. The server ends when that pipe closes, so it does not outlive this process.
 *
 * @throws BadConfig for a folder in which functions could not work; EmulatorFailed if it does not start: the extension tests
 * each of its replacements first
 */
export async function startMinistack(options: MinistackOptions): Promise<Ministack> {
    checkFolder(options.tmpDir);
    const nodeBin = options.nodeBin ?? process.execPath;
    const python = await ensureMinistack(options.onProgress ?? (() => undefined));
    const secret = options.secret ?? randomBytes(24).toString("base64url");
    // Between finding a free port and binding it somebody else may take it.
    for (let attempt = 1; ; attempt++) {
        const port = options.port ?? (await freePort());
        const server = await spawnServer(python, nodeBin, options, secret, port);
        try {
            await untilHealthy(server, `http://127.0.0.1:${port}`, secret);
            return { url: `http://127.0.0.1:${port}`, secret, pid: server.child.pid!, stop: () => stopServer(server) };
        } catch (error) {
            await stopServer(server);
            const taken = /is already in use|address already in use/.test(String(error));
            if (!taken || options.port !== undefined || attempt === 3) throw error;
        }
    }
}

interface Server {
    readonly child: ChildProcess;
    readonly log: string;
    readonly exited: Promise<void>;
    readonly kill: () => void;
}

async function spawnServer(
    python: string,
    nodeBin: string,
    options: MinistackOptions,
    secret: string,
    port: number,
): Promise<Server> {
    const env = environment(nodeBin, options, port);
    const log = join(options.tmpDir, "ministack.log");
    const out = await open(log, "a");
    const child = spawn(python, ["-B", resolve(__dirname, "main.py")], {
        cwd: options.tmpDir,
        env,
        stdio: ["pipe", out.fd, out.fd],
        // A process group of its own, so that its functions can be ended with it.
        detached: true,
    });
    const exited = new Promise<void>((done) => {
        child.once("exit", () => done());
        child.once("error", () => done());
    });
    await out.close();
    const kill = (): void => signalGroup(child, "SIGKILL");
    process.once("exit", kill);
    const { region, rootUsers } = options;
    child.stdin!.on("error", () => undefined); // it has ended: the log says why
    child.stdin!.write(`${JSON.stringify({ secret, region, rootUsers })}\n`);
    return { child, log, exited, kill };
}

/** All of it: what stands here reaches functions. */
function environment(nodeBin: string, options: MinistackOptions, port: number): NodeJS.ProcessEnv {
    if (basename(nodeBin) !== "node") {
        throw codedError(
            "BadConfig",
            `nodeBin ${quote(nodeBin)} is not a file named "node": MiniStack looks for that name`,
        );
    }
    return {
        PATH: `${dirname(resolve(nodeBin))}:/usr/bin:/bin`,
        HOME: options.tmpDir,
        TMPDIR: options.tmpDir,
        LANG: "C.UTF-8",
        GATEWAY_PORT: String(port),
        BIND_HOST: "127.0.0.1",
        AUTH: "true",
        MINISTACK_ACCOUNT_ID: options.rootUsers[0]?.accountId ?? "",
        MINISTACK_REGION: options.region,
        IOT_MTLS_ENABLED: "0",
        SFTP_ENABLED: "0",
        LOG_LEVEL: "WARNING",
        AWS_ENDPOINT_URL: options.endpoint,
        // MiniStack's worker script uses url.parse: a warning in the log of every function.
        NODE_OPTIONS: "--disable-warning=DEP0169",
    };
}

/** @throws EmulatorFailed with the end of its log */
async function untilHealthy(server: Server, url: string, secret: string): Promise<void> {
    const deadline = Date.now() + START_MS;
    let exited = false;
    void server.exited.then(() => (exited = true));
    while (!exited && Date.now() < deadline) {
        try {
            const response = await fetch(`${url}/_countersign/health`, {
                headers: { "x-countersign-extension": secret },
                signal: AbortSignal.timeout(2_000),
            });
            if (response.ok && ((await response.json()) as { ok?: unknown }).ok === true) return;
        } catch {
            // not listening yet
        }
        await new Promise((done) => setTimeout(done, 25));
    }
    const said = await readFile(server.log, "utf8").catch(() => "");
    const what = exited ? "ended at its start" : `did not answer in ${START_MS / 1000} s`;
    throw codedError(
        "EmulatorFailed",
        `MiniStack ${what}: ${said.trim().split("\n").slice(-3).join(" | ").slice(0, 2000)}`,
    );
}

async function stopServer({ child, exited, kill }: Server): Promise<void> {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
        child.kill("SIGTERM");
        const late = setTimeout(kill, STOP_MS);
        await exited;
        clearTimeout(late);
    }
    // Functions that were still running.
    kill();
    process.removeListener("exit", kill);
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
    if (child.pid === undefined) return;
    try {
        process.kill(-child.pid, signal);
    } catch {
        // nobody left
    }
}

async function freePort(): Promise<number> {
    const server = createServer();
    await new Promise<void>((done, fail) => server.once("error", fail).listen(0, "127.0.0.1", done));
    const { port } = server.address() as { port: number };
    await new Promise((done) => server.close(done));
    return port;
}

/** Functions resolve modules upwards from tmpDir: the SDK must be there, and nothing may turn their code into ES modules. */
function checkFolder(tmpDir: string): void {
    if (!existsSync(tmpDir)) throw codedError("BadConfig", `tmpDir ${quote(tmpDir)} does not exist`);
    const modules = resolve(tmpDir, "..", "node_modules", "@aws-sdk");
    if (!existsSync(modules)) {
        throw codedError(
            "BadConfig",
            `no ${quote(modules)}: functions would find no AWS SDK, which Lambda's runtime has`,
        );
    }
    for (let folder = resolve(tmpDir); ; folder = dirname(folder)) {
        const file = join(folder, "package.json");
        if (existsSync(file)) {
            const { type } = JSON.parse(readFileSync(file, "utf8")) as { type?: unknown };
            if (type === "module") {
                throw codedError(
                    "BadConfig",
                    `${quote(file)} has "type": "module", which breaks every function below it`,
                );
            }
            return;
        }
        if (dirname(folder) === folder) return;
    }
}
