import type { PolicyKind } from "../../../../lib/iam";

/** Documents that were written to keep their reader busy, or to be misread. Each is within what an attacker may hand to the pack. */
export interface Hostile {
    readonly name: string;
    readonly kind: PolicyKind;
    readonly text: string;
    /** Of a principal with several documents of the largest size; `text` is the first. */
    readonly others?: readonly string[];
}

export const ACCOUNT = "111122223333";
export const role = (name: string): string => `arn:aws:iam::${ACCOUNT}:role/${name}`;
export const count = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i));

export type Json = Record<string, unknown>;

export const doc = (...Statement: unknown[]): string => JSON.stringify({ Version: "2012-10-17", Statement });
export const allow = (more: Json): Json => ({ Effect: "Allow", Action: "*", Resource: "*", ...more });
export const everyone = (more: Json): Json => allow({ Principal: "*", ...more });
/** Alternating wildcards, so that no two collapse. */
export const wild = (length: number): string => "*?".repeat(length / 2);
/** Wildcards between letters that occur in what is matched: every position stays possible. */
export const maze = (length: number, letter: string): string => `*${letter}`.repeat(length / 2);
