import { arnFields } from "./arn";
import { compareConcrete } from "./compare";
import { compileGlob, covers, type Glob, intersects, literalGlob } from "./glob";
import type { Operator } from "./operators";
import { every, not, some, tri } from "./tri";
import type { Condition, Context, ContextValue, Pattern, Tri } from "./types";

/** What is known when conditions are judged. */
export interface Facts {
    readonly context: Context;
    /**
     * Every key is known or absent (differential tests, replays): variables are put in, and the answer is exact.
     * Else variables make an operator unknown.
     */
    readonly exact: boolean;
}

/** Keys and operators are ANDed. True on none. */
export function judgeConditions(conditions: readonly Condition[], facts: Facts): Tri {
    return every(conditions, (condition) => judgeCondition(condition, facts));
}

/** IAM User Guide, "Condition operators" and "Multivalued context keys". */
export function judgeCondition({ operator, key, values }: Condition, facts: Facts): Tri {
    if (operator === undefined) return "unknown";
    const held = presence(facts.context(key));
    if (operator.base === "Null") return judgeNull(values, held);
    if (held.kind === "unknown") return "unknown";
    if (held.kind === "absent") {
        if (operator.ifExists) return "true";
        if (operator.quantifier !== undefined) return tri(operator.quantifier === "ForAllValues");
        return tri(operator.negated);
    }
    const one = (value: string | Like): Tri => {
        const hit = some(values, (pattern) => compare(operator, value, pattern, facts));
        return operator.negated ? not(hit) : hit;
    };
    if (held.kind === "like") return one({ ...held, compiled: compileGlob(held.glob) });
    // Without a quantifier the negation is of the whole list: no value of the request may match.
    const isEvery = operator.quantifier === undefined ? operator.negated : operator.quantifier === "ForAllValues";
    return isEvery ? every(held.values, one) : some(held.values, one);
}

type Like = ContextValue & { kind: "like" } & { readonly compiled: Glob };

/** A key without values is not there. */
function presence(value: ContextValue): ContextValue {
    return value.kind === "known" && value.values.length === 0 ? { kind: "absent" } : value;
}

/** `"true"` asks for absence. */
function judgeNull(values: readonly Pattern[], held: ContextValue): Tri {
    return some(values, ({ text }): Tri => {
        const wanted = text.toLowerCase();
        if ((wanted !== "true" && wanted !== "false") || held.kind === "unknown") return "unknown";
        return tri((wanted === "true") === (held.kind === "absent"));
    });
}

function compare(operator: Operator, value: string | Like, pattern: Pattern, facts: Facts): Tri {
    const wanted = resolve(pattern, facts);
    // A variable without a value matches nothing.
    if (wanted === undefined) return facts.exact ? "false" : "unknown";
    if (typeof value !== "string") return compareLike(operator, value, wanted);
    switch (operator.base) {
        case "StringLike":
            return tri(covers(wanted.glob, literalGlob(value)));
        case "ArnLike":
            return arnLike(wanted, value, facts.exact);
        default:
            return compareConcrete(operator.base, value, wanted.text);
    }
}

interface Wanted {
    /** With variables put in. */
    readonly text: string;
    readonly glob: Glob;
}

function resolve({ text, glob }: Pattern, { context, exact }: Facts): Wanted | undefined {
    if (glob.literal !== undefined || !text.includes("${")) return { text, glob };
    const lookup = (name: string): string | undefined => (exact ? variableValue(name, context) : undefined);
    const resolved = compileGlob(text, { variables: true, resolve: lookup });
    return resolved.variable ? undefined : { text: substitute(text, lookup), glob: resolved };
}

/** `${key}` or `${key, 'default'}` (IAM User Guide, "Policy variables"). Undefined if absent without default. */
export function variableValue(variable: string, context: Context): string | undefined {
    const comma = variable.indexOf(",");
    const value = context((comma < 0 ? variable : variable.slice(0, comma)).trim().toLowerCase());
    if (value.kind === "known" && value.values.length === 1) return value.values[0];
    const quoted = comma < 0 ? undefined : /^\s*'([^']*)'\s*$/.exec(variable.slice(comma + 1));
    return value.kind === "absent" ? quoted?.[1] : undefined;
}

/** Equality operators compare the text that results; `${*}` is a star there. */
function substitute(text: string, lookup: (name: string) => string | undefined): string {
    return text.replace(/\$\{([^}]*)\}/g, (_, name: string) =>
        ["*", "?", "$"].includes(name) ? name : (lookup(name) ?? ""),
    );
}

/** Six fields, each a glob of its own; AWS takes a bare `*` too. What a pattern of fewer fields means is unknown. */
function arnLike({ text, glob }: Wanted, value: string, exact: boolean): Tri {
    if (text === "*") return "true";
    if (!covers(glob, literalGlob(value))) return "false";
    if (arnFields(text) === undefined && !exact) return "unknown";
    return tri(everyField(text, value, covers));
}

/** @param value literal, or a glob whose wildcards cannot stand for a colon in the first five fields */
function everyField(pattern: string, value: string, holds: (p: string, v: string) => boolean): boolean {
    const [p, v] = [arnFields(pattern), arnFields(value)];
    return p !== undefined && v !== undefined && p.every((field, i) => holds(field, v[i] as string));
}

function areArns(...texts: readonly string[]): boolean {
    return texts.every((text) => arnFields(text) !== undefined);
}

/** Some string that matches `value.glob` and is none of `value.except`. */
function compareLike({ base }: Operator, value: Like, { text, glob }: Wanted): Tri {
    const exactText =
        base === "StringEquals" || ((base === "StringLike" || base === "ArnLike") && glob.literal !== undefined);
    if (exactText)
        return covers(value.compiled, literalGlob(text)) && !value.except.includes(text) ? "unknown" : "false";
    if (base === "StringLike" || base === "ArnLike") {
        if (!intersects(glob, value.compiled)) return "false";
        const byField = base === "ArnLike" && areArns(text, value.glob);
        if (byField && !everyField(text, value.glob, intersects)) return "false";
        const covered =
            base === "StringLike" ? covers(glob, value.compiled) : text === "*" || everyField(text, value.glob, covers);
        return covered ? "true" : "unknown";
    }
    if (base === "StringEqualsIgnoreCase") {
        return intersects(compileGlob(value.glob.toLowerCase()), literalGlob(text.toLowerCase())) ? "unknown" : "false";
    }
    return "unknown";
}
