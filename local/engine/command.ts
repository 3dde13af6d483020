import { spawn } from "node:child_process";
import type { PulumiCommand } from "@pulumi/pulumi/automation";
import * as errors from "@pulumi/pulumi/automation/errors";
import { ENGINE_VERSION } from "./ensure";

interface Result {
    stdout: string;
    stderr: string;
    code: number;
}

export interface EngineCommand extends PulumiCommand {
    /** Runs the CLI in `cwd`. @throws CommandError with its whole output, if it fails */
    run(
        args: string[],
        cwd: string,
        additional: Record<string, string>,
        onOutput?: (text: string) => void,
        onError?: (text: string) => void,
        signal?: AbortSignal,
    ): Promise<Result>;
}

/**
 * The Automation API's view of the CLI, with an environment of exactly `env`.
 *
 * Its own class hands down the whole environment of this process: a profile or a token of whoever runs us would reach
 * the provider and the policy pack.
 */
export function engineCommand(path: string, env: Record<string, string>): EngineCommand {
    const command = {
        command: path,
        version: ENGINE_VERSION, // the SDK only prints it
        run: (args, cwd, additional, onOutput, onError, signal) =>
            isHistory(args)
                ? Promise.resolve({ stdout: "[]", stderr: "", code: 0 })
                : run(path, [...args, "--non-interactive"], {
                      cwd,
                      env: { ...additional, ...env },
                      onOutput,
                      onError,
                      signal,
                  }),
    } satisfies Omit<EngineCommand, "version"> & { version: string };
    return command as unknown as EngineCommand;
}

/**
 * The Automation API reads the history after each operation, for a summary that we do not use: our record is made of the
 * engine's events. Each read is a start of the CLI.
 */
function isHistory(args: readonly string[]): boolean {
    return args[0] === "stack" && args[1] === "history";
}

interface RunOptions {
    cwd: string;
    env: Record<string, string>;
    onOutput: ((text: string) => void) | undefined;
    onError: ((text: string) => void) | undefined;
    signal: AbortSignal | undefined;
}

async function run(path: string, args: string[], { cwd, env, onOutput, onError, signal }: RunOptions): Promise<Result> {
    const result = await new Promise<Result>((done, failed) => {
        const child = spawn(path, args, {
            cwd,
            env: { ...env, PULUMI_AUTOMATION_API: "true" },
            stdio: ["ignore", "pipe", "pipe"],
        });
        // The engine ends its operations in order on SIGINT; a kill would leave pending ones in the state.
        const interrupt = () => child.kill("SIGINT");
        signal?.addEventListener("abort", interrupt);
        process.once("exit", interrupt);
        let [stdout, stderr] = ["", ""];
        child.stdout.setEncoding("utf8").on("data", (text: string) => {
            stdout += text;
            onOutput?.(text);
        });
        child.stderr.setEncoding("utf8").on("data", (text: string) => {
            stderr += text;
            onError?.(text);
        });
        child.once("error", failed);
        child.once("close", (code) => {
            signal?.removeEventListener("abort", interrupt);
            process.removeListener("exit", interrupt);
            done({ stdout, stderr, code: code ?? -2 });
        });
        if (signal?.aborted) {
            interrupt();
        }
    });
    if (result.code !== 0) {
        throw createCommandError({
            ...result,
            toString: () => `code: ${result.code}\n stdout: ${result.stdout}\n stderr: ${result.stderr}\n`,
        });
    }
    return result;
}

// Not in the SDK's declarations, but the only way to the classes that the Automation API itself tells apart.
const { createCommandError } = errors as unknown as { createCommandError(result: object): Error };
