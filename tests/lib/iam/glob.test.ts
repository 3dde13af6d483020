import { describe, expect, it } from "vitest";
import {
    arnGlob,
    compileGlob,
    covers,
    foldCase,
    type Glob,
    intersects,
    keyIdGlob,
    literalGlob,
} from "../../../lib/iam/glob";
import { createRandom } from "./random";

/** Proves both operations against enumeration over a small alphabet. Proves nothing about which reading AWS takes of an ARN. */

const ALPHABET = ["a", "b"];

/** All strings up to a length, shortest first. */
function strings(maxLength: number): string[] {
    const levels: string[][] = [[""]];
    for (let i = 0; i < maxLength; i++)
        levels.push((levels[i] as string[]).flatMap((text) => ALPHABET.map((char) => text + char)));
    return levels.flat();
}

/** By recursion on the text, as nobody should write it. */
function matches(pattern: string, text: string): boolean {
    const [head, rest] = [pattern[0], pattern.slice(1)];
    if (head === undefined) return text === "";
    if (head === "*") return matches(rest, text) || (text !== "" && matches(pattern, text.slice(1)));
    return text !== "" && (head === "?" || head === text[0]) && matches(rest, text.slice(1));
}

function patterns(maxLength: number): string[] {
    const levels: string[][] = [[""]];
    for (let i = 0; i < maxLength; i++)
        levels.push((levels[i] as string[]).flatMap((text) => ["a", "b", "*", "?"].map((char) => text + char)));
    return levels.flat();
}

describe("globs, all pairs of patterns up to three tokens", () => {
    const all = patterns(3);
    // Two patterns of three tokens that meet at all meet in six characters.
    const texts = strings(6);
    const languages = new Map(all.map((pattern) => [pattern, new Set(texts.filter((text) => matches(pattern, text)))]));

    it("intersect exactly when a string matches both", () => {
        for (const p of all) {
            for (const q of all) {
                const expected = [...(languages.get(p) as Set<string>)].some((text) => languages.get(q)?.has(text));
                if (intersects(p, q) !== expected) expect.fail(`${p} ${q}: expected ${expected}`);
            }
        }
        expect(all).toHaveLength(85);
    });

    it("cover only what they contain, and nearly all of it", () => {
        let missed = 0;
        for (const p of all) {
            for (const q of all) {
                const contained = [...(languages.get(q) as Set<string>)].every((text) => languages.get(p)?.has(text));
                if (covers(p, q) && !contained) expect.fail(`${p} does not cover ${q}`);
                if (covers(p, q) && !intersects(p, q)) expect.fail(`${p} covers ${q} without meeting it`);
                if (contained && !covers(p, q)) missed += 1;
            }
        }
        expect(missed).toBeGreaterThan(0);
        expect(missed / (all.length * all.length)).toBeLessThan(0.03);
    });
});

describe("globs, random and longer", () => {
    const random = createRandom(1);
    const pattern = (): string =>
        Array.from({ length: random.int(9) }, () => random.pick(["a", "b", "a", "b", "*", "?"])).join("");
    const texts = strings(8);

    it("agree with enumeration", () => {
        for (let i = 0; i < 3_000; i++) {
            const [p, q, text] = [pattern(), pattern(), random.pick(texts)];
            const hit = matches(p, text);
            if (covers(p, literalGlob(text)) !== hit || intersects(p, text) !== hit) expect.fail(`${p} on ${text}`);
            if (covers(p, q) && matches(q, text) && !hit) expect.fail(`${p} covers ${q} but not ${text}`);
            if (hit && matches(q, text) && !intersects(p, q)) expect.fail(`${p} and ${q} meet in ${text}`);
        }
        expect(texts).toHaveLength(511);
    });
});

