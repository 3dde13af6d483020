// Proves that one changed bit anywhere is found, and by which check. Proves nothing about changes of more.
import { describe, expect, it } from "vitest";
import { flipped } from "../support";
import { content, kmod, log, module, MODULE_INDEX, raw, RAW_INDEX, verifying } from "./world";

const command = verifying();
/** The bundle that holds the raw file's entry. */
const ENTRIES = "tile/entries/001.p/44";

describe("a one-byte change", () => {
    const { save } = command;
    // The first, the last and some in between: of the module, its CMS, the trailer and the magic.
    const moduleEnd = module.length;
    it.each([
        0,
        1,
        100,
        moduleEnd - 1,
        moduleEnd,
        moduleEnd + 1,
        moduleEnd + 60,
        -300,
        -41,
        -40,
        -33,
        -32,
        -29,
        -28,
        -1,
    ])("in the signed module at %i", async (at) => {
        const run = await command.verify([save("changed.ko", flipped(kmod.signed, at))]);
        expect(run.status, run.out).toBe(1);
        expect(["file", "content", "log"]).toContain(run.json()["failed"]);
    });

    it.each([0, 1500, 2999])("in the signed file at %i: check content", async (at) => {
        const run = await command.verify([save("changed.bin", flipped(content, at)), "--signature", command.raw[2]!]);
        expect([run.status, run.json()["failed"]]).toEqual([1, "content"]);
    });

    it.each([0, 128, 255])("in the detached signature at %i: check content", async (at) => {
        const run = await command.verify([
            command.raw[0]!,
            "--signature",
            save("changed.sig", flipped(raw.signature, at)),
        ]);
        expect([run.status, run.json()["failed"]]).toEqual([1, "content"]);
    });

    it("anywhere in the entry: check entry", async () => {
        const path = ENTRIES;
        const bytes = command.objects.get(path)!;
        const start = Buffer.from(bytes).indexOf(raw.leaf.signature_base64.slice(0, 40)) - 900;
        for (const at of [start, start + 950, start + 1200]) {
            command.objects.set(path, flipped(bytes, at));
            const run = await command.verify(command.raw, "--index", String(RAW_INDEX));
            expect([run.status, run.json()["failed"]], `byte ${at}`).toEqual([1, "entry"]);
        }
    });

    it("in the entry's length: check entry", async () => {
        command.objects.set(ENTRIES, flipped(command.objects.get(ENTRIES)!, 1));
        expect((await command.verify(command.raw)).json()).toMatchObject({ failed: "entry" });
    });

    it("in the entry, found by reading the log: check entry", async () => {
        command.objects.delete(`index/digest/${raw.artifact.slice(0, 2)}/${raw.artifact}.json`);
        const bytes = command.objects.get(ENTRIES)!;
        command.objects.set(ENTRIES, flipped(bytes, Buffer.from(bytes).indexOf(raw.leaf.principal_hash)));
        expect((await command.verify(command.raw)).json()).toMatchObject({ failed: "entry" });
    });

    it.each([
        ["tile/0/001.p/44", 0],
        ["tile/0/001.p/44", 32 * (RAW_INDEX - 256) + 5],
        ["tile/0/001.p/44", -1],
        ["tile/1/000.p/1", 31],
    ])("in %s at %i: check tiles or inclusion", async (path, at) => {
        command.objects.set(path, flipped(command.objects.get(path)!, at));
        const run = await command.verify(command.raw);
        expect(run.status).toBe(1);
        expect(["tiles", "inclusion"]).toContain(run.json()["failed"]);
    });

    it.each([
        ["tile/0/000", 32 * MODULE_INDEX],
        ["tile/0/000", 8191],
        ["tile/1/000.p/1", 0],
    ])("in %s at %i, for an entry below a full tile: check tiles or inclusion", async (path, at) => {
        command.objects.set(path, flipped(command.objects.get(path)!, at));
        const run = await command.verify(command.module);
        expect(run.status).toBe(1);
        expect(["tiles", "inclusion"]).toContain(run.json()["failed"]);
    });

    it("anywhere in the checkpoint: check checkpoint", async () => {
        const bytes = log.objects.get("checkpoint")!;
        for (let at = 0; at < bytes.length; at += 23) {
            command.objects.set("checkpoint", flipped(bytes, at));
            const run = await command.verify(command.raw);
            expect([run.status, run.json()["failed"]], `byte ${at}`).toEqual([1, "checkpoint"]);
        }
    });
});
