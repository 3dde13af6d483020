import { constants, createHash, generateKeyPairSync, type KeyObject, privateEncrypt, sign } from "node:crypto";
import { describe, expect, it } from "vitest";
import { concat, fromHex, toBase64, toHex, toUtf8 } from "../../../lib/encoding";
import { ALGORITHMS, type MessageType, type SigningAlgorithm } from "../../../lib/kms/specs";
import { decodeLeaf, encodeLeaf, sealLeaf } from "../../../lib/record/codec";
import { ecdsaR } from "../../../lib/record/ecdsa";
import type { SignatureLeaf } from "../../../lib/record/leaf";
import { messageMembers, messageOf } from "../../../lib/record/message";
import { verifySignature } from "../../../lib/record/signature";
import { tripleSha256, uniqueUseId, verifySignatureLeaf } from "../../../lib/record/verify";
import { coded } from "../../support/codes";

// Proves rules A, B and C with keys and signatures that OpenSSL made from whole messages. Proves nothing about KMS.

const MESSAGE = toUtf8("what was signed");
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const PAIRS = {
    rsa,
    rsa1024: generateKeyPairSync("rsa", { modulusLength: 1024 }),
    p256: generateKeyPairSync("ec", { namedCurve: "P-256" }),
    p384: generateKeyPairSync("ec", { namedCurve: "P-384" }),
    p521: generateKeyPairSync("ec", { namedCurve: "P-521" }),
    k1: generateKeyPairSync("ec", { namedCurve: "secp256k1" }),
    ed25519: generateKeyPairSync("ed25519"),
    mldsa44: generateKeyPairSync("ml-dsa-44" as "ed25519"),
    mldsa65: generateKeyPairSync("ml-dsa-65" as "ed25519"),
    mldsa87: generateKeyPairSync("ml-dsa-87" as "ed25519"),
};

type KeyName = keyof typeof PAIRS;

const spkiOf = (name: KeyName): Uint8Array =>
    new Uint8Array(PAIRS[name].publicKey.export({ format: "der", type: "spki" }));

/** As KMS signs a message whose hash it is given: OpenSSL hashes it itself. */
function signedBy(key: KeyObject, algorithm: SigningAlgorithm, message: Uint8Array, saltLength?: number): Uint8Array {
    const { digest } = ALGORITHMS[algorithm];
    const padding = algorithm.startsWith("RSASSA_PSS") ? constants.RSA_PKCS1_PSS_PADDING : undefined;
    const options = { key, ...(padding && { padding, saltLength: saltLength ?? constants.RSA_PSS_SALTLEN_DIGEST }) };
    return new Uint8Array(sign(digest ?? null, message, options));
}

function leafOf(name: KeyName, algorithm: SigningAlgorithm, change: Partial<SignatureLeaf> = {}): SignatureLeaf {
    const { digest } = ALGORITHMS[algorithm];
    const type: MessageType = digest ? "DIGEST" : "RAW";
    const message = digest ? new Uint8Array(createHash(digest).update(MESSAGE).digest()) : MESSAGE;
    return sealLeaf<SignatureLeaf>({
        version: 1,
        type: "signature",
        timestamp: "2026-11-21T08:00:00Z",
        key_spki_sha256: createHash("sha256").update(spkiOf(name)).digest("hex"),
        key_alias: "alias/test-files-v1",
        signing_algorithm: algorithm,
        message_type: type,
        ...messageMembers(algorithm, type, message, algorithm.startsWith("ECDSA") ? MESSAGE : undefined),
        signature_base64: toBase64(signedBy(PAIRS[name].privateKey, algorithm, MESSAGE)),
        format: "raw",
        kms_request_id: "request-1",
        principal_hash: "00".repeat(32),
        approvals: [],
        ...change,
    });
}

const CASES: [SigningAlgorithm, KeyName][] = [
    ["RSASSA_PKCS1_V1_5_SHA_256", "rsa"],
    ["RSASSA_PKCS1_V1_5_SHA_384", "rsa"],
    ["RSASSA_PKCS1_V1_5_SHA_512", "rsa"],
    ["RSASSA_PSS_SHA_256", "rsa"],
    ["RSASSA_PSS_SHA_384", "rsa"],
    ["RSASSA_PSS_SHA_512", "rsa"],
    ["ECDSA_SHA_256", "p256"],
    ["ECDSA_SHA_256", "k1"],
    ["ECDSA_SHA_384", "p384"],
    ["ECDSA_SHA_512", "p521"],
    ["ED25519_SHA_512", "ed25519"],
    ["ML_DSA_SHAKE_256", "mldsa44"],
    ["ML_DSA_SHAKE_256", "mldsa65"],
    ["ML_DSA_SHAKE_256", "mldsa87"],
];

