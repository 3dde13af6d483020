import { createHash, generateKeyPair, sign, verify, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { ed25519ph } from "@noble/curves/ed25519.js";
import { kmsError } from "../errors";
import type { AnyKeySpec } from "../key-specs";
import { ecdsaSign, ecdsaVerifies } from "./ecdsa";
import { oaepDecrypt, oaepEncrypt, rsaSign, rsaVerifies } from "./rsa";

/**
 * A key pair whose private half no member gives away: only these functions reach it.
 * `message` is what the request said, `type` says whether it is hashed already.
 */
export interface KeyPair {
    readonly spki: Buffer;
    sign(algorithm: string, type: string, message: Uint8Array): Buffer;
    verifies(algorithm: string, type: string, message: Uint8Array, signature: Uint8Array): boolean;
    encrypt(algorithm: string, plaintext: Uint8Array): Buffer;
    decrypt(algorithm: string, ciphertext: Uint8Array): Buffer;
}

const generate = promisify(generateKeyPair as (...args: unknown[]) => void) as unknown as (
    type: string,
    options: object,
) => Promise<{ privateKey: KeyObject; publicKey: KeyObject }>;

/** Off the main thread; RSA_4096 takes one to two seconds (measured). */
export async function generatePair(spec: AnyKeySpec): Promise<KeyPair> {
    const { privateKey, publicKey } = await generate(...generatorOf(spec));
    return {
        spki: publicKey.export({ format: "der", type: "spki" }),
        sign: (algorithm, type, message) => signWith(privateKey, algorithm, type, message),
        verifies: (algorithm, type, message, signature) => isSigned(publicKey, algorithm, type, message, signature),
        encrypt: (algorithm, plaintext) => oaepEncrypt(publicKey, hashOf(algorithm), plaintext),
        decrypt: (algorithm, ciphertext) => oaepDecrypt(privateKey, hashOf(algorithm), ciphertext),
    };
}

const NAMED_CURVES: Readonly<Record<string, string>> = {
    ECC_NIST_P256: "P-256",
    ECC_NIST_P384: "P-384",
    ECC_NIST_P521: "P-521",
    ECC_SECG_P256K1: "secp256k1",
};

function generatorOf(spec: AnyKeySpec): [type: string, options: object] {
    if (spec.startsWith("RSA_")) return ["rsa", { modulusLength: Number(spec.slice("RSA_".length)) }];
    if (spec === "ECC_NIST_EDWARDS25519") return ["ed25519", {}];
    if (spec.startsWith("ML_DSA_")) return [spec.toLowerCase().replaceAll("_", "-"), {}];
    const namedCurve = NAMED_CURVES[spec];
    if (namedCurve === undefined) throw kmsError("UnsupportedOperationException", `KeySpec ${spec} is not emulated`);
    return ["ec", { namedCurve }];
}

function signWith(key: KeyObject, algorithm: string, type: string, message: Uint8Array): Buffer {
    if (algorithm.startsWith("RSASSA_")) {
        return rsaSign(key, paddingOf(algorithm), hashOf(algorithm), digestOf(algorithm, type, message));
    }
    if (algorithm.startsWith("ECDSA_")) return ecdsaSign(key, digestOf(algorithm, type, message));
    if (algorithm === "ED25519_PH_SHA_512") {
        const { d } = key.export({ format: "jwk" });
        return Buffer.from(ed25519ph.sign(message, Buffer.from(d ?? "", "base64url")));
    }
    return sign(null, message, key); // Ed25519 and ML-DSA take the message itself
}

function isSigned(
    key: KeyObject,
    algorithm: string,
    type: string,
    message: Uint8Array,
    signature: Uint8Array,
): boolean {
    if (algorithm.startsWith("RSASSA_")) {
        const digest = digestOf(algorithm, type, message);
        return rsaVerifies(key, paddingOf(algorithm), hashOf(algorithm), digest, signature);
    }
    if (algorithm.startsWith("ECDSA_")) return ecdsaVerifies(key, digestOf(algorithm, type, message), signature);
    if (algorithm === "ED25519_PH_SHA_512") {
        const { x } = key.export({ format: "jwk" });
        return signature.length === 64 && ed25519ph.verify(signature, message, Buffer.from(x ?? "", "base64url"));
    }
    return verify(null, message, key, signature);
}

const paddingOf = (algorithm: string): "pss" | "pkcs1" => (algorithm.startsWith("RSASSA_PSS_") ? "pss" : "pkcs1");

/** `..._SHA_256` -> `sha256`. */
export function hashOf(algorithm: string): string {
    return `sha${algorithm.slice(algorithm.lastIndexOf("_") + 1)}`;
}

function digestOf(algorithm: string, type: string, message: Uint8Array): Uint8Array {
    return type === "DIGEST" ? message : createHash(hashOf(algorithm)).update(message).digest();
}
