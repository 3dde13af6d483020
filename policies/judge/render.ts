import { safe } from "../message";
import type { Violation } from "./violations";

export type Format = "table" | "markdown" | "json";

export const FORMATS: readonly Format[] = ["table", "markdown", "json"];

export function render(format: Format, violations: readonly Violation[], judged: string): string {
    switch (format) {
        case "json":
            return `${JSON.stringify({ violations }, null, 4)}\n`;
        case "markdown":
            return markdown(violations, judged);
        case "table":
            return table(violations, judged);
    }
}

/** One comment of a pull request: the same text for the same violations, so that it can be updated. */
function markdown(violations: readonly Violation[], judged: string): string {
    if (violations.length === 0) return `**Policy pack: no violation** (${judged})\n`;
    const rows = violations.map(({ rule, resource, at, path, saw, fix }) =>
        [`\`${rule}\``, `${resource}: ${at}`, path === "" ? saw : `${path}: ${saw}`, fix].map(cell).join(" | "),
    );
    return [
        `**Policy pack: ${count(violations.length)}** (${judged})`,
        "",
        "| rule | where | path to the key | fix |",
        "| --- | --- | --- | --- |",
        ...rows.map((row) => `| ${row} |`),
        "",
    ].join("\n");
}

/** Names come from the program: nothing in them may end a cell, start HTML, a link or a mention. */
function cell(text: string): string {
    return safe(text).replace(/[|[\]<>&@#*_~\\]/g, (c) =>
        c === "_" || c === "*" ? `\\${c}` : `&#${c.charCodeAt(0)};`,
    );
}

function table(violations: readonly Violation[], judged: string): string {
    if (violations.length === 0) return `no violation (${judged})\n`;
    const lines = violations.flatMap(({ rule, severity, resource, at, path, saw, threat, fix }) => [
        `${severity.toUpperCase().padEnd(8)} ${rule}`,
        `  where  ${safe(resource)}: ${safe(at)}${threat === "" ? "" : `  (${threat})`}`,
        ...(path === "" ? [] : [`  path   ${safe(path)}`]),
        `  saw    ${safe(saw)}`,
        `  fix    ${fix}`,
        "",
    ]);
    return `${lines.join("\n")}${count(violations.length)} (${judged})\n`;
}

function count(violations: number): string {
    return violations === 1 ? "1 violation" : `${violations} violations`;
}
