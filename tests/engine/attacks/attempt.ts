/** One call that an attacker makes. `action` is the permission it needs, as the takeover catalogue names it. */
export interface Attempt {
    readonly action: string;
    /** Short, for the table. */
    readonly target: string;
    readonly service: string;
    /** Of the SDK, without `Command`. */
    readonly command: string;
    readonly input: object;
}

export type Verdict =
    /** By the evaluator. */
    | "refused"
    /** The evaluator let it pass. */
    | "allowed"
    /** An error that says nothing about permission: no evidence of anything. */
    | "failed";

export interface Tried extends Attempt {
    readonly role: string;
    readonly verdict: Verdict;
    readonly error?: string | undefined;
}

/** Bytes as an event can carry them. */
export function bytes(content: Uint8Array | string): { readonly $base64: string } {
    return { $base64: Buffer.from(content).toString("base64") };
}
