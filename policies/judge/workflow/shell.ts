/** What a script runs, as far as a reader can say without running it: no functions, no variables as commands. */

export interface Command {
    readonly words: readonly string[];
    /** Its failure is swallowed: `|| true`, `|| :`, or what follows in a pipe. */
    readonly forgiven: boolean;
}

/** Commands of a shell text in order, without comments; quotes are taken off words. */
export function commandsOf(text: string): readonly Command[] {
    return linesOf(text).flatMap((line) => {
        const parts = line.split(/(&&|\|\||[;|&](?![&|0-9]))/);
        return parts.flatMap((part, i): Command[] => {
            if (i % 2 === 1) return [];
            const words = part
                .trim()
                .split(/\s+/)
                .map(unquoted)
                .filter((word) => word !== "");
            if (words.length === 0) return [];
            const next = (parts[i + 2] ?? "").trim();
            const forgiven =
                (parts[i + 1] === "||" && /^(true|:|exit 0|echo\b)/.test(next)) ||
                parts[i + 1] === "|" ||
                parts[i + 1] === "&";
            return [{ words, forgiven }];
        });
    });
}

/** Joined where a backslash says so, without comments. */
export function linesOf(text: string): string[] {
    const lines = text.replace(/\\\n/g, " ").split("\n");
    return lines.map((line) => line.replace(/(^|\s)#.*$/, ""));
}

function unquoted(word: string): string {
    return word.replace(/^(["'])(.*)\1$/, "$2");
}

/** `pulumi SUBCOMMAND`, however it is called; undefined for other commands. */
export function pulumi({ words }: Command): { subcommand: string; options: readonly string[] } | undefined {
    const at = words.findIndex((word) => word === "pulumi" || word.endsWith("/pulumi"));
    if (at < 0) return undefined;
    const rest = words.slice(at + 1);
    return { subcommand: rest.find((word) => !word.startsWith("-")) ?? "", options: rest };
}

/** Value of `--name VALUE` or `--name=VALUE`; "true" where it stands alone. */
export function option(options: readonly string[], name: string): string | undefined {
    for (const [i, word] of options.entries()) {
        if (word.startsWith(`${name}=`)) return unquoted(word.slice(name.length + 1));
        if (word === name) {
            const next = options[i + 1];
            return next === undefined || next.startsWith("-") ? "true" : next;
        }
    }
    return undefined;
}
