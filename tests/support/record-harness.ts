import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { parse } from "yaml";
import { startFakeEngine, type EngineRecord } from "./fake-engine";

export type { EngineRecord } from "./fake-engine";

const native = createRequire(__filename);
const ROOT = join(__dirname, "..", "..");

export interface RecordOptions {
    /** Below the repository's root. @default "index.ts" */
    readonly program?: string;
    readonly project?: string;
    readonly stack?: string;
    /** By full key, `countersign:region`. @default that of Pulumi.local.yaml */
    readonly config?: Readonly<Record<string, unknown>>;
    /** False: as in `up`, with made-up outputs. @default true */
    readonly dryRun?: boolean;
}

export interface Recording {
    readonly records: readonly EngineRecord[];
    readonly exitCode: number | null;
    /** What the program logged as error, and what it printed. */
    readonly errors: readonly string[];
}

/**
 * Runs a program in the real language host against an engine of our own, and records what it registers: real unknowns, secrets,
 * URNs and dependencies, without CLI and cloud. Proves nothing about the real engine or provider: that is tests/engine.
 */
export async function record(options: RecordOptions = {}): Promise<Recording> {
    const { program = "index.ts", project = "countersign", stack = "local", dryRun = true } = options;
    const engine = await startFakeEngine({ project, stack, dryRun });
    try {
        const { exitCode, output } = await runHost(engine.address, { program, project, stack, dryRun }, options.config);
        const errors = [...engine.errors, ...(exitCode === 0 ? [] : [output])];
        return { records: engine.records, exitCode, errors };
    } finally {
        engine.stop();
    }
}

/** @param stack of `Pulumi.STACK.yaml` */
export function stackConfig(stack: string): Record<string, unknown> {
    return (parse(readFileSync(join(ROOT, `Pulumi.${stack}.yaml`), "utf8")) as { config: Record<string, unknown> })
        .config;
}

interface Host {
    readonly program: string;
    readonly project: string;
    readonly stack: string;
    readonly dryRun: boolean;
}

function runHost(
    address: string,
    { program, project, stack, dryRun }: Host,
    config: Readonly<Record<string, unknown>> = stackConfig("local"),
): Promise<{ exitCode: number | null; output: string }> {
    const texts = Object.entries(config).map(([key, value]) => [
        key,
        typeof value === "string" ? value : JSON.stringify(value),
    ]);
    const args = [
        native.resolve("@pulumi/pulumi/cmd/run"),
        `--monitor=${address}`,
        `--engine=${address}`,
        `--project=${project}`,
        `--stack=${stack}`,
        "--organization=organization",
        "--parallel=16",
        `--root-directory=${ROOT}`,
        ...(dryRun ? ["--dry-run"] : []),
        `--pwd=${ROOT}`,
        join(ROOT, program),
    ];
    const child = spawn(process.execPath, args, {
        cwd: ROOT,
        env: {
            PATH: process.env.PATH,
            PULUMI_NODEJS_TYPESCRIPT: "true",
            PULUMI_NODEJS_TSCONFIG_PATH: join(ROOT, "tsconfig.pulumi.json"),
            PULUMI_NODEJS_TRANSPILE_ONLY: "true",
            PULUMI_CONFIG: JSON.stringify(Object.fromEntries(texts)),
            PULUMI_CONFIG_SECRET_KEYS: "[]",
        },
        stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
        stream.setEncoding("utf8").on("data", (chunk: string) => void (output += chunk));
    return new Promise((done, failed) => {
        child.once("error", failed);
        child.once("close", (exitCode) => done({ exitCode, output }));
    });
}
