import { linesOf } from "./shell";

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

const CALLED = /(?:^|[\s;&|])(?:(?:sh|bash|\.|source) +(?:-\w+ +)*)?"?([\w./-]+\.sh)\b/g;
/** Scripts that call each other would go on for ever. */
const MAX_SCRIPTS = 50;

/** With the scripts that they call by name, read by `read`, and those that these call; each once, in the order of calls. */
export function withCalled(scripts: readonly Script[], read: (file: string) => string): Script[] {
    const found: Script[] = [];
    const visit = (script: Script): void => {
        found.push(script);
        if (found.length > MAX_SCRIPTS) throw new Error(`more than ${MAX_SCRIPTS} scripts`);
        for (const [, file] of linesOf(script.text).join("\n").matchAll(CALLED))
            if (!found.some(({ from }) => from === file)) visit({ from: file!, text: read(file!) });
    };
    scripts.forEach(visit);
    return found;
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

/** Names come from the file: for a line of text. */
export function shown(text: string): string {
    return /^[\w@:./ -]{1,120}$/.test(text) ? text : `a text of ${text.length} characters`;
}
