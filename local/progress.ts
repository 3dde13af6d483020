/**
 * Progress on standard error: one line a step, with what goes on in it and its time. On a terminal the line is rewritten
 * in place; elsewhere (a CI log) each step prints when it starts and when it ends, and every ten seconds in between.
 */
export interface Progress {
    /** Runs one step of the story, timed. What it throws passes through, after the step is shown as failed. */
    step<T>(name: string, work: (say: Say) => Promise<T>): Promise<T>;
    /** A line that stays. */
    note(line: string): void;
    readonly steps: readonly StepTime[];
}

export type Say = (line: string) => void;

export interface StepTime {
    readonly name: string;
    readonly seconds: number;
}

const SPINNER = "|/-\\";

export function createProgress(out: NodeJS.WriteStream, now: () => number = () => performance.now()): Progress {
    const steps: StepTime[] = [];
    const terminal = out.isTTY === true && process.env["TERM"] !== "dumb";
    const display = terminal ? rewriting(out) : appending(out);

    return {
        steps,
        note: (line) => display.line(line),
        step: async (name, work) => {
            const startedAt = now();
            const elapsed = () => (now() - startedAt) / 1000;
            let detail = "";
            display.start(name);
            const timer = setInterval(() => display.tick(name, elapsed(), detail), terminal ? 120 : 10_000);
            try {
                const result = await work((line) => (detail = line));
                display.end("ok", name, elapsed());
                steps.push({ name, seconds: round(elapsed()) });
                return result;
            } catch (error) {
                display.end("failed", name, elapsed());
                throw error;
            } finally {
                clearInterval(timer);
            }
        },
    };
}

interface Display {
    start(name: string): void;
    tick(name: string, seconds: number, detail: string): void;
    end(state: "ok" | "failed", name: string, seconds: number): void;
    line(text: string): void;
}

function rewriting(out: NodeJS.WriteStream): Display {
    let frame = 0;
    const write = (text: string) => out.write(`\r\x1b[2K${text.slice(0, Math.max(20, (out.columns ?? 80) - 1))}`);
    return {
        start: (name) => write(`  ${name}`),
        tick: (name, seconds, detail) => {
            frame = (frame + 1) % SPINNER.length;
            write(`${SPINNER[frame]} ${name}  ${seconds.toFixed(1)} s  ${detail}`);
        },
        end: (state, name, seconds) => write(`${mark(state)} ${name}  ${seconds.toFixed(1)} s`) && out.write("\n"),
        line: (text) => write(text) && out.write("\n"),
    };
}

function appending(out: NodeJS.WriteStream): Display {
    const line = (text: string) => void out.write(`${text}\n`);
    return {
        start: (name) => line(`  ${name} ...`),
        tick: (name, seconds, detail) => line(`  ${name}: ${seconds.toFixed(0)} s ${detail}`),
        end: (state, name, seconds) => line(`${mark(state)} ${name}  ${seconds.toFixed(1)} s`),
        line,
    };
}

function mark(state: "ok" | "failed"): string {
    return state === "ok" ? "+" : "x";
}

function round(seconds: number): number {
    return Math.round(seconds * 100) / 100;
}
