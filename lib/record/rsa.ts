import { constants, type KeyObject, publicDecrypt } from "node:crypto";
import { concat, equalBytes, fromHex } from "../encoding";
import { type HashName, hash } from "../hash";

/**
 * RSA signatures over a digest (RFC 8017), which `crypto.verify` cannot check: it hashes what it is given.
 *
 * @param key RSA of 2048, 3072 or 4096 bits
 */
export function isRsaSignature(
    key: KeyObject,
    algorithm: string,
    name: HashName,
    digest: Uint8Array,
    signature: Uint8Array,
): boolean {
    const encoded = applyPublicKey(key, signature);
    if (!encoded) return false;
    return algorithm.startsWith("RSASSA_PSS_")
        ? isPssEncoded(name, digest, encoded)
        : equalBytes(encoded, pkcs1Encoded(name, digest, encoded.length));
}

/** RSAVP1 (section 5.2.2). Undefined unless the signature is as long as the modulus and below it. */
function applyPublicKey(key: KeyObject, signature: Uint8Array): Uint8Array | undefined {
    if (signature.length * 8 !== key.asymmetricKeyDetails?.modulusLength) return undefined;
    try {
        return publicDecrypt({ key, padding: constants.RSA_NO_PADDING }, signature);
    } catch {
        return undefined;
    }
}

/** DigestInfo up to the digest (section 9.2, note 1). */
const DIGEST_INFO: Readonly<Record<HashName, string>> = {
    sha256: "3031300d060960864801650304020105000420",
    sha384: "3041300d060960864801650304020205000430",
    sha512: "3051300d060960864801650304020305000440",
};

/** EMSA-PKCS1-v1_5 (section 9.2). To encode and compare leaves no slack, as parsing the padding would. */
function pkcs1Encoded(name: HashName, digest: Uint8Array, length: number): Uint8Array {
    const info = concat(fromHex(DIGEST_INFO[name]), digest);
    const padding = new Uint8Array(length - info.length - 3).fill(0xff);
    return concat(fromHex("0001"), padding, fromHex("00"), info);
}

/**
 * EMSA-PSS-VERIFY (section 9.1.2) with MGF1 of the same hash and, as KMS has it, a salt as long as the digest.
 * emBits is a multiple of 8 less one, so exactly the top bit is spare.
 */
function isPssEncoded(name: HashName, digest: Uint8Array, em: Uint8Array): boolean {
    const split = em.length - digest.length - 1;
    const masked = em.subarray(0, split);
    const seed = em.subarray(split, em.length - 1);
    if (em[em.length - 1] !== 0xbc || (masked[0] ?? 0) > 0x7f) return false;
    const mask = mgf1(name, seed, split);
    const block = masked.map((byte, i) => (byte ^ (mask[i] ?? 0)) & (i === 0 ? 0x7f : 0xff));
    const start = block.subarray(0, split - digest.length);
    const salt = block.subarray(split - digest.length);
    return (
        start.every((byte, i) => byte === (i === start.length - 1 ? 1 : 0)) &&
        equalBytes(hash(name, new Uint8Array(8), digest, salt), seed)
    );
}

/** Appendix B.2.1. */
function mgf1(name: HashName, seed: Uint8Array, length: number): Uint8Array {
    const blocks: Uint8Array[] = [];
    for (let counter = 0; counter * seed.length < length; counter += 1) {
        blocks.push(hash(name, seed, new Uint8Array([0, 0, counter >> 8, counter & 0xff])));
    }
    return concat(...blocks).subarray(0, length);
}
