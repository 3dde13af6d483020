import { quote } from "../../lib/encoding";
import { codedError } from "../../lib/errors";

/** The log's admission, which keeps a record for ever before it says so. Handing in the same bytes again changes nothing. */
export interface IntakeDeps {
    /** Throws if it gave no answer; the record may be in the log all the same. */
    intake(leaf: string): Promise<IntakeAnswer>;
    pause(milliseconds: number): Promise<void>;
}

export type IntakeAnswer =
    | { readonly ok: true; readonly recordHash: string; readonly status: string; readonly logIndex?: number }
    | { readonly ok: false; readonly code: string; readonly reason: string };

const MAX_TRIES = 3;
/** Milliseconds, doubled each time. */
const FIRST_PAUSE = 200;

/**
 * Durable once it returns.
 *
 * @param leaf canonical text
 * @returns the entry's index, if the log has it already
 * @throws IntakeRefused, or UnknownOutcome if intake did not answer
 */
export async function record(deps: IntakeDeps, leaf: string): Promise<number | undefined> {
    const { recordHash, logIndex } = await handIn(deps, leaf);
    const { record_hash: expected } = JSON.parse(leaf) as { record_hash: string };
    if (recordHash !== expected) {
        throw codedError("IntakeRefused", `the log took record ${quote(recordHash)}, it was given ${expected}`);
    }
    return logIndex;
}

/** As `record`, for what may be in the log in an earlier version. */
export async function handIn(deps: IntakeDeps, leaf: string): Promise<Extract<IntakeAnswer, { ok: true }>> {
    const answer = await ask(deps, leaf);
    if (!answer.ok) throw codedError("IntakeRefused", `the log refused the record: ${answer.code}: ${answer.reason}`);
    return answer;
}

async function ask(deps: IntakeDeps, leaf: string): Promise<IntakeAnswer> {
    for (let tries = 1; ; tries++) {
        try {
            return await deps.intake(leaf);
        } catch (error) {
            if (tries === MAX_TRIES) throw codedError("UnknownOutcome", "the log's intake did not answer", error);
            await deps.pause(FIRST_PAUSE * 2 ** (tries - 1));
        }
    }
}
