/** A workflow of any forge, reduced to what can weaken the pack. */
export interface Workflow {
    /** Of the file as a whole. `always`: whatever runs in it; else only where it runs Pulumi or a job can become a role. */
    readonly problems: readonly { readonly always: boolean; readonly problem: string }[];
    readonly jobs: readonly Job[];
}

export interface Job {
    readonly name: string;
    readonly problems: readonly string[];
    /** Those that matter where a job runs Pulumi or can become a role. */
    readonly packProblems: readonly string[];
    /** It can become a role in AWS. */
    readonly hasToken: boolean;
    readonly scripts: readonly Script[];
    readonly isRequest: boolean;
}

/** Text that one shell runs. */
export interface Script {
    /** Where it stands: a file, or the job itself. */
    readonly from: string;
    readonly text: string;
    /** False where a condition may pass it over. */
    readonly certain: boolean;
    /** Runs although something before it failed, or what it fails with counts for nothing. */
    readonly afterFailure: boolean;
}

export type Json = { readonly [member: string]: unknown };

export function object(value: unknown): Json {
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

export function list(value: unknown): readonly unknown[] {
    return Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
}

/** Names of all members, however deep: variables are set in many places. */
export function keysOf(value: unknown): string[] {
    if (Array.isArray(value)) return value.flatMap(keysOf);
    return Object.entries(object(value)).flatMap(([key, member]) => [key, ...keysOf(member)]);
}

/** Names come from the file: for a line of text. */
export function shown(text: string): string {
    return /^[\w@:./ -]{1,120}$/.test(text) ? text : `a text of ${text.length} characters`;
}
