// @ts-expect-error its declaration says nothing, though index.d.ts re-exports both from it
import { unknownCheckingProxy as checking, UnknownValueError as Unknown } from "@pulumi/policy/proxy";

/**
 * What the SDK knows of unknown values, from the one file that holds it: its index loads an RPC stack, which takes the judge half a second and
 * more. The same module as the pack's, so an error of one is an error of the other.
 */
export const UnknownValueError = Unknown as abstract new (...args: never[]) => Error;

/** Throws UnknownValueError where a value that is unknown in a preview is touched. */
export const unknownCheckingProxy = checking as <T extends object>(value: T) => T;
