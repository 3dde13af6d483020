import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { fromHex } from "../../lib/encoding";
import type { SignatureLeaf } from "../../lib/record/leaf";
import type { Claim } from "../../lib/signing/claim";
import type { SigningRequest } from "../../lib/signing/request";
import { keyArn, registeredKey } from "../support/signing-keys";
import type { SigningWorld } from "../support/signing-world";
import { approved, approvedForKnownKey, forged, recorded, sign, stepsOf } from "./sign/support";

/**
 * Proves the order of the sign path, what it writes, and what it refuses before the key is used; sign/ has repeats, failures, deaths and
 * attempts at once. Proves nothing about KMS, DynamoDB or IAM.
 */

describe("sign", () => {
    it("goes in order: claim, intent, one use, record kept, record logged, claim finished, result", async () => {
        const { world, requestId } = await approvedForKnownKey();
        const calls = stepsOf(world);
        const answer = await sign(world, requestId);
        expect(calls).toEqual(["read", "claim", "intent", "sign", "keep", "intake", "finished", "done"]);
        expect(answer).toEqual({ ok: true, requestId, recordHashes: [expect.stringMatching(/^[0-9a-f]{64}$/)] });
        expect(world.uses).toHaveLength(1);
        expect(recorded(world)).toEqual([world.uses[0]?.requestId]);
    });

    it("registers its key before its first use, and once", async () => {
        const { world, requestId } = await approved();
        const calls = stepsOf(world);
        await sign(world, requestId);
        expect(calls.indexOf("registered")).toBeLessThan(calls.indexOf("claim"));
        const spki = createHash("sha256").update(world.files.spki).digest("hex");
        expect(world.log.intake.items.has(`key#${spki}#KeyRegistered`)).toBe(true);
        calls.length = 0;
        await world.signDeps("files").key();
        expect(calls).toEqual([]);
    });

    it("writes a record that tells the tenant to nobody without the salt", async () => {
        const { world, requestId } = await approved();
        await sign(world, requestId);
        const leaf = JSON.parse(
            String(world.log.intake.items.get(`sig#${world.uses[0]?.requestId}`)?.value.leaf),
        ) as SignatureLeaf;
        const [intent] = world.attempts.bodies<{ salt_hex: string; tenant: string; attempt: string }>("intent#");
        const salted = createHash("sha256")
            .update(fromHex(intent?.salt_hex ?? ""))
            .update("web-team")
            .digest("hex");
        expect(leaf).toMatchObject({
            type: "signature",
            key_alias: "alias/countersign-dev-files-v1",
            signing_algorithm: "RSASSA_PKCS1_V1_5_SHA_256",
            message_type: "DIGEST",
            message_digest_sha256: createHash("sha256").update("hello\n").digest("hex"),
            artifact_sha256: createHash("sha256").update("hello\n").digest("hex"),
            format: "raw",
            principal_hash: salted,
            approvals: [],
        });
        expect(JSON.stringify(leaf)).not.toMatch(/web-team|raw\/x|111122223333|arn:/);
        const before = [...world.attempts.items]
            .filter(([id]) => !id.startsWith("intent#"))
            .map(([, { body }]) => body);
        expect(before.join()).not.toContain(intent?.salt_hex);
    });

    it("keeps an intent that names the attempt, its request and the message", async () => {
        const { world, requestId } = await approved();
        await sign(world, requestId);
        const [claim] = world.attempts.bodies<Claim>("once#");
        expect(world.attempts.bodies("intent#")).toEqual([
            {
                approvals: [],
                attempt: claim?.attempt,
                created_at: "2026-11-21T08:00:10Z",
                decision: "rechecked",
                format: "raw",
                key_spki_sha256: registeredKey("files").spkiSha256,
                message_hex: createHash("sha256").update("hello\n").digest("hex"),
                message_type: "DIGEST",
                request_id: requestId,
                salt_hex: expect.stringMatching(/^[0-9a-f]{64}$/),
                signing_algorithm: "RSASSA_PKCS1_V1_5_SHA_256",
                tenant: "web-team",
            },
        ]);
    });
});

describe("a request that must not be signed", () => {
    const cases: readonly [string, (world: SigningWorld, id: string) => string | void][] = [
        ["BadRequestId", () => "once#x"],
        ["NoSuchRequest", (world) => void world.requests.clear()],
        ["RequestEdited", (world, id) => void world.requests.set(id, `${world.requests.get(id)} `)],
        ["NotRechecked", (world) => void world.rechecks.clear()],
        ["RecheckMismatch", (world, id) => void world.rechecks.set(id, "0".repeat(64))],
        ["RequestExpired", (world) => void (world.clock = Date.parse("2026-11-21T09:00:00Z"))],
        ["UnknownKey", (world, id) => forged(world, id, { key_arn: keyArn("modules") })],
        ["FormatNotOfKey", (world, id) => forged(world, id, { format: "kmod" })],
        ["BadMessage", (world, id) => forged(world, id, { messages: [] })],
        ["BadSigningAlgorithm", (world, id) => forged(world, id, message({ signing_algorithm: "RSASSA_PSS_SHA_256" }))],
        ["BadSigningAlgorithm", (world, id) => forged(world, id, message({ message_type: "RAW" }))],
        ["BadDigest", (world, id) => forged(world, id, message({ message_base64: "AAAA" }))],
    ];
    const message = (change: object): Partial<SigningRequest> => ({
        messages: [
            {
                signing_algorithm: "RSASSA_PKCS1_V1_5_SHA_256",
                message_type: "DIGEST",
                message_base64: Buffer.alloc(32).toString("base64"),
                ...change,
            },
        ],
    });

    it.each(cases)("is refused with %s, and no use of the key", async (code, spoil) => {
        const { world, requestId } = await approved();
        const id = spoil(world, requestId) ?? requestId;
        expect(await sign(world, id)).toMatchObject({ ok: false, code, reason: expect.any(String) });
        expect(world.calls).not.toContain("sign");
        expect([...world.attempts.items.keys()].filter((key) => /^(once|intent|done)#/.test(key))).toEqual([]);
    });

    it("is signed in the last second before it expires", async () => {
        const { world, requestId } = await approved();
        world.clock = Date.parse("2026-11-21T08:59:59.999Z");
        expect(await sign(world, requestId)).toMatchObject({ ok: true });
    });

    it("is refused with RequestEdited if it hashes to its id and is none", async () => {
        const { world } = await approved();
        const text = '{"version":1}';
        const id = createHash("sha256").update(text).digest("hex");
        world.requests.set(id, text);
        expect(await sign(world, id)).toMatchObject({ ok: false, code: "RequestEdited" });
    });
});

describe("a signature that does not verify", () => {
    it("leaves the signer as a refusal, and no record is made of it", async () => {
        const { world, requestId } = await approvedForKnownKey();
        world.kmsFault = () => "wrong key";
        const calls = stepsOf(world);
        expect(await sign(world, requestId)).toMatchObject({ ok: false, code: "SignatureMismatch" });
        expect(calls).toEqual(["read", "claim", "intent", "sign", "ended"]);
        expect(recorded(world)).toEqual([]);
    });
});
