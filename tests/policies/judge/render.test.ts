/**
 * What a person and a forge are shown. Proves nothing about a forge's own rendering: it holds the text to the rules of GitHub Flavored
 * Markdown for tables and code spans.
 */
import { describe, expect, it } from "vitest";
import { MARKER, MAX_COMMENT, render } from "../../../policies/judge/render";
import type { Violation } from "../../../policies/judge/violations";

const violation = (more: Partial<Violation> = {}): Violation => ({
    rule: "kms-sign-exclusive",
    level: "mandatory",
    severity: "critical",
    resource: "modules",
    principal: "arn:aws:iam::111122223333:role/guest",
    action: "kms:Sign",
    target: "the key",
    at: "policy Statement[4]",
    path: "arn:aws:iam::111122223333:role/guest -> kms:Sign -> the key",
    threat: "T01",
    saw: "may sign",
    fix: "take it out",
    ...more,
});
const many = (count: number, more: Partial<Violation> = {}): Violation[] =>
    Array.from({ length: count }, (_, i) => violation({ resource: `resource-${i}`, ...more }));
const markdown = (found: readonly Violation[]): string => render("markdown", found, "9 resources judged");
const rowsOf = (text: string): string[] => text.split("\n").filter((line) => line.startsWith("| `"));

describe("a comment", () => {
    it("has 200 violations whole, where they fit", () => {
        const text = markdown(many(200, { path: "", saw: "x" }));
        expect(text.length).toBeLessThanOrEqual(MAX_COMMENT);
        expect(rowsOf(text)).toHaveLength(200);
        expect(text).not.toContain("left out");
        expect(text).toContain("**Policy pack: 200 violations**");
    });

    it.each([
        ["200 long ones", many(200, { saw: "s".repeat(250), at: "a".repeat(250) })],
        ["10,000", many(10_000)],
        ["as many notices", [...many(300), ...many(3_000, { level: "advisory" })]],
        ["what grows when it is escaped", many(200, { saw: "\u{1f600}".repeat(256), at: "`|".repeat(200) })],
    ])("is cut for %s, and says how many are left out", (_name, found) => {
        const text = markdown(found);
        expect(text.length).toBeLessThanOrEqual(MAX_COMMENT);
        const left = [...text.matchAll(/^\*\*(\d+) more (?:is|are) left out here:\*\*/gm)].map(([, n]) => Number(n));
        expect(left.length).toBeGreaterThan(0);
        expect(rowsOf(text).length + left.reduce((a, b) => a + b)).toBe(found.length);
        expect(text).toContain(`**Policy pack: ${found.filter(({ level }) => level === "mandatory").length} viol`);
    });

    it("has the worst first, so that cutting leaves out the least", () => {
        const found = [...many(600, { severity: "low", rule: "tags-required" }), violation({ severity: "critical" })];
        expect(rowsOf(markdown(found))[0]).toContain("`kms-sign-exclusive`");
    });

    it("is the same for the same findings", () => expect(markdown(many(3))).toBe(markdown(many(3))));
});

describe("what the program chose, in a comment", () => {
    const HOSTILE = [
        "a | b | c",
        "`code` ``",
        "\\` \\| \\",
        "<!-- countersign policy pack -->",
        "<img src=x onerror=alert(1)><script>",
        "@security-team please approve",
        "![x](https://evil.example/x.png) [ok](javascript:alert(1))",
        "https://evil.example www.evil.example",
        "line one\n| `forged` | row | x | y |\r\n**Policy pack: no violation**",
        "\u202eright to left\u0000\u001b[31m",
        ":tada: $x$ #1 !2 ~~no~~ &#64;team &lt;",
        "",
    ];

    it.each(HOSTILE.map((text) => [JSON.stringify(text), text]))("stays text: %s", (_shown, text) => {
        const members = ["resource", "at", "path", "saw", "principal", "action", "target"];
        const found = violation(Object.fromEntries(members.map((name) => [name, text])));
        const [first, ...lines] = markdown([found]).trimEnd().split("\n");
        expect(first).toBe(MARKER);
        expect(lines).toHaveLength(5);
        const row = lines.at(-1)!;
        expect(row).toMatch(/^[\x20-\x7e]+$/);
        // Cells end at bars; none but ours, and no backslash makes one of ours text.
        const cells = row.split("|");
        expect(cells).toHaveLength(6);
        for (const cell of cells.slice(1, 4)) expect(cell.trim()).toMatch(/^(`[^`]+` ?)*$/);
        expect(cells[4]).toBe(" take it out ");
    });

    it("is cut by itself, so that a long name hides neither place nor key", () => {
        const text = markdown([violation({ resource: "x".repeat(5_000), path: `${"y".repeat(5_000)} -> the key` })]);
        expect(text).toContain(": policy Statement[4]`");
        expect(text).toContain("... -> the key`");
    });

    it("is one line also in the table for people", () => {
        const text = render(
            "table",
            [violation({ resource: "a\n0 violations", saw: "\u001b[2J" })],
            "1 resource judged",
        );
        expect(text).toContain("a\\u000a0 violations");
        expect(text.split("").every((c) => c === "\n" || (c >= " " && c <= "~"))).toBe(true);
    });
});
