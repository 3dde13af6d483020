// Proves that the shipped command says "verified" only for what is, and names the check that failed; verify/ has one-byte changes,
// outages and wrong usage. The log is made by lib/tlog here: that others accept such a log is tests/lib/tlog's business.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { toUtf8 } from "../../lib/encoding";
import { pem } from "../support/certificates";
import { randomFrom } from "../support/random";
import { flipped, makeLog, signRaw } from "./support";
import { key, leaves, log, MODULE_INDEX, RAW_INDEX, SIZE, twin, verifying } from "./verify/world";

const command = verifying();
const publicKey = command.save("key.pem", pem(key.spki, "PUBLIC KEY"));

describe.each([
    ["a raw file with its signature", "raw", RAW_INDEX, "tile/entries/001.p/44"],
    ["a signed module", "module", MODULE_INDEX, "tile/entries/000"],
] as const)("%s", (_, what, index, bundle) => {
    const subject = command[what];

    it("verifies by the hint, without reading the whole log", async () => {
        const run = await command.verify(subject);
        expect([run.status, run.err]).toEqual([0, ""]);
        expect(run.json()).toMatchObject({
            verified: true,
            index,
            log: { origin: "log.example/test", size: SIZE },
            checks: ["checkpoint", "inclusion", "leaf", "key", "signature", "content"],
        });
        // Whoever brings the key does not make the command look for it.
        command.server.requests.length = 0;
        expect((await command.verify(subject, "--public-key", publicKey)).json()).toMatchObject({
            verified: true,
            index,
        });
        const bundles = command.server.requests.filter((request) => request.includes("tile/entries/"));
        expect(bundles).toEqual([`GET /${bundle}`]);
    });

    it("verifies where hints are missing, malformed, or point elsewhere", async () => {
        for (const hint of [undefined, "not json", '{"indices":[7,99999,-1,"x"]}', '{"indices":7}']) {
            command.objects = new Map(log.objects);
            const hints = [...log.objects.keys()].filter((name) => name.startsWith("index/"));
            expect(hints).toHaveLength(2);
            for (const path of hints) {
                if (hint === undefined) command.objects.delete(path);
                else command.objects.set(path, toUtf8(hint));
            }
            const run = await command.verify(subject);
            expect([run.status, run.json()["index"]], hint).toEqual([0, index]);
        }
    });

    it("verifies by index, and not by another entry's index", async () => {
        expect((await command.verify(subject, "--index", String(index))).status).toBe(0);
        expect((await command.verify(subject, "--index", "7")).json()).toMatchObject({
            verified: false,
            failed: "key",
        });
        expect((await command.verify(subject, "--index", "9")).json()).toMatchObject({
            verified: false,
            failed: "leaf",
        });
        expect((await command.verify(subject, "--index", "300")).json()).toMatchObject({
            verified: false,
            failed: "inclusion",
        });
    });

    it("verifies without a network from the proof that `log show` writes", async () => {
        const { server } = command;
        const proof = join(command.folder, `${index}.tlog-proof`);
        const fromLog = ["--log-url", server.url, "--vkey", log.vkey];
        const made = await command.run(["log", "show", String(index), ...fromLog, "--proof", proof]);
        expect(made.status).toBe(0);
        const local = ["--proof", proof, "--public-key", publicKey, "--vkey", log.vkey];
        const offline = ["verify", ...subject, ...local, "--json"];
        server.requests.length = 0;
        expect((await command.run(offline)).json()).toMatchObject({ verified: true, index });
        expect(server.requests).toEqual([]);
        const bytes = readFileSync(proof);
        const at = (text: string): number => bytes.indexOf(text) + text.length;
        for (const [place, failed] of [
            [at("extra "), "inclusion"],
            [at(`index ${index}\n`), "inclusion"],
            [at("log.example/test\n"), "checkpoint"],
        ] as const) {
            writeFileSync(proof, flipped(bytes, place));
            const run = await command.run(offline);
            expect([run.status, run.json()["failed"]], `byte ${place}`).toEqual([1, failed]);
        }
        rmSync(proof);
    });
});

describe("not verified", () => {
    const { save } = command;
    const twinFile = (): string[] => [
        save("twin", randomFrom(3).bytes(100)),
        "--signature",
        save("twin.sig", twin.signature),
    ];

    it("a file that is not in the log, after all of it was read", async () => {
        const stranger = signRaw(key, randomFrom(9).bytes(50));
        const run = await command.verify([
            save("stranger", randomFrom(9).bytes(50)),
            "--signature",
            save("stranger.sig", stranger.signature),
        ]);
        expect([run.status, run.json()["failed"], run.json()["code"]]).toEqual([1, "log", "NotLogged"]);
        expect(command.server.requests).toContain("GET /tile/entries/000");
    });

    it("an entry of a key that was not pinned, though it verifies under its own", async () => {
        const run = await command.verify(twinFile());
        expect([run.status, run.json()["failed"], run.json()["code"]]).toEqual([1, "key", "UnknownKey"]);
    });

    it("a pinned key of which nobody has the public half", async () => {
        const key = twin.leaf.key_spki_sha256;
        const run = await command.run(["verify", ...twinFile(), ...command.trust({ key })]);
        expect([run.status, run.err]).toEqual([1, expect.stringContaining('check "key" failed')]);
    });

    it("a log that another key signed", async () => {
        const { vkey } = makeLog(key, leaves, SIZE);
        const run = await command.run(["verify", ...command.raw, ...command.trust({ vkey })]);
        expect([run.status, run.err]).toEqual([1, expect.stringContaining('check "checkpoint" failed')]);
    });

    it("an unsigned file, with what to do", async () => {
        const run = await command.run(["verify", command.raw[0]!, ...command.trust()]);
        expect([run.status, run.err]).toEqual([
            1,
            expect.stringMatching(/check "file" failed: .*give --signature FILE/),
        ]);
    });
});
