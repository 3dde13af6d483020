import { describe, expect, it } from "vitest";
import { decodeCanonical, encodeCanonical } from "../../../lib/record/canonical";
import { coded } from "../../support/codes";

// Proves one encoding for one value. Proves nothing about schemas.

describe("canonical JSON", () => {
    it("sorts members, has no white space, leaves out what is undefined", () => {
        expect(encodeCanonical({ b: [1, true, "x"], a: { d: [], c: 0 }, e: undefined })).toBe(
            '{"a":{"c":0,"d":[]},"b":[1,true,"x"]}',
        );
    });

    it("sorts by code unit, as RFC 8785 does, not by language", () => {
        expect(encodeCanonical({ a: 1, B: 1, _: 1, "10": 1, "9": 1 })).toBe('{"10":1,"9":1,"B":1,"_":1,"a":1}');
    });

    it("escapes the quote and the backslash only", () => {
        expect(encodeCanonical('a"\\/~')).toBe('"a\\"\\\\/~"');
    });

    it("reads what it wrote", () => {
        const value = { a: [{ b: "c" }, 9007199254740991], d: false };
        expect(decodeCanonical(encodeCanonical(value))).toEqual(value);
    });

    it.each([
        ["null", null],
        ["undefined", undefined],
        ["a null member", { a: null }],
        ["undefined in an array", [undefined]],
        ["an empty object", {}],
        ["an object of undefined members", { a: undefined }],
        ["an empty string", ""],
        ["a negative number", -1],
        ["minus zero", -0],
        ["a fraction", 0.5],
        ["2^53", 9007199254740992],
        ["NaN", NaN],
        ["a bigint", 1n],
        ["a character above U+007E", "\u007f"],
        ["a letter beyond ASCII", "\u00e9"],
        ["a control character", "a\n"],
        ["a member name beyond ASCII", { "\u00e9": 1 }],
        ["bytes", new Uint8Array(2)],
        ["a Map", new Map([["a", 1]])],
        ["a Date", new Date(0)],
        ["a function", () => 1],
        ["17 levels", Array.from({ length: 17 }).reduce<unknown>((inner) => [inner], 1)],
    ])("has no encoding of %s", (_, value) => {
        expect(() => encodeCanonical(value)).toThrow(coded("BadJson"));
    });

    it.each([
        "",
        "{",
        ' {"a":1}',
        '{"a":1}\n',
        '{"a": 1}',
        '{"b":1,"a":1}',
        '{"a":1,"a":1}',
        '{"a":1,"a":2}',
        '{"a":01}',
        '{"a":1.0}',
        '{"a":1e0}',
        '{"a":-0}',
        '{"a":"\\u0041"}',
        '{"a":"\\/"}',
        '{"a":null}',
        "\ufeff{}",
    ])("refuses %j", (text) => {
        expect(() => decodeCanonical(text)).toThrow(coded("BadJson"));
    });

    it("refuses a million brackets without exhausting the stack", () => {
        expect(() => decodeCanonical("[".repeat(1_000_000))).toThrow(coded("BadJson"));
        expect(() => decodeCanonical(`${"[".repeat(5000)}${"]".repeat(5000)}`)).toThrow(coded("BadJson"));
    });

    it("takes a member called __proto__ for what it is", () => {
        expect(decodeCanonical('{"__proto__":1}')).toHaveProperty("__proto__", 1);
    });
});
