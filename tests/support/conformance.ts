import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, mkdir, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { capture, type CaptureOptions } from "./graph";
import { loadNative, ROOT } from "./native";
import { programConfig } from "./program";

const run = promisify(execFile);

/** What Lambda would be given: the archive of a function as the program registers it, and its environment. */
export interface DeployedFunction {
    readonly name: string;
    readonly archive: Readonly<Record<string, string>>;
    readonly environment: Readonly<Record<string, string>>;
}

const ASSET = "c44067f5952c0a294b673a41bacd8c17";
const ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7";
const SIGNATURE = "4dabf18193072939515e22adb298388d";

/**
 * The functions of a program, as it registers them under mocks. Serializing takes most of a second each, so ask once.
 *
 * @param logicalNames of the Function resources, e.g. `pipeline-publish`
 */
export async function deployedFunctions(
    logicalNames: readonly string[],
    options: CaptureOptions = {},
): Promise<Record<string, DeployedFunction>> {
    const graph = await capture(() => loadNative("index.ts"), {
        config: programConfig,
        ...options,
        serialize: logicalNames,
    });
    return Object.fromEntries(
        logicalNames.map((logicalName) => {
            const { inputs } = graph.one("aws:lambda/function:Function", logicalName);
            const { variables } = inputs.environment as { variables: Record<string, string> };
            const fn = { name: inputs.name as string, archive: archiveOf(inputs.code), environment: variables };
            return [logicalName, fn];
        }),
    );
}

export function codeSha256({ archive }: DeployedFunction): string {
    return createHash("sha256")
        .update(archive["__index.js"] ?? "")
        .digest("hex");
}

/** Code as on the wire: an archive of text assets, and nothing else in it. */
export function archiveOf(code: unknown): Record<string, string> {
    const { [SIGNATURE]: kind, assets } = code as {
        [SIGNATURE]: string;
        assets: Record<string, Record<string, string>>;
    };
    if (kind !== ARCHIVE) throw new Error(`code is ${JSON.stringify(code)?.slice(0, 80)}, expected an archive`);
    return Object.fromEntries(
        Object.entries(assets).map(([path, asset]) => {
            if (asset[SIGNATURE] !== ASSET || asset.text === undefined) throw new Error(`${path} is not a text asset`);
            return [path, asset.text];
        }),
    );
}

/** Every module that the code asks for, sorted: `require("x")` and `import("x")`. */
export function specifiers(code: string): string[] {
    const found = [...code.matchAll(/\b(?:require|import)\(\s*["'`]([^"'`]+)["'`]\s*\)/g)].map((match) => match[1]!);
    return [...new Set(found)].sort();
}

/** How many calls of `require` and `import` there are: as many as `specifiers` could read. */
export function loadCalls(code: string): number {
    return [...code.matchAll(/\b(?:require|import)\(/g)].length;
}

export interface FreshRun {
    readonly answer: unknown;
    readonly stderr: string;
}

/**
 * Runs a deployed function in a new process, outside the repository, which holds nothing but the archive and the AWS SDK:
 * what a captured path into the repository, or a package of ours, would fail in.
 *
 * @param endpoint loopback address that answers for AWS
 */
export async function runFresh(fn: DeployedFunction, event: unknown, endpoint: string, times = 1): Promise<FreshRun> {
    const folder = await realpath(await mkdtemp(join(tmpdir(), "countersign-lambda-")));
    try {
        for (const [path, text] of Object.entries(fn.archive)) await writeFile(join(folder, path), text);
        await mkdir(join(folder, "node_modules"));
        await symlink(join(ROOT, "node_modules", "@aws-sdk"), join(folder, "node_modules", "@aws-sdk"));
        await writeFile(join(folder, "run.cjs"), RUNNER);
        const { stdout, stderr } = await run(process.execPath, [join(folder, "run.cjs")], {
            cwd: folder,
            env: {
                ...fn.environment,
                AWS_REGION: "eu-west-1",
                AWS_ENDPOINT_URL: endpoint,
                AWS_ACCESS_KEY_ID: "local",
                AWS_SECRET_ACCESS_KEY: "local",
                EVENT: JSON.stringify(event),
                TIMES: String(times),
            },
            timeout: 30_000,
            maxBuffer: 16 * 1024 * 1024,
        });
        const lines = stdout.trim().split("\n");
        return { answer: JSON.parse(lines.at(-1) ?? "null") as unknown, stderr };
    } finally {
        await rm(folder, { recursive: true, force: true });
    }
}

/** As Lambda does: loads the module once, calls the handler with event and context, prints the last answer. */
const RUNNER = `"use strict";
const { handler } = require("./__index.js");
const context = { getRemainingTimeInMillis: () => 20000, awsRequestId: "00000000-0000-4000-8000-000000000000" };
(async () => {
    let answer;
    for (let i = 0; i < Number(process.env.TIMES); i++) answer = await handler(JSON.parse(process.env.EVENT), context);
    console.log(JSON.stringify(answer));
})().catch((error) => {
    console.log(JSON.stringify({ threw: { name: error.name, code: error.code, message: error.message } }));
});
`;
