// Proves the paddings that node:crypto does not do over a digest, against node:crypto and against changed encodings.
import { constants, createHash, generateKeyPairSync, privateEncrypt, randomBytes, verify } from "node:crypto";
import { describe, expect, it } from "vitest";
import { encodePss, isPss } from "../../../local/gateway/kms/crypto/emsa-pss";
import { createKeyPool } from "../../../local/gateway/kms/crypto/pool";
import { rsaSign, rsaVerifies } from "../../../local/gateway/kms/crypto/rsa";

const digest = createHash("sha256").update("message").digest();

describe("EMSA-PSS", () => {
    it("recognises its own encoding, at sizes that are and are not whole bytes", () => {
        for (const emBits of [2047, 2048, 1030])
            expect(isPss("sha256", digest, encodePss("sha256", digest, randomBytes(32), emBits), emBits)).toBe(true);
    });

    it("refuses an encoding with any byte changed, cut short, or with another salt length", () => {
        const em = encodePss("sha256", digest, randomBytes(32), 1023);
        for (let i = 0; i < em.length; i++) {
            const changed = Buffer.from(em);
            changed[i]! ^= 0x80;
            expect(isPss("sha256", digest, changed, 1023), `byte ${i}`).toBe(false);
        }
        expect(isPss("sha256", digest, em.subarray(1), 1023)).toBe(false);
        expect(isPss("sha256", digest, encodePss("sha256", digest, randomBytes(20), 1023), 1023)).toBe(false);
    });

    it("refuses a modulus too small for hash and salt", () => {
        expect(() => encodePss("sha512", Buffer.alloc(64), Buffer.alloc(64), 1023)).toThrow("encoding error");
    });
});

it("signs PSS for a modulus whose encoding is a byte shorter than it", () => {
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 + 8 });
    const signature = rsaSign(privateKey, "pss", "sha256", digest);
    const padding = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
    expect(verify("sha256", Buffer.from("message"), { key: publicKey, ...padding }, signature)).toBe(true);
});

it("accepts one PKCS#1 v1.5 encoding only", () => {
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const good = rsaSign(privateKey, "pkcs1", "sha256", digest);
    expect(rsaVerifies(publicKey, "pkcs1", "sha256", digest, good)).toBe(true);
    // The digest without its DigestInfo, and a signature as long as the modulus but above it.
    const bare = privateEncrypt({ key: privateKey, padding: constants.RSA_PKCS1_PADDING }, digest);
    for (const bad of [bare, Buffer.alloc(256, 0xff), good.subarray(1)]) {
        expect(rsaVerifies(publicKey, "pkcs1", "sha256", digest, bad)).toBe(false);
    }
    expect(rsaVerifies(publicKey, "pss", "sha256", digest, good)).toBe(false);
});

it("gives each pooled pair once, and makes more when there are none left", async () => {
    const pool = createKeyPool({ ECC_NIST_P256: 2 });
    const pairs = await Promise.all([1, 2, 3].map(() => pool.take("ECC_NIST_P256")));
    expect(new Set(pairs.map(({ spki }) => spki.toString("hex"))).size).toBe(3);
    await expect(pool.take("SM2")).rejects.toMatchObject({ code: "UnsupportedOperationException" });
});
