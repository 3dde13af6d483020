import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { encodeIntent } from "../../../lib/signing/intent";
import { decideClaim, decodeClaim, encodeClaim, onceId, type Claim } from "../../../lib/signing/claim";
import {
    keyOfFormat,
    keyOfRequest,
    optionsOfRequest,
    signingOptions,
    type PipelineKey,
} from "../../../lib/signing/keys";
import {
    fromRequestMessages,
    messagesSha256,
    openRequest,
    parseRequestId,
    sealRequest,
    type SigningRequest,
    toRequestMessages,
} from "../../../lib/signing/request";
import { coded } from "../../support/codes";

/** Proves one encoding and one meaning of what the signing functions tell each other. Proves nothing about who may write it. */

const REQUEST: SigningRequest = {
    version: 1,
    tenant: "web-team",
    format: "raw",
    key_name: "files",
    key_arn: "arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-4000-8000-000000000001",
    upload: { bucket: "uploads", key: "web-team/raw/x", version_id: "v1" },
    artifact_sha256: "0".repeat(64),
    size: 5,
    created_at: "2026-11-21T08:00:00Z",
    expires_at: "2026-11-21T09:00:00Z",
    messages: [
        {
            signing_algorithm: "RSASSA_PKCS1_V1_5_SHA_256",
            message_type: "DIGEST",
            message_base64: Buffer.alloc(32, 1).toString("base64"),
        },
    ],
};

describe("a request", () => {
    it("is named by the hash of its one encoding", () => {
        const { id, text } = sealRequest(REQUEST);
        expect(text.startsWith('{"artifact_sha256":"0000')).toBe(true);
        expect(id).toBe(createHash("sha256").update(text).digest("hex"));
        expect(openRequest(id, text)).toEqual(REQUEST);
    });

    it.each([
        ["tenant", { tenant: "Web Team" }],
        ["time", { created_at: "2026-02-30T08:00:00Z" }],
        ["size", { size: -1 }],
        ["hash", { artifact_sha256: "ABC" }],
        ["upload", { upload: { bucket: "b", key: "k" } }],
        ["key", { upload: { bucket: "b", key: "ü", version_id: "v" } }],
        ["message", { messages: [{ signing_algorithm: "X", message_type: "DIGEST", message_base64: "a" }] }],
        ["version", { version: 2 }],
        ["unknown member", { approved: true }],
    ])("is refused with another %s, also under the hash of that", (_what, change) => {
        const changed = { ...REQUEST, ...change } as SigningRequest;
        expect(() => sealRequest(changed)).toThrow(coded("BadLeaf"));
        const text = JSON.stringify(changed, Object.keys(changed).sort());
        const id = createHash("sha256").update(text).digest("hex");
        expect(() => openRequest(id, text)).toThrow(coded("RequestEdited"));
    });

    it("is not found, or not the same, by its id", () => {
        const { id, text } = sealRequest(REQUEST);
        expect(() => openRequest(id, undefined)).toThrow(coded("NoSuchRequest"));
        expect(() => openRequest(id, text.replace("web-team", "web-teem"))).toThrow(coded("RequestEdited"));
    });

    it.each([undefined, null, 7, "", "0".repeat(63), "0".repeat(65), "G".repeat(64), ["0".repeat(64)]])(
        "is not named by %j",
        (value) => {
            expect(() => parseRequestId(value)).toThrow(coded("BadRequestId"));
        },
    );

    it("has messages whose order and content are in their hash", () => {
        const messages = fromRequestMessages(REQUEST.messages);
        expect(toRequestMessages(messages)).toEqual(REQUEST.messages);
        const [first] = REQUEST.messages;
        const second = { ...first!, message_base64: Buffer.alloc(32, 2).toString("base64") };
        expect(
            new Set([[first!], [second], [first!, second], [second, first!], []].map((list) => messagesSha256(list)))
                .size,
        ).toBe(5);
    });
});

