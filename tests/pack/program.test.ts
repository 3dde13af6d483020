/** What the program registers in a preview. Proves nothing about the real engine: that is tests/engine. */
import { beforeAll, describe, expect, it } from "vitest";
import { record, type Recording } from "../support/record-harness";

let recording: Recording;
beforeAll(async () => {
    recording = await record();
}, 120_000);

describe("the program in the real language host", () => {
    it("ends well", () =>
        expect({ code: recording.exitCode, errors: recording.errors }).toEqual({ code: 0, errors: [] }));

    it("keeps keys, the log's bucket and the trail when their stack is destroyed, which no analyzer sees", () => {
        const kept = recording.records.filter(
            ({ type, name }) =>
                type === "aws:kms/key:Key" ||
                type === "aws:cloudtrail/trail:Trail" ||
                (type === "aws:s3/bucket:Bucket" && name !== "pipeline-uploads"),
        );
        expect(kept.length).toBeGreaterThanOrEqual(8);
        expect(kept.filter(({ retainOnDelete, protect }) => !retainOnDelete || !protect)).toEqual([]);
    });

    it("puts everything under its one explicit provider", () => {
        const others = recording.records.filter(
            ({ type, provider }) => type.startsWith("aws:") && !provider.endsWith("::pulumi:providers:aws::aws"),
        );
        expect(others).toEqual([]);
    });
});
