/**
 * The example workflows run the pack whole (T85 to T88). Proves nothing about what a forge's runner does with a file, nor about scripts
 * beyond the commands that are written in them.
 */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "../../../support/native";
import { policy } from "../command";
import { DEPLOYS, FOLDER, PREVIEWS, problemsIn, read } from "./mutants";

describe("the example workflows", () => {
    it.each([...PREVIEWS, ...DEPLOYS])("%s weakens nothing", (file) =>
        expect(problemsIn(read(`${FOLDER}/${file}`))).toEqual([]),
    );

    it("are what the command says of them", async () => {
        const files = [...PREVIEWS, ...DEPLOYS].map((file) => join(FOLDER, file));
        expect(process.cwd()).toBe(ROOT);
        expect(await policy("check-workflow", ...files)).toEqual({
            status: 0,
            stdout: "no workflow weakens the pack\n",
            stderr: "",
        });
    });
});
