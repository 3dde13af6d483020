import { describe, expect, it } from "vitest";
import { handle as prepare } from "../../lambdas/prepare";
import { handle, type RecheckDeps } from "../../lambdas/recheck";
import { toUtf8 } from "../../lib/encoding";
import { messagesSha256, openRequest, sealRequest, type SigningRequest } from "../../lib/signing/request";
import { module } from "../lib/formats/fixtures";
import { certificate, pem } from "../support/certificates";
import { SigningWorld } from "../support/signing-world";

/** Proves that a request which the file does not give is not confirmed. Proves nothing about tables or roles. */

async function prepared(
    key = "kernel-team/kmod/x.ko",
    bytes = module(),
): Promise<{ world: SigningWorld; requestId: string }> {
    const world = new SigningWorld();
    const answer = await prepare(world.prepareDeps(), world.upload(key, bytes));
    return { world, requestId: answer.ok ? answer.requestId : "" };
}

/** A request that is consistent in itself, but not what prepare would have made. */
function forged(world: SigningWorld, requestId: string, change: Partial<SigningRequest>): string {
    const request = { ...openRequest(requestId, world.requests.get(requestId)), ...change };
    // Through JSON, which drops what is undefined.
    const { id, text } = sealRequest(JSON.parse(JSON.stringify(request)) as SigningRequest);
    world.requests.set(id, text);
    return id;
}

async function refused(world: SigningWorld, requestId: string, overrides: Partial<RecheckDeps> = {}): Promise<string> {
    const answer = await handle(world.recheckDeps(overrides), { requestId });
    expect(answer.ok).toBe(false);
    expect(world.rechecks.size).toBe(0);
    return answer.ok ? "" : answer.code;
}

describe("recheck", () => {
    it("confirms what prepare derived, once and again", async () => {
        const { world, requestId } = await prepared();
        const confirmed = { ok: true, requestId, keyName: "modules" };
        expect(await handle(world.recheckDeps(), { requestId })).toEqual(confirmed);
        expect(await handle(world.recheckDeps(), { requestId })).toEqual(confirmed);
        const { messages } = openRequest(requestId, world.requests.get(requestId));
        expect([...world.rechecks]).toEqual([[requestId, messagesSha256(messages)]]);
    });

    it("refuses ids that are none, and requests that are not there", async () => {
        const { world, requestId } = await prepared();
        expect(await refused(world, "x")).toBe("BadRequestId");
        expect(await refused(world, "0".repeat(64))).toBe("NoSuchRequest");
        expect(await refused(world, requestId.toUpperCase())).toBe("BadRequestId");
    });

    it("refuses a request edited in the table", async () => {
        const { world, requestId } = await prepared();
        world.requests.set(requestId, (world.requests.get(requestId) ?? "").replace("kernel-team", "other--team"));
        expect(await refused(world, requestId)).toBe("RequestEdited");
    });

    it("refuses messages that the file does not give", async () => {
        const { world, requestId } = await prepared();
        const [message] = openRequest(requestId, world.requests.get(requestId)).messages;
        const other = { ...message!, message_base64: Buffer.alloc(32, 7).toString("base64") };
        expect(await refused(world, forged(world, requestId, { messages: [other] }))).toBe("RecheckMismatch");
        expect(await refused(world, forged(world, requestId, { messages: [message!, message!] }))).toBe(
            "RecheckMismatch",
        );
        expect(await refused(world, forged(world, requestId, { messages: [] }))).toBe("RecheckMismatch");
    });

    it("refuses a file that changed, grew or went", async () => {
        const { world, requestId } = await prepared();
        const name = "kernel-team/kmod/x.ko@version1";
        const other = module();
        other[99] = (other[99] ?? 0) ^ 1;
        world.uploads.set(name, other);
        expect(await refused(world, requestId)).toBe("FileChanged");
        world.uploads.set(name, new Uint8Array([...module(), 0]));
        expect(await refused(world, requestId)).toBe("FileChanged");
        world.uploads.clear();
        expect(await refused(world, requestId)).toBe("VersionMissing");
    });

    it("refuses another place than the tenant's", async () => {
        const { world, requestId } = await prepared();
        const { upload } = openRequest(requestId, world.requests.get(requestId));
        expect(await refused(world, forged(world, requestId, { tenant: "web-team" }))).toBe("OutsideTenant");
        expect(await refused(world, forged(world, requestId, { upload: { ...upload, bucket: "other" } }))).toBe(
            "OutsideTenant",
        );
        expect(await refused(world, forged(world, requestId, { upload: { ...upload, key: "web-team/raw/x" } }))).toBe(
            "OutsideTenant",
        );
    });

    it("refuses keys that are unknown or not of the format", async () => {
        const { world, requestId } = await prepared();
        expect(await refused(world, forged(world, requestId, { key_name: "gone" }))).toBe("UnknownKey");
        expect(await refused(world, forged(world, requestId, { key_name: "files" }))).toBe("FormatNotOfKey");
    });

    it("refuses another certificate than the request's, and one of another key", async () => {
        const { world, requestId } = await prepared();
        const [modules] = world.keys;
        const renewed = pem(certificate({ key: world.modules, serial: "2b" }));
        expect(
            await refused(world, requestId, { settings: { keys: [{ ...modules!, certificatePem: renewed }] } }),
        ).toBe("BadCertificate");
        expect(await refused(world, forged(world, requestId, { certificate_sha256: undefined }))).toBe(
            "BadCertificate",
        );
        const keySpkis = { modules: Buffer.from(world.files.spki).toString("base64") };
        expect(await refused(world, requestId, { keySpkis })).toBe("CertificateNotOfKey");
    });

    it("does not agree with a recheck of other messages", async () => {
        const { world, requestId } = await prepared("web-team/raw/x", toUtf8("x"));
        expect(await refused(world, requestId, { createRecheck: async () => "0".repeat(64) })).toBe("RecheckMismatch");
    });

    it("throws what it cannot answer", async () => {
        const { world, requestId } = await prepared();
        await expect(handle(world.recheckDeps({ keySpkis: {} }), { requestId })).rejects.toMatchObject({
            code: "BadConfig",
        });
        const createRecheck = (): Promise<string> => Promise.reject(new Error("connection lost"));
        await expect(handle(world.recheckDeps({ createRecheck }), { requestId })).rejects.toThrow("connection lost");
    });
});
