/** Words and operators of a shell text (POSIX's, and what bash adds where it is common), without running anything. */

export type Token =
    | {
          readonly kind: "word";
          /** Quotes and escapes taken off; substitutions as they stand. */
          readonly text: string;
          /** The shell puts something else here, which may become several words: a variable or a command's output outside quotes. */
          readonly expands: boolean;
          /** Any part of it was quoted, so it is no reserved word. */
          readonly quoted: boolean;
          /** Texts of commands whose output stands in it. */
          readonly inner: readonly string[];
      }
    | { readonly kind: "operator"; readonly text: string };

export interface Lexed {
    readonly tokens: readonly Token[];
    /** Bodies of here-documents, which may be scripts. */
    readonly documents: readonly string[];
}

const OPERATORS = [
    "<<<",
    "&>>",
    "<<-",
    "&&",
    "||",
    ";;",
    "|&",
    "<<",
    ">>",
    ">&",
    "<&",
    "&>",
    "<>",
    ">|",
    ";",
    "&",
    "|",
    "<",
    ">",
    "(",
    ")",
    "\n",
];

/** @throws Error where quotes or parentheses do not end */
export function lex(source: string): Lexed {
    const text = source.replace(/\r\n/g, "\n");
    const tokens: Token[] = [];
    const documents: string[] = [];
    const waiting: { end: string; strip: boolean }[] = [];
    let at = 0;
    while (at < text.length) {
        const char = text[at]!;
        if (char === " " || char === "\t") {
            at++;
            continue;
        }
        // A line goes on, but in a comment, which ends with its line.
        if (text.startsWith("\\\n", at)) {
            at += 2;
            continue;
        }
        if (char === "#") {
            while (at < text.length && text[at] !== "\n") at++;
            continue;
        }
        const operator = OPERATORS.find((one) => text.startsWith(one, at));
        if (operator !== undefined) {
            at += operator.length;
            tokens.push({ kind: "operator", text: operator });
            if (operator === "\n") at = readDocuments(text, at, waiting.splice(0), documents);
            continue;
        }
        const { word, end } = readWord(text, at);
        const before = tokens.at(-1);
        if (before?.kind === "operator" && (before.text === "<<" || before.text === "<<-"))
            waiting.push({ end: word.text, strip: before.text === "<<-" });
        tokens.push(word);
        at = end;
    }
    readDocuments(text, at, waiting, documents);
    return { tokens, documents };
}

function readDocuments(
    text: string,
    from: number,
    waiting: readonly { end: string; strip: boolean }[],
    documents: string[],
): number {
    let at = from;
    for (const { end, strip } of waiting) {
        const lines: string[] = [];
        for (;;) {
            if (at >= text.length) break;
            const stop = text.indexOf("\n", at);
            const line = text.slice(at, stop < 0 ? text.length : stop);
            at = stop < 0 ? text.length : stop + 1;
            if ((strip ? line.replace(/^\t+/, "") : line) === end) break;
            lines.push(line);
        }
        documents.push(lines.join("\n"));
    }
    return at;
}

type Word = Token & { readonly kind: "word" };

function readWord(text: string, from: number): { word: Word; end: number } {
    let at = from;
    let word = "";
    let [expands, quoted] = [false, false];
    const inner: string[] = [];
    const substitution = (): void => {
        const { end, command } = readSubstitution(text, at);
        if (command !== undefined) inner.push(command);
        word += text.slice(at, end);
        at = end;
    };
    while (at < text.length) {
        const char = text[at]!;
        // bash's arrays: a=(x y)
        if (char === "(" && word.endsWith("=")) {
            const end = closing(text, at);
            word += text.slice(at, end);
            at = end;
            continue;
        }
        if (" \t\n;&|<>()".includes(char)) break;
        if (text.startsWith("\\\n", at)) {
            at += 2;
        } else if (char === "\\") {
            word += text[at + 1] ?? "";
            quoted = true;
            at += 2;
        } else if (char === "'") {
            const end = text.indexOf("'", at + 1);
            if (end < 0) throw new Error("a quote that does not end");
            word += text.slice(at + 1, end);
            quoted = true;
            at = end + 1;
        } else if (char === '"') {
            quoted = true;
            at++;
            while (text[at] !== '"') {
                if (at >= text.length) throw new Error("a quote that does not end");
                if (text.startsWith("\\\n", at)) at += 2;
                else if (text[at] === "\\" && '$`"\\'.includes(text[at + 1] ?? " ")) {
                    word += text[at + 1];
                    at += 2;
                } else if (text[at] === "$" || text[at] === "`") substitution();
                else word += text[at++];
            }
            at++;
        } else if (char === "$" || char === "`") {
            expands = true;
            substitution();
        } else {
            if ("*?[{~".includes(char)) expands ||= char !== "~" && char !== "{";
            word += char;
            at++;
        }
    }
    return { word: { kind: "word", text: word, expands, quoted, inner }, end: at };
}

/** `$NAME`, `${...}`, `$(...)`, `` `...` ``. */
function readSubstitution(text: string, at: number): { end: number; command?: string } {
    if (text[at] === "`") {
        const end = text.indexOf("`", at + 1);
        if (end < 0) throw new Error("a quote that does not end");
        return { end: end + 1, command: text.slice(at + 1, end) };
    }
    if (text[at + 1] === "(") {
        const end = closing(text, at + 1);
        return { end, command: text.slice(at + 2, end - 1) };
    }
    if (text[at + 1] === "{") {
        const end = text.indexOf("}", at);
        if (end < 0) throw new Error("a brace that does not end");
        return { end: end + 1 };
    }
    const name = /^\$(?:\w+|[?!#@*$-])?/.exec(text.slice(at, at + 200))![0];
    return { end: at + name.length };
}

/** After the parenthesis that closes the one at `from`. */
function closing(text: string, from: number): number {
    let depth = 0;
    for (let at = from; at < text.length; at++) {
        const char = text[at]!;
        if (char === "\\") at++;
        else if (char === "'") {
            at = text.indexOf("'", at + 1);
            if (at < 0) break;
        } else if (char === "(") depth++;
        else if (char === ")" && --depth === 0) return at + 1;
    }
    throw new Error("a parenthesis that does not end");
}
