import { constants, privateDecrypt, privateEncrypt, publicEncrypt, randomBytes, type KeyObject } from "node:crypto";
import { encodePss, isPss } from "./emsa-pss";

/** DigestInfo up to the digest, RFC 8017 section 9.2 note 1. */
const DIGEST_INFO: Readonly<Record<string, string>> = {
    sha256: "3031300d060960864801650304020105000420",
    sha384: "3041300d060960864801650304020205000430",
    sha512: "3051300d060960864801650304020305000440",
};

export type RsaPadding = "pkcs1" | "pss";

export function rsaSign(key: KeyObject, padding: RsaPadding, hashName: string, digest: Uint8Array): Buffer {
    if (padding === "pkcs1") {
        return privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, digestInfo(hashName, digest));
    }
    const em = encodePss(hashName, digest, randomBytes(digest.length), bits(key) - 1);
    return privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, leftPad(em, bits(key) / 8));
}

export function rsaVerifies(
    key: KeyObject,
    padding: RsaPadding,
    hashName: string,
    digest: Uint8Array,
    signature: Uint8Array,
): boolean {
    const size = bits(key) / 8;
    if (signature.length !== size) return false;
    let em: Buffer;
    try {
        em = publicEncrypt({ key, padding: constants.RSA_NO_PADDING }, signature); // s^e mod n
    } catch {
        return false; // not below the modulus
    }
    if (padding === "pss") return isPss(hashName, digest, em, bits(key) - 1);
    const info = digestInfo(hashName, digest);
    const filler = Buffer.alloc(size - info.length - 3, 0xff);
    return Buffer.concat([Buffer.from([0, 1]), filler, Buffer.from([0]), info]).equals(em);
}

/** OAEP, RFC 8017 section 7.1, with MGF1 over the same hash and no label. */
export function oaepEncrypt(key: KeyObject, oaepHash: string, plaintext: Uint8Array): Buffer {
    return publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, plaintext);
}

export function oaepDecrypt(key: KeyObject, oaepHash: string, ciphertext: Uint8Array): Buffer {
    return privateDecrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, ciphertext);
}

function digestInfo(hashName: string, digest: Uint8Array): Buffer {
    const prefix = DIGEST_INFO[hashName];
    if (prefix === undefined) throw new Error(`no DigestInfo for ${hashName}`);
    return Buffer.concat([Buffer.from(prefix, "hex"), digest]);
}

function bits(key: KeyObject): number {
    return key.asymmetricKeyDetails?.modulusLength ?? 0;
}

function leftPad(bytes: Buffer, length: number): Buffer {
    return Buffer.concat([Buffer.alloc(length - bytes.length), bytes]);
}
