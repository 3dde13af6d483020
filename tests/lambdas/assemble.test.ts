import { beforeAll, describe, expect, it } from "vitest";
import { type AssembleDeps, handle } from "../../lambdas/assemble";
import { handle as prepare } from "../../lambdas/prepare";
import { handle as recheck } from "../../lambdas/recheck";
import { handle as sign } from "../../lambdas/sign";
import { toUtf8 } from "../../lib/encoding";
import { kmod } from "../../lib/formats/kmod";
import { doneId } from "../../lib/signing/done";
import { module } from "../lib/formats/fixtures";
import { certificate, pem } from "../support/certificates";
import { SigningWorld } from "../support/signing-world";

/** Proves what is put together and from what. Whether it is right is for verify to say, with other code. */

async function signed(key: string, bytes: Uint8Array): Promise<{ world: SigningWorld; requestId: string }> {
    const world = new SigningWorld();
    const prepared = await prepare(world.prepareDeps(), world.upload(key, bytes));
    if (!prepared.ok) throw new Error(prepared.reason);
    const { requestId } = prepared;
    await recheck(world.recheckDeps(), { requestId });
    await sign(world.signDeps(prepared.keyName as "files"), { requestId }, world.deadline);
    return { world, requestId };
}

describe("assemble", () => {
    let world: SigningWorld;
    let requestId: string;
    beforeAll(async () => ({ world, requestId } = await signed("kernel-team/kmod/x.ko", module())));

    const refused = async (overrides: Partial<AssembleDeps>, id = requestId): Promise<string> => {
        const nothing = async (): Promise<void> => Promise.reject(new Error("must not write"));
        const answer = await handle(world.assembleDeps({ putAssembled: nothing, ...overrides }), { requestId: id });
        return answer.ok ? "" : answer.code;
    };

    it("puts the signature behind the module, again with the same bytes", async () => {
        expect(await handle(world.assembleDeps(), { requestId })).toEqual({ ok: true, requestId });
        const first = world.results.get(`assembled/${requestId}`)?.bytes as Uint8Array;
        const [found] = kmod.recover(first);
        expect(found?.signature).toEqual(world.uses[0]?.signature);
        expect(found?.unsigned).toEqual(module());
        await handle(world.assembleDeps(), { requestId });
        expect(world.results.get(`assembled/${requestId}`)?.bytes).toEqual(first);
    });

    it("gives a detached signature without reading the file", async () => {
        const raw = await signed("web-team/raw/x", toUtf8("hello"));
        const openUpload = (): Promise<never> => Promise.reject(new Error("must not read"));
        const { requestId: id } = raw;
        expect(await handle(raw.world.assembleDeps({ openUpload }), { requestId: id })).toEqual({
            ok: true,
            requestId: id,
        });
        expect(raw.world.results.get(`assembled/${id}`)?.bytes).toEqual(raw.world.uses[0]?.signature);
    });

    it("refuses what was not signed, not requested, or edited", async () => {
        expect(await refused({ readDone: async () => undefined })).toBe("NotSigned");
        expect(await refused({ readRequest: async () => undefined })).toBe("NoSuchRequest");
        expect(await refused({ readRequest: async () => "{}" })).toBe("RequestEdited");
        expect(await refused({}, "x")).toBe("BadRequestId");
    });

    it.each([
        ["no records", '{"leaves":[]}'],
        ["something else", '{"records":1}'],
        ["a record that is none", '{"leaves":["{\\"version\\":1}"]}'],
    ])("refuses a result with %s", async (_what, done) => {
        expect(await refused({ readDone: async () => done })).toBe("BadLeaf");
    });

    it("refuses a result that is no signature", async () => {
        const [registration] = [...world.log.intake.items]
            .filter(([id]) => id.startsWith("key#"))
            .map(([, { value }]) => value.leaf);
        expect(await refused({ readDone: async () => JSON.stringify({ leaves: [registration] }) })).toBe("BadLeaf");
    });

    it("refuses two signatures where the format has one", async () => {
        const { leaves } = JSON.parse(world.attempts.items.get(doneId(requestId))?.body ?? "") as { leaves: string[] };
        expect(await refused({ readDone: async () => JSON.stringify({ leaves: [...leaves, ...leaves] }) })).toBe(
            "BadSignature",
        );
    });

    it("refuses a file that changed, shrank or went", async () => {
        const chunks = (bytes: Uint8Array) =>
            (async function* () {
                yield bytes;
            })();
        const opening = (bytes: Uint8Array) => ({
            openUpload: async () => ({ size: bytes.length, chunks: chunks(bytes) }),
        });
        expect(await refused(opening(module(2)))).toBe("FileChanged");
        expect(await refused(opening(module().subarray(1)))).toBe("FileChanged");
        expect(await refused(opening(new Uint8Array([...module(), 0])))).toBe("FileChanged");
        world.uploads.delete("kernel-team/kmod/x.ko@version1");
        expect(await refused({})).toBe("VersionMissing");
    });

    it("refuses another certificate than the request's", async () => {
        const certificatePem = pem(certificate({ key: world.modules, serial: "2b" }));
        expect(await refused({ settings: { keys: [{ ...world.keys[0]!, certificatePem }] } })).toBe("BadCertificate");
    });
});
