import { createHash, createSign, generateKeyPairSync, type KeyObject } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { handle, type IntakeResult } from "../../lambdas/intake";
import { toBase64, toHex, toUtf8 } from "../../lib/encoding";
import { encodeCanonical } from "../../lib/record/canonical";
import { sealLeaf } from "../../lib/record/codec";
import { keyRegisteredLeaf } from "../../lib/record/key-registered";
import type { KeyEventLeaf, KeyRole, Leaf, SignatureLeaf, UnattributedUseLeaf } from "../../lib/record/leaf";
import { ARTIFACT_SPKI, signatureLeaf, START } from "../support/log-world";
import { MemoryLockStore } from "../support/memory-stores";

// Proves which records are admitted, with real signatures. Proves nothing about DynamoDB's transactions.

let store: MemoryLockStore;
let now: number;

beforeEach(() => {
    store = new MemoryLockStore("intake");
    now = START;
});

const submit = (leaf: Leaf | object): Promise<IntakeResult> =>
    handle({ store, now: () => now }, { leaf: encodeCanonical(leaf) });

const registration = (spki = ARTIFACT_SPKI, overrides: object = {}): KeyEventLeaf =>
    keyRegisteredLeaf(
        {
            spki,
            alias: "alias/test-files-v1",
            role: "artifact" as KeyRole,
            spec: "ECC_NIST_EDWARDS25519",
            algorithms: ["ED25519_SHA_512"],
            policy: "{}",
            createdAt: new Date(START),
            ...overrides,
        },
        new Date(now),
    );

const reseal = <L extends Leaf>(leaf: L, change: Partial<L>): L => sealLeaf<L>({ ...leaf, ...change });

describe("a key", () => {
    it("is registered once, however often its signer starts", async () => {
        const first = registration();
        expect(await submit(first)).toEqual({ ok: true, recordHash: first.record_hash, status: "pending" });
        now += 3_600_000;
        expect(await submit(registration(ARTIFACT_SPKI, { policy: "newer" }))).toEqual({
            ok: true,
            recordHash: first.record_hash,
            status: "pending",
        });
        expect([...store.items.keys()]).toEqual([`key#${first.key_spki_sha256}#KeyRegistered`]);
    });

    it("cannot be registered again as another", async () => {
        await submit(registration());
        expect(await submit(registration(ARTIFACT_SPKI, { alias: "alias/test-other-v1" }))).toMatchObject({
            ok: false,
            code: "Equivocation",
        });
    });

    it("is retired after it was registered, not before", async () => {
        const { key_spki_sha256, key_alias, key_role, timestamp } = registration();
        const retired = sealLeaf<KeyEventLeaf>({
            version: 1,
            type: "key_event",
            timestamp,
            key_spki_sha256,
            key_alias,
            key_role,
            event_name: "KeyRetired",
            event_time: timestamp,
            outcome: "success",
        });
        expect(await submit(retired)).toMatchObject({ ok: false, code: "UnknownKey" });
        await submit(registration());
        expect(await submit(retired)).toMatchObject({ ok: true, status: "pending" });
    });

    it("of the log is the sequencer's to register", async () => {
        expect(await submit(registration(ARTIFACT_SPKI, { role: "log" }))).toMatchObject({
            ok: false,
            code: "IntakeRefused",
        });
    });
});

describe("a signature", () => {
    beforeEach(() => submit(registration()));

    it("is admitted, durable, in the order of arrival", async () => {
        const leaf = signatureLeaf(1);
        expect(await submit(leaf)).toEqual({ ok: true, recordHash: leaf.record_hash, status: "pending" });
        expect(store.items.get("sig#request-1")?.value).toEqual({
            leaf: encodeCanonical(leaf),
            record_hash: leaf.record_hash,
            pending: "1",
            received_at: "2026-11-21T08:00:00.000Z",
        });
    });

    it("handed in again is the same record, and tells its index once it has one", async () => {
        const leaf = signatureLeaf(1);
        await submit(leaf);
        expect(await submit(leaf)).toMatchObject({ ok: true, status: "pending" });
        await store.replace("sig#request-1", 1, { set: { log_index: 7 }, remove: ["pending"] });
        expect(await submit(leaf)).toEqual({ ok: true, recordHash: leaf.record_hash, status: "logged", logIndex: 7 });
    });

    it("under a request id that has another record is an equivocation", async () => {
        await submit(signatureLeaf(1));
        const other = reseal(signatureLeaf(2), { kms_request_id: "request-1" });
        expect(await submit(other)).toMatchObject({ ok: false, code: "Equivocation" });
    });

    it("of a deterministic algorithm is recorded for one use only (rule B)", async () => {
        await submit(signatureLeaf(1));
        const twin = reseal(signatureLeaf(1), { kms_request_id: "request-2" });
        const result = await submit(twin);
        expect(result).toMatchObject({ ok: false, code: "DuplicateUse" });
        expect(result.ok ? "" : result.reason).toContain("sig#request-1");
        expect(store.items.has("sig#request-2")).toBe(false);
    });

    it("by a key that nobody registered is refused", async () => {
        store.items.clear();
        expect(await submit(signatureLeaf(1))).toMatchObject({ ok: false, code: "UnknownKey" });
    });

    it("under another alias than the key's is refused", async () => {
        const leaf = reseal(signatureLeaf(1), { key_alias: "alias/test-other-v1" });
        expect(await submit(leaf)).toMatchObject({ ok: false, code: "KeyMismatch" });
    });

    it("with an algorithm that is not registered is refused", async () => {
        const leaf = signatureLeaf(1);
        const { message_base64: _, ...rest } = leaf;
        const rsa = sealLeaf<SignatureLeaf>({
            ...rest,
            signing_algorithm: "RSASSA_PSS_SHA_256",
            message_type: "DIGEST",
        });
        expect(await submit(rsa)).toMatchObject({ ok: false, code: "BadSigningAlgorithm" });
    });

    it("that does not verify is refused (rule A), and leaves nothing", async () => {
        const leaf = reseal(signatureLeaf(1), { signature_base64: signatureLeaf(2).signature_base64 });
        expect(await submit(leaf)).toMatchObject({ ok: false, code: "SignatureMismatch" });
        expect(store.items.size).toBe(1);
    });

    it.each<[string, object]>([
        ["log_index", { log_index: 3 }],
        ["pending", { pending: "1" }],
    ])("with a member %s of the table's is refused", async (_, member) => {
        expect(await submit(sealLeaf({ ...signatureLeaf(1), ...member } as SignatureLeaf))).toMatchObject({
            ok: false,
            code: "BadLeaf",
        });
    });
});

