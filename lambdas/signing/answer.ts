import { type ErrorCode, isCodedError } from "../../lib/errors";

/** What a step says to the state machine, which publishes it, when it will not go on. */
export interface Refusal {
    readonly ok: false;
    readonly code: ErrorCode;
    /** For the submitter. */
    readonly reason: string;
}

/**
 * Codes that are no answer: the step does not know what happened, or cannot work at all. They are thrown, and the state machine decides
 * whether to ask again.
 */
const NO_ANSWER: readonly ErrorCode[] = ["BadConfig", "ClaimLost", "UnknownOutcome"];

/** The outermost line of a handler: a refusal is a result, since error names do not survive everywhere; anything else is thrown. */
export async function answering<Answer>(work: () => Promise<Answer>): Promise<Answer | Refusal> {
    try {
        return await work();
    } catch (error) {
        if (!isRefusal(error)) throw error;
        return { ok: false, code: error.code, reason: error.message };
    }
}

/** Node's and the SDK's errors may have a `code` too; only ours are named by it. */
function isRefusal(error: unknown): error is Error & { readonly code: ErrorCode } {
    return isCodedError(error) && error.name === error.code && !NO_ANSWER.includes(error.code);
}
