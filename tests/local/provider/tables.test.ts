/** Proves that the tables fit together. That each argument reaches the cloud is tests/engine/provider-arguments.test.ts. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { TYPES, typeOf } from "../../../local/provider/services";

const NOT_TYPES = ["casing", "cloudfront-config", "index", "lambda-code", "tags"];

it("lists every file of services/", () => {
    const folder = join(__dirname, "..", "..", "..", "local", "provider", "services");
    const files = readdirSync(folder).map((file) => file.replace(/\.ts$/, ""));
    expect(files.filter((file) => !NOT_TYPES.includes(file))).toHaveLength(17);
    expect(Object.keys(TYPES)).toHaveLength(32);
});

it("names a type that it does not know", () => {
    expect(() => typeOf("aws:ec2/vpc:Vpc")).toThrow(
        expect.objectContaining({
            code: "NotSupported",
            message: expect.stringContaining("aws:ec2/vpc:Vpc") as string,
        }) as Error,
    );
    expect(() => typeOf("toString")).toThrow(expect.objectContaining({ code: "NotSupported" }) as Error);
});

describe.each(Object.entries(TYPES))("%s", (token, type) => {
    it("declares what its parts refer to", () => {
        expect(type.token).toBe(token);
        const names = Object.keys(type.arguments);
        expect(names).toEqual(
            expect.arrayContaining([...(type.identity ?? []), ...(type.autoname ? [type.autoname.argument] : [])]),
        );
        expect(type.outputs).toEqual(expect.arrayContaining(Object.keys(type.volatile ?? {})));
        expect(names).toEqual(expect.arrayContaining(Object.values(type.volatile ?? {}).flat()));
        expect(names.filter((name) => type.outputs.includes(name))).toEqual([]);
    });

    it("replaces whatever names the thing", () => {
        const changing = (type.identity ?? []).filter((name) => type.arguments[name]?.on !== "replace");
        // A mapping is known by source and function, of which the function can change.
        expect(changing).toEqual(token === "aws:lambda/eventSourceMapping:EventSourceMapping" ? ["functionName"] : []);
    });

    it("requires nothing that has a default", () => {
        const both = Object.entries(type.arguments).filter(
            ([, { required, default: value }]) => required && value !== undefined,
        );
        expect(both).toEqual([]);
    });
});