describe("globs", () => {
    it.each([
        ["kms:*", "kms:Sign", true],
        ["kms:?ign", "kms:Sign", true],
        ["kms:Sch*", "kms:Sign", false],
        ["*n", "kms:Sign", true],
        ["k*:Sign", "kms:Sign", true],
        ["", "", true],
        ["*", "", true],
        ["?", "", false],
        ["a*b*c", "b*", false],
        ["a*b*c", "a-c*c", true],
    ])("%s meets %s: %s", (p, q, expected) => {
        expect(intersects(p, q)).toBe(expected);
        expect(intersects(q, p)).toBe(expected);
    });

    it("is incomplete where it says so", () => expect(covers("?*", "*?")).toBe(false));

    it("compares ASCII letters alone without case", () => {
        expect(foldCase("KMS:SIGN")).toBe("kms:sign");
        // U+212A, which toLowerCase turns into a k
        expect(intersects(compileGlob("\u212Ams:Sign", { fold: true }), compileGlob("kms:Sign", { fold: true }))).toBe(
            false,
        );
    });

    it("reads a variable as anything, and never as a cover", () => {
        const glob = compileGlob("role/${aws:username}/*", { variables: true });
        expect(intersects(glob, "role/eve/x")).toBe(true);
        expect(covers(compileGlob("${aws:username}", { variables: true }), "eve")).toBe(false);
        expect(covers("*", glob)).toBe(true);
    });

    it.each([
        ["${*}", "*"],
        ["${?}", "?"],
        ["${$}", "$"],
    ])("reads %s as a literal", (text, literal) => {
        const glob = compileGlob(text, { variables: true });
        expect(intersects(glob, literalGlob(literal))).toBe(true);
        expect(intersects(glob, literalGlob("x"))).toBe(false);
    });

    it("keeps ${...} literal without variables, and an open one as anything", () => {
        expect(compileGlob("${a}").literal).toBe("${a}");
        expect(intersects(compileGlob("x${a", { variables: true }), "xyz")).toBe(true);
    });

    describe("a target over ARNs", () => {
        const target = arnGlob(["arn", "aws", "iam", "", "111122223333", "role/signing/*"]);
        it("has no colons where its stars are", () => {
            expect(intersects("arn:aws:iam::*:role/service-role/*", target)).toBe(false);
            expect(intersects("arn:aws:iam::*:role/signing/x*", target)).toBe(true);
            expect(intersects("arn:aws:iam::*:role/?igning/*y", target)).toBe(true);
            expect(covers("arn:aws:iam::*:role/s*", target)).toBe(true);
            expect(covers("arn:aws:iam::*:role/signing/?*", target)).toBe(false);
            expect(covers("arn:aws:iam::*:role/signing/x", target)).toBe(false);
            expect(intersects("arn:aws:s3:::b/*:x", arnGlob(["arn", "aws", "s3", "", "", "b/*"]))).toBe(true);
            expect(intersects("arn:aws:kms:*:*:alias/*", arnGlob(["arn", "aws", "kms", "*", "1", "key/*"]))).toBe(
                false,
            );
        });
    });

    describe("a key id that does not exist yet", () => {
        const key = keyIdGlob("arn:aws:kms:eu-west-1:111122223333:key/");
        const meets = (rest: string): boolean => intersects(`arn:aws:kms:eu-west-1:111122223333:${rest}`, key);

        it.each([["key/*"], ["key/1234*"], ["key/????????-*"], ["*"], ["key/abcdef01-2345-6789-abcd-ef0123456789"]])(
            "may be %s",
            (rest) => expect(meets(rest)).toBe(true),
        );
        it.each([["key/mrk-*"], ["key/xyz*"], ["alias/*"], ["key/ABCD*"], ["key/"]])("is never %s", (rest) =>
            expect(meets(rest)).toBe(false),
        );

        it("is covered by patterns alone", () => {
            const covered = (glob: string | Glob): boolean => covers(glob, key);
            expect(covered("arn:aws:kms:*:*:key/*")).toBe(true);
            expect(covered("arn:aws:kms:eu-west-1:111122223333:key/????????-????-????-????-????????????")).toBe(true);
            expect(covered("arn:aws:kms:eu-west-1:111122223333:key/abcdef01-2345-6789-abcd-ef0123456789")).toBe(false);
        });
    });
});

it("matches text as enumeration does, for all patterns up to five tokens and all texts up to five characters", () => {
    const texts = strings(5);
    let hits = 0;
    for (const pattern of patterns(5)) {
        const glob = compileGlob(pattern);
        for (const text of texts) {
            const expected = matches(pattern, text);
            if (covers(glob, literalGlob(text)) !== expected || intersects(glob, literalGlob(text)) !== expected)
                expect.fail(`${pattern} on ${text}: expected ${String(expected)}`);
            if (expected) hits += 1;
        }
    }
    expect(hits).toBeGreaterThan(5_000);
});
