import { describe, expect, it } from "vitest";
import { check, wasFilled, type CheckRequest } from "../../../local/provider/check";
import { members, replace, TAGS, update, type ResourceType } from "../../../local/provider/declare";
import { UNKNOWN } from "../../../local/provider/wire";

const TYPE = {
    token: "aws:example/thing:Thing",
    arguments: {
        name: replace(),
        policy: update({ document: true }),
        size: update({ default: 3 }),
        owner: update({ required: true }),
        rules: update({ members: { ...members("id"), filter: members("prefix") } }),
        settings: update(),
        ...TAGS,
    },
    outputs: ["arn"],
    autoname: { argument: "name", maxLength: 20 },
} as unknown as ResourceType;

const SETTINGS = { region: "eu-west-1", defaultTags: { stack: "dev" } };
const request = (news: object, more: Partial<CheckRequest> = {}): CheckRequest => ({
    name: "thing",
    news: { owner: "me", ...news },
    olds: undefined,
    seed: new Uint8Array([1, 2, 3]),
    ...more,
});
const inputsOf = (news: object, more: Partial<CheckRequest> = {}) => check(TYPE, request(news, more), SETTINGS).inputs;

describe("names", () => {
    it("makes one of the logical name and seven hexadecimal digits, the same for the same seed", () => {
        const name = inputsOf({})["name"];
        expect(name).toMatch(/^thing-[0-9a-f]{7}$/);
        expect(inputsOf({})["name"]).toBe(name);
        expect(inputsOf({}, { seed: new Uint8Array([4]) })["name"]).not.toBe(name);
    });

    it("cuts a long logical name to fit", () => {
        expect(inputsOf({}, { name: "a-name-that-is-longer-than-it-may-be" })["name"]).toMatch(
            /^a-name-that-\S?-?[0-9a-f]{7}$/,
        );
        expect(String(inputsOf({}, { name: "a-name-that-is-longer-than-it-may-be" })["name"])).toHaveLength(20);
    });

    it("keeps the name it made before, but not one that the program has since taken out", () => {
        const before = inputsOf({});
        expect(inputsOf({}, { olds: before, seed: new Uint8Array([9]) })["name"]).toBe(before["name"]);
        expect(inputsOf({}, { olds: { name: "explicit" }, seed: new Uint8Array([9]) })["name"]).toMatch(/^thing-/);
    });

    it("takes the program's own", () => {
        const inputs = inputsOf({ name: "mine" });
        expect(inputs["name"]).toBe("mine");
        expect(wasFilled(inputs, "name")).toBe(false);
        expect(wasFilled(inputsOf({}), "name")).toBe(true);
    });
});

describe("defaults", () => {
    it("fills in, and notes what it filled in", () => {
        expect(inputsOf({ name: "x" })).toEqual({
            name: "x",
            owner: "me",
            size: 3,
            region: "eu-west-1",
            tagsAll: { stack: "dev" },
            __defaults: ["region", "size"],
        });
    });

    it("leaves what the program says, and takes a note of the engine for no argument", () => {
        const inputs = inputsOf({ name: "x", size: 0, region: "us-east-1", __defaults: ["size"] });
        expect(inputs).toMatchObject({ size: 0, region: "us-east-1" });
        expect(inputs).not.toHaveProperty("__defaults");
    });

    it("gives no region to a global type", () => {
        const global = { ...TYPE, regional: false };
        expect(check(global, request({ name: "x" }), SETTINGS).inputs).not.toHaveProperty("region");
        expect(check(global, request({ region: "eu-west-1" }), SETTINGS).failures).toEqual([
            expect.objectContaining({ property: "region" }),
        ]);
    });
});

describe("tags", () => {
    it("puts the program's over the provider's, in tagsAll alone", () => {
        expect(inputsOf({ tags: { a: "1", stack: "own" } })).toMatchObject({
            tags: { a: "1", stack: "own" },
            tagsAll: { a: "1", stack: "own" },
        });
    });

    it("is unknown as a whole if the tags are", () => {
        expect(inputsOf({ tags: UNKNOWN })["tagsAll"]).toBe(UNKNOWN);
        expect(inputsOf({ tags: { a: UNKNOWN } })["tagsAll"]).toEqual({ a: UNKNOWN, stack: "dev" });
    });

    it("has no tagsAll without any tag", () => {
        expect(check(TYPE, request({}), { ...SETTINGS, defaultTags: {} }).inputs).not.toHaveProperty("tagsAll");
    });
});

describe("documents", () => {
    it("makes an object the text that AWS gets", () => {
        expect(inputsOf({ policy: { Version: "2012-10-17", Statement: [] } })["policy"]).toBe(
            '{"Version":"2012-10-17","Statement":[]}',
        );
        expect(inputsOf({ policy: " {} " })["policy"]).toBe(" {} ");
    });

    it("makes it unknown as a whole if anything inside is", () => {
        expect(inputsOf({ policy: { Statement: [{ Resource: UNKNOWN }] } })["policy"]).toBe(UNKNOWN);
        expect(inputsOf({ settings: { a: UNKNOWN } })["settings"]).toEqual({ a: UNKNOWN });
    });
});

describe("refusals", () => {
    const failuresOf = (news: object) => check(TYPE, request(news), SETTINGS).failures;

    it("names an argument it does not know, whatever objects inherit", () => {
        const failures = failuresOf({ colour: "red", toString: 1 });
        expect(failures.map(({ property }) => property)).toEqual(["colour", "toString"]);
        expect(failures[0]?.reason).toContain("argument colour of aws:example/thing:Thing");
    });

    it("names a member at any depth", () => {
        expect(failuresOf({ rules: [{ id: "a" }, { id: "b", filter: { prefix: "x", tag: "y" } }] })).toEqual([
            { property: "rules[1].filter.tag", reason: expect.stringContaining("rules[1].filter.tag") as string },
        ]);
    });

    it("takes anything where the table declares no members, and unknowns anywhere", () => {
        expect(failuresOf({ settings: { any: { thing: [1] } }, rules: [UNKNOWN] })).toEqual([]);
    });

    it("names what is missing", () => {
        expect(failuresOf({ owner: undefined })).toEqual([
            { property: "owner", reason: "aws:example/thing:Thing needs owner" },
        ]);
    });
});
