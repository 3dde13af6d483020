import { describe, expect, it } from "vitest";
import { bucketNameOf, keyNamesOf, namesOf } from "../../components/names";

describe("namesOf", () => {
    it("starts every name with the prefix", () => {
        const texts = JSON.stringify(namesOf("acme-prod")).match(/"[^"]*acme-prod[^"]*"/g)!;
        const all = Object.values(namesOf("acme-prod")).flatMap((value) =>
            typeof value === "string" ? [value] : Object.values(value as Record<string, string>),
        );
        expect(texts).toHaveLength(all.length);
        expect(all.every((name) => /^(alias\/)?acme-prod-[a-z-]+$/.test(name))).toBe(true);
    });

    it("gives no two things of a kind one name", () => {
        const { functions, tables, rules } = namesOf("acme");
        for (const kind of [functions, tables, rules]) {
            expect(new Set(Object.values(kind)).size).toBe(Object.values(kind).length);
        }
    });

    it("accepts the longest prefix whose bucket names fit, in the longest region", () => {
        const prefix = "a".repeat(27);
        expect(namesOf(prefix).trail).toBe(`${prefix}-trail`);
        expect(bucketNameOf(prefix, "uploads", "111122223333", "ap-southeast-1")).toHaveLength(63);
        expect(bucketNameOf(prefix, "results", "111122223333", "ap-southeast-1")).toHaveLength(63);
    });

    it.each(["", "a", "A-b", "1a", "a_b", "a*", "a-", "a".repeat(28)])("refuses prefix %j", (prefix) =>
        expect(() => namesOf(prefix)).toThrow(expect.objectContaining({ code: "BadName" })),
    );
});

describe("keyNamesOf", () => {
    it("numbers alias, role and function", () =>
        expect(keyNamesOf("acme", "release", 3)).toEqual({
            alias: "alias/acme-release-v3",
            signerRole: "acme-release-v3-signer",
            signerFunction: "acme-release-v3-sign",
        }));

    it("accepts a role name of 64 characters and refuses 65", () => {
        const name = "k".repeat(64 - "acme--v1-signer".length);
        expect(keyNamesOf("acme", name, 1).signerRole).toHaveLength(64);
        expect(() => keyNamesOf("acme", `${name}k`, 1)).toThrow(expect.objectContaining({ code: "BadName" }));
    });

    it.each([
        ["Release", 1],
        ["re?ease", 1],
        ["", 1],
        ["release", 0],
        ["release", 1.5],
    ])("refuses %j version %j", (name, version) =>
        expect(() => keyNamesOf("acme", name, version)).toThrow(expect.objectContaining({ code: "BadName" })),
    );
});
