/** People wait for two seconds without a word. */
const SILENT_MS = 2_000;

/**
 * Runs something that may take long, and says so on standard error once it has taken two seconds: never on standard output, which a
 * machine may read.
 *
 * @param what a line, without its end
 */
export async function announced<T>(err: (text: string) => void, what: string, run: () => Promise<T>): Promise<T> {
    const timer = setTimeout(() => err(`${what}\n`), SILENT_MS);
    try {
        return await run();
    } finally {
        clearTimeout(timer);
    }
}

/**
 * The same for a loop that leaves timers no turn: called as often as one likes, it speaks every two seconds.
 *
 * @param now milliseconds
 */
export function counter(
    err: (text: string) => void,
    what: string,
    now: () => number = Date.now,
): (done: number, of: number) => void {
    let last = now();
    return (done, of) => {
        const time = now();
        if (time - last < SILENT_MS) return;
        last = time;
        err(`${done} of ${of} ${what}\n`);
    };
}
