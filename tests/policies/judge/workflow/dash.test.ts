/**
 * What the reader of scripts says of a command, asked of the machine's own `sh -e`: one that surely runs does, and one whose failure stops the
 * script stops it, with a status that says so. Random scripts of a small grammar; proves nothing about bash where it differs.
 */
import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { type Command, readShell } from "../../../../policies/judge/workflow/shell";

/** Mulberry32. */
function random(seed: number): (below: number) => number {
    let state = seed;
    return (below) => {
        state = (state + 0x6d2b79f5) | 0;
        let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
        mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
        return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
    };
}

/** Commands are `c N`: N is printed where it runs, and it fails where N is the one that is told to. */
function script(pick: (below: number) => number): string {
    let count = 0;
    const command = (): string => `c ${count++}`;
    const part = (depth: number): string => {
        const kind = depth === 0 ? 0 : pick(9);
        switch (kind) {
            case 1:
                return `{ ${list(depth - 1)}; }`;
            case 2:
                return `( ${list(depth - 1)} )`;
            case 3:
                return `if ${command()}; then ${list(depth - 1)}; else ${list(depth - 1)}; fi`;
            case 4:
                return `for x in 1; do ${list(depth - 1)}; done`;
            case 5:
                return `! ${command()}`;
            case 6:
                return `case x in x) ${list(depth - 1)} ;; *) ${command()} ;; esac`;
            case 7:
                return `v=$(${command()})`;
            default:
                return command();
        }
    };
    const handler = (): string => ["true", "exit 3", "exit 0", "s=$?", "{ c 99; exit 1; }", ":"][pick(6)]!;
    const andOr = (depth: number): string => {
        const first = part(depth);
        switch (pick(6)) {
            case 0:
                return `${first} && ${part(depth)}`;
            case 1:
                return `${first} || ${handler()}`;
            case 2:
                return `${first} && ${part(0)} || ${handler()}`;
            case 3:
                return `${first} | cat`;
            default:
                return first;
        }
    };
    const list = (depth: number): string =>
        Array.from({ length: 1 + pick(3) }, () => andOr(depth)).join(
            ["; ", "\n", " # c 88 \\\n", " \\\n; ", '\necho "# \\\n"\n'][pick(5)],
        );
    return `${list(2)}\n${list(1)}`;
}

function runs(text: string, fails: string): { ran: string[]; status: number } {
    const head = 'c() { echo "$1" >&2; [ "$1" != "$FAILS" ]; }\n';
    try {
        execFileSync("sh", ["-e", "-c", `${head}${text}\n`], { env: { ...process.env, FAILS: fails }, stdio: "pipe" });
        return { ran: [], status: 0 };
    } catch (error) {
        const { status, stderr } = error as { status: number; stderr: Buffer };
        return { ran: stderr.toString().split("\n").slice(0, -1), status };
    }
}

/** Standard error is thrown away where the status is 0, so a run without failure asks for 7 at its end. */
function ranWithoutFailure(text: string): string[] {
    return runs(`${text}\nexit 7`, "none").ran;
}

const own = (commands: readonly Command[]): Command[] =>
    commands.filter(({ words }) => words[0] === "c" && words[1] !== "99");

describe("sh -e agrees", () => {
    const scripts = Array.from({ length: 120 }, (_, seed) => script(random(seed)));
    let [sure, stopping] = [0, 0];

    it("that what surely runs does, where nothing fails", () => {
        for (const text of scripts) {
            // A handler may end it in success: what it is there for is the test below.
            if (text.includes("!")) continue;
            const ran = ranWithoutFailure(text);
            for (const { words } of own(readShell(text).commands).filter(({ certain }) => certain)) {
                expect({ text, ran }).toEqual({ text, ran: expect.arrayContaining([words[1]]) as string[] });
                sure++;
            }
        }
        expect(sure).toBeGreaterThan(100);
    });

    it("that nothing comes after the failure of one that is not forgiven, and the script fails", () => {
        for (const text of scripts) {
            const commands = own(readShell(text).commands);
            const candidates = commands.filter(({ certain, forgiven }) => certain && !forgiven).slice(0, 3);
            for (const { words } of candidates) {
                const { ran, status } = runs(text, words[1]!);
                const after = ran.slice(ran.indexOf(words[1]!) + 1).filter((one) => one !== "99");
                // Another one may have ended it before.
                if (!ran.includes(words[1]!)) continue;
                expect({ text, fails: words[1], after, failed: status !== 0 }).toEqual({
                    text,
                    fails: words[1],
                    after: [],
                    failed: true,
                });
                stopping++;
            }
        }
        expect(stopping).toBeGreaterThan(60);
    });
});
