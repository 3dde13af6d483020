import { generateKeyPairSync } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { handle as assemble } from "../../lambdas/assemble";
import { handle as prepare } from "../../lambdas/prepare";
import { handle as recheck } from "../../lambdas/recheck";
import { handle as sign } from "../../lambdas/sign";
import { handle, type VerifyDeps } from "../../lambdas/verify";
import { toBase64, toUtf8 } from "../../lib/encoding";
import { encodeLeaf, sealLeaf } from "../../lib/record/codec";
import type { SignatureLeaf } from "../../lib/record/leaf";
import { doneId, encodeDone } from "../../lib/signing/done";
import { openRequest, sealRequest } from "../../lib/signing/request";
import { vkeyFromSpki } from "../../lib/tlog/vkey";
import { module } from "../lib/formats/fixtures";
import { certificate, pem, rsaKey } from "../support/certificates";
import { ORIGIN } from "../support/log-world";
import { SigningWorld } from "../support/signing-world";

/** Proves that nothing passes which any party before could have spoiled, each case beside the one that passes. Proves nothing about AWS. */

async function ready(): Promise<{ world: SigningWorld; requestId: string }> {
    const world = new SigningWorld();
    const prepared = await prepare(world.prepareDeps(), world.upload("kernel-team/kmod/x.ko", module()));
    if (!prepared.ok) throw new Error(prepared.reason);
    const { requestId } = prepared;
    await recheck(world.recheckDeps(), { requestId });
    await sign(world.signDeps("modules"), { requestId }, world.deadline);
    await assemble(world.assembleDeps(), { requestId });
    return { world, requestId };
}

describe("before the log has the record", () => {
    it("is pending, with no log at all and with one that lacks it", async () => {
        const { world, requestId } = await ready();
        const pending = { ok: false, code: "NotLogged", reason: expect.any(String), pending: true };
        expect(await handle(world.verifyDeps(), { requestId })).toEqual(pending);
        const other = new SigningWorld();
        await other.publishLog();
        const log = { vkey: other.log.vkey, read: other.verifyDeps().log.read };
        expect(await handle(world.verifyDeps({ log }), { requestId })).toEqual(pending);
    });

    it("does not read the file", async () => {
        const { world, requestId } = await ready();
        const openUpload = (): Promise<never> => Promise.reject(new Error("must not read"));
        expect(await handle(world.verifyDeps({ openUpload }), { requestId })).toMatchObject({ code: "NotLogged" });
    });
});

