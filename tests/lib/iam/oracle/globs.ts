import { lower, many, type Request } from "./shapes";

/** Globs as regular expressions, and variables put in as text. */

/** Stand for wildcards that are meant literally, once variables are in. */
const [STAR, QUESTION] = ["\u0001", "\u0002"];

export function matches(glob: string, text: string, ignoreCase = false): boolean {
    const key = `${String(ignoreCase)} ${glob}`;
    const known = expressions.get(key) ?? compile(glob, ignoreCase);
    expressions.set(key, known);
    return known.test(text);
}

const expressions = new Map<string, RegExp>();

function compile(glob: string, ignoreCase: boolean): RegExp {
    const source = [...glob].map((char) => {
        if (char === "*") return ".*";
        if (char === "?") return ".";
        return plain(char).replace(/[^A-Za-z0-9]/g, "\\$&");
    });
    return new RegExp(`^${source.join("")}$`, ignoreCase ? "is" : "s");
}

/** Undefined if a variable has neither a value nor a default. Another Version knows no variables. */
export function fill(text: string, context: Request["context"], version: string | undefined): string | undefined {
    if (version !== "2012-10-17") return text;
    let missing = false;
    const filled = text.replace(/\$\{([^}]+)\}/g, (_, name: string) => {
        if (["*", "?", "$"].includes(name)) return literal(name);
        const [key, fallback] = name.split(/, *'/) as [string, string | undefined];
        const held = context[lower(key)];
        const value = many(held);
        if (held === undefined && fallback !== undefined) return literal(fallback.replace(/'$/, ""));
        if (value.length !== 1) missing = true;
        return literal(value[0] ?? "");
    });
    return missing ? undefined : filled;
}

const literal = (text: string): string => text.split("*").join(STAR).split("?").join(QUESTION);

/** The text that is meant. */
export const plain = (text: string): string => text.split(STAR).join("*").split(QUESTION).join("?");
