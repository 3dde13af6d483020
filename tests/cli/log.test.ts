// Proves that `log show`, `log list` and `digest` print what is proved and what a key signed, and nothing else.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { toHex, toUtf8 } from "../../lib/encoding";
import { sha256 } from "../../lib/hash";
import { commandWithLog } from "./command-with-log";
import { flipped, makeLog, registered, type Run, signModule, signRaw, testKey } from "./support";

const key = testKey();
const content = toUtf8("content");
const raw = signRaw(key, content);
const log = makeLog(
    key,
    new Map([
        [0, registered(key)],
        [3, raw.leaf],
    ]),
    6,
);
const command = commandWithLog(log);
const { folder } = command;

const run = (...args: string[]): Promise<Run> =>
    command.run([...args, "--log-url", command.server.url, "--vkey", log.vkey]);

describe("log show", () => {
    it("prints one entry with its place", async () => {
        const shown = await run("log", "show", "3", "--json");
        expect(shown.status).toBe(0);
        expect(shown.json()).toMatchObject({
            verified: true,
            index: 3,
            log: { size: 6 },
            leaf: { record_hash: raw.leaf.record_hash },
        });
        expect((await run("log", "show", "3")).out).toContain(raw.leaf.record_hash);
    });

    it("does not overwrite a proof", async () => {
        const proof = join(folder, "taken");
        writeFileSync(proof, "mine");
        expect((await run("log", "show", "3", "--proof", proof)).status).toBe(2);
        expect(readFileSync(proof, "utf8")).toBe("mine");
    });

    it("refuses a number that is none, an index beyond the log, and a changed tile", async () => {
        expect((await run("log", "show", "0x3")).status).toBe(2);
        expect((await run("log", "show", "6")).status).toBe(1);
        command.objects.set("tile/0/000.p/6", flipped(command.objects.get("tile/0/000.p/6")!, 3 * 32));
        const changed = await run("log", "show", "3");
        expect([changed.status, changed.err]).toEqual([1, expect.stringContaining('check "tiles" failed')]);
    });
});

describe("log list", () => {
    it("lists the newest, from an index, and by type", async () => {
        const all = (await run("log", "list", "--json")).json() as {
            entries: { index: number; leaf: { type: string } }[];
        };
        expect(all.entries.map(({ index, leaf }) => [index, leaf.type])).toEqual([
            [0, "key_event"],
            [1, "correction"],
            [2, "correction"],
            [3, "signature"],
            [4, "correction"],
            [5, "correction"],
        ]);
        const some = (await run("log", "list", "--from", "2", "--limit", "2", "--json")).json() as typeof all;
        expect(some.entries.map(({ index }) => index)).toEqual([2, 3]);
        const typed = (await run("log", "list", "--type", "signature", "--json")).json() as typeof all;
        expect(typed.entries.map(({ index }) => index)).toEqual([3]);
        const text = (await run("log", "list", "--limit", "3")).out.trimEnd().split("\n");
        expect(text).toHaveLength(4);
        expect(text[1]).toContain(`artifact ${raw.artifact}`);
    });

    it("shows none of a log whose checkpoint or entries were changed", async () => {
        for (const [path, check] of [
            ["tile/entries/000.p/6", "entry"],
            ["checkpoint", "checkpoint"],
        ] as const) {
            command.objects = new Map(log.objects).set(path, flipped(log.objects.get(path)!, -3));
            const { status, out, err } = await run("log", "list");
            expect([status, out, err], path).toEqual([1, "", expect.stringContaining(`check "${check}" failed`)]);
        }
        expect((await run("log", "list", "--limit", "0")).status).toBe(2);
    });
});

describe("digest", () => {
    it("recovers what the key signed out of a signed module, which is not the file's own hash", async () => {
        const module = toUtf8("\x7fELF module");
        const { signed } = signModule(key, module);
        const path = join(folder, "m.ko");
        writeFileSync(path, signed);
        const report = (await command.run(["digest", path, "--json"])).json();
        const expected = toHex(sha256(module));
        expect(report).toMatchObject({
            format: "kmod",
            signatures: 1,
            artifact_sha256: expected,
            digests: { sha256: expected },
        });
        expect(expected).not.toBe(toHex(sha256(signed)));
        writeFileSync(path, flipped(signed, -33));
        const broken = await command.run(["digest", path]);
        expect([broken.status, broken.err]).toEqual([1, expect.stringContaining("BadTrailer")]);
    });

    it("hashes any other file as it is, and knows when there is none", async () => {
        const path = join(folder, "plain");
        writeFileSync(path, content);
        const report = (await command.run(["digest", path, "--json"])).json();
        expect(report).toMatchObject({ format: "raw", signatures: 0, artifact_sha256: toHex(sha256(content)) });
        expect((await command.run(["digest", path])).out).toContain(toHex(sha256(content)));
        expect((await command.run(["digest", join(folder, "none")])).status).toBe(2);
        expect(existsSync(join(folder, "none"))).toBe(false);
    });
});
