import { Argument, Command } from "commander";
import { benchEvaluator } from "./iam";
import { benchLog } from "./log";
import { type Comparison, isMissing, type Missing } from "./measure";
import { benchSigning } from "./signing";
import { benchLocalRun, benchStartup, type Figure } from "./startup";

const HELP = `
Figures beside tools installed on this machine, as ratios of one run on one machine: what is below 1 takes us less time. What is not
installed is said to be missing, never left out. Nothing here is a test: speed fails no build.

The evaluator's counterpart is under the AGPL, so it is no dependency: it is fetched into your cache folder, unless
COUNTERSIGN_BENCH_SIMULATOR names a folder that has it, or is "off".

Exit status: 0 measured, 1 something failed, 2 wrong usage.
`;

interface Measured {
    readonly comparisons?: readonly (Comparison | Missing)[];
    readonly figures?: readonly Figure[];
}

type Say = (line: string) => void;

const PARTS: Readonly<Record<string, (say: Say) => Promise<Measured>>> = {
    signing: async () => ({ comparisons: await benchSigning() }),
    log: async () => ({ comparisons: await benchLog() }),
    evaluator: async (say) => ({ comparisons: await benchEvaluator(say) }),
    startup: async (say) => ({ figures: await benchStartup(say) }),
    local: async () => ({ figures: await benchLocalRun() }),
};

async function main(): Promise<void> {
    const names = Object.keys(PARTS);
    const command = new Command("npm run bench --")
        .addArgument(new Argument("[PART...]", "what to measure; all without it").choices(names))
        .option("--json", "print one JSON object, {comparisons, figures}, on standard output")
        .option("--no-local", "leave the local run out")
        .addHelpText("after", HELP)
        .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
    command.parse();
    const { json = false, local } = command.opts<{ json?: boolean; local: boolean }>();
    const wanted = (command.args.length === 0 ? names : command.args).filter((name) => local || name !== "local");

    const say: Say = (line) => void process.stderr.write(`${line}\n`);
    const measured: Measured[] = [];
    for (const name of wanted) {
        say(`${name} ...`);
        measured.push(await PARTS[name]!(say));
    }
    const comparisons = measured.flatMap((part) => part.comparisons ?? []);
    const figures = measured.flatMap((part) => part.figures ?? []);
    if (json) process.stdout.write(`${JSON.stringify({ comparisons, figures })}\n`);
    else print(comparisons, figures);
}

function print(comparisons: readonly (Comparison | Missing)[], figures: readonly Figure[]): void {
    const line = (...cells: string[]) => process.stdout.write(`${cells.join("  ").trimEnd()}\n`);
    const ms = (value: number) =>
        (value < 0.1 ? `${(value * 1000).toFixed(1)} µs` : `${value.toFixed(2)} ms`).padStart(12);
    const ratioOf = (value: number) => value.toFixed(value < 0.1 ? 4 : 2).padStart(7);
    line("what".padEnd(40), "ours".padStart(12), "theirs".padStart(12), "ratio".padStart(7), "beside");
    for (const row of comparisons) {
        if (isMissing(row)) line(row.what.padEnd(40), `not compared: ${row.missing} is not installed`);
        else line(row.what.padEnd(40), ms(row.ours), ms(row.theirs), ratioOf(row.ratio), row.tool);
    }
    line();
    for (const { what, seconds } of figures) line(what.padEnd(40), `${seconds.toFixed(2)} s`.padStart(12));
}

void main().catch((error: unknown) => {
    process.stderr.write(`bench failed: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
});
