import { resolve } from "node:path";
import { Command } from "commander";
import { createProgress } from "./progress";
import { tellStory } from "./run";
import { printSummary } from "./summary";

const HELP = `
The real Pulumi engine deploys this project to a local cloud on loopback; files are uploaded, come back signed, and are
proved in the log; callers who must not sign are refused. No AWS account is used or needed. The first run on a machine
gets the Pulumi CLI and the emulator into your cache folder, which takes minutes without a network copy of the CLI.

Exit status: 0 all as it must be, 1 something was not (the last lines say what), 2 wrong usage, 130 interrupted.
`;

async function main(): Promise<number> {
    const command = new Command("npm run local --")
        .argument("[FILE...]", "files to sign (.ko: as a kernel module; anything else: a detached signature)")
        .option("--keep", "leave the cloud up and say how to use it, until Ctrl-C")
        .option("--json", "print the summary as one JSON object on standard output")
        .addHelpText("after", HELP)
        .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
    command.parse();
    const { keep = false, json = false } = command.opts<{ keep?: boolean; json?: boolean }>();

    const interrupted = new AbortController();
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => interrupted.abort());
    const progress = createProgress(process.stderr);
    try {
        const files = command.args.map((file) => resolve(process.env["INIT_CWD"] ?? process.cwd(), file));
        await tellStory({
            project: resolve(__dirname, ".."),
            files,
            keep,
            show: (summary) => {
                if (json) process.stdout.write(`${JSON.stringify(summary)}\n`);
                else printSummary(summary, process.stdout);
            },
            progress,
            signal: interrupted.signal,
        });
        return 0;
    } catch (error) {
        if (interrupted.signal.aborted) {
            progress.note("interrupted; everything that was started has ended");
            return 130;
        }
        progress.note(`failed: ${error instanceof Error ? error.message : String(error)}`);
        if (process.env["COUNTERSIGN_DEBUG"] !== undefined && error instanceof Error) progress.note(error.stack ?? "");
        return 1;
    }
}

void main().then((status) => process.exit(status));
