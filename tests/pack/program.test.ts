/**
 * What the program registers in a preview, and what the pack says of it, registration by registration.
 * Proves nothing about the real engine: that is tests/engine.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packConfig } from "../../policies/config";
import type { Settings } from "../../policies/settings";
import { type PackProcess, startPack } from "../support/pack-process";
import { record, type Recording } from "../support/record-harness";
import { registered } from "../support/recorded";

const settings = JSON.parse(
    readFileSync(join(__dirname, "..", "..", "policies", "settings.local.json"), "utf8"),
) as Partial<Settings>;

let recording: Recording;
let pack: PackProcess;
beforeAll(async () => {
    [recording, pack] = await Promise.all([record(), startPack()]);
    await pack.configure(packConfig(settings) as Record<string, Record<string, unknown>>);
}, 240_000);
afterAll(() => pack.stop());

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

    it("gives no violation and no notice, resource by resource", async () => {
        const found = [];
        for (const resource of registered(recording.records)) found.push(...(await pack.analyze(resource)));
        expect(found).toEqual([]);
    });

    it("gives no violation as a stack", async () =>
        expect(await pack.analyzeStack(registered(recording.records))).toEqual([]));
});
