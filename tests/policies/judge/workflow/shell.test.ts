/**
 * What the reader of scripts sees. It runs nothing, so it proves nothing about a shell: tests/policies/judge/workflow/dash.test.ts asks one.
 */
import { describe, expect, it } from "vitest";
import { readShell } from "../../../../policies/judge/workflow/shell";

const seen = (text: string): string[] =>
    readShell(text).commands.map(
        ({ words, forgiven, certain }) => `${words.join(" ")}${forgiven ? " ?" : ""}${certain ? "" : " (perhaps)"}`,
    );

describe("readShell", () => {
    it("joins lines, drops comments and quotes, and sees what is swallowed", () => {
        const text = 'a --x "$y" \\\n  --z # no\n# b\nc || true; d && e\nf | g\nh &\ni || exit 3';
        expect(seen(text)).toEqual([
            "a --x $y --z",
            "c ?",
            "true (perhaps)",
            "d ?",
            "e (perhaps)",
            "f ?",
            "g",
            "h ?",
            "i",
            "exit 3 (perhaps)",
        ]);
    });

    it.each([
        ["a last list, whose status is the script's", "a && b", ["a", "b"]],
        ["a list that others follow: -e lets its first fail", "a && b\nc", ["a ?", "b (perhaps)", "c"]],
        ["another command", "a || b", ["a ?", "b (perhaps)"]],
        ["exit with success", "a || exit 0", ["a ?", "exit 0 (perhaps)"]],
        ["a status that is looked at", 'a || s=$?\nexit "$s"', ["a", "s=$? (perhaps)", "exit $s"]],
        ["a status that nobody looks at", "a || s=$?\nb", ["a ?", "s=$? (perhaps)", "b"]],
        ["a group that ends in failure", "a || { echo no; exit 1; }", ["a", "echo no (perhaps)", "exit 1 (perhaps)"]],
        ["a group that is forgiven", "{ a; } || true", ["a ?", "true (perhaps)"]],
        ["a subshell", "(a)", ["a"]],
        ["a negation", "! a", ["a ?"]],
        ["a branch", "if a; then b; elif c; then d; else e; fi", ["a ?", "c ?", "b", "d", "e"].map(perhaps)],
        ["a loop", "for x in 1 2; do a; done", ["a (perhaps)"]],
        ["a condition of a loop", "while a; do b; done", ["a ? (perhaps)", "b (perhaps)"]],
        ["a case", "case $x in\n a|b) c ;;\n *) d ;;\nesac", ["c (perhaps)", "d (perhaps)"]],
        ["a function", "f() { a; }\nf", ["a (perhaps)", "f"]],
        ["a function of bash", "function f { a; }", ["a (perhaps)"]],
        ["what comes after exit", "exit 0\na", ["exit 0", "a (perhaps)"]],
        ["a substitution", 'x=$(a b)\necho "`c`"', ["a b ? (perhaps)", "x=$(a b)", "c ? (perhaps)", "echo `c`"]],
        ["joined quotes", `pu'lu'"mi" up`, ["pulumi up"]],
        ["an array", "a=(b c)\nd", ["a=(b c)", "d"]],
        ["CRLF", "a \\\r\n b\r\nc\r\n", ["a b", "c"]],
        ["a test of bash", "[[ $a == b && c ]] || exit 1", ["[[", "exit 1 (perhaps)"]],
        ["a here-document", "cat <<X\npulumi up\nX\na", ["cat X", "a"]],
    ])("reads %s", (_name, text, expected) => expect(seen(text).map(noEnd)).toEqual(expected.map(noEnd)));

    it.each(["a 'b", 'a "b', "a $(b", "if a; then b", "a )", "fi", "case x in", "a `b", "|| a"])("refuses %s", (text) =>
        expect(() => readShell(text)).toThrow(),
    );

    it("keeps here-documents apart, and files that are written", () => {
        const { commands, documents } = readShell("cat > x <<'E'\npulumi up\nE\necho 1 2> y >> z");
        expect(documents).toEqual(["pulumi up"]);
        expect(commands.map(({ writes }) => writes)).toEqual([["x"], ["y", "z"]]);
    });

    it("reads a megabyte of anything without end", () => {
        for (const text of [
            "(".repeat(1e4),
            "a;".repeat(5e4),
            "if a; then ".repeat(2e3),
            "$(".repeat(2e3),
            "'".repeat(1e5),
        ])
            expect(() => {
                try {
                    readShell(text);
                } catch {
                    // refused is read
                }
            }).not.toThrow();
    });
});

function perhaps(text: string): string {
    return `${text} (perhaps)`;
}

/** The delimiter of a here-document is an operand here, and none there. */
function noEnd(text: string): string {
    return text.replace(/^cat X$/, "cat");
}
