import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { toUtf8 } from "../../../lib/encoding";
import { encodeCanonical } from "../../../lib/record/canonical";
import { decodeLeaf, encodeLeaf, recordHash } from "../../../lib/record/codec";
import type { Leaf } from "../../../lib/record/leaf";
import { coded } from "../../support/codes";
import { correction, decodeChanged, HASH, policyChange, registered, signature, use, window } from "./codec/support";

// Proves what every leaf must hold, whatever its type; codec/by-type.test.ts has what each type adds. Proves nothing about signatures;
// verify.test.ts does.

const leaves: [string, Leaf][] = [signature, use, registered, policyChange, window, correction].map((leaf) => [
    leaf.type,
    leaf,
]);

describe.each(leaves)("%s", (_, leaf) => {
    it("is read as it was written", () => {
        expect(decodeLeaf(encodeLeaf(leaf))).toEqual(leaf);
    });

    it("names its canonical bytes without record_hash by their SHA-256", () => {
        const { record_hash, ...rest } = leaf;
        expect(record_hash).toBe(createHash("sha256").update(encodeCanonical(rest)).digest("hex"));
    });

    it("lacks no member", () => {
        const optional = /^(artifact_sha256|history_unproven_before|record_hash)$/;
        const names = Object.keys(leaf).filter((name) => !optional.test(name));
        for (const name of names)
            expect(() => decodeChanged(leaf, { [name]: undefined }), name).toThrow(coded("BadLeaf"));
    });

    it("has no member that nobody knows", () => {
        for (const name of ["extra", "constructor", "__proto__", "log_index"]) {
            const changed = JSON.parse(encodeCanonical({ ...leaf })) as Record<string, unknown>;
            Object.defineProperty(changed, name, { value: 1, enumerable: true });
            changed.record_hash = recordHash(changed);
            expect(() => decodeLeaf(toUtf8(encodeCanonical(changed))), name).toThrow(coded("BadLeaf"));
        }
    });

    it("has members of the right kind only", () => {
        const isCount = (name: string): boolean => /^(corrects_index|range_start|range_end)$/.test(name);
        for (const name of Object.keys(leaf)) {
            for (const value of ["x y", [["x"]], { x: 1 }, ...(isCount(name) ? [true] : [1.5e15])]) {
                expect(() => decodeChanged(leaf, { [name]: value }), `${name} ${JSON.stringify(value)}`).toThrow(
                    coded("BadLeaf"),
                );
            }
        }
    });

    it("has the right record_hash", () => {
        expect(() => decodeChanged(leaf, { record_hash: HASH })).toThrow(coded("BadLeaf"));
    });

    it("is refused with any byte changed", () => {
        const bytes = encodeLeaf(leaf);
        for (let i = 0; i < bytes.length; i += 1) {
            const changed = bytes.map((byte, j) => (i === j ? byte ^ 1 : byte));
            // Never by an error that nobody foresaw.
            expect(() => decodeLeaf(changed), String(i)).toThrow(
                expect.objectContaining({ code: expect.stringMatching(/^Bad(Leaf|Json|Utf8)$/) as string }),
            );
        }
    });
});

describe("times", () => {
    it.each([
        "2026-02-30T08:00:00Z",
        "2026-11-21T24:00:00Z",
        "2026-11-21T08:00:00.000Z",
        "2026-11-21T08:00:00+00:00",
        "2026-11-21",
    ])("are not %s", (timestamp) => {
        expect(() => decodeChanged(use, { timestamp })).toThrow(coded("BadLeaf"));
    });
});

describe("aliases", () => {
    it.each([
        "files-v1",
        "alias/files",
        "alias/files-v0",
        "alias/files-v01",
        "arn:aws:kms:eu-west-1:111122223333:alias/files-v1",
    ])("are not %s", (key_alias) => {
        expect(() => decodeChanged(use, { key_alias })).toThrow(coded("BadLeaf"));
    });
});

describe("bytes that are no leaf", () => {
    it.each([
        ["BadJson", ""],
        ["BadJson", "[]x"],
        ["BadLeaf", "[]"],
        ["BadLeaf", "1"],
        ["BadLeaf", '{"type":1}'],
        ["BadLeaf", '{"type":"toString"}'],
        ["BadLeaf", '{"type":"gossip","version":1}'],
    ] as const)("are %s: %s", (code, text) => {
        expect(() => decodeLeaf(toUtf8(text))).toThrow(coded(code));
    });

    it("are not UTF-8, or too many", () => {
        expect(() => decodeLeaf(new Uint8Array([0xff]))).toThrow(coded("BadUtf8"));
        expect(() => decodeLeaf(new Uint8Array(16_384).fill(0x20))).toThrow(coded("BadLeaf"));
        // One fewer, and they are read.
        expect(() => decodeLeaf(new Uint8Array(16_383).fill(0x20))).toThrow(coded("BadJson"));
    });
});