describe("verify", () => {
    let world: SigningWorld;
    let requestId: string;
    beforeAll(async () => {
        ({ world, requestId } = await ready());
        await world.publishLog();
    });

    const codeOf = async (overrides: Partial<VerifyDeps>, id = requestId): Promise<string> => {
        const answer = await handle(world.verifyDeps(overrides), { requestId: id });
        expect("pending" in answer).toBe(!answer.ok && answer.code === "NotLogged");
        return answer.ok ? "ok" : answer.code;
    };
    const opened = (bytes: Uint8Array) => ({
        size: bytes.length,
        chunks: (async function* () {
            yield bytes;
        })(),
    });
    const assembled = (): Uint8Array => world.results.get(`assembled/${requestId}`)!.bytes;
    const leaf = (): SignatureLeaf => {
        const { leaves } = JSON.parse(world.attempts.items.get(doneId(requestId))!.body) as { leaves: [string] };
        return JSON.parse(leaves[0]) as SignatureLeaf;
    };
    const doneWith = (change: Partial<SignatureLeaf>) => async (): Promise<string> => {
        const { record_hash: _, ...unsealed } = { ...leaf(), ...change };
        return encodeDone([Buffer.from(encodeLeaf(sealLeaf<SignatureLeaf>(unsealed))).toString()]);
    };

    it("passes, and says which entry and which file", async () => {
        expect(await handle(world.verifyDeps(), { requestId })).toEqual({
            ok: true,
            requestId,
            logIndex: 2,
            records: [{ recordHash: leaf().record_hash, logIndex: 2 }],
            outputSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        });
    });

    it("passes without hints, and with hints that lie", async () => {
        const { read } = world.verifyDeps().log;
        const hinted = (hint: string | undefined): VerifyDeps["log"] => ({
            vkey: world.log.vkey,
            read: async (path) =>
                !path.startsWith("index/") ? read(path) : hint === undefined ? undefined : toUtf8(hint),
        });
        for (const hint of [undefined, '{"indices":[0,1,99999,-1,"2",1.5]}', "{}", "no json", '{"indices":{}}']) {
            expect(await codeOf({ log: hinted(hint as string) }), String(hint)).toBe("ok");
        }
    });

    it("refuses unknown, edited and unsigned requests", async () => {
        expect(await codeOf({}, "x")).toBe("BadRequestId");
        expect(await codeOf({ readRequest: async () => undefined })).toBe("NoSuchRequest");
        expect(await codeOf({ readRequest: async () => "{}" })).toBe("RequestEdited");
        expect(await codeOf({ readDone: async () => undefined })).toBe("NotSigned");
    });

    it("refuses a record that is not the log's, whatever the signers' table says", async () => {
        expect(await codeOf({ readDone: doneWith({ timestamp: "2026-11-21T08:00:11Z" }) })).toBe("NotLogged");
    });

    it("refuses a file that changed", async () => {
        expect(await codeOf({ openUpload: async () => opened(module(2)) })).toBe("FileChanged");
        expect(await codeOf({ openUpload: async () => opened(module().subarray(0, -1)) })).toBe("FileChanged");
    });

    it("refuses every byte flipped in the assembled file's signature, and one in its module", async () => {
        for (let at = module().length - 1; at < assembled().length; at += 7) {
            const bytes = assembled().slice();
            bytes[at] = (bytes[at] ?? 0) ^ 1;
            expect(await codeOf({ openAssembled: async () => opened(bytes) }), `byte ${at}`).not.toBe("ok");
        }
    });

    it("refuses a missing, unsigned or foreign assembled file", async () => {
        expect(await codeOf({ openAssembled: async () => undefined })).toBe("NotSigned");
        expect(await codeOf({ openAssembled: async () => opened(module()) })).toBe("NotSigned");
        expect(await codeOf({ openAssembled: async () => opened(module(2)) })).toBe("FileChanged");
    });

    it("refuses a record of another key, and a certificate that changed", async () => {
        expect(await codeOf({ keySpkis: { modules: toBase64(rsaKey().spki) } })).toBe("KeyMismatch");
        const certificatePem = pem(certificate({ key: world.modules, serial: "2b" }));
        expect(await codeOf({ settings: { keys: [{ ...world.keys[0]!, certificatePem }], logOrigin: ORIGIN } })).toBe(
            "BadCertificate",
        );
        expect(await codeOf({ settings: { keys: world.keys.slice(1), logOrigin: ORIGIN } })).toBe("UnknownKey");
    });

    it("refuses a request of another artifact, format or number of messages than the record", async () => {
        const request = openRequest(requestId, world.requests.get(requestId));
        const other = sealRequest({ ...request, artifact_sha256: "0".repeat(64) });
        const over = { readDone: async () => world.attempts.items.get(doneId(requestId))?.body };
        expect(await codeOf({ ...over, readRequest: async () => other.text }, other.id)).toBe("FileChanged");
        const twice = encodeDone(
            [1, 2].map(() => JSON.parse(world.attempts.items.get(doneId(requestId))!.body).leaves[0] as string),
        );
        expect(await codeOf({ readDone: async () => twice })).toBe("LeafMismatch");
        const keys = [{ ...world.keys[0]!, formats: ["raw"], certificatePem: undefined }];
        const { certificate_sha256: _, ...uncertified } = request;
        const asRaw = sealRequest({ ...uncertified, format: "raw" });
        const settings = { keys, logOrigin: ORIGIN };
        expect(await codeOf({ ...over, settings, readRequest: async () => asRaw.text }, asRaw.id)).toBe("LeafMismatch");
    });

    it.each(["checkpoint", "tile/0/000.p/3", "tile/entries/000.p/3"])(
        "refuses a log with one byte changed in %s",
        async (path) => {
            const { read } = world.verifyDeps().log;
            const length = (await read(path))!.length;
            for (let at = 0; at < length; at += Math.max(1, Math.floor(length / 40))) {
                const log = {
                    vkey: world.log.vkey,
                    read: async (asked: string) => {
                        const bytes = await read(asked);
                        if (asked !== path || !bytes) return bytes;
                        const changed = bytes.slice();
                        changed[at] = (changed[at] ?? 0) ^ 1;
                        return changed;
                    },
                };
                // What a table or an entry beside ours says is not asked: our own entry and the path to the root are.
                const code = await codeOf({ log });
                if (path !== "tile/entries/000.p/3") expect(code, `byte ${at}`).toMatch(/^Bad|^SignatureMismatch$/);
                else expect(code, `byte ${at}`).toMatch(/^ok$|^BadEntry$|^NotLogged$/);
            }
        },
    );

    it("refuses a log whose tiles are missing", async () => {
        const { read } = world.verifyDeps().log;
        const log = {
            vkey: world.log.vkey,
            read: async (path: string) => (path === "checkpoint" ? read(path) : undefined),
        };
        expect(await codeOf({ log })).toBe("BadTile");
    });

    it("refuses another log's checkpoint, and a log key under another origin", async () => {
        const { publicKey } = generateKeyPairSync("ed25519");
        const other = new Uint8Array(publicKey.export({ format: "der", type: "spki" }));
        const log = { vkey: vkeyFromSpki(ORIGIN, other), read: world.verifyDeps().log.read };
        expect(await codeOf({ log })).toMatch(/^BadNote$|^SignatureMismatch$/);
        const renamed = { vkey: vkeyFromSpki("other.example.test", world.log.spki), read: log.read };
        await expect(handle(world.verifyDeps({ log: renamed }), { requestId })).rejects.toMatchObject({
            code: "BadConfig",
        });
    });

    it("throws without a pin, and when S3 does not answer", async () => {
        await expect(handle(world.verifyDeps({ keySpkis: {} }), { requestId })).rejects.toMatchObject({
            code: "BadConfig",
        });
        const read = (): Promise<never> => Promise.reject(new Error("socket hang up"));
        await expect(handle(world.verifyDeps({ log: { vkey: world.log.vkey, read } }), { requestId })).rejects.toThrow(
            "hang up",
        );
    });
});
