import { describe, expect, it } from "vitest";
import { toBase64 } from "../../../../lib/encoding";
import { encodeLeaf } from "../../../../lib/record/codec";
import { coded } from "../../../support/codes";
import { decodeChanged, HASH, policyChange, registered, signature, TIME, use, window } from "./support";

// Proves what a leaf of each type may hold besides. Proves nothing about signatures; verify.test.ts does.

describe("a signature leaf", () => {
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
        expect(leaf).toMatchObject({ message_digest_sha384: "ab".repeat(48), approvals: [{ method: "webauthn" }] });
        for (const left of ["message_digest_sha256", "artifact_sha256"]) expect(leaf).not.toHaveProperty(left);
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
        const foreign = { signing_algorithm: "ED25519_PH_SHA_512" };
        expect(decodeChanged(use, foreign)).toMatchObject(foreign);
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
        const adopted = { history_unproven_before: TIME };
        expect(decodeChanged(registered, adopted)).toMatchObject(adopted);
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
