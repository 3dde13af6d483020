import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { kmsError } from "../errors";

/**
 * Secret of a SYMMETRIC_DEFAULT or HMAC key. The ciphertext blob is opaque to callers, as AWS's is:
 * version 0x01, u8 length of the key id, key id, 12 bytes IV, 16 bytes tag, ciphertext; the header and the encryption
 * context are authenticated.
 */
export interface Secret {
    encrypt(keyId: string, plaintext: Uint8Array, context: Record<string, string>): Buffer;
    /** @throws InvalidCiphertextException if anything was changed, the context too */
    decrypt(blob: Uint8Array, context: Record<string, string>): Buffer;
    mac(hashName: string, message: Uint8Array): Buffer;
    isMac(hashName: string, message: Uint8Array, mac: Uint8Array): boolean;
}

export function generateSecret(bytes: number): Secret {
    const secret = randomBytes(bytes);
    const mac = (hashName: string, message: Uint8Array): Buffer =>
        createHmac(hashName, secret).update(message).digest();
    return {
        encrypt(keyId, plaintext, context) {
            const header = Buffer.concat([Buffer.from([1, keyId.length]), Buffer.from(keyId, "ascii")]);
            const iv = randomBytes(12);
            const cipher = createCipheriv("aes-256-gcm", secret, iv);
            cipher.setAAD(associated(header, context));
            const body = Buffer.concat([cipher.update(plaintext), cipher.final()]);
            return Buffer.concat([header, iv, cipher.getAuthTag(), body]);
        },
        decrypt(blob, context) {
            const end = 2 + (blob[1] ?? 0);
            if (blob.length < end + 28) throw invalidCiphertext();
            const decipher = createDecipheriv("aes-256-gcm", secret, blob.subarray(end, end + 12));
            decipher.setAAD(associated(blob.subarray(0, end), context));
            decipher.setAuthTag(blob.subarray(end + 12, end + 28));
            try {
                return Buffer.concat([decipher.update(blob.subarray(end + 28)), decipher.final()]);
            } catch {
                throw invalidCiphertext();
            }
        },
        mac,
        isMac: (hashName, message, given) => {
            const expected = mac(hashName, message);
            return expected.length === given.length && timingSafeEqual(expected, given);
        },
    };
}

/** @returns the key id inside a blob, undefined if it is not one of ours */
export function keyIdOfBlob(blob: Uint8Array): string | undefined {
    const length = blob[1] ?? 0;
    return blob[0] === 1 && blob.length > 2 + length + 28
        ? Buffer.from(blob.subarray(2, 2 + length)).toString("ascii")
        : undefined;
}

export const invalidCiphertext = (): Error => kmsError("InvalidCiphertextException", "");

function associated(header: Uint8Array, context: Record<string, string>): Buffer {
    const pairs = Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1));
    return Buffer.concat([header, Buffer.from(JSON.stringify(pairs), "utf8")]);
}
