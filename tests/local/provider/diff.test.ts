import { describe, expect, it } from "vitest";
import { diff } from "../../../local/provider/diff";
import { replace, update, type ResourceType } from "../../../local/provider/declare";
import { SIGNATURE, UNKNOWN } from "../../../local/provider/wire";

const TYPE = {
    token: "aws:example/thing:Thing",
    arguments: {
        name: replace(),
        kind: replace(),
        size: update(),
        policy: update({ document: true }),
        list: update(),
        set: update({ unordered: true }),
        code: update(),
    },
    autoname: { argument: "name", maxLength: 20 },
    identity: ["name"],
} as unknown as ResourceType;
const changes = (olds: object, news: object) => diff(TYPE, { ...olds }, { ...news }).changed;

describe("what differs", () => {
    it("says how", () => {
        expect(changes({ size: 1, kind: "a" }, { size: 2, list: [] })).toEqual({
            size: { kind: "update", replaces: false },
            kind: { kind: "delete", replaces: true },
            list: { kind: "add", replaces: false },
        });
    });

    it("is nothing between equal values, whatever the order of their members", () => {
        expect(changes({ list: [{ a: 1, b: [2] }] }, { list: [{ b: [2], a: 1 }] })).toEqual({});
    });

    it("is the order of a list, unless the table says that it means nothing", () => {
        expect(Object.keys(changes({ list: [1, 2], set: [1, 2] }, { list: [2, 1], set: [2, 1] }))).toEqual(["list"]);
    });

    it("is not the spelling of a document", () => {
        expect(changes({ policy: '{"a":1,"b":2}' }, { policy: '{ "b": 2, "a": 1 }' })).toEqual({});
        expect(Object.keys(changes({ policy: '{"a":1}' }, { policy: '{"a":2}' }))).toEqual(["policy"]);
        expect(Object.keys(changes({ policy: "{" }, { policy: "{}" }))).toEqual(["policy"]);
    });

    it("is an unknown, which may turn out to be anything", () => {
        expect(Object.keys(changes({ size: 1, list: [1] }, { size: UNKNOWN, list: [UNKNOWN] }))).toEqual([
            "size",
            "list",
        ]);
    });

    it("is the hash of code, not where its text is kept", () => {
        const code = (hash: string, more: object = {}) => ({
            [SIGNATURE]: "0def7320c3a5731c473e5ecbe6d01bc7",
            hash,
            ...more,
        });
        expect(changes({ code: code("a") }, { code: code("a", { assets: {} }) })).toEqual({});
        expect(Object.keys(changes({ code: code("a") }, { code: code("b") }))).toEqual(["code"]);
    });

    it("is the region, which replaces", () => {
        expect(changes({ region: "eu-west-1" }, { region: "us-east-1" })).toEqual({
            region: { kind: "update", replaces: true },
        });
    });

    it("leaves out notes that are no arguments", () => {
        expect(changes({ __defaults: ["a"] }, { __defaults: ["b"] })).toEqual({});
    });
});

describe("which comes first in a replacement", () => {
    const first = (olds: object, news: object, type = TYPE) => diff(type, { ...olds }, { ...news }).deleteBeforeReplace;

    it("is the deletion, where the program keeps the name", () => {
        expect(first({ name: "x", kind: "a" }, { name: "x", kind: "b" })).toBe(true);
    });

    it("is the creation, where name or region change too", () => {
        expect(first({ name: "x", kind: "a" }, { name: "y", kind: "b" })).toBe(false);
        expect(first({ name: "x", region: "a" }, { name: "x", region: "b" })).toBe(false);
    });

    it("is the creation, where Check chose the name and will choose another", () => {
        expect(first({ name: "x-1", kind: "a" }, { name: "x-1", kind: "b", __defaults: ["name"] })).toBe(false);
    });

    it("is the creation, where AWS names the thing, and nothing at all without a replacement", () => {
        const { identity: _, ...anonymous } = TYPE;
        expect(first({ kind: "a" }, { kind: "b" }, anonymous)).toBe(false);
        expect(first({ name: "x", size: 1 }, { name: "x", size: 2 })).toBe(false);
    });
});
