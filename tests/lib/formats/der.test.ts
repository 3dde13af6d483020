import { describe, expect, it } from "vitest";
import { equalBytes, fromHex, toHex } from "../../../lib/encoding";
import { expectChild, expectNode, MAX_DEPTH, readDer, smallInteger } from "../../../lib/formats/der/reader";
import {
    element,
    explicit,
    nullElement,
    octetString,
    oid,
    sequence,
    setOfOne,
    smallIntegerOf,
} from "../../../lib/formats/der/writer";
import { cursorOver } from "../../../lib/formats/recheck/cursor";
import { randomFrom } from "../../support/random";

/** Proves that both parsers take one encoding only. Proves nothing about what certificates or signatures mean. */

/** Each is a BER or broken encoding; vectors by hand from X.690. */
const REFUSED: readonly [string, string][] = [
    ["nothing", ""],
    ["a tag without a length", "04"],
    ["an indefinite length", "30800000"],
    ["a length in 5 bytes", "04850000000001ff"],
    ["a long length for a short value", "04810100"],
    ["a long length with a leading zero", `04820080${"00".repeat(128)}`],
    ["a length cut off", "0482"],
    ["content cut off", "040301"],
    ["a length of 4 GiB", "0484ffffffff00"],
    ["bytes after the element", "0400ff"],
    ["a tag number above 30", "1f1f00"],
    ["a zero tag", "0000"],
    ["an octet string in pieces", "2403040100"],
    ["a primitive sequence", "1000"],
    ["a child that runs out of its parent", "30030402ff"],
];

describe("readDer", () => {
    it.each(REFUSED)("refuses %s", (_what, hex) => {
        expect(() => readDer(fromHex(hex))).toThrow(expect.objectContaining({ code: "BadDer" }));
    });

    it("gives tags, contents and raw bytes as views", () => {
        const bytes = fromHex("300702012a8002beef");
        const node = readDer(bytes);
        expect(node.children.map(({ tag, raw }) => [tag, toHex(raw)])).toEqual([
            [0x02, "02012a"],
            [0x80, "8002beef"],
        ]);
        expect(node.children[1]?.content.buffer).toBe(bytes.buffer);
    });

    it("takes 32 levels and not 33", () => {
        const nested = (levels: number): Uint8Array => (levels === 1 ? sequence() : sequence(nested(levels - 1)));
        expect(readDer(nested(MAX_DEPTH)).tag).toBe(0x30);
        expect(() => readDer(nested(MAX_DEPTH + 1))).toThrow(expect.objectContaining({ code: "BadDer" }));
    });

    it("gives a tree or BadDer for any bytes, and writes what it read", () => {
        const random = randomFrom(20_261);
        for (let i = 0; i < 20_000; i++) {
            const bytes = random.bytes(random.below(24));
            if (bytes.length > 0 && random.below(2)) bytes[0] = 0x30;
            try {
                const node = readDer(bytes);
                expect(
                    toHex(
                        element(node.tag, ...(node.children.length ? node.children.map((c) => c.raw) : [node.content])),
                    ),
                ).toBe(toHex(bytes));
            } catch (error) {
                expect(error).toMatchObject({ code: "BadDer" });
            }
        }
    });
});

describe("expectations on a tree", () => {
    const node = readDer(fromHex("300602012a020100"));

    it("refuses a missing child and another tag", () => {
        expect(() => expectChild(node, 2, 0x02, "third")).toThrow(expect.objectContaining({ code: "BadDer" }));
        expect(() => expectChild(node, 0, 0x04, "first")).toThrow(expect.objectContaining({ code: "BadDer" }));
    });

    it("refuses another tag or number of members", () => {
        expect(() => expectNode(node, 0x31, 2, "set")).toThrow(expect.objectContaining({ code: "BadDer" }));
        expect(() => expectNode(node, 0x30, 3, "triple")).toThrow(expect.objectContaining({ code: "BadDer" }));
    });

    it.each(["0200", "0201ff", "02020100", "040101"])("refuses %s as a small integer", (hex) => {
        expect(() => smallInteger(readDer(fromHex(hex)), "version")).toThrow(
            expect.objectContaining({ code: "BadDer" }),
        );
    });
});

describe("writer", () => {
    it("writes the examples of X.690", () => {
        expect(toHex(sequence(smallIntegerOf(5), nullElement()))).toBe("30050201050500");
        expect(toHex(explicit(0, octetString(fromHex("ff"))))).toBe("a0030401ff");
        expect(toHex(setOfOne(oid("06032a0304")))).toBe("310506032a0304");
    });

    it.each([0, 1, 127, 128, 255, 256, 65_535, 65_536])("writes a length of %i in its shortest form", (length) => {
        const content = new Uint8Array(length);
        expect(equalBytes(readDer(octetString(content)).content, content)).toBe(true);
    });
});

describe("cursorOver", () => {
    it.each(REFUSED)("refuses %s", (_what, hex) => {
        const bytes = fromHex(hex);
        expect(() => {
            const cursor = cursorOver(bytes);
            cursor.take(bytes[0] === 0x30 ? 0x30 : 0x04, "element");
            cursor.end("the element");
            // What only shows inside: the tree reader looks there at once.
            const inner = cursorOver(bytes).enter(0x30, "element");
            inner.take(0x04, "child");
        }).toThrow(expect.objectContaining({ code: "BadDer" }));
    });

    it("refuses other bytes than exactly those", () => {
        expect(() => cursorOver(fromHex("020101")).exactly("020102", "version")).toThrow(
            expect.objectContaining({ code: "BadDer" }),
        );
        expect(() => cursorOver(fromHex("")).exactly("020102", "version")).toThrow(
            expect.objectContaining({ code: "BadDer" }),
        );
    });

    it.each([0, 127, 128, 255, 256, 65_536])("reads a length of %i", (length) => {
        expect(cursorOver(octetString(new Uint8Array(length))).take(0x04, "octets")).toHaveLength(length);
    });
});
