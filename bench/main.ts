import { benchEvaluator } from "./iam";
import { benchLog } from "./log";
import { type Comparison, isMissing, type Missing } from "./measure";
import { benchSigning } from "./signing";
import { benchLocalRun, benchStartup, type Figure } from "./startup";

/**
 * `npm run bench [-- --json] [-- --no-local]`: figures beside tools installed on this machine, as ratios of one run. What is not
 * installed is said to be missing, never left out.
 */
async function main(): Promise<void> {
    const say = (line: string) => void process.stderr.write(`${line}\n`);
    const comparisons: (Comparison | Missing)[] = [];
    say("signing ...");
    comparisons.push(...(await benchSigning()));
    say("log ...");
    comparisons.push(...(await benchLog()));
    say("evaluator ...");
    comparisons.push(...(await benchEvaluator(say)));
    say("start of programs ...");
    const figures: Figure[] = await benchStartup(say);
    if (!process.argv.includes("--no-local")) {
        say("local run ...");
        figures.push(...(await benchLocalRun()));
    }
    if (process.argv.includes("--json")) process.stdout.write(`${JSON.stringify({ comparisons, figures })}\n`);
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
