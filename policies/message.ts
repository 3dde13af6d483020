import type { Finding, Rule } from "./rule";

/** Longer texts are cut: a violation is one line that a person reads. */
const MAX_LENGTH = 256;

/**
 * One line, parseable:
 * `[rule] resource | principal -> action -> target | at WHERE | T21 | what was seen | fix: one sentence`.
 */
export function message(rule: Rule, resourceName: string, finding: Finding): string {
    const steps =
        finding.path ?? [finding.principal, finding.action, finding.target].filter((step) => step !== undefined);
    const parts = [
        `[${rule.id}] ${safe(resourceName)}`,
        ...(steps.length > 0 ? [steps.map(safe).join(" -> ")] : []),
        `at ${safe(finding.at)}`,
        finding.threat ?? rule.threats.join(" "),
        safe(finding.saw),
        `fix: ${rule.fix}`,
    ];
    return parts.filter((part) => part !== "").join(" | ");
}

/** Control characters and non-ASCII escaped, so that a message cannot forge another line or hide a part of itself. */
export function safe(text: string): string {
    const shown = text.length <= MAX_LENGTH ? text : `${text.slice(0, MAX_LENGTH - 3)}...`;
    return shown.replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** What may be said of a value that is not a name we know: its type and length, since secrets reach rules as plain text. */
export function describe(value: unknown): string {
    if (typeof value === "string") return `a string of ${value.length} characters`;
    if (Array.isArray(value)) return `a list of ${value.length}`;
    return value === null ? "null" : typeof value === "object" ? "an object" : String(value);
}
