import { beforeEach, describe, expect, it } from "vitest";
import { handle as prepare, type UploadEvent } from "../../lambdas/prepare";
import { handle, type PublishRequest } from "../../lambdas/publish";
import { toHex, toUtf8 } from "../../lib/encoding";
import { sha256 } from "../../lib/hash";
import { SigningWorld } from "../support/signing-world";

/** Proves what a submitter gets to read, and that it never changes once it says "signed". Proves nothing about S3. */

const FILE = toUtf8("signature bytes");
const PLACE = "released/web-team/raw/x/version1";

let world: SigningWorld;
let event: UploadEvent;
let requestId: string;

beforeEach(async () => {
    world = new SigningWorld();
    event = world.upload("web-team/raw/x", toUtf8("hello"));
    const prepared = await prepare(world.prepareDeps(), event);
    requestId = prepared.ok ? prepared.requestId : "";
    world.putResult(`assembled/${requestId}`, FILE);
});

const release = (change: object = {}): PublishRequest => ({
    requestId,
    records: [{ recordHash: "a".repeat(64), logIndex: 7 }],
    outputSha256: toHex(sha256(FILE)),
    ...change,
});
const refusal = (code: string, reason = "because"): PublishRequest => ({
    refusal: { code, reason },
    upload: { key: "web-team/raw/x", versionId: "version1" },
});
const publish = (request: PublishRequest, overrides = {}) => handle(world.publishDeps(overrides), request);

describe("a release", () => {
    it("writes the file, then the result that names it", async () => {
        const written: string[] = [];
        const { put } = world.publishDeps();
        const recording: typeof put = (key, ...rest) => {
            written.push(key);
            return put(key, ...rest);
        };
        expect(await publish(release(), { put: recording })).toEqual({
            ok: true,
            status: "signed",
            result: `${PLACE}/result.json`,
        });
        expect(written).toEqual([`${PLACE}/signed`, `${PLACE}/result.json`]);
        expect(world.results.get(`${PLACE}/signed`)?.bytes).toEqual(FILE);
        expect(world.result(event)).toEqual({
            version: 1,
            status: "signed",
            request_id: requestId,
            tenant: "web-team",
            format: "raw",
            key_name: "files",
            output: `${PLACE}/signed`,
            artifact_sha256: toHex(sha256(toUtf8("hello"))),
            records: [{ record_hash: "a".repeat(64), log_index: 7 }],
        });
    });

    it("is the same when repeated", async () => {
        await publish(release());
        const before = new Map(world.results);
        await publish(release());
        expect(world.results).toEqual(before);
    });

    it("is of the file that was verified and no other", async () => {
        world.putResult(`assembled/${requestId}`, toUtf8("something else"));
        await expect(publish(release())).rejects.toMatchObject({ code: "FileChanged" });
        expect(world.result(event)).toBeUndefined();
    });

    it.each([
        ["NotLogged", { records: [] }],
        ["NotLogged", { records: undefined }],
        ["FileChanged", { outputSha256: undefined }],
        ["BadRequestId", { requestId: "x" }],
        ["NoSuchRequest", { requestId: "0".repeat(64) }],
    ])("throws %s for %j", async (code, change) => {
        await expect(publish(release(change))).rejects.toMatchObject({ code });
        expect(world.result(event)).toBeUndefined();
    });

    it("throws if nothing was assembled", async () => {
        world.results.clear();
        await expect(publish(release())).rejects.toMatchObject({ code: "NotSigned" });
    });

    it("never replaces another release of the same upload", async () => {
        await publish(release());
        await expect(
            publish(release({ records: [{ recordHash: "b".repeat(64), logIndex: 8 }] })),
        ).rejects.toMatchObject({
            code: "Equivocation",
        });
        const other = toUtf8("another signature");
        world.putResult(`assembled/${requestId}`, other);
        await expect(publish(release({ outputSha256: toHex(sha256(other)) }))).rejects.toMatchObject({
            code: "Equivocation",
        });
        expect(world.results.get(`${PLACE}/signed`)?.bytes).toEqual(FILE);
    });

    it("replaces a refusal", async () => {
        await publish(refusal("KmsFailed"));
        await publish(release());
        expect(world.result(event)).toMatchObject({ status: "signed" });
    });

    it("throws if somebody else is writing", async () => {
        const put = async (): Promise<boolean> => false;
        const read = async (): Promise<undefined> => undefined;
        await expect(publish(release(), { put, read })).rejects.toMatchObject({ code: "UnknownOutcome" });
        await expect(publish(refusal("Busy"), { put, read })).rejects.toMatchObject({ code: "UnknownOutcome" });
        await publish(refusal("Busy"));
        const { put: real } = world.publishDeps();
        const lost: typeof real = async (key, bytes, type, condition) =>
            condition === "absent" ? real(key, bytes, type, condition) : false;
        await expect(publish(release(), { put: lost })).rejects.toMatchObject({ code: "UnknownOutcome" });
    });
});

describe("a refusal", () => {
    it("writes code and reason, whatever characters it quotes", async () => {
        const reason = 'upload key "ü" is not …';
        expect(await publish(refusal("BadName", reason))).toEqual({
            ok: true,
            status: "refused",
            result: `${PLACE}/result.json`,
        });
        expect(world.result(event)).toEqual({ version: 1, status: "refused", code: "BadName", reason });
        expect(world.results.has(`${PLACE}/signed`)).toBe(false);
    });

    it("never replaces a release, nor another refusal", async () => {
        await publish(refusal("Busy"));
        await publish(refusal("NotLogged"));
        expect(world.result(event)).toMatchObject({ code: "Busy" });
        await publish(release());
        await publish(refusal("NotLogged"));
        expect(world.result(event)).toMatchObject({ status: "signed" });
    });
});
