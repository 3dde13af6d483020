import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { toBase64, toUtf8 } from "../../../lib/encoding";
import { encodeCanonical } from "../../../lib/record/canonical";
import { decodeLeaf, encodeLeaf, recordHash, sealLeaf } from "../../../lib/record/codec";
import { keyRegisteredLeaf } from "../../../lib/record/key-registered";
import type {
    CorrectionLeaf,
    KeyEventLeaf,
    Leaf,
    ReconciliationLeaf,
    UnattributedUseLeaf,
} from "../../../lib/record/leaf";
import { coded } from "../../support/codes";
import { ARTIFACT_SPKI, signatureLeaf, START } from "../../support/log-world";

// Proves what a leaf may hold. Proves nothing about signatures; verify.test.ts does.

const HASH = "ab".repeat(32);
const TIME = "2026-11-21T08:00:00Z";
const KEY = { key_spki_sha256: HASH, key_alias: "alias/test-files-v1" };
const COMMON = { version: 1, timestamp: TIME } as const;

const signature = signatureLeaf(1);

const use = sealLeaf<UnattributedUseLeaf>({
    ...COMMON,
    ...KEY,
    type: "unattributed_use",
    key_role: "artifact",
    kms_request_id: "request-1",
    cloudtrail_event_id: "event-1",
    event_time: TIME,
    source: "eventbridge",
    expected_principal: true,
    open_intent: false,
    principal_hash: HASH,
    signing_algorithm: "RSASSA_PSS_SHA_256",
    message_type: "DIGEST",
});

const registered = keyRegisteredLeaf(
    {
        spki: ARTIFACT_SPKI,
        alias: "alias/test-files-v1",
        role: "artifact",
        spec: "ECC_NIST_EDWARDS25519",
        algorithms: ["ED25519_SHA_512", "ED25519_PH_SHA_512"],
        policy: "{}",
        createdAt: new Date(START),
    },
    new Date(START + 999),
);

const policyChange = sealLeaf<KeyEventLeaf>({
    ...COMMON,
    ...KEY,
    type: "key_event",
    key_role: "log",
    event_name: "PutKeyPolicy",
    event_time: TIME,
    outcome: "denied",
    cloudtrail_event_id: "event-2",
    principal_hash: HASH,
    policy_sha256: HASH,
});

const window = sealLeaf<ReconciliationLeaf>({
    ...COMMON,
    type: "reconciliation",
    window_start: TIME,
    window_end: "2026-11-21T09:00:00Z",
    range_start: 0,
    range_end: 3,
    keys: ["00".repeat(32), HASH],
    trail_digests: [{ sha256: HASH, backfill: false }],
    sources: ["trail"],
    unproven: false,
    counts: {
        events_matched: 1,
        events_unattributed: 0,
        events_failed: 0,
        events_duplicate: 0,
        events_log_key: 1,
        events_unknown_key: 0,
        records_matched: 1,
        records_matched_unproven: 0,
        records_pending: 0,
    },
});

const correction = sealLeaf<CorrectionLeaf>({
    ...COMMON,
    type: "correction",
    corrects_index: 5,
    corrects_record_hash: HASH,
    reason: "late-event",
    new_class: "late",
});

const leaves: [string, Leaf][] = [signature, use, registered, policyChange, window, correction].map((leaf) => [
    leaf.type,
    leaf,
]);

/** Decodes a leaf with members changed, its record hash made right again unless that is what changed. */
function decodeChanged(leaf: object, change: Record<string, unknown>): Leaf {
    const changed: Record<string, unknown> = { ...leaf, ...change };
    if (!("record_hash" in change)) changed.record_hash = recordHash(changed);
    return decodeLeaf(toUtf8(encodeCanonical(changed)));
}

