/**
 * A condition that holds only if one of these does: one of its ANDed parts. Negations and `||` prove nothing.
 *
 * GitHub takes a text in which `${{ }}` is not the whole for a text, which is true; so such a condition holds always.
 */
export function requires(condition: unknown, parts: readonly string[]): boolean {
    const text = String(condition ?? "");
    const inner = /^\$\{\{((?:(?!\$\{\{|\}\})[^])*)\}\}$/.exec(text)?.[1];
    if (inner === undefined && text.includes("${{")) return false;
    const found = conjuncts(inner ?? text);
    return parts.some((part) => found.includes(part));
}

function conjuncts(text: string): string[] {
    const whole = unwrapped(text.trim());
    const ors = split(whole, "||");
    if (ors === undefined || ors.length > 1) return [];
    const ands = split(whole, "&&")!;
    return ands.length === 1 ? [whole.replace(/\s+/g, " ")] : ands.flatMap(conjuncts);
}

/** Without parentheses around the whole. */
function unwrapped(text: string): string {
    if (!text.startsWith("(") || !text.endsWith(")")) return text;
    const inner = text.slice(1, -1);
    return split(inner, "&&") === undefined ? text : unwrapped(inner.trim());
}

/** At operators outside quotes and parentheses; undefined where these do not match. */
function split(text: string, operator: string): string[] | undefined {
    const parts: string[] = [];
    let [from, depth, quote] = [0, 0, ""];
    for (let at = 0; at < text.length; at++) {
        const char = text[at]!;
        if (quote !== "") quote = char === quote ? "" : quote;
        else if (char === "'" || char === '"') quote = char;
        else if (char === "(") depth++;
        else if (char === ")" && --depth < 0) return undefined;
        else if (depth === 0 && text.startsWith(operator, at)) {
            parts.push(text.slice(from, at));
            at += operator.length - 1;
            from = at + 1;
        }
    }
    return depth === 0 && quote === "" ? [...parts, text.slice(from)] : undefined;
}

/** What makes a step or job run although something before it failed. */
export function runsAfterFailure(condition: unknown): boolean {
    return /\b(always|failure|cancelled)\s*\(/i.test(String(condition ?? ""));
}