describe("what intake does not take", () => {
    it.each([undefined, null, 7, { leaf: 1 }])("a leaf that is %j", async (leaf) => {
        expect(await handle({ store, now: () => now }, { leaf: leaf as never })).toMatchObject({
            ok: false,
            code: "BadLeaf",
        });
    });

    it.each([
        ["", "BadJson"],
        ["{}", "BadJson"],
        ['{"type":"gossip"}', "BadLeaf"],
        [` ${encodeCanonical(signatureLeaf(1))}`, "BadJson"],
        [`${"x".repeat(16_384)}`, "BadLeaf"],
    ])("text %#", async (leaf, code) => {
        expect(await handle({ store, now: () => now }, { leaf })).toMatchObject({ ok: false, code });
    });

    it("leaves that the log's own functions write", async () => {
        const use = sealLeaf<UnattributedUseLeaf>({
            version: 1,
            type: "unattributed_use",
            timestamp: "2026-11-21T08:00:00Z",
            key_spki_sha256: "00".repeat(32),
            key_alias: "alias/test-files-v1",
            key_role: "artifact",
            kms_request_id: "request-1",
            cloudtrail_event_id: "event-1",
            event_time: "2026-11-21T08:00:00Z",
            source: "eventbridge",
            expected_principal: true,
            open_intent: false,
            principal_hash: "00".repeat(32),
            signing_algorithm: "ED25519_SHA_512",
            message_type: "RAW",
        });
        expect(await submit(use)).toMatchObject({ ok: false, code: "IntakeRefused" });
    });
});

describe("ECDSA", () => {
    const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const spki = new Uint8Array(pair.publicKey.export({ format: "der", type: "spki" }));
    const message = toUtf8("statement");

    const ecdsaLeaf = (requestId: string, signature: Uint8Array, withMessage = true): SignatureLeaf =>
        sealLeaf<SignatureLeaf>({
            version: 1,
            type: "signature",
            timestamp: "2026-11-21T08:00:00Z",
            key_spki_sha256: createHash("sha256").update(spki).digest("hex"),
            key_alias: "alias/test-ec-v1",
            signing_algorithm: "ECDSA_SHA_256",
            message_type: "DIGEST",
            message_digest_sha256: createHash("sha256").update(message).digest("hex"),
            ...(withMessage && { message_base64: toBase64(message) }),
            signature_base64: toBase64(signature),
            format: "raw",
            kms_request_id: requestId,
            principal_hash: "00".repeat(32),
            approvals: [],
        });

    const signed = (key: KeyObject): Uint8Array => new Uint8Array(createSign("sha256").update(message).sign(key));

    beforeEach(() =>
        submit(registration(spki, { alias: "alias/test-ec-v1", spec: "ECC_NIST_P256", algorithms: ["ECDSA_SHA_256"] })),
    );

    it("may sign one message twice: those are two uses", async () => {
        expect(await submit(ecdsaLeaf("r1", signed(pair.privateKey)))).toMatchObject({ ok: true });
        expect(await submit(ecdsaLeaf("r2", signed(pair.privateKey)))).toMatchObject({ ok: true });
    });

    it("needs its message: a pair of digest and signature can be made without the key (rule C)", async () => {
        expect(await submit(ecdsaLeaf("r1", signed(pair.privateKey), false))).toMatchObject({
            ok: false,
            code: "BadMessage",
        });
    });

    it("has no twin: (r, n-s) verifies too, and anyone can make it", async () => {
        const signature = signed(pair.privateKey);
        await submit(ecdsaLeaf("r1", signature));
        expect(await submit(ecdsaLeaf("r2", twinOf(signature)))).toMatchObject({ ok: false, code: "DuplicateUse" });
    });
});

/** (r, n-s) of P-256, in minimal DER. */
function twinOf(signature: Uint8Array): Uint8Array {
    const n = BigInt("0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    const rEnd = 4 + (signature[3] ?? 0);
    const s = BigInt(`0x${toHex(signature.subarray(rEnd + 2))}`);
    const hex = (n - s).toString(16).padStart(64, "0");
    const bytes = Buffer.from(hex.replace(/^(00)+/, ""), "hex");
    const integer = (bytes[0] ?? 0) > 0x7f ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
    const body = Buffer.concat([signature.subarray(2, rEnd), Buffer.from([2, integer.length]), integer]);
    return new Uint8Array(Buffer.concat([Buffer.from([0x30, body.length]), body]));
}

it("fails aloud when the store does: the signer hands the same leaf in again", async () => {
    await submit(registration());
    store.faults = () => "applied";
    await expect(submit(signatureLeaf(1))).rejects.toThrow("connection lost");
    store.faults = () => undefined;
    expect(await submit(signatureLeaf(1))).toMatchObject({ ok: true, status: "pending" });
});
