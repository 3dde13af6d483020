import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type * as Code from "../../components/inline-code";
import { loadNative, ROOT } from "../support/native";

/** Proves that code is made, kept and found again. Proves nothing about what it does; the conformance tests run it. */

const load = () => loadNative<typeof Code>("components/inline-code.ts");
const publish: Code.LambdaHandler = { module: "publish", options: undefined };

describe("serialize", () => {
    it("packs createHandler with its options, called once", async () => {
        const { create } = loadNative<{ create: (options: unknown) => unknown }>("tests/support/hello.ts");
        const code = load().withOptions(await load().serialize(create), { name: "Ada" });
        const loaded: { handler?: (event: unknown) => Promise<unknown> } = {};
        new Function("exports", "require", code)(loaded, require);
        await expect(loaded.handler!({ to: "Bob" })).resolves.toBe("Ada greets Bob, call 1");
        await expect(loaded.handler!({ to: "Eve" })).resolves.toBe("Ada greets Eve, call 2");
    });

    it("refuses a captured secret, which would be plaintext in the archive", async () => {
        const { secretCreate } = loadNative<{ secretCreate: () => () => unknown }>("tests/support/hello.ts");
        await expect(load().serialize(secretCreate())).rejects.toThrow("Secret outputs cannot be captured");
    });
});

describe("inlineCode", () => {
    let folder: string;
    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "countersign-code-"));
    });
    afterEach(() => rmSync(folder, { recursive: true, force: true }));

    it("keeps what it made, byte for byte, and nothing else", async () => {
        const { inlineCode } = load();
        const first = await inlineCode(publish, join(folder, "new"));
        expect(first).toContain("exports.handler");
        expect(readdirSync(join(folder, "new"))).toEqual([expect.stringMatching(/^[0-9a-f]{64}\.js$/)]);
        expect(await inlineCode(publish, join(folder, "new"))).toBe(first);
        expect(await inlineCode(publish, null)).toBe(first);
    });

    it("takes what is kept", async () => {
        const { codeKey, inlineCode } = load();
        writeFileSync(join(folder, `${codeKey(publish.module)}.js`), "kept");
        expect(await inlineCode(publish, folder)).toBe("kept\nexports.handler = exports.createHandler();\n");
    });

    it("works where nothing can be kept", async () => {
        writeFileSync(join(folder, "file"), "");
        expect(await load().inlineCode(publish, join(folder, "file", "below"))).toContain("exports.handler");
    });
});

describe("codeKey", () => {
    let root: string;
    beforeEach(() => {
        root = mkdtempSync(join(tmpdir(), "countersign-key-"));
        for (const path of [
            "lambdas/publish.ts",
            "lib/hash.ts",
            "tsconfig.json",
            "tsconfig.pulumi.json",
            "components/inline-code.ts",
        ]) {
            mkdirSync(join(root, path, ".."), { recursive: true });
            cpSync(join(ROOT, path), join(root, path));
        }
    });
    afterEach(() => rmSync(root, { recursive: true, force: true }));

    it("is the same for the same", () =>
        expect(load().codeKey(publish.module, root)).toBe(load().codeKey(publish.module, root)));

    it.each(["lambdas/publish.ts", "lib/hash.ts", "lib/new.ts", "tsconfig.json", "components/inline-code.ts"])(
        "changes with %s",
        (path) => {
            const before = load().codeKey(publish.module, root);
            writeFileSync(join(root, path), "// changed");
            expect(load().codeKey(publish.module, root)).not.toBe(before);
        },
    );

    it("changes with the module", () =>
        expect(load().codeKey("prepare", root)).not.toBe(load().codeKey("publish", root)));
});

describe("withOptions", () => {
    it("leaves the factory's text as it is and adds the call", () =>
        expect(load().withOptions("text", { name: "Ada" })).toBe(
            'text\nexports.handler = exports.createHandler({"name":"Ada"});\n',
        ));
});

describe("refuseNodeModules", () => {
    it("accepts a checkout", () => expect(() => load().refuseNodeModules(join(ROOT, "components"))).not.toThrow());

    it("refuses an installed package", () =>
        expect(() => load().refuseNodeModules(join(ROOT, "node_modules", "countersign", "components"))).toThrow(
            expect.objectContaining({ code: "InlineCodeFromNodeModules" }),
        ));

    it("is not misled by a name that only contains it", () =>
        expect(() => load().refuseNodeModules("/src/my_node_modules_backup/components")).not.toThrow());
});