describe("keys", () => {
    const files: PipelineKey = {
        name: "files",
        formats: ["raw"],
        spec: "RSA_4096",
        algorithm: "RSASSA_PKCS1_V1_5_SHA_256",
        messageType: "DIGEST",
    };

    it("are found by format, if one has it", () => {
        expect(keyOfFormat([files], "raw")).toBe(files);
        expect(() => keyOfFormat([files], "kmod")).toThrow(coded("NoSuchKey"));
        expect(() => keyOfFormat([files, { ...files, name: "files-2" }], "raw")).toThrow(coded("BadConfig"));
    });

    it("are found by a request's name, if they have its format", () => {
        expect(keyOfRequest([files], REQUEST)).toBe(files);
        expect(() => keyOfRequest([], REQUEST)).toThrow(coded("UnknownKey"));
        expect(() => keyOfRequest([{ ...files, formats: ["kmod"] }], REQUEST)).toThrow(coded("FormatNotOfKey"));
    });

    it("have options that fit the format and the request's certificate", () => {
        expect(signingOptions(files, "raw")).toEqual({ signingAlgorithm: "RSASSA_PKCS1_V1_5_SHA_256" });
        expect(() => signingOptions({ ...files, algorithm: "ECDSA_SHA_256" }, "raw")).toThrow(
            coded("BadSigningAlgorithm"),
        );
        expect(() => signingOptions({ ...files, certificatePem: "x" }, "raw")).toThrow(coded("BadCertificate"));
        expect(() => optionsOfRequest(files, { ...REQUEST, certificate_sha256: "0".repeat(64) })).toThrow(
            coded("BadCertificate"),
        );
    });
});

describe("a claim", () => {
    const message = fromRequestMessages(REQUEST.messages)[0]!;
    const claim: Claim = {
        state: "claimed",
        attempt: "a",
        deadline: 1000,
        key_spki_sha256: "0".repeat(64),
        signing_algorithm: message.signingAlgorithm,
        message_hex: "01".repeat(32),
        format: "raw",
        tenant: "web-team",
        request_id: "r",
    };

    it("is named by key, algorithm and message, as the log's rule of one record is", () => {
        const triple = `["${"0".repeat(64)}","RSASSA_PKCS1_V1_5_SHA_256","${"01".repeat(32)}"]`;
        expect(onceId("0".repeat(64), message)).toBe(`once#${createHash("sha256").update(triple).digest("hex")}`);
    });

    it("is one text", () => {
        expect(decodeClaim(encodeClaim({ ...claim, leaf: '{"a":1}' }))).toEqual({ ...claim, leaf: '{"a":1}' });
    });

    it.each([
        ["until its deadline", claim, 1000, { kind: "busy" }],
        ["after it", claim, 1001, { kind: "abandoned", leaf: undefined }],
        ["after it, with a record", { ...claim, leaf: "l" }, 1001, { kind: "abandoned", leaf: "l" }],
        ["until it, with a record", { ...claim, leaf: "l" }, 1000, { kind: "busy" }],
        ["that ended", { ...claim, state: "ended" as const }, 0, { kind: "abandoned", leaf: undefined }],
        ["that finished", { ...claim, state: "finished" as const, leaf: "l" }, 9999, { kind: "answer", leaf: "l" }],
        [
            "that finished for another tenant",
            { ...claim, state: "finished" as const, leaf: "l", tenant: "x" },
            0,
            { kind: "taken", leaf: "l" },
        ],
        [
            "that finished in another format",
            { ...claim, state: "finished" as const, leaf: "l", format: "x" },
            0,
            { kind: "taken", leaf: "l" },
        ],
        ["that another tenant left", { ...claim, tenant: "x" }, 1001, { kind: "abandoned", leaf: undefined }],
    ])("%s", (_when, found, now, decision) => {
        expect(decideClaim(found, claim, now)).toEqual(decision);
    });

    it.each([{ key_spki_sha256: "1".repeat(64) }, { signing_algorithm: "X" }, { message_hex: "00" }])(
        "of another use is no answer: %j",
        (change) => {
            expect(() => decideClaim({ ...claim, state: "finished", leaf: "l", ...change }, claim, 0)).toThrow(
                coded("BadMessage"),
            );
        },
    );
});

it("an intent says what is about to happen, and holds the salt", () => {
    const message = fromRequestMessages(REQUEST.messages)[0]!;
    const intent = {
        attempt: "a",
        requestId: "r",
        request: REQUEST,
        keySpkiSha256: "k",
        message,
        salt: new Uint8Array(32),
        createdAt: "t",
    };
    expect(JSON.parse(encodeIntent(intent))).toMatchObject({
        attempt: "a",
        tenant: "web-team",
        salt_hex: "00".repeat(32),
    });
});
