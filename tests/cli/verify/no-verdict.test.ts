// Proves that without a log's answer, or with wrong usage, the command gives no verdict, and says so by its exit status.
import { describe, expect, it } from "vitest";
import { serve } from "../support";
import { key, log, verifying } from "./world";

const command = verifying();

describe("could not tell", () => {
    it("where nothing answers, or answers with errors", async () => {
        const failing = await serve((_request, response) => void response.writeHead(500).end());
        const verdicts = [];
        for (const url of ["http://127.0.0.1:1", failing.url]) {
            verdicts.push(await command.run(["verify", ...command.raw, ...command.trust({ url })]));
        }
        await failing.stop();
        expect(verdicts.map(({ status, out, err }) => [status, out, err])).toEqual([
            [3, "", expect.stringContaining("after 3 tries")],
            [3, "", expect.stringContaining("after 3 tries: status 500")],
        ]);
        expect(failing.requests).toEqual(Array.from({ length: 3 }, () => "GET /checkpoint"));
    });

    it("where the log lacks its checkpoint or a tile", async () => {
        for (const path of ["checkpoint", "tile/0/001.p/44"]) {
            command.objects = new Map(log.objects);
            command.objects.delete(path);
            const run = await command.verify(command.raw);
            expect(run.status, path).toBe(3);
        }
    });
});

describe("usage", () => {
    const [file, , signature] = command.raw as [string, string, string];
    /** What stands for values that differ from run to run. */
    const values: Readonly<Record<string, string>> = {
        FILE: file,
        SIGNATURE: signature,
        VKEY: log.vkey,
        KEY: log.fingerprint,
    };

    it.each([
        ["verify", "missing required argument"],
        [`verify nowhere --key ${"00".repeat(32)} --vkey x --log-url http://x`, "--vkey"],
        ["verify FILE", "verifier key"],
        ["verify FILE --vkey VKEY", "no key is pinned"],
        ["verify FILE --vkey VKEY --key ABC", "64 lowercase hex"],
        ["verify FILE --vkey VKEY --key KEY --signature SIGNATURE", "--log-url"],
        ["verify FILE --vkey VKEY --key KEY --signature nowhere", "cannot read"],
        ["verify FILE --signature SIGNATURE --vkey VKEY --key KEY --log-url ftp://x", "https:"],
        ["verify FILE --index 01", "--index"],
        ["verify FILE --index 1 --proof p", "exclude"],
        ["verify FILE --public-key FILE --vkey VKEY", "no public key"],
        ["verify FILE --stack-outputs FILE", "JSON object"],
        ["frobnicate", "unknown command"],
        ["verify FILE --nonsense", "unknown option"],
        ["", "Usage"],
    ])("%j is wrong usage, and says so", async (line, text) => {
        const words = line.split(" ").filter((word) => word !== "");
        const run = await command.run(words.map((word) => values[word] ?? word));
        expect([run.status, run.err]).toEqual([2, expect.stringContaining(text)]);
        expect(run.out).toBe("");
    });

    it("prints help on standard output", async () => {
        for (const args of [["--help"], ["verify", "--help"], ["sign", "--help"], ["log", "list", "--help"]]) {
            const run = await command.run(args);
            expect([run.status, run.err]).toEqual([0, ""]);
            expect(run.out).toContain("3 could not tell");
        }
    });

    it("takes everything from a stack's outputs, and options over them", async () => {
        const outputs = {
            logUrl: command.server.url,
            logVkey: log.vkey,
            keyNames: ["files"],
            filesSpkiSha256: log.fingerprint,
            filesSpkiBase64: Buffer.from(key.spki).toString("base64"),
        };
        const file = command.save("outputs.json", JSON.stringify(outputs));
        expect((await command.run(["verify", ...command.raw, "--stack-outputs", file])).status).toBe(0);
        const env = { COUNTERSIGN_STACK_OUTPUTS: file };
        expect((await command.run(["verify", ...command.raw], env)).status).toBe(0);
        const overruled = await command.run(["verify", ...command.raw, "--key", "00".repeat(32)], env);
        expect([overruled.status, overruled.err]).toEqual([1, expect.stringContaining('check "key" failed')]);
    });
});
