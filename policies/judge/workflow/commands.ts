import { dirname, join } from "node:path/posix";
import type { Script } from "./model";
import { type Command, readShell } from "./shell";

/** A command with where it stands. */
export interface Placed extends Command {
    readonly from: string;
}

export interface Commands {
    readonly commands: readonly Placed[];
    /** Scripts that were read: of the job, and files that they call. */
    readonly scripts: readonly { readonly from: string; readonly text: string }[];
    /** What could not be read, as sentences. */
    readonly unread: readonly string[];
}

/** Scripts that call each other would go on for ever. */
const MAX_SCRIPTS = 50;
/** What the pack is run by, and what ends a script. */
const NAMES = [
    "pulumi",
    "npm",
    "npx",
    "node",
    "sh",
    "bash",
    "set",
    "exit",
    "trap",
    "env",
    "exec",
    "command",
    "timeout",
];
const SHELLS = ["sh", "bash", "dash", ".", "source"];

/**
 * Commands of a job in order, those of the scripts that it calls by name in the place of the call.
 *
 * @param read text of a script in the repository
 * @throws Error for too many scripts, and what `read` throws
 */
export function commandsOfJob(scripts: readonly Script[], read: (file: string) => string): Commands {
    const commands: Placed[] = [];
    const seen: { from: string; text: string }[] = [];
    const unread: string[] = [];
    const visit = (script: Script, stack: readonly string[]): void => {
        seen.push(script);
        if (seen.length > MAX_SCRIPTS) throw new Error(`more than ${MAX_SCRIPTS} scripts`);
        const result = readOrSay(script, unread);
        for (const one of result) {
            const placed = {
                ...one,
                from: script.from,
                certain: one.certain && script.certain,
                forgiven: one.forgiven || script.afterFailure,
            };
            commands.push(placed);
            const file = calledBy(placed);
            // Its own caller: what it runs has been seen.
            if (file === undefined || stack.includes(file)) continue;
            const { certain, forgiven } = placed;
            visit({ from: file, text: read(file), certain, afterFailure: forgiven }, [...stack, file]);
        }
    };
    for (const script of scripts) visit(script, []);
    return { commands, scripts: seen, unread };
}

function readOrSay({ from, text }: Script, unread: string[]): readonly Command[] {
    try {
        const { commands, documents, functions } = readShell(text);
        for (const name of functions.filter((one) => NAMES.includes(one)))
            unread.push(`${from}: a function that is called ${name}, so nobody knows what runs by that name`);
        if (documents.some((one) => /pulumi|check-config|\.sh\b/.test(one)))
            unread.push(`${from}: a here-document that speaks of pulumi or scripts, which is not read`);
        return commands;
    } catch (error) {
        unread.push(`${from} cannot be read as a shell script: ${(error as Error).message}`);
        return [];
    }
}

/** The script that a command calls by name. */
function calledBy({ words, from }: Placed): string | undefined {
    const isShell = SHELLS.includes(words[0] ?? "");
    const word = isShell ? words.slice(1).find((one) => !/^[-+]/.test(one)) : words[0];
    if (word === undefined || !word.endsWith(".sh")) return undefined;
    // In a script that stands in the repository, its own folder is known.
    const beside = /^(?:\$\(dirname "?\$0"?\)|\$\{0%\/\*\})\/(.*)$/.exec(word)?.[1];
    const file = beside === undefined ? word : join(dirname(from), beside);
    return /^[\w./-]+$/.test(file) ? file.replace(/^\.\//, "") : undefined;
}

/** A script whose name only the run knows. */
export function isUnknownScript(command: Placed): boolean {
    const [first = "", ...rest] = command.words;
    if (!SHELLS.includes(first)) return false;
    return calledBy(command) === undefined && rest.some((one) => !one.startsWith("-"));
}

/** A shell whose script comes by its standard input: from a pipe, a file, the network. */
export function readsItsInput({ words }: Placed): boolean {
    const [first = "", ...rest] = words;
    return ["sh", "bash", "dash"].includes(first) && (rest.includes("-s") || rest.every((one) => /^[-+]/.test(one)));
}
