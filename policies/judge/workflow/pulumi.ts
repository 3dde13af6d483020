import type { Command } from "./shell";

/** A command that runs Pulumi, or may. */
export interface Run {
    readonly subcommand: string;
    readonly options: readonly string[];
    /** Surely this subcommand, with these options. */
    readonly sure: boolean;
}

const BINARY = /^(?:.*\/)?pulumi(?:\.exe|\.cmd)?(?:@[\w.^~-]+)?$/;
const ALIASES: Readonly<Record<string, string>> = { pre: "preview", update: "up", down: "destroy", dn: "destroy" };
/** What the pack judges, and what changes the stack without it. */
export const UNJUDGED = ["destroy", "refresh", "import", "watch", "state", "deployment", "stack import", "stack rm"];
const CHANGING = ["preview", "up", ...UNJUDGED];
/** They say their words, and run nothing. */
const SAYING = ["echo", "printf", ":", "true", "test", "[", "[[", "export"];
/** Made by the shell: of a variable, a command, a pattern, braces. */
export const MADE = /[$`{*?]/;
/** A text that is handed on, to be run somewhere. */
const HANDED = new RegExp(`\\bpulumi\\s+(?:\\S+\\s+)*(?:up|update|destroy|down|import|refresh)\\b`);
const WRAPPERS = ["env", "command", "exec", "time", "nohup", "nice", "timeout"];

/** @returns undefined for commands without Pulumi, and for its subcommands that only read */
export function pulumi(command: Command): Run | undefined {
    const words = bare(command.words);
    if (SAYING.includes(words[0] ?? "")) return undefined;
    const at = words.findIndex((word) => BINARY.test(word));
    if (at < 0) return undefined;
    const options = words.slice(at + 1);
    const [first = ""] = options;
    // Whatever it becomes: an update is the worst of them.
    if (MADE.test(first)) return { subcommand: "up", options, sure: false };
    const named = nameOf(first, options.slice(1));
    const isPlain = !first.startsWith("-") && first !== "";
    const found = isPlain
        ? named
        : (options.map((one, i) => nameOf(one, options.slice(i + 1))).find((one) => CHANGING.includes(one)) ?? "");
    const isCommand = at === 0 || (words[0] === "npx" && words.slice(1, at).every((one) => /^--?[a-z-]+$/.test(one)));
    return CHANGING.includes(found) ? { subcommand: found, options, sure: isPlain && isCommand } : undefined;
}

/** `stack` has subcommands of its own, which options may stand before. */
function nameOf(first: string, rest: readonly string[]): string {
    if (first !== "stack") return ALIASES[first] ?? first;
    const second = rest.find((word) => word === "import" || word === "rm");
    return `stack ${second ?? (MADE.test(rest[0] ?? "") ? "import" : "")}`;
}

/** Whether one of its words is a command for another shell, machine or user. */
export function handsOn({ words }: Command): boolean {
    return !SAYING.includes(words[0] ?? "") && words.some((word) => /\s/.test(word) && HANDED.test(word));
}

/** Without assignments and wrappers before the command. */
export function bare(words: readonly string[]): readonly string[] {
    let at = 0;
    while (at < words.length) {
        const word = words[at]!;
        if (/^\w+=/.test(word) || WRAPPERS.includes(word)) at++;
        else if (at > 0 && (word.startsWith("-") || /^\d+[smh]?$/.test(word)) && WRAPPERS.includes(wrapper(words, at)))
            at++;
        else break;
    }
    return words.slice(at);
}

function wrapper(words: readonly string[], before: number): string {
    return words.slice(0, before).findLast((one) => WRAPPERS.includes(one)) ?? "";
}

/** `npm run policy -- COMMAND`, however quiet, or the bundle itself. */
export function policyCommand({ words }: Command): readonly string[] | undefined {
    const given = bare(words);
    if (given[0] === "npm") {
        const rest = given.slice(1).filter((word) => word !== "-s" && word !== "--silent");
        return rest[0] === "run" && rest[1] === "policy" ? rest.slice(rest[2] === "--" ? 3 : 2) : undefined;
    }
    return given[0] === "node" && given[1] === "dist/policy.js" ? given.slice(2) : undefined;
}

/** Value of `--name VALUE` or `--name=VALUE`; "true" where it stands alone; the last of several. */
export function option(options: readonly string[], name: string): string | undefined {
    return values(options, name).at(-1);
}

export function values(options: readonly string[], name: string): readonly string[] {
    return options.flatMap((word, i) => {
        if (word.startsWith(`${name}=`)) return [word.slice(name.length + 1)];
        if (word !== name) return [];
        const next = options[i + 1];
        return [next === undefined || next.startsWith("-") ? "true" : next];
    });
}
