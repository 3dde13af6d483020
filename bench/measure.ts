import { spawn, spawnSync } from "node:child_process";

/** Figures of one run: medians, and ratios within the run, because machines are shared and drift. */

export interface Comparison {
    readonly what: string;
    /** Milliseconds, median of the rounds. */
    readonly ours: number;
    readonly theirs: number;
    readonly tool: string;
    /** Median of the rounds' own ratios, ours to theirs: below 1 is faster than the tool. */
    readonly ratio: number;
}

export interface Missing {
    readonly what: string;
    readonly missing: string;
}

const ROUNDS = 5;

/** Both in turn, A B A B, after one round that does not count. */
export async function compare(
    what: string,
    ours: () => Promise<number> | number,
    tool: string,
    theirs: () => Promise<number> | number,
): Promise<Comparison> {
    await ours();
    await theirs();
    const pairs: [number, number][] = [];
    for (let round = 0; round < ROUNDS; round++) pairs.push([await ours(), await theirs()]);
    return {
        what,
        tool,
        ours: median(pairs.map(([a]) => a)),
        theirs: median(pairs.map(([, b]) => b)),
        ratio: median(pairs.map(([a, b]) => a / b)),
    };
}

export function isMissing(row: Comparison | Missing): row is Missing {
    return "missing" in row;
}

/** Milliseconds per call, over `count` calls. */
export async function timed(count: number, call: (i: number) => unknown): Promise<number> {
    const started = performance.now();
    for (let i = 0; i < count; i++) await call(i);
    return (performance.now() - started) / count;
}

/** Milliseconds of a whole process. @throws if it does not exit 0 */
export function timedProcess(command: string, args: readonly string[], cwd?: string): Promise<number> {
    return new Promise((done, failed) => {
        const started = performance.now();
        const child = spawn(command, args, { cwd, stdio: ["ignore", "ignore", "pipe"] });
        let said = "";
        child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
        child.once("error", failed);
        child.once("close", (code) => {
            if (code === 0) done(performance.now() - started);
            else failed(new Error(`${command} ${args.join(" ")} exited ${code}: ${said.slice(0, 500)}`));
        });
    });
}

export function has(command: string, ...args: string[]): boolean {
    return spawnSync(command, args, { stdio: "ignore" }).status === 0;
}

export function median(values: readonly number[]): number {
    const sorted = [...values].sort((a, b) => a - b);
    const middle = sorted.length >> 1;
    return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
