import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
    LocalWorkspace,
    Stack,
    type Deployment,
    type EngineEvent,
    type OutputMap,
    type UpResult,
} from "@pulumi/pulumi/automation";
import { quote } from "../../lib/encoding";
import { codedError } from "../../lib/errors";
import { engineCommand } from "./command";
import { engineEnvironment } from "./environment";
import { emptyRecord, note, type RunRecord, type StackEvent, type Violation } from "./events";
import type { Program } from "./program";

export { programFrom, type Program } from "./program";
export type { StackEvent, Violation } from "./events";

const AWS_PROVIDER = join(__dirname, "..", "provider", "plugin");

export interface StackOptions {
    /** Path of the CLI, from `ensureEngine`. */
    engine: string;
    /** Folder of the run, ours alone: state, home and work directories. Stacks that share it can reference each other. */
    folder: string;
    project: string;
    stack: string;
    program: Program;
    /** Names without a colon belong to the project. Values may be structured. */
    config: Record<string, unknown>;
    /** Added to an otherwise empty environment: AWS_ENDPOINT_URL, AWS_REGION, credentials. */
    env: Record<string, string>;
    /** Folder of the compiled policy pack, in force in `preview` and `up`. */
    packDir?: string;
    /** By rule: `{"all": "mandatory", RULE: {"enforcementLevel": ..., ...}}`. */
    packConfig?: Record<string, unknown>;
    /** Folder of each provider's executable `pulumi-resource-NAME`. @default the aws provider of local/provider */
    providers?: Record<string, string>;
}

export interface RunOptions {
    onEvent?: (event: StackEvent) => void;
    /** Aborting lets running operations end, then fails. */
    signal?: AbortSignal;
    /** Fails unless nothing changes. */
    expectNoChanges?: boolean;
    /** Leaves the pack out. For tests that show what holds without it. */
    withoutPack?: boolean;
    /** Reads every resource first. */
    refresh?: boolean;
    /** `destroy` only: known to hold nothing protected, so it is not tried in a preview first. */
    unprotected?: boolean;
}

export interface RunResult {
    /** Count by operation: create, update, replace, delete, same. */
    changes: Record<string, number>;
    /** URNs by operation. */
    urns: Record<string, string[]>;
    /** Advisory ones; a mandatory violation fails the run. */
    violations: Violation[];
    /** The stack's outputs after `up`; empty from the others. */
    outputs: Record<string, unknown>;
    seconds: number;
}

export type DeployError = Error & { violations: Violation[]; errors: string[] };

export interface OpenStack {
    readonly name: string;
    readonly workDir: string;
    preview(options?: RunOptions): Promise<RunResult>;
    /** Without a preview of its own: rules over the whole stack only report here. Run `preview` before. */
    up(options?: RunOptions): Promise<RunResult>;
    refresh(options?: RunOptions): Promise<RunResult>;
    /** Fails while anything is protected, and then deletes nothing. */
    destroy(options?: RunOptions): Promise<RunResult>;
    outputs(): Promise<Record<string, unknown>>;
    exportState(): Promise<Deployment>;
    importState(state: Deployment): Promise<void>;
    /** In the state only: `destroy` then goes through, and what is retained stays in the cloud. */
    unprotectAll(): Promise<void>;
    /** Replaces the configuration for the next run. */
    configure(config: Record<string, unknown>): Promise<void>;
}

/**
 * A stack of an inline program on the real engine.
 *
 * The work directory is generated: the project's own Pulumi.yaml has no `plugins`, and the Automation API would write over it.
 *
 * @throws DeployFailed from each run that fails, with the engine's messages and `violations`
 */
export async function openStack(options: StackOptions): Promise<OpenStack> {
    const { engine, folder, project, stack: name, program } = options;
    const workDir = join(folder, "work", project, name);
    const folders = { home: join(folder, "home"), state: join(folder, "state"), passphrase: "local" };
    await Promise.all([workDir, folders.home, folders.state].map((path) => mkdir(path, { recursive: true })));
    await withoutDebugLog(folders.home);
    await writeFile(join(workDir, "Pulumi.yaml"), JSON.stringify(projectFile(options), null, 4));

    const env = engineEnvironment(engine, folders, options.env);
    const command = engineCommand(engine, env);
    const workspace = await LocalWorkspace.create({
        workDir,
        program,
        pulumiCommand: command,
        secretsProvider: "passphrase",
    });
    const configure = async (config: Record<string, unknown>) => {
        const known = await workspace.stackSettings(name).catch(() => ({}));
        await workspace.saveStackSettings(name, { ...known, config: qualified(project, config) });
    };
    await configure(options.config);
    const stack = await Stack.createOrSelect(name, workspace);
    const pack = await packOptions(options, workDir);

    const run = (operation: Operation) => (given?: RunOptions) => runEngine(operation, stack, pack, given);
    return {
        name,
        workDir,
        preview: run("preview"),
        up: run("up"),
        refresh: run("refresh"),
        destroy: run("destroy"),
        outputs: async () => valuesOf(await stack.outputs()),
        exportState: () => stack.exportStack(),
        importState: (state) => stack.importStack(state),
        unprotectAll: async () =>
            void (await command.run(["state", "unprotect", "--all", "--yes", "--stack", name], workDir, {})),
        configure,
    };
}

