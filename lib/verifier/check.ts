import { isCodedError, type CodedError } from "../errors";

/**
 * The checks of the offline verifier, by the name that is printed, in the order they run:
 *
 * - `file`: a signature can be read out of the file, or stands beside it
 * - `checkpoint`: the log's key signed it, and the log is the expected one
 * - `entry`: the entry is the leaf that the tree holds at its index
 * - `tiles`: the tiles agree with each other and with the entry
 * - `inclusion`: entry, path and root fit
 * - `log`: the log holds an entry for this file
 * - `leaf`: canonical, hash of the record, type
 * - `key`: the key is one that the user pinned
 * - `signature`: the recorded signature verifies over the recorded message (rule A)
 * - `content`: the file is what was signed, and its signature is the recorded one
 */
export type CheckName = (typeof CHECKS)[number];

export const CHECKS = [
    "file",
    "checkpoint",
    "entry",
    "tiles",
    "inclusion",
    "log",
    "leaf",
    "key",
    "signature",
    "content",
] as const;

export type FailedCheck = CodedError & { readonly check: CheckName };

export function isFailedCheck(error: unknown): error is FailedCheck {
    return isCodedError(error) && typeof (error as Partial<FailedCheck>).check === "string";
}

/** Names the check in what it throws. Errors without a code are no verdict (the network is down) and pass as they are. */
export function check<T>(name: CheckName, run: () => T): T {
    try {
        return run();
    } catch (error) {
        throw named(name, error);
    }
}

export async function checkAsync<T>(name: CheckName, run: () => Promise<T>): Promise<T> {
    try {
        return await run();
    } catch (error) {
        throw named(name, error);
    }
}

/** The innermost name stays. */
function named(name: CheckName, error: unknown): unknown {
    return isCodedError(error) && !isFailedCheck(error) ? Object.assign(error, { check: name }) : error;
}
