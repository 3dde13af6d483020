import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type * as Seam from "../../components/inline-function";
import { capture } from "../support/graph";
import { archiveOf } from "../support/conformance";
import { loadNative, ROOT } from "../support/native";

/** Proves what the seam registers. Proves nothing about Lambda; the conformance tests run the code. */

const args = {
    functionName: "acme-hello",
    description: "says hello",
    roleArn: "arn:aws:iam::111122223333:role/acme-hello",
    environment: { GREETING: "hello" },
    dataKeyArn: "arn:aws:kms:eu-west-1:111122223333:key/1234",
};

function program(overrides: Partial<Seam.InlineFunctionArgs> = {}) {
    return () => {
        const { inlineFunction, withOptions } = loadNative<typeof Seam>("components/inline-function.ts");
        const create = loadNative<{ create: never }>("tests/support/hello.ts").create;
        inlineFunction("hello", { ...args, factory: withOptions(create, { name: "Ada" }), ...overrides }, {});
    };
}

describe("inlineFunction", () => {
    it("registers a function and its log group, and no role or attachment", async () => {
        const graph = await capture(program(), { serialize: ["hello"] });
        expect(graph.resources.map(({ type }) => type).sort()).toEqual([
            "aws:cloudwatch/logGroup:LogGroup",
            "aws:lambda/function:Function",
            "pulumi:pulumi:Stack",
        ]);
    });

    it("sets all that decides how the code runs", async () => {
        const graph = await capture(program({ timeoutSeconds: 7, memoryMb: 256 }), { serialize: ["hello"] });
        const { inputs, dependencies, ignoreChanges } = graph.one("aws:lambda/function:Function", "hello");
        const { code, ...rest } = inputs;
        expect(rest).toEqual({
            name: "acme-hello",
            description: "says hello",
            handler: "__index.handler",
            role: "arn:aws:iam::111122223333:role/acme-hello",
            runtime: "nodejs24.x",
            timeout: 7,
            memorySize: 256,
            environment: { variables: { GREETING: "hello" } },
            tags: { "data-class": "internal" },
        });
        expect(Object.keys(archiveOf(code))).toEqual(["__index.js"]);
        expect(dependencies).toEqual(["aws:cloudwatch/logGroup:LogGroup::hello-logs"]);
        expect(ignoreChanges).toEqual([]);
    });

    it("keeps the log for a year, under the data key", async () => {
        const graph = await capture(program(), { serialize: ["hello"] });
        expect(graph.one("aws:cloudwatch/logGroup:LogGroup", "hello-logs").inputs).toEqual({
            name: "/aws/lambda/acme-hello",
            retentionInDays: 365,
            kmsKeyId: "arn:aws:kms:eu-west-1:111122223333:key/1234",
            tags: { "data-class": "internal" },
        });
    });

    it("packs the factory with its options, called once", async () => {
        const graph = await capture(program(), { serialize: ["hello"] });
        const { "__index.js": code } = archiveOf(graph.one("aws:lambda/function:Function", "hello").inputs.code);
        expect(code).toContain('"Ada"');
        const loaded: { handler?: (event: unknown) => Promise<unknown> } = {};
        new Function("exports", "require", code!)(loaded, require);
        await expect(loaded.handler!({ to: "Bob" })).resolves.toEqual("Ada greets Bob, call 1");
        await expect(loaded.handler!({ to: "Eve" })).resolves.toEqual("Ada greets Eve, call 2");
    });
});

describe("serialize", () => {
    it("refuses a captured secret, which would be plaintext in the archive", async () => {
        const { serialize } = loadNative<typeof Seam>("components/inline-function.ts");
        const { secretFactory } = loadNative<{ secretFactory: () => Seam.HandlerFactory }>("tests/support/hello.ts");
        await expect(serialize(secretFactory())).rejects.toThrow("Secret outputs cannot be captured");
    });
});

describe("refuseNodeModules", () => {
    const { refuseNodeModules } = loadNative<typeof Seam>("components/inline-function.ts");

    it("accepts a checkout", () => expect(() => refuseNodeModules(join(ROOT, "components"))).not.toThrow());

    it("refuses an installed package", () =>
        expect(() => refuseNodeModules(join(ROOT, "node_modules", "countersign", "components"))).toThrow(
            expect.objectContaining({ code: "InlineCodeFromNodeModules" }),
        ));

    it("is not misled by a name that only contains it", () =>
        expect(() => refuseNodeModules("/src/my_node_modules_backup/components")).not.toThrow());
});
