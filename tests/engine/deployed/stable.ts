import { describe, expect, it } from "vitest";
import type { RunResult } from "../../../local/engine/automation";
import type { Deployed } from "./stage";

/** Deploying what is deployed changes nothing, also if every resource is read from the cloud first. */
export function stableSuite(stage: () => Deployed): void {
    describe("deploying again", () => {
        const operations = ({ changes }: RunResult): string[] => Object.keys(changes);

        it("is announced without a change by preview, under the pack", async () =>
            expect(operations(await stage().stack.preview({ expectNoChanges: true }))).toEqual(["same"]));

        it("changes nothing, under the pack", async () => {
            const result = await stage().stack.up({ expectNoChanges: true });
            expect(operations(result)).toEqual(["same"]);
            expect(result.outputs).toEqual(stage().outputs.all);
        });

        it("changes nothing after a look at what the cloud holds", async () =>
            expect(operations(await stage().stack.up({ expectNoChanges: true, refresh: true }))).toEqual(["same"]));
    });
}