describe.each(CASES)("rule A: %s by %s", (algorithm, name) => {
    const leaf = leafOf(name, algorithm);
    const signature = Buffer.from(leaf.signature_base64, "base64");

    it("verifies over the recorded message", () => {
        verifySignatureLeaf(decodeLeaf(encodeLeaf(leaf)) as SignatureLeaf, spkiOf(name));
        expect(leaf.message_type).toBe(ALGORITHMS[algorithm].digest ? "DIGEST" : "RAW");
    });

    it("does not verify with a changed signature", () => {
        const step = Math.max(1, Math.floor(signature.length / 40));
        for (let i = 0; i < signature.length; i += step) {
            const changed = {
                ...leaf,
                signature_base64: toBase64(signature.map((byte, j) => (i === j ? byte ^ 1 : byte))),
            };
            expect(() => verifySignatureLeaf(changed, spkiOf(name)), String(i)).toThrow(coded("SignatureMismatch"));
        }
    });

    it("does not verify cut short, nor with a byte more", () => {
        for (const bytes of [
            signature.subarray(1),
            signature.subarray(0, -1),
            concat(signature, new Uint8Array(1)),
            concat(new Uint8Array(1), signature),
        ]) {
            const changed = { ...leaf, signature_base64: toBase64(bytes) };
            expect(() => verifySignatureLeaf(changed, spkiOf(name))).toThrow(coded("SignatureMismatch"));
        }
    });

    it("does not verify over another message", () => {
        const { digest } = ALGORITHMS[algorithm];
        const message = toUtf8("something else");
        const bytes = digest ? new Uint8Array(createHash(digest).update(message).digest()) : message;
        const hashed = algorithm.startsWith("ECDSA") ? message : undefined;
        const changed = { ...leaf, ...messageMembers(algorithm, leaf.message_type, bytes, hashed) };
        expect(() => verifySignatureLeaf(changed, spkiOf(name))).toThrow(coded("SignatureMismatch"));
    });

    it("is of the key that it names", () => {
        const other = name === "ed25519" ? "rsa" : "ed25519";
        expect(() => verifySignatureLeaf(leaf, spkiOf(other))).toThrow(coded("KeyMismatch"));
    });
});

describe("RSA padding", () => {
    const check = (algorithm: SigningAlgorithm, signature: Uint8Array, digest: Uint8Array): void =>
        verifySignature({ spki: spkiOf("rsa"), algorithm, messageType: "DIGEST", message: digest, signature });
    const digest = new Uint8Array(createHash("sha256").update(MESSAGE).digest());
    const raw = (block: Uint8Array): Uint8Array =>
        new Uint8Array(privateEncrypt({ key: rsa.privateKey, padding: constants.RSA_NO_PADDING }, block));
    const info = fromHex("3031300d060960864801650304020105000420");

    it("of PKCS#1 v1.5 is compared whole: no short padding, no garbage behind, no other DigestInfo", () => {
        const block = (padding: number, middle: Uint8Array, tail: Uint8Array): Uint8Array =>
            concat(fromHex("0001"), new Uint8Array(padding).fill(0xff), fromHex("00"), middle, digest, tail);
        const room = 256 - 3 - info.length - digest.length;
        check("RSASSA_PKCS1_V1_5_SHA_256", raw(block(room, info, new Uint8Array())), digest);
        const withoutNull = fromHex("302f300b0609608648016503040201" + "0420");
        for (const forged of [
            block(8, info, new Uint8Array(room - 8)),
            block(room - 1, info, new Uint8Array(1)),
            block(256 - 3 - withoutNull.length - digest.length, withoutNull, new Uint8Array()),
        ]) {
            expect(() => check("RSASSA_PKCS1_V1_5_SHA_256", raw(forged), digest)).toThrow(coded("SignatureMismatch"));
        }
    });

    it.each([0, 20, 31, 33, 222])("of PSS has a salt as long as the digest, not %i bytes", (saltLength) => {
        const signature = signedBy(rsa.privateKey, "RSASSA_PSS_SHA_256", MESSAGE, saltLength);
        expect(() => check("RSASSA_PSS_SHA_256", signature, digest)).toThrow(coded("SignatureMismatch"));
    });

    it("is not that of the other scheme, nor of another hash", () => {
        const pss = signedBy(rsa.privateKey, "RSASSA_PSS_SHA_256", MESSAGE);
        const pkcs1 = signedBy(rsa.privateKey, "RSASSA_PKCS1_V1_5_SHA_256", MESSAGE);
        expect(() => check("RSASSA_PKCS1_V1_5_SHA_256", pss, digest)).toThrow(coded("SignatureMismatch"));
        expect(() => check("RSASSA_PSS_SHA_256", pkcs1, digest)).toThrow(coded("SignatureMismatch"));
        const sha384 = new Uint8Array(createHash("sha384").update(MESSAGE).digest());
        expect(() => check("RSASSA_PSS_SHA_384", pss, sha384)).toThrow(coded("SignatureMismatch"));
    });

    it("of a signature not below the modulus is none", () => {
        expect(() => check("RSASSA_PSS_SHA_256", new Uint8Array(256).fill(0xff), digest)).toThrow(
            coded("SignatureMismatch"),
        );
    });
});

