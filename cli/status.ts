/**
 * What is going on, on standard error, once it takes longer than two seconds: rewritten in place on a terminal, else a line
 * every ten seconds.
 */
export interface Status {
    say(what: string): void;
    /** Takes the line away. Call it before printing a result. */
    end(): void;
}

const QUIET_MS = 2_000;
const EVERY_MS = 10_000;

export function startStatus(out: NodeJS.WriteStream): Status {
    const startedAt = performance.now();
    const terminal = out.isTTY === true && process.env["TERM"] !== "dumb";
    let what = "";
    let shown = false;
    const show = (): void => {
        const seconds = (performance.now() - startedAt) / 1000;
        if (what === "" || seconds * 1000 < QUIET_MS) return;
        const line = `${what}, ${seconds.toFixed(0)} s`;
        out.write(terminal ? `\r\x1b[2K${line.slice(0, (out.columns ?? 80) - 1)}` : `${line}\n`);
        shown = true;
    };
    const timer = setInterval(show, terminal ? 200 : EVERY_MS);
    const first = setTimeout(show, QUIET_MS);
    return {
        say: (text) => void (what = text),
        end: () => {
            clearInterval(timer);
            clearTimeout(first);
            if (terminal && shown) out.write("\r\x1b[2K");
            what = "";
        },
    };
}
