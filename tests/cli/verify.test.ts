// Proves that the shipped command says "verified" only for what is, and names the check that failed. The log is made by
// lib/tlog here: that others accept such a log is tests/lib/tlog's business.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { randomFrom } from "../support/random";
import { toUtf8 } from "../../lib/encoding";
import { pem } from "../support/certificates";
import {
    addHint,
    bundleCli,
    flipped,
    makeLog,
    registered,
    runCli,
    serveObjects,
    signModule,
    signRaw,
    testKey,
    type Run,
    type Served,
    type TestLog,
} from "./support";

const RAW_INDEX = 270;
const MODULE_INDEX = 5;
const SIZE = 300;

const key = testKey();
const other = testKey();
const content = randomFrom(1).bytes(3000);
const module = Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, ...randomFrom(2).bytes(3000)]);
const raw = signRaw(key, content);
const kmod = signModule(key, module);
const twin = signRaw(other, randomFrom(3).bytes(100));
const leaves = new Map([
    [1, registered(key)],
    [MODULE_INDEX, kmod.leaf],
    [7, twin.leaf],
    [RAW_INDEX, raw.leaf],
]);
const log: TestLog = makeLog(key, leaves, SIZE);
addHint(log, raw.artifact, RAW_INDEX);
addHint(log, kmod.artifact, MODULE_INDEX);

const folder = mkdtempSync(join(tmpdir(), "countersign-cli-"));
const save = (name: string, bytes: Uint8Array | string): string => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
};
const rawFile = save("file.bin", content);
const rawSignature = save("file.bin.sig", raw.signature);
const moduleFile = save("driver.signed.ko", kmod.signed);

let cli: { path: string; remove(): void };
let server: Served;
let objects: Map<string, Uint8Array>;
beforeAll(async () => {
    cli = await bundleCli();
    server = await serveObjects(() => objects);
}, 60_000);
beforeEach(() => {
    objects = new Map(log.objects);
    server.requests.length = 0;
});
afterAll(async () => {
    cli.remove();
    rmSync(folder, { recursive: true, force: true });
    await server.stop();
});

const trust = (): string[] => ["--key", log.fingerprint, "--log-url", server.url, "--vkey", log.vkey];
const verify = (subject: readonly string[], ...more: string[]): Promise<Run> =>
    runCli(cli.path, ["verify", ...subject, ...trust(), "--json", ...more]);
const RAW = [rawFile, "--signature", rawSignature];
const MODULE = [moduleFile];

describe.each([
    ["a raw file with its signature", RAW, RAW_INDEX],
    ["a signed module", MODULE, MODULE_INDEX],
])("%s", (_, subject, index) => {
    it("verifies by the hint, without reading the whole log", async () => {
        const run = await verify(subject);
        expect([run.status, run.err]).toEqual([0, ""]);
        expect(run.json()).toMatchObject({
            verified: true,
            index,
            log: { origin: "log.example/test", size: SIZE },
            checks: ["checkpoint", "inclusion", "leaf", "key", "signature", "content"],
        });
    });

    it("verifies where hints are missing, malformed, or point elsewhere", async () => {
        for (const hint of [undefined, "not json", '{"indices":[7,99999,-1,"x"]}', '{"indices":7}']) {
            for (const path of [...objects.keys()].filter((name) => name.startsWith("index/"))) {
                if (hint === undefined) objects.delete(path);
                else objects.set(path, toUtf8(hint));
            }
            const run = await verify(subject);
            expect([run.status, run.json()["index"]], hint).toEqual([0, index]);
        }
    });

    it("verifies by index, and not by another entry's index", async () => {
        expect((await verify(subject, "--index", String(index))).status).toBe(0);
        expect((await verify(subject, "--index", "7")).json()).toMatchObject({ verified: false, failed: "key" });
        expect((await verify(subject, "--index", "9")).json()).toMatchObject({ verified: false, failed: "leaf" });
        expect((await verify(subject, "--index", "300")).json()).toMatchObject({
            verified: false,
            failed: "inclusion",
        });
    });

    it("verifies without a network from the proof that `log show` writes", async () => {
        const proof = join(folder, `${index}.tlog-proof`);
        const made = await runCli(cli.path, [
            "log",
            "show",
            String(index),
            "--log-url",
            server.url,
            "--vkey",
            log.vkey,
            "--proof",
            proof,
        ]);
        expect(made.status).toBe(0);
        const publicKey = save("key.pem", pem(key.spki, "PUBLIC KEY"));
        const offline = [
            "verify",
            ...subject,
            "--proof",
            proof,
            "--public-key",
            publicKey,
            "--vkey",
            log.vkey,
            "--json",
        ];
        server.requests.length = 0;
        expect((await runCli(cli.path, offline)).json()).toMatchObject({ verified: true, index });
        expect(server.requests).toEqual([]);
        const bytes = readFileSync(proof);
        const at = (text: string): number => bytes.indexOf(text) + text.length;
        for (const [place, failed] of [
            [at("extra "), "inclusion"],
            [at(`index ${index}\n`), "inclusion"],
            [at("log.example/test\n"), "checkpoint"],
        ] as const) {
            writeFileSync(proof, flipped(bytes, place));
            const run = await runCli(cli.path, offline);
            expect([run.status, run.json()["failed"]], `byte ${place}`).toEqual([1, failed]);
        }
        rmSync(proof);
    });
});