describe("keys", () => {
    const input = (name: KeyName, algorithm: SigningAlgorithm, spki = spkiOf(name)) => ({
        spki,
        algorithm,
        messageType: "DIGEST" as const,
        message: new Uint8Array(32),
        signature: new Uint8Array(256),
    });

    it.each<[KeyName, SigningAlgorithm]>([
        ["rsa1024", "RSASSA_PSS_SHA_256"],
        ["p256", "ECDSA_SHA_384"],
        ["p384", "ECDSA_SHA_256"],
        ["ed25519", "ML_DSA_SHAKE_256"],
        ["rsa", "ECDSA_SHA_256"],
        ["mldsa44", "ED25519_SHA_512"],
    ])("%s is none of %s", (name, algorithm) => {
        expect(() => verifySignature(input(name, algorithm))).toThrow(coded("KeyMismatch"));
    });

    it("are DER, nothing behind", () => {
        const spki = concat(spkiOf("rsa"), new Uint8Array(1));
        expect(() => verifySignature(input("rsa", "RSASSA_PSS_SHA_256", spki))).toThrow(coded("KeyMismatch"));
        expect(() => verifySignature(input("rsa", "RSASSA_PSS_SHA_256", new Uint8Array(9)))).toThrow(
            coded("KeyMismatch"),
        );
    });

    it("take messages of the right type and length", () => {
        const good = input("rsa", "RSASSA_PSS_SHA_256");
        expect(() => verifySignature({ ...good, message: new Uint8Array(31) })).toThrow(coded("BadDigest"));
        expect(() => verifySignature({ ...good, messageType: "RAW" })).toThrow(coded("BadMessageType"));
    });

    it("verify no mu: node:crypto takes none", () => {
        const mu = {
            ...input("mldsa65", "ML_DSA_SHAKE_256"),
            messageType: "EXTERNAL_MU" as const,
            message: new Uint8Array(64),
        };
        expect(() => verifySignature(mu)).toThrow(coded("BadMessageType"));
    });
});

describe("rule C", () => {
    it("an ECDSA record without its message proves nothing", () => {
        const { message_base64: _, ...rest } = leafOf("p256", "ECDSA_SHA_256");
        const leaf = sealLeaf<SignatureLeaf>(rest);
        expect(decodeLeaf(encodeLeaf(leaf))).toEqual(leaf);
        expect(() => verifySignatureLeaf(leaf, spkiOf("p256"))).toThrow(coded("BadMessage"));
    });
});

describe("rule B", () => {
    it("one use of a deterministic algorithm is key, algorithm and message", () => {
        const leaf = leafOf("rsa", "RSASSA_PKCS1_V1_5_SHA_256");
        const triple = JSON.stringify([leaf.key_spki_sha256, leaf.signing_algorithm, toHex(messageOf(leaf))]);
        const hash = createHash("sha256").update(triple).digest("hex");
        expect(uniqueUseId(leaf)).toBe(`triple#${hash}`);
        expect(tripleSha256(leaf.key_spki_sha256, leaf.signing_algorithm, messageOf(leaf))).toBe(hash);
    });

    it.each<[KeyName, SigningAlgorithm]>([
        ["rsa", "RSASSA_PSS_SHA_256"],
        ["mldsa44", "ML_DSA_SHAKE_256"],
        ["p256", "ECDSA_SHA_256"],
    ])("another by %s is its signature", (name, algorithm) => {
        const [first, second] = [leafOf(name, algorithm), leafOf(name, algorithm)];
        expect(uniqueUseId(first)).toMatch(/^repeat#[0-9a-f]{64}$/);
        expect(uniqueUseId(first)).not.toBe(uniqueUseId(second));
        expect(uniqueUseId({ ...first, kms_request_id: "other" })).toBe(uniqueUseId(first));
    });
});

describe("ECDSA signatures in DER", () => {
    it.each([
        ["3006020101020101", "01"],
        ["300702020080020101", "80"],
    ])("%s has r %s", (der, r) => {
        expect(toHex(ecdsaR(fromHex(der)))).toBe(r);
    });

    it.each([
        "",
        "30",
        "3000",
        "3003020101",
        "30060201010201",
        "300602010102010100",
        "3106020101020101",
        "3006030101020101",
        "3006020101030101",
        "308106020101020101",
        "3005020002020001",
        "3006020100020101",
        "3006020181020101",
        "300702020001020101",
        "3006020101020100",
        "30080201010203000001",
        "3006020501020101",
        "308000020101020101",
    ])("not %s", (der) => {
        expect(() => ecdsaR(fromHex(der))).toThrow(coded("SignatureMismatch"));
    });
});

it("covers every algorithm that KMS signs with", () => {
    const names: readonly string[] = [...new Set(CASES.map(([algorithm]) => algorithm))].sort();
    expect(names).toEqual(Object.keys(ALGORITHMS).sort());
});