describe.each(leaves)("%s", (_, leaf) => {
    it("is read as it was written", () => {
        expect(decodeLeaf(encodeLeaf(leaf))).toEqual(leaf);
    });

    it("names its canonical bytes without record_hash by their SHA-256", () => {
        const { record_hash, ...rest } = leaf;
        expect(record_hash).toBe(createHash("sha256").update(encodeCanonical(rest)).digest("hex"));
    });

    it("lacks no member", () => {
        const optional = /^(artifact_sha256|history_unproven_before|record_hash)$/;
        const names = Object.keys(leaf).filter((name) => !optional.test(name));
        for (const name of names)
            expect(() => decodeChanged(leaf, { [name]: undefined }), name).toThrow(coded("BadLeaf"));
    });

    it("has no member that nobody knows", () => {
        for (const name of ["extra", "constructor", "__proto__", "log_index"]) {
            const changed = JSON.parse(encodeCanonical({ ...leaf })) as Record<string, unknown>;
            Object.defineProperty(changed, name, { value: 1, enumerable: true });
            changed.record_hash = recordHash(changed);
            expect(() => decodeLeaf(toUtf8(encodeCanonical(changed))), name).toThrow(coded("BadLeaf"));
        }
    });

    it("has members of the right kind only", () => {
        const isCount = (name: string): boolean => /^(corrects_index|range_start|range_end)$/.test(name);
        for (const name of Object.keys(leaf)) {
            for (const value of ["x y", [["x"]], { x: 1 }, ...(isCount(name) ? [true] : [1.5e15])]) {
                expect(() => decodeChanged(leaf, { [name]: value }), `${name} ${JSON.stringify(value)}`).toThrow(
                    coded("BadLeaf"),
                );
            }
        }
    });

    it("has the right record_hash", () => {
        expect(() => decodeChanged(leaf, { record_hash: HASH })).toThrow(coded("BadLeaf"));
    });

    it("is refused with any byte changed", () => {
        const bytes = encodeLeaf(leaf);
        for (let i = 0; i < bytes.length; i += 1) {
            const changed = bytes.map((byte, j) => (i === j ? byte ^ 1 : byte));
            expect(() => decodeLeaf(changed), String(i)).toThrow(/./);
        }
    });
});

describe("times", () => {
    it.each([
        "2026-02-30T08:00:00Z",
        "2026-11-21T24:00:00Z",
        "2026-11-21T08:00:00.000Z",
        "2026-11-21T08:00:00+00:00",
        "2026-11-21",
    ])("are not %s", (timestamp) => {
        expect(() => decodeChanged(use, { timestamp })).toThrow(coded("BadLeaf"));
    });
});

describe("aliases", () => {
    it.each([
        "files-v1",
        "alias/files",
        "alias/files-v0",
        "alias/files-v01",
        "arn:aws:kms:eu-west-1:111122223333:alias/files-v1",
    ])("are not %s", (key_alias) => {
        expect(() => decodeChanged(use, { key_alias })).toThrow(coded("BadLeaf"));
    });
});

describe("a signature leaf", () => {
    const digest = signature.message_digest_sha256;
    const rsa = { signing_algorithm: "RSASSA_PSS_SHA_384", message_type: "DIGEST", message_base64: undefined };

    it.each([
        ["RAW without its message", { message_base64: undefined }],
        ["RAW without its digest", { message_digest_sha256: undefined }],
        ["a digest of something else", { message_digest_sha256: HASH }],
        ["a message type that its algorithm lacks", { message_type: "DIGEST" }],
        ["mu beside a message", { message_mu: "ab".repeat(64) }],
        ["a digest of another length than the algorithm's", { ...rsa }],
        ["two digests", { ...rsa, message_digest_sha384: "ab".repeat(48) }],
        [
            "RSA's message, which may be a whole file",
            {
                ...rsa,
                message_digest_sha256: undefined,
                message_digest_sha384: "ab".repeat(48),
                message_base64: "AA==",
            },
        ],
        ["an algorithm of nobody", { signing_algorithm: "ED25519_PH_SHA_512" }],
        ["unpadded base64", { signature_base64: "AAA" }],
        [
            "an approval with a member too many",
            { approvals: [{ approver_hash: HASH, method: "kms", statement_sha256: HASH, x: 1 }] },
        ],
    ])("has not %s", (_, change) => {
        expect(() => decodeChanged(signature, change)).toThrow(coded("BadLeaf"));
    });

    it("may have a SHA-384 digest, approvals, no artifact", () => {
        const leaf = decodeChanged(signature, {
            ...rsa,
            message_digest_sha256: undefined,
            message_digest_sha384: "ab".repeat(48),
            artifact_sha256: undefined,
            approvals: [{ approver_hash: HASH, method: "webauthn", statement_sha256: HASH }],
        });
        expect(leaf).toMatchObject({ message_digest_sha384: "ab".repeat(48) });
        expect(digest).toHaveLength(64);
    });

    it("may have mu in place of a message", () => {
        const change = {
            signing_algorithm: "ML_DSA_SHAKE_256",
            message_type: "EXTERNAL_MU",
            message_mu: "ab".repeat(64),
        };
        const none = { message_base64: undefined, message_digest_sha256: undefined };
        expect(decodeChanged(signature, { ...change, ...none })).toMatchObject({ message_mu: "ab".repeat(64) });
    });

    it("stays under 16,384 bytes", () => {
        const approval = { approver_hash: HASH, method: "kms", statement_sha256: HASH };
        const approvals = Array.from({ length: 100 }, () => approval);
        expect(() => decodeChanged(signature, { approvals })).toThrow(coded("BadLeaf"));
        expect(() => encodeLeaf({ ...signature, approvals: approvals as never })).toThrow(coded("BadLeaf"));
    });
});

