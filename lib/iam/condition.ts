import { compareConcrete, hasOpenCase } from "./compare";
import { arnLike, compareLike, type Like } from "./compare-patterns";
import { compileGlob, covers, literalGlob } from "./glob";
import { isText, isTruth, type Operator } from "./operators";
import { isBound } from "./principal";
import { every, not, some, tri } from "./tri";
import type { Condition, Context, ContextValue, Pattern, Tri } from "./types";
import { resolve, type Wanted } from "./variables";

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
