/** A workflow of any forge, reduced to what can weaken the pack. */
export interface Workflow {
    /** Problems of the file as a whole. */
    readonly problems: readonly string[];
    readonly jobs: readonly Job[];
}

export interface Job {
    readonly name: string;
    readonly problems: readonly string[];
    /** It can become a role in AWS. */
    readonly hasToken: boolean;
    /** Scripts in order, those that they call by `sh FILE` among them. */
    readonly scripts: readonly Script[];
    readonly isRequest: boolean;
}

export interface Script {
    /** Where it stands: a file, or the job itself. */
    readonly from: string;
    readonly text: string;
}

export type Json = { readonly [member: string]: unknown };

export function object(value: unknown): Json {
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

export function list(value: unknown): readonly unknown[] {
    return Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
}

/** Scripts that a script calls by name, read by `read`; each once. */
export function withCalled(scripts: readonly Script[], read: (file: string) => string): Script[] {
    return scripts.flatMap((script) => {
        const called = [...script.text.matchAll(/(?:^|[\s;&|])(?:sh|bash|\.) +(?:-\w+ +)*"?([\w./-]+\.sh)\b/g)];
        return [script, ...called.map(([, file]) => ({ from: file!, text: read(file!) }))];
    });
}

/** A condition whose ANDed parts hold one of these; `||` could let anything in. */
export function requires(condition: unknown, parts: readonly string[]): boolean {
    const text = String(condition ?? "")
        .trim()
        .replace(/^\$\{\{(.*)\}\}$/s, "$1");
    if (text.includes("||")) return false;
    const found = text.split("&&").map((part) => part.replace(/[\s()]+/g, " ").trim());
    return parts.some((part) => found.includes(part));
}
