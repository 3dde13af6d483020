import { isCodedError } from "../lib/errors";
import { isFailedCheck } from "../lib/verifier/check";
import type { Io } from "./io";

/** Exit status of every command. */
export const VERIFIED = 0;
export const NOT_VERIFIED = 1;
export const USAGE = 2;
/** Nothing is shown either way: the network, a missing object, a time that ran out. */
export const COULD_NOT_TELL = 3;

interface ExitError extends Error {
    readonly exit: number;
}

/** The command line is wrong: says what was seen, what is expected. */
export function usageError(message: string): Error {
    return Object.assign(new Error(message), { exit: USAGE });
}

export function couldNotTell(message: string, cause?: unknown): Error {
    return Object.assign(new Error(message), { exit: COULD_NOT_TELL, cause });
}

/**
 * Prints what went wrong and says what to exit with. Only a named check, or a refusal with a code of ours, is a verdict;
 * whatever else is thrown shows nothing.
 */
export function exitOf(io: Io, error: unknown, { json = false }: { readonly json?: boolean }): number {
    const { status, report } = describe(error);
    if (json) io.out(JSON.stringify(report));
    else io.err(textOf(report));
    return status;
}

interface Report {
    readonly verified: false;
    readonly failed?: string;
    readonly code?: string;
    readonly reason: string;
}

function describe(error: unknown): { status: number; report: Report } {
    const reason = error instanceof Error ? error.message : String(error);
    if (isFailedCheck(error)) {
        return { status: NOT_VERIFIED, report: { verified: false, failed: error.check, code: error.code, reason } };
    }
    const status = (error as Partial<ExitError>).exit;
    if (status !== undefined) return { status, report: { verified: false, reason } };
    if (isCodedError(error)) return { status: NOT_VERIFIED, report: { verified: false, code: error.code, reason } };
    return { status: COULD_NOT_TELL, report: { verified: false, reason } };
}

function textOf({ failed, code, reason }: Report): string {
    const label = code === undefined ? "" : ` (${code})`;
    return failed === undefined
        ? `countersign: ${reason}${label}`
        : `not verified: check "${failed}" failed: ${reason}${label}`;
}
