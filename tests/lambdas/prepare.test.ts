import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { handle, type PrepareDeps, type UploadEvent } from "../../lambdas/prepare";
import { toUtf8 } from "../../lib/encoding";
import { openRequest } from "../../lib/signing/request";
import { module } from "../lib/formats/fixtures";
import { certificate, pem, SERVER_AUTH } from "../support/certificates";
import { keyArn } from "../support/signing-keys";
import { BUCKET, EVENT_TIME, SigningWorld } from "../support/signing-world";

/** Proves what becomes a request and what is refused. Proves nothing about S3 or EventBridge. */

const text = toUtf8("hello\n");

async function refused(world: SigningWorld, event: UploadEvent, overrides: Partial<PrepareDeps> = {}): Promise<string> {
    const answer = await handle(world.prepareDeps(overrides), event);
    expect(answer).toMatchObject({ ok: false, reason: expect.any(String) });
    expect(world.requests.size).toBe(0);
    return answer.ok ? "" : answer.code;
}

describe("prepare", () => {
    it("writes a request whose id is its hash", async () => {
        const world = new SigningWorld();
        const answer = await handle(world.prepareDeps(), world.upload("kernel-team/kmod/a b/x.ko", module()));
        expect(answer).toEqual({ ok: true, requestId: expect.any(String), keyName: "modules", format: "kmod" });
        const requestId = answer.ok ? answer.requestId : "";
        expect(openRequest(requestId, world.requests.get(requestId))).toEqual({
            version: 1,
            tenant: "kernel-team",
            format: "kmod",
            key_name: "modules",
            key_arn: keyArn("modules"),
            upload: { bucket: BUCKET, key: "kernel-team/kmod/a b/x.ko", version_id: "version1" },
            artifact_sha256: createHash("sha256").update(module()).digest("hex"),
            size: 5004,
            created_at: EVENT_TIME,
            expires_at: "2026-11-21T09:00:00Z",
            certificate_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
            messages: [
                {
                    signing_algorithm: "RSASSA_PKCS1_V1_5_SHA_256",
                    message_type: "DIGEST",
                    message_base64: expect.any(String),
                },
            ],
        });
    });

    it("gives the same id when the event comes again", async () => {
        const world = new SigningWorld();
        const event = world.upload("web-team/raw/x", text);
        const first = await handle(world.prepareDeps(), event);
        expect(await handle(world.prepareDeps(), event)).toEqual(first);
        expect(world.requests.size).toBe(1);
    });

    it("names no certificate for a key without", async () => {
        const world = new SigningWorld();
        await handle(world.prepareDeps(), world.upload("web-team/raw/x", text));
        expect([...world.requests.values()][0]).not.toContain("certificate_sha256");
    });

    it.each([
        "",
        "raw",
        "web-team",
        "web-team/raw",
        "web-team/raw/",
        "Web-team/raw/x",
        "other/raw/x",
        "../web-team/raw/x",
        "/web-team/raw/x",
    ])("refuses upload key %j", async (key) => {
        const world = new SigningWorld();
        expect(await refused(world, world.upload(key, text))).toBe(key === "" ? "BadName" : "OutsideTenant");
    });

    it.each([
        ["ümlaut", "web-team/raw/ü"],
        ["a line feed", "web-team/raw/a\nb"],
        ["length", `web-team/raw/${"x".repeat(900)}`],
    ])("refuses upload keys with %s", async (_what, key) => {
        const world = new SigningWorld();
        expect(await refused(world, world.upload(key, text))).toBe("BadName");
    });

    it("says which upload it refused", async () => {
        const world = new SigningWorld();
        expect(await handle(world.prepareDeps(), world.upload("other/raw/x", text))).toMatchObject({
            upload: { key: "other/raw/x", versionId: "version1" },
        });
    });

    it.each([
        ["FormatUnknown", "kernel-team/constructor/x"],
        ["FormatNotOfTenant", "web-team/kmod/x.ko"],
    ])("refuses with %s", async (code, key) => {
        const world = new SigningWorld();
        expect(await refused(world, world.upload(key, module()))).toBe(code);
    });

    it("refuses a format without key", async () => {
        const world = new SigningWorld();
        const settings = { ...world.settings, keys: world.keys.slice(1) };
        expect(await refused(world, world.upload("kernel-team/kmod/x.ko", module()), { settings })).toBe("NoSuchKey");
    });

    it("refuses what the format refuses", async () => {
        const world = new SigningWorld();
        expect(await refused(world, world.upload("kernel-team/kmod/x.ko", text))).toBe("NotAKernelModule");
    });

    it("refuses a version that is gone, before and after the limit of size is known", async () => {
        const world = new SigningWorld();
        const event = world.upload("web-team/raw/x", text);
        world.uploads.clear();
        expect(await refused(world, event)).toBe("VersionMissing");
    });

    it("refuses a file above the limit without reading it", async () => {
        const world = new SigningWorld();
        const chunks = (async function* (): AsyncGenerator<Uint8Array> {
            yield await Promise.reject(new Error("must not be read"));
        })();
        const openUpload = async (): Promise<{ size: number; chunks: AsyncIterable<Uint8Array> }> => ({
            size: 100_001,
            chunks,
        });
        expect(await refused(world, world.upload("web-team/raw/x", text), { openUpload })).toBe("FileTooLarge");
    });

    it.each([4, 7])("refuses a file of 6 bytes that S3 announced with %i", async (size) => {
        const world = new SigningWorld();
        const event = world.upload("web-team/raw/x", text);
        const { detail } = event;
        expect(await refused(world, { ...event, detail: { ...detail, object: { ...detail.object, size } } })).toBe(
            "FileChanged",
        );
        const { openUpload } = world.prepareDeps();
        const lying: PrepareDeps["openUpload"] = async (...args) => ({ ...(await openUpload(...args)), size });
        const unsized = {
            ...event,
            detail: { ...detail, object: { key: detail.object.key, "version-id": "version1" } },
        };
        expect(await refused(world, unsized, { openUpload: lying })).toBe("FileChanged");
    });

    it("finds an edited request under its id", async () => {
        const world = new SigningWorld();
        const createRequest = async (): Promise<string> => "{}";
        expect(await refused(world, world.upload("web-team/raw/x", text), { createRequest })).toBe("RequestEdited");
    });

    describe("with a certificate", () => {
        const withCertificate = (certificatePem: string | undefined, world: SigningWorld): Partial<PrepareDeps> => {
            const [modules, ...others] = world.keys;
            return { settings: { ...world.settings, keys: [{ ...modules!, certificatePem }, ...others] } };
        };
        const upload = (world: SigningWorld): UploadEvent => world.upload("kernel-team/kmod/x.ko", module());

        it("refuses none", async () => {
            const world = new SigningWorld();
            expect(await refused(world, upload(world), withCertificate(undefined, world))).toBe("NoCertificate");
        });

        it("refuses one of another key", async () => {
            const world = new SigningWorld();
            const other = pem(certificate({ key: world.files }));
            expect(await refused(world, upload(world), withCertificate(other, world))).toBe("CertificateNotOfKey");
        });

        it("refuses one that is not valid when the file came", async () => {
            const world = new SigningWorld();
            const expired = pem(certificate({ key: world.modules, notAfter: "261121075959Z" }));
            expect(await refused(world, upload(world), withCertificate(expired, world))).toBe("CertificateExpired");
        });

        it("refuses one for other uses", async () => {
            const world = new SigningWorld();
            const web = pem(certificate({ key: world.modules, extendedKeyUsages: [SERVER_AUTH] }));
            expect(await refused(world, upload(world), withCertificate(web, world))).toBe("BadCertificate");
        });
    });

    describe("throws instead of answering", () => {
        it.each([
            [
                "an event of another bucket",
                { detail: { bucket: { name: "other" }, object: { key: "k", "version-id": "v" } } },
            ],
            ["an event without version", { detail: { bucket: { name: BUCKET }, object: { key: "k" } } }],
            ["an event without key", { detail: { bucket: { name: BUCKET }, object: {} } }],
            ["an event without detail", {}],
            [
                "a time that is none",
                { time: "soon", detail: { bucket: { name: BUCKET }, object: { key: "k", "version-id": "v" } } },
            ],
        ])("for %s", async (_what, event) => {
            const world = new SigningWorld();
            const complete = { time: EVENT_TIME, ...event } as UploadEvent;
            await expect(handle(world.prepareDeps(), complete)).rejects.toMatchObject({ code: "BadEvent" });
        });

        it("for two keys of one format, and for a key without ARN or pin: those are mistakes of the deployment", async () => {
            const world = new SigningWorld();
            const event = world.upload("kernel-team/kmod/x.ko", module());
            const keys = [...world.keys, { ...world.keys[0]!, name: "modules-2" }];
            const config = { code: "BadConfig" };
            await expect(
                handle(world.prepareDeps({ settings: { ...world.settings, keys } }), event),
            ).rejects.toMatchObject(config);
            await expect(handle(world.prepareDeps({ keyArns: {} }), event)).rejects.toMatchObject(config);
            await expect(handle(world.prepareDeps({ keySpkis: {} }), event)).rejects.toMatchObject(config);
        });

        it("for a table that does not answer", async () => {
            const world = new SigningWorld();
            const createRequest = async (): Promise<string> =>
                Promise.reject(Object.assign(new Error("reset"), { code: "ECONNRESET" }));
            await expect(
                handle(world.prepareDeps({ createRequest }), world.upload("web-team/raw/x", text)),
            ).rejects.toThrow("reset");
        });
    });
});
