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

/** One comment of a pull request: the same text for the same findings. */
function markdown(violations: readonly Violation[], notices: readonly Violation[], judged: string): string {
    return [
        MARKER,
        `**Policy pack: ${count(violations.length)}** (${judged})`,
        ...(violations.length === 0 ? [] : ["", ...rows(violations)]),
        ...(notices.length === 0 ? [] : ["", "To know, not wrong:", "", ...rows(notices)]),
        "",
    ].join("\n");
}

function rows(found: readonly Violation[]): string[] {
    return [
        "| rule | where | path to the key | fix |",
        "| --- | --- | --- | --- |",
        ...found.map(({ rule, resource, at, path, saw, fix }) => {
            const cells = [`${resource}: ${at}`, path === "" ? saw : `${path}: ${saw}`, fix].map(cell);
            return `| \`${rule}\` | ${cells.join(" | ")} |`;
        }),
    ];
}

/** Names come from the program: nothing in them may end a cell, start HTML, a link or a mention. */
function cell(text: string): string {
    return safe(text).replace(/[|[\]<>&@#*_~\\]/g, (c) =>
        c === "_" || c === "*" ? `\\${c}` : `&#${c.charCodeAt(0)};`,
    );
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
        ...(path === "" ? [] : [`  path   ${safe(path)}`]),
        `  saw    ${safe(saw)}`,
        `  fix    ${fix}`,
        "",
    ];
}

function count(violations: number): string {
    if (violations === 0) return "no violation";
    return violations === 1 ? "1 violation" : `${violations} violations`;
}
