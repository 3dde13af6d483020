import { arnFields } from "./arn";
import { hasOpenCase } from "./compare";
import { compileGlob, covers, foldCase, type Glob, intersects, literalGlob } from "./glob";
import type { Operator } from "./operators";
import { tri } from "./tri";
import type { ContextValue, Tri } from "./types";
import type { Wanted } from "./variables";

/** ARNs field by field, and values of which a pattern alone is known. */

export type Like = ContextValue & { kind: "like" } & { readonly compiled: Glob };

/** Six fields, each a glob of its own; AWS takes a bare `*` too. What a pattern of fewer fields means is unknown. */
export function arnLike(wanted: Wanted, value: string, exact: boolean): Tri {
    if (wanted.pattern === "*") return "true";
    if (!covers(wanted.glob, literalGlob(value))) return "false";
    if (arnFields(wanted.pattern) === undefined && !exact) return "unknown";
    return tri(everyField(wanted, value, covers));
}

/** @param value literal, or a glob whose wildcards cannot stand for a colon in the first five fields */
function everyField(
    { pattern, variables }: Wanted,
    value: string,
    holds: (p: string | Glob, v: string) => boolean,
): boolean {
    const [p, v] = [arnFields(pattern), arnFields(value)];
    if (p === undefined || v === undefined) return false;
    return p.every((field, i) => holds(variables ? compileGlob(field, { variables }) : field, v[i] as string));
}

function areArns(...texts: readonly string[]): boolean {
    return texts.every((text) => arnFields(text) !== undefined);
}

/** Some string that matches `value.glob` and is none of `value.except`. */
export function compareLike({ base }: Operator, value: Like, wanted: Wanted): Tri {
    const { text, glob, pattern } = wanted;
    const exactText =
        base === "StringEquals" || ((base === "StringLike" || base === "ArnLike") && glob.literal !== undefined);
    if (exactText)
        return covers(value.compiled, literalGlob(text)) && !value.except.includes(text) ? "unknown" : "false";
    if (base === "StringLike" || base === "ArnLike") {
        if (!intersects(glob, value.compiled)) return "false";
        const byField = base === "ArnLike" && areArns(pattern, value.glob);
        if (byField && !everyField(wanted, value.glob, intersects)) return "false";
        const covered =
            base === "StringLike"
                ? covers(glob, value.compiled)
                : pattern === "*" || everyField(wanted, value.glob, covers);
        return covered ? "true" : "unknown";
    }
    if (base === "StringEqualsIgnoreCase") {
        return hasOpenCase(value.glob, text) ||
            intersects(compileGlob(foldCase(value.glob)), literalGlob(foldCase(text)))
            ? "unknown"
            : "false";
    }
    return "unknown";
}
