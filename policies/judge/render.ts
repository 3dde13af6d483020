import { safe } from "../message";
import { stopping, type Violation } from "./violations";

export type Format = "table" | "markdown" | "json";

export const FORMATS: readonly Format[] = ["table", "markdown", "json"];

/** First line of the markdown: by it a workflow finds the comment that it updates. */
export const MARKER = "<!-- countersign policy pack -->";

/** @param found violations and notices */
export function render(format: Format, found: readonly Violation[], judged: string): string {
    const violations = stopping(found);
    const notices = found.filter((one) => !violations.includes(one));
    switch (format) {
        case "json":
            return `${JSON.stringify({ violations, notices }, null, 4)}\n`;
        case "markdown":
            return markdown(violations, notices, judged);
        case "table":
            return table(violations, notices, judged);
    }
}

/** Forges take 65,536 characters (GitHub) or more; all of these are ASCII. Room for what a workflow adds. */
export const MAX_COMMENT = 60_000;

/** One comment of a pull request: the same text for the same findings, the worst first, and never too long to be posted. */
function markdown(violations: readonly Violation[], notices: readonly Violation[], judged: string): string {
    const head = [MARKER, `**Policy pack: ${count(violations.length)}** (${judged})`];
    const first = rows(violations, MAX_COMMENT - 1_000);
    const rest = rows(notices, MAX_COMMENT - 1_000 - lengthOf(first));
    return [
        ...head,
        ...(violations.length === 0 ? [] : ["", ...first]),
        ...(notices.length === 0 ? [] : ["", "To know, not wrong:", "", ...rest]),
        "",
    ].join("\n");
}

/** A table of no more characters than these, and a line that says how many findings are not in it. */
function rows(found: readonly Violation[], room: number): string[] {
    const lines = ["| rule | where | path to the key | fix |", "| --- | --- | --- | --- |"];
    const all = bySeverity(found).map(row);
    let length = lengthOf(lines);
    const shown = all.filter((line) => (length += line.length + 1) <= room);
    const left = all.length - shown.length;
    return [
        ...(shown.length === 0 ? [] : [...lines, ...shown]),
        ...(left === 0
            ? []
            : ["", `**${left} more ${left === 1 ? "is" : "are"} left out here:** \`--json\` prints all.`]),
    ];
}

function row({ rule, resource, at, path, saw, fix }: Violation): string {
    const seen = [steps(path), safe(saw)].filter((one) => one !== "").map(code);
    return `| ${code(safe(rule))} | ${code(`${safe(resource)}: ${safe(at)}`)} | ${seen.join(" ")} | ${plain(fix)} |`;
}

/** Each step cut by itself, so that no long name hides the key at the end. */
function steps(path: string): string {
    return path.split(" -> ", 20).map(safe).join(" -> ");
}

/**
 * What the program chose, as a code span: in it forges read no HTML, link, mention, reference, emoji or formula. Entities would
 * not do, since mentions are found after they are decoded. What could end the span or the cell is escaped like control characters.
 *
 * @param text not empty, and safe
 */
function code(text: string): string {
    return `\`${text.replace(/[`|]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`)}\``;
}

/** Our own words, for a cell: no markup in them but what is escaped here. */
function plain(text: string): string {
    return safe(text).replace(/[|[\]<>&@#_*~`\\]/g, (c) =>
        c === "_" || c === "*" ? `\\${c}` : `&#${c.charCodeAt(0)};`,
    );
}

const SEVERITIES = ["critical", "high", "medium", "low"];

function bySeverity(found: readonly Violation[]): readonly Violation[] {
    return [...found].sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
}

function lengthOf(lines: readonly string[]): number {
    return lines.reduce((sum, line) => sum + line.length + 1, 0);
}

function table(violations: readonly Violation[], notices: readonly Violation[], judged: string): string {
    return [
        ...violations.flatMap((one) => block(one, one.severity.toUpperCase())),
        ...notices.flatMap((one) => block(one, "NOTICE")),
        `${count(violations.length)} (${judged})\n`,
    ].join("\n");
}

function block({ rule, resource, at, path, saw, threat, fix }: Violation, label: string): string[] {
    return [
        `${label.padEnd(8)} ${rule}`,
        `  where  ${safe(resource)}: ${safe(at)}${threat === "" ? "" : `  (${threat})`}`,
        ...(path === "" ? [] : [`  path   ${steps(path)}`]),
        `  saw    ${safe(saw)}`,
        `  fix    ${fix}`,
        "",
    ];
}

function count(violations: number): string {
    if (violations === 0) return "no violation";
    return violations === 1 ? "1 violation" : `${violations} violations`;
}