describe("a one-byte change", () => {
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
        const run = await verify([save("changed.ko", flipped(kmod.signed, at))]);
        expect(run.status, run.out).toBe(1);
        expect(["file", "content", "log"]).toContain(run.json()["failed"]);
    });

    it.each([0, 1500, 2999])("in the signed file at %i: check content", async (at) => {
        const run = await verify([save("changed.bin", flipped(content, at)), "--signature", rawSignature]);
        expect([run.status, run.json()["failed"]]).toEqual([1, "content"]);
    });

    it.each([0, 128, 255])("in the detached signature at %i: check content", async (at) => {
        const run = await verify([rawFile, "--signature", save("changed.sig", flipped(raw.signature, at))]);
        expect([run.status, run.json()["failed"]]).toEqual([1, "content"]);
    });

    it("anywhere in the entry: check entry", async () => {
        const path = "tile/entries/001.p/44";
        const bytes = objects.get(path)!;
        const start = Buffer.from(bytes).indexOf(raw.leaf.signature_base64.slice(0, 40)) - 900;
        for (const at of [start, start + 950, start + 1200]) {
            objects.set(path, flipped(bytes, at));
            const run = await verify(RAW, "--index", String(RAW_INDEX));
            expect([run.status, run.json()["failed"]], `byte ${at}`).toEqual([1, "entry"]);
        }
    });

    it("in the entry's length: check entry", async () => {
        objects.set("tile/entries/001.p/44", flipped(objects.get("tile/entries/001.p/44")!, 1));
        expect((await verify(RAW)).json()).toMatchObject({ failed: "entry" });
    });

    it("in the entry, found by reading the log: check entry", async () => {
        objects.delete(`index/digest/${raw.artifact.slice(0, 2)}/${raw.artifact}.json`);
        const bytes = objects.get("tile/entries/001.p/44")!;
        objects.set("tile/entries/001.p/44", flipped(bytes, Buffer.from(bytes).indexOf(raw.leaf.principal_hash)));
        expect((await verify(RAW)).json()).toMatchObject({ failed: "entry" });
    });

    it.each([
        ["tile/0/001.p/44", 0],
        ["tile/0/001.p/44", 32 * (RAW_INDEX - 256) + 5],
        ["tile/0/001.p/44", -1],
        ["tile/1/000.p/1", 31],
    ])("in %s at %i: check tiles or inclusion", async (path, at) => {
        objects.set(path, flipped(objects.get(path)!, at));
        const run = await verify(RAW);
        expect(run.status).toBe(1);
        expect(["tiles", "inclusion"]).toContain(run.json()["failed"]);
    });

    it.each([
        ["tile/0/000", 32 * MODULE_INDEX],
        ["tile/0/000", 8191],
        ["tile/1/000.p/1", 0],
    ])("in %s at %i, for an entry below a full tile: check tiles or inclusion", async (path, at) => {
        objects.set(path, flipped(objects.get(path)!, at));
        const run = await verify(MODULE);
        expect(run.status).toBe(1);
        expect(["tiles", "inclusion"]).toContain(run.json()["failed"]);
    });

    it("anywhere in the checkpoint: check checkpoint", async () => {
        const bytes = log.objects.get("checkpoint")!;
        for (let at = 0; at < bytes.length; at += 23) {
            objects.set("checkpoint", flipped(bytes, at));
            const run = await verify(RAW);
            expect([run.status, run.json()["failed"]], `byte ${at}`).toEqual([1, "checkpoint"]);
        }
    });
});

