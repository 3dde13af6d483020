import { codedError } from "../../lib/errors";

/**
 * Asks until the answer is there, at most for a minute.
 *
 * @param ask undefined means not yet
 * @throws NotReady, naming what was waited for
 */
export async function until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
    for (let attempt = 0; attempt < 120; attempt++) {
        const answer = await ask();
        if (answer !== undefined) {
            return answer;
        }
        await new Promise((done) => setTimeout(done, Math.min(500, 25 * 2 ** attempt)));
    }
    throw codedError("NotReady", `${what} is not ready after a minute`);
}
