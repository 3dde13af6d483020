import { type Group, type List, parseShell, type Part, type Simple } from "./shell-parser";

/** What a script runs, as far as a reader can say without running it. What is not sure is said to be so: no command is passed over. */
export interface Command {
    readonly words: readonly string[];
    /** A failure of it does not stop what follows: `|| true`, a pipe, a background, a negation, a condition. */
    readonly forgiven: boolean;
    /** It runs whenever the script gets there: in no branch, loop or function, and after no `exit`. */
    readonly certain: boolean;
    /** Words that the shell makes of variables outside quotes, which may be options. */
    readonly expands: boolean;
    /** Files that it writes by redirection. */
    readonly writes: readonly string[];
}

export interface Read {
    readonly commands: readonly Command[];
    readonly documents: readonly string[];
    /** Names that it gives to functions of its own. */
    readonly functions: readonly string[];
}

/**
 * Commands of a shell text in order.
 *
 * @throws Error for a text whose quotes or parentheses do not end
 */
export function readShell(text: string): Read {
    const { list, documents, functions } = parseShell(text);
    const commands: Command[] = [];
    flatten(list, { certain: true, forgiven: false, followed: false }, text, commands);
    return { commands, documents, functions };
}

interface Around {
    readonly certain: boolean;
    readonly forgiven: boolean;
    /** More of the script comes after the list that this is in. */
    readonly followed: boolean;
}

function flatten(list: List, around: Around, text: string, found: Command[]): void {
    let certain = around.certain;
    list.forEach(({ parts, background }, i) => {
        const followed = around.followed || i < list.length - 1;
        parts.forEach((part, j) => {
            const handler = parts.slice(j + 1).find(({ joint }) => joint === "||");
            // -e does not stop for any but the last of a list.
            const isPassed = handler === undefined ? j < parts.length - 1 && followed : !stops(handler, text);
            const reached = parts.slice(1, j + 1).every(({ joint }) => joint === "&&") && (j === 0 || !followed);
            part.pipeline.forEach((node, k) => {
                const forgiven =
                    around.forgiven || background || part.negated || isPassed || k < part.pipeline.length - 1;
                flattenNode(node, { certain: certain && reached, forgiven, followed }, text, found);
            });
        });
        const only = parts.length === 1 ? parts[0]!.pipeline[0]! : undefined;
        if (only?.kind === "simple" && ["exit", "return"].includes(only.words[0]?.text ?? "")) certain = false;
    });
}

function flattenNode(node: Simple | Group, around: Around, text: string, found: Command[]): void {
    if (node.kind === "group") {
        for (const list of node.conditions)
            flatten(list, { certain: false, forgiven: true, followed: true }, text, found);
        for (const list of node.bodies)
            flatten(list, { ...around, certain: around.certain && node.plain }, text, found);
        return;
    }
    const { words, writes } = node;
    for (const inner of words.flatMap((word) => word.inner))
        flatten(parseShell(inner).list, { certain: false, forgiven: true, followed: true }, inner, found);
    found.push({
        words: words.map((word) => word.text),
        forgiven: around.forgiven,
        certain: around.certain,
        expands: words.some((word) => word.expands),
        writes,
    });
}

/** After `||`: it ends the script in failure, or keeps the status in a variable that is looked at. */
function stops({ pipeline }: Part, text: string): boolean {
    const [node] = pipeline;
    if (pipeline.length !== 1 || node === undefined) return false;
    if (node.kind === "group") {
        const last = node.bodies.at(-1)?.at(-1)?.parts.at(-1);
        return node.plain && node.bodies.length === 1 && last !== undefined && stops(last, text);
    }
    const [first = "", second] = node.words.map((word) => word.text);
    if (first === "exit" || first === "return") return second === undefined || /^([1-9]\d*|\$\?)$/.test(second);
    if (first === "false") return true;
    const kept = /^(\w+)=\$\?$/.exec(first)?.[1];
    return kept !== undefined && new RegExp(`\\$\\{?${kept}\\b`).test(text);
}
