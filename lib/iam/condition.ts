import { arnFields } from "./arn";
import { compareConcrete, hasOpenCase } from "./compare";
import { compileGlob, covers, foldCase, type Glob, intersects, literalGlob } from "./glob";
import { isText, isTruth, type Operator } from "./operators";
import { isBound } from "./principal";
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
export function judgeCondition(condition: Condition, facts: Facts): Tri {
    const { operator, key, values } = condition;
    if (operator === undefined) return "unknown";
    const held = presence(facts.context(key));
    if (held.kind !== "unknown" && !facts.exact && isUnsettled(condition, operator, held)) return "unknown";
    if (operator.base === "Null") return judgeNull(values, held);
    if (held.kind === "unknown") return "unknown";
    if (held.kind === "absent") {
        if (operator.ifExists) return "true";
        if (operator.quantifier !== undefined) return tri(operator.quantifier === "ForAllValues");
        return tri(operator.negated);
    }
    const one = (value: string | Like): Tri => {
        const hit = some(values, (pattern) => compare(operator, value, resolve(pattern, condition, facts), facts));
        return operator.negated ? not(hit) : hit;
    };
    if (held.kind === "like") return one({ ...held, compiled: compileGlob(held.glob) });
    // Without a quantifier the negation is of the whole list: no value of the request may match.
    const isEvery = operator.quantifier === undefined ? operator.negated : operator.quantifier === "ForAllValues";
    return isEvery ? every(held.values, one) : some(held.values, one);
}

type Like = ContextValue & { kind: "like" } & { readonly compiled: Glob };

/**
 * What AWS leaves open, so that neither an Allow surely misses nor a Deny surely hits: a list without values; what callers are called under
 * operators for numbers, dates, addresses or bytes; `True` in another case; whether IfExists says anything under ForAnyValue, which is false of an absent key.
 */
function isUnsettled({ key, values }: Condition, operator: Operator, held: ContextValue): boolean {
    if (values.length === 0 || (isTruth(operator) && values.some(({ text }) => isOddTruth(text)))) return true;
    if (held.kind === "absent") return operator.ifExists && operator.quantifier === "ForAnyValue";
    return !isText(operator) && isBound(key) && !(operator.base === "Bool" && key === "aws:principalisawsservice");
}

/** `True` and the like: whether AWS minds the case is not documented. */
function isOddTruth(text: string): boolean {
    return text !== "true" && text !== "false" && /^(?:true|false)$/i.test(text);
}

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

function compare(operator: Operator, value: string | Like, wanted: Wanted | undefined, { exact }: Facts): Tri {
    // A variable without a value matches nothing.
    if (wanted === undefined) return exact ? "false" : "unknown";
    if (typeof value !== "string") return compareLike(operator, value, wanted);
    switch (operator.base) {
        case "StringLike":
            return tri(covers(wanted.glob, literalGlob(value)));
        case "ArnLike":
            return arnLike(wanted, value, exact);
        case "StringEqualsIgnoreCase":
            if (!exact && hasOpenCase(value, wanted.text)) return "unknown";
            break;
    }
    return compareConcrete(operator.base, value, wanted.text);
}

interface Wanted {
    /** With variables put in, for operators that compare text. */
    readonly text: string;
    readonly glob: Glob;
    /** The same as a pattern: what is literal in it though it looks like a wildcard stands as `${*}`, if `variables`. */
    readonly pattern: string;
    readonly variables: boolean;
}

function resolve({ text, glob }: Pattern, { variables }: Condition, { context, exact }: Facts): Wanted | undefined {
    if (!variables || glob.literal !== undefined || !text.includes("${"))
        return { text, glob, pattern: text, variables: false };
    const lookup = (name: string): string | undefined => (exact ? variableValue(name, context) : undefined);
    const resolved = compileGlob(text, { variables, resolve: lookup });
    if (resolved.variable) return undefined;
    const pattern = substitute(text, (name) => (isEscape(name) ? `\${${name}}` : escaped(lookup(name) ?? "")));
    return {
        text: substitute(text, (name) => (isEscape(name) ? name : (lookup(name) ?? ""))),
        glob: resolved,
        pattern,
        variables,
    };
}

/** `${key}` or `${key, 'default'}` (IAM User Guide, "Policy variables"). Undefined if absent without default. */
export function variableValue(variable: string, context: Context): string | undefined {
    const comma = variable.indexOf(",");
    const value = context((comma < 0 ? variable : variable.slice(0, comma)).trim().toLowerCase());
    if (value.kind === "known" && value.values.length === 1) return value.values[0];
    const quoted = comma < 0 ? undefined : /^\s*'([^']*)'\s*$/.exec(variable.slice(comma + 1));
    return value.kind === "absent" ? quoted?.[1] : undefined;
}

/** `${*}`, `${?}` and `${$}` are the character. */
function isEscape(name: string): boolean {
    return name === "*" || name === "?" || name === "$";
}

function escaped(value: string): string {
    return value.replace(/[*?$]/g, (char) => `\${${char}}`);
}

function substitute(text: string, value: (name: string) => string): string {
    return text.replace(/\$\{([^}]*)\}/g, (_, name: string) => value(name));
}

/** Six fields, each a glob of its own; AWS takes a bare `*` too. What a pattern of fewer fields means is unknown. */
function arnLike(wanted: Wanted, value: string, exact: boolean): Tri {
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
function compareLike({ base }: Operator, value: Like, wanted: Wanted): Tri {
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