describe("not verified", () => {
    it("a file that is not in the log, after all of it was read", async () => {
        const stranger = signRaw(key, randomFrom(9).bytes(50));
        const run = await verify([
            save("stranger", randomFrom(9).bytes(50)),
            "--signature",
            save("stranger.sig", stranger.signature),
        ]);
        expect([run.status, run.json()["failed"], run.json()["code"]]).toEqual([1, "log", "NotLogged"]);
        expect(server.requests).toContain("GET /tile/entries/000");
    });

    it("an entry of a key that was not pinned, though it verifies under its own", async () => {
        const file = save("twin", randomFrom(3).bytes(100));
        const run = await verify([file, "--signature", save("twin.sig", twin.signature)]);
        expect([run.status, run.json()["failed"], run.json()["code"]]).toEqual([1, "key", "UnknownKey"]);
    });

    it("a pinned key of which nobody has the public half", async () => {
        const args = [
            "verify",
            save("twin", randomFrom(3).bytes(100)),
            "--signature",
            save("twin.sig", twin.signature),
        ];
        const fingerprint = twin.leaf.key_spki_sha256;
        const run = await runCli(cli.path, [
            ...args,
            "--key",
            fingerprint,
            "--log-url",
            server.url,
            "--vkey",
            log.vkey,
        ]);
        expect([run.status, run.err]).toEqual([1, expect.stringContaining('check "key" failed')]);
    });

    it("a log that another key signed", async () => {
        const strange = makeLog(key, leaves, SIZE);
        const run = await runCli(cli.path, [
            "verify",
            ...RAW,
            "--key",
            log.fingerprint,
            "--log-url",
            server.url,
            "--vkey",
            strange.vkey,
        ]);
        expect([run.status, run.err]).toEqual([1, expect.stringContaining('check "checkpoint" failed')]);
    });

    it("an unsigned file, with what to do", async () => {
        const run = await runCli(cli.path, ["verify", rawFile, ...trust()]);
        expect([run.status, run.err]).toEqual([
            1,
            expect.stringMatching(/check "file" failed: .*give --signature FILE/),
        ]);
    });
});

describe("could not tell", () => {
    it("where nothing answers, or answers with errors", async () => {
        const run = await runCli(cli.path, [
            "verify",
            ...RAW,
            "--key",
            log.fingerprint,
            "--vkey",
            log.vkey,
            "--log-url",
            "http://127.0.0.1:1",
        ]);
        expect([run.status, run.err]).toEqual([3, expect.stringContaining("after 3 tries")]);
    });

    it("where the log lacks its checkpoint or a tile", async () => {
        for (const path of ["checkpoint", "tile/0/001.p/44"]) {
            objects = new Map(log.objects);
            objects.delete(path);
            const run = await verify(RAW);
            expect(run.status, path).toBe(3);
        }
    });
});

describe("usage", () => {
    it.each([
        [["verify"], "missing required argument"],
        [["verify", "nowhere", "--key", "00".repeat(32), "--vkey", "x", "--log-url", "http://x"], "--vkey"],
        [["verify", rawFile], "verifier key"],
        [["verify", rawFile, "--vkey", log.vkey], "no key is pinned"],
        [["verify", rawFile, "--vkey", log.vkey, "--key", "ABC"], "64 lowercase hex"],
        [["verify", rawFile, "--vkey", log.vkey, "--key", log.fingerprint, "--signature", rawSignature], "--log-url"],
        [["verify", rawFile, "--vkey", log.vkey, "--key", log.fingerprint, "--signature", "nowhere"], "cannot read"],
        [
            [
                ...["verify", rawFile, "--signature", rawSignature],
                "--vkey",
                log.vkey,
                "--key",
                log.fingerprint,
                "--log-url",
                "ftp://x",
            ],
            "https:",
        ],
        [["verify", rawFile, "--index", "01"], "--index"],
        [["verify", rawFile, "--index", "1", "--proof", "p"], "exclude"],
        [["verify", rawFile, "--public-key", rawFile, "--vkey", log.vkey], "no public key"],
        [["verify", rawFile, "--stack-outputs", rawFile], "JSON object"],
        [["frobnicate"], "unknown command"],
        [["verify", rawFile, "--nonsense"], "unknown option"],
        [[], "Usage"],
    ])("%j is wrong usage, and says so", async (args, text) => {
        const run = await runCli(cli.path, args);
        expect([run.status, run.err]).toEqual([2, expect.stringContaining(text)]);
        expect(run.out).toBe("");
    });

    it("prints help on standard output", async () => {
        for (const args of [["--help"], ["verify", "--help"], ["sign", "--help"], ["log", "list", "--help"]]) {
            const run = await runCli(cli.path, args);
            expect([run.status, run.err]).toEqual([0, ""]);
            expect(run.out).toContain("3 could not tell");
        }
    });

    it("takes everything from a stack's outputs, and options over them", async () => {
        const outputs = {
            logUrl: server.url,
            logVkey: log.vkey,
            keyNames: ["files"],
            filesSpkiSha256: log.fingerprint,
            filesSpkiBase64: Buffer.from(key.spki).toString("base64"),
        };
        const file = save("outputs.json", JSON.stringify(outputs));
        expect((await runCli(cli.path, ["verify", ...RAW, "--stack-outputs", file])).status).toBe(0);
        const env = { COUNTERSIGN_STACK_OUTPUTS: file };
        expect((await runCli(cli.path, ["verify", ...RAW], env)).status).toBe(0);
        const overruled = await runCli(cli.path, ["verify", ...RAW, "--key", "00".repeat(32)], env);
        expect([overruled.status, overruled.err]).toEqual([1, expect.stringContaining('check "key" failed')]);
    });
});
