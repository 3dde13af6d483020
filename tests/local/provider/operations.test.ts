import { describe, expect, it } from "vitest";
import type { Aws } from "../../../local/provider/aws";
import { replace, TAGS, update, type ResourceType } from "../../../local/provider/declare";
import * as operations from "../../../local/provider/operations";
import { UNKNOWN, type Properties } from "../../../local/provider/wire";

const AWS = {} as Aws;
const SETTINGS = { region: "eu-west-1", defaultTags: { stack: "dev" } };

/** A cloud of one thing, which notes what is asked of it. */
function fake(over: Partial<ResourceType> = {}) {
    const calls: string[] = [];
    let thing: Properties | undefined;
    const type: ResourceType = {
        token: "aws:example/thing:Thing",
        arguments: { name: replace(), size: update(), secret: update(), ...TAGS },
        outputs: ["arn", "version"],
        volatile: { version: ["size"] },
        create: async (_aws, args) => {
            calls.push("create");
            thing = { ...args, arn: "arn:1", version: 1 };
            return { id: "1", outputs: { arn: "arn:1" } };
        },
        read: async () =>
            thing && { size: thing["size"], arn: thing["arn"], version: thing["version"], tagsAll: thing["tagsAll"] },
        update: async (_aws, _id, args, change) => {
            calls.push(`update ${["size", "secret"].filter((name) => change.of(name)).join(",")}`);
            thing = { ...thing, ...args, version: 2 };
        },
        delete: async () => {
            calls.push("delete");
            thing = undefined;
        },
        ...over,
    };
    return {
        type,
        calls,
        edit: (change: Properties) => (thing = { ...thing, ...change }),
        lose: () => (thing = undefined),
    };
}

describe("create", () => {
    it("is planned with its outputs unknown", () => {
        expect(operations.previewCreate(fake().type, { name: "x", __defaults: ["name"] })).toEqual({
            name: "x",
            arn: UNKNOWN,
            version: UNKNOWN,
        });
    });

    it("gives arguments and what is read back", async () => {
        expect(await operations.create(fake().type, AWS, { name: "x", size: 1, __defaults: ["size"] })).toEqual({
            id: "1",
            state: { name: "x", size: 1, arn: "arn:1", version: 1, tagsAll: undefined },
        });
    });

    it("keeps a thing that was made and not finished", async () => {
        const complete = () => Promise.reject(new Error("no tags today"));
        const failed = await operations
            .create(fake({ complete }).type, AWS, { name: "x" })
            .catch((error: unknown) => error);
        expect(operations.isInitFailed(failed)).toBe(true);
        expect(failed).toMatchObject({ message: "no tags today", id: "1", state: { name: "x", arn: "arn:1" } });
    });

    it("keeps nothing of a thing that was not made", async () => {
        const create = () => Promise.reject(new Error("no"));
        const failed = await operations
            .create(fake({ create }).type, AWS, { name: "x" })
            .catch((error: unknown) => error);
        expect(operations.isInitFailed(failed)).toBe(false);
    });
});

describe("update", () => {
    const oldInputs = { name: "x", size: 1 };
    const state = { ...oldInputs, arn: "arn:1", version: 1 };

    it("is planned with only those outputs unknown that it may change", () => {
        const { type } = fake();
        expect(operations.previewUpdate(type, state, oldInputs, { name: "x", size: 2 })).toEqual({
            ...state,
            size: 2,
            version: UNKNOWN,
        });
        expect(operations.previewUpdate(type, state, oldInputs, { name: "x", size: 1, secret: "s" })).toEqual({
            ...state,
            secret: "s",
        });
    });

    it("forgets an argument that was taken out", () => {
        expect(operations.previewUpdate(fake().type, state, oldInputs, { name: "x" })).toEqual({
            name: "x",
            arn: "arn:1",
            version: UNKNOWN,
        });
    });

    it("tells the type what differs, and everything where a half-made thing is to be finished", async () => {
        const { type, calls } = fake();
        await operations.create(type, AWS, oldInputs);
        const next = { name: "x", size: 2 };
        const after = await operations.update(type, AWS, { id: "1", state, oldInputs, inputs: next });
        expect(after).toMatchObject({ name: "x", size: 2, arn: "arn:1", version: 2 });
        await operations.update(type, AWS, { id: "1", state: after, oldInputs: next, inputs: next });
        expect(calls).toEqual(["create", "update size", "update size,secret"]);
    });
});

describe("read", () => {
    const inputs = { name: "x", size: 1, tags: { a: "1" }, tagsAll: { a: "1", stack: "dev" }, __defaults: ["region"] };

    it("changes nothing where nothing drifted", async () => {
        const { type } = fake();
        const { id, state } = await operations.create(type, AWS, inputs);
        expect((await operations.read(type, AWS, { id, state, inputs }, SETTINGS))?.inputs).toEqual(inputs);
    });

    it("shows a drift of what the program said, tags without the provider's", async () => {
        const { type, edit } = fake();
        const { id, state } = await operations.create(type, AWS, inputs);
        edit({ size: 5, tagsAll: { stack: "dev", b: "2" }, version: 7 });
        const result = await operations.read(type, AWS, { id, state, inputs }, SETTINGS);
        expect(result?.inputs).toEqual({ ...inputs, size: 5, tags: { b: "2" }, tagsAll: { stack: "dev", b: "2" } });
        expect(result?.state).toMatchObject({ size: 5, version: 7 });
    });

    it("leaves out what the program did not say", async () => {
        const { type, edit } = fake();
        const { id, state } = await operations.create(type, AWS, { name: "x" });
        edit({ size: 5 });
        expect((await operations.read(type, AWS, { id, state, inputs: { name: "x" } }, SETTINGS))?.inputs).toEqual({
            name: "x",
        });
    });

    it("makes inputs of what is there, at an import", async () => {
        const { type } = fake();
        await operations.create(type, AWS, inputs);
        expect((await operations.read(type, AWS, { id: "1", state: {}, inputs: {} }, SETTINGS))?.inputs).toEqual({
            size: 1,
            tagsAll: { a: "1", stack: "dev" },
            tags: { a: "1" },
            region: "eu-west-1",
        });
    });

    it("says that a thing is gone", async () => {
        const { type, lose } = fake();
        await operations.create(type, AWS, inputs);
        lose();
        expect(await operations.read(type, AWS, { id: "1", state: {}, inputs }, SETTINGS)).toBeUndefined();
        const missing = Object.assign(new Error("gone"), { name: "NoSuchThing" });
        expect(
            await operations.read(
                fake({ read: () => Promise.reject(missing) }).type,
                AWS,
                { id: "1", state: {}, inputs },
                SETTINGS,
            ),
        ).toBeUndefined();
    });
});

describe("delete", () => {
    it("takes a thing that is gone for deleted, and no other failure", async () => {
        const gone = fake({ delete: () => Promise.reject(Object.assign(new Error("x"), { name: "NoSuchThing" })) });
        await expect(operations.remove(gone.type, AWS, "1", {})).resolves.toBeUndefined();
        const denied = fake({ delete: () => Promise.reject(Object.assign(new Error("x"), { name: "AccessDenied" })) });
        await expect(operations.remove(denied.type, AWS, "1", {})).rejects.toThrow("x");
    });
});