describe("an unattributed use", () => {
    it("of GetKeyLastUsage has no algorithm, any other has one", () => {
        const none = { signing_algorithm: undefined, message_type: undefined };
        expect(decodeChanged(use, { source: "last-usage", ...none })).toMatchObject({ source: "last-usage" });
        expect(() => decodeChanged(use, { source: "last-usage" })).toThrow(coded("BadLeaf"));
        expect(() => decodeChanged(use, { source: "trail", ...none })).toThrow(coded("BadLeaf"));
    });

    it("may name an algorithm that is none of ours", () => {
        expect(decodeChanged(use, { signing_algorithm: "ED25519_PH_SHA_512" })).toBeDefined();
    });
});

describe("a key event", () => {
    it("registers a key by its fingerprint", () => {
        expect(registered).toMatchObject({
            timestamp: "2026-11-21T08:00:00Z",
            signing_algorithms: ["ED25519_SHA_512"],
        });
        expect(() => decodeChanged(registered, { spki_base64: toBase64(new Uint8Array(44)) })).toThrow(
            coded("BadLeaf"),
        );
    });

    it.each([
        ["another spec's algorithm", { signing_algorithms: ["ECDSA_SHA_256"] }],
        ["no algorithm", { signing_algorithms: [] }],
        ["an event id", { cloudtrail_event_id: "e" }],
        ["material from outside", { origin: "EXTERNAL" }],
        ["replicas", { multi_region: true }],
    ])("registers no key with %s", (_, change) => {
        expect(() => decodeChanged(registered, change)).toThrow(coded("BadLeaf"));
    });

    it.each([
        ["a key", { spki_base64: "AA==" }],
        ["a policy, unless it is one's change", { event_name: "DisableKey" }],
        ["a start of history", { history_unproven_before: TIME }],
    ])("of KMS carries no %s", (_, change) => {
        expect(() => decodeChanged(policyChange, change)).toThrow(coded("BadLeaf"));
    });

    it("of an adopted key says from when on its history is proven", () => {
        expect(decodeChanged(registered, { history_unproven_before: TIME })).toBeDefined();
    });
});

describe("a reconciliation", () => {
    it.each([
        ["an empty window", { window_end: TIME }],
        ["a range that runs backwards", { range_start: 4 }],
        ["unsorted keys", { keys: [HASH, "00".repeat(32)] }],
        ["a key twice", { keys: [HASH, HASH] }],
    ])("has not %s", (_, change) => {
        expect(() => decodeChanged(window, change)).toThrow(coded("BadLeaf"));
    });
});

describe("bytes that are no leaf", () => {
    it.each([
        ["BadJson", ""],
        ["BadJson", "[]x"],
        ["BadLeaf", "[]"],
        ["BadLeaf", "1"],
        ["BadLeaf", '{"type":1}'],
        ["BadLeaf", '{"type":"toString"}'],
        ["BadLeaf", '{"type":"gossip","version":1}'],
    ] as const)("are %s: %s", (code, text) => {
        expect(() => decodeLeaf(toUtf8(text))).toThrow(coded(code));
    });

    it("are not UTF-8, or too many", () => {
        expect(() => decodeLeaf(new Uint8Array([0xff]))).toThrow(coded("BadUtf8"));
        expect(() => decodeLeaf(new Uint8Array(16_384).fill(0x20))).toThrow(coded("BadLeaf"));
    });
});
