/** What is read out of a stack export. */
import { describe, expect, it } from "vitest";
import { readExport } from "../../../policies/judge/stack-export";

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7";
const TEXT = { [SIGNATURE]: "c44067f5952c0a294b673a41bacd8c17", hash: "aa", text: "exports.handler = 1;" };
const asked = { [SIGNATURE]: ARCHIVE, hash: "11", assets: { "__index.js": TEXT } };
const bare = { [SIGNATURE]: ARCHIVE, hash: "11", assets: {} };

/** The code that the outputs of a function are read to have. */
function codeOf(input: unknown, output: unknown): unknown {
    const resource = {
        urn: "urn:pulumi:dev::countersign::aws:lambda/function:Function::sign",
        type: "aws:lambda/function:Function",
        custom: true,
        inputs: { code: input },
        outputs: { code: output },
    };
    return readExport({ version: 3, deployment: { resources: [resource] } })[0]?.outputs["code"];
}

describe("code after a refresh, by its hash alone", () => {
    it("is the program's, if the hash is", () => expect(codeOf(asked, bare)).toEqual(asked));

    it.each<[string, unknown, unknown]>([
        ["another hash", asked, { ...bare, hash: "22" }],
        ["no hash on either side", { ...asked, hash: undefined }, { ...bare, hash: undefined }],
        ["files of its own", asked, { ...bare, assets: { "__index.js": { ...TEXT, text: "exports.handler = 2;" } } }],
        ["a path", asked, { [SIGNATURE]: ARCHIVE, hash: "11", path: "/tmp/code.zip" }],
        ["no archive", asked, { hash: "11", assets: {} }],
        ["nothing that was asked for", undefined, bare],
    ])("with %s stays what the outputs say", (_, input, output) => expect(codeOf(input, output)).toEqual(output));
});