type Operation = "preview" | "up" | "refresh" | "destroy";
type PackOptions = { policyPacks?: string[]; policyPackConfigs?: string[] };

async function runEngine(
    operation: Operation,
    stack: Stack,
    pack: PackOptions,
    given: RunOptions = {},
): Promise<RunResult> {
    const { onEvent, withoutPack, unprotected = false, ...passed } = given;
    const record = emptyRecord();
    const options = {
        ...passed,
        // The engine applies the pack to what a program asks for, so not to refresh and destroy.
        ...(withoutPack || operation === "refresh" || operation === "destroy" ? {} : pack),
        onEvent: (event: EngineEvent) => {
            const short = note(record, event);
            if (short) {
                onEvent?.(short);
            }
        },
    };
    const startedAt = performance.now();
    let outputs: OutputMap = {};
    const restore = plainStackTraces();
    try {
        if (operation === "destroy" && !unprotected) {
            // Without it, all that is not protected would be gone before the engine comes to what is.
            await stack.previewDestroy({
                signal: options.signal,
                onEvent: ({ diagnosticEvent }) =>
                    diagnosticEvent && note(record, { sequence: 0, timestamp: 0, diagnosticEvent }),
            });
        }
        const result = await stack[operation](options);
        outputs = operation === "up" ? (result as UpResult).outputs : {};
    } catch (error) {
        throw deployError(operation, stack.name, record, error);
    } finally {
        restore();
    }
    const { changes, urns, violations } = record;
    return { changes, urns, violations, outputs: valuesOf(outputs), seconds: (performance.now() - startedAt) / 1000 };
}

/**
 * The SDK takes a stack trace for each of its thousands of promises. A source-map hook, as ts-node installs it, makes
 * that cost seconds (measured: half of a preview), so it is away while the program runs.
 */
function plainStackTraces(): () => void {
    const errors = Error as { prepareStackTrace?: unknown };
    const hook = errors.prepareStackTrace;
    errors.prepareStackTrace = undefined;
    return () => {
        errors.prepareStackTrace = hook;
    };
}

function deployError(operation: Operation, stack: string, record: RunRecord, cause: unknown): DeployError {
    const violations = record.violations.filter(({ level }) => level === "mandatory");
    const said = [...violations.map(({ message }) => message), ...record.errors];
    // The command's own text is all it printed; what it died of comes last.
    const printed = String(cause instanceof Error ? cause.message : cause);
    const text = said.length > 0 ? said.join("\n") : (printed.split("\n stderr: ").at(-1) ?? "").trim();
    const error = codedError("DeployFailed", `${operation} of stack ${quote(stack)} failed: ${text}`, cause);
    return Object.assign(error, { violations, errors: record.errors });
}

function valuesOf(outputs: OutputMap): Record<string, unknown> {
    return Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value as unknown]));
}

/**
 * The engine keeps a debug log of all properties, compressed and encrypted, in its home: half of its processor time here
 * (measured), for a file that goes with the run. No setting turns it off; where it cannot have its folder it goes without.
 */
async function withoutDebugLog(home: string): Promise<void> {
    await writeFile(join(home, "logs"), "");
}

/** JSON is YAML. `plugins` puts our provider in the place of the real one, and only here. */
function projectFile({ project, providers = { aws: AWS_PROVIDER } }: StackOptions): object {
    return {
        name: project,
        runtime: "nodejs",
        plugins: { providers: Object.entries(providers).map(([name, path]) => ({ name, path })) },
    };
}

function qualified(project: string, config: Record<string, unknown>): Record<string, unknown> {
    return Object.fromEntries(
        Object.entries(config).map(([key, value]) => [key.includes(":") ? key : `${project}:${key}`, value]),
    );
}

async function packOptions({ packDir, packConfig }: StackOptions, workDir: string): Promise<PackOptions> {
    if (packDir === undefined) {
        return {};
    }
    if (packConfig === undefined) {
        return { policyPacks: [packDir] };
    }
    const file = join(workDir, "pack-config.json");
    await writeFile(file, JSON.stringify(packConfig));
    return { policyPacks: [packDir], policyPackConfigs: [file] };
}
