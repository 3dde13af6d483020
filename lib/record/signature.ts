import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { equalBytes, quote } from "../encoding";
import { codedError } from "../errors";
import { ALGORITHMS, checkMessage, type MessageType, type SigningAlgorithm } from "../kms/specs";
import { ecdsaR } from "./ecdsa";
import { isRsaSignature } from "./rsa";

/** Verification of what KMS signs, from what KMS was given: mostly digests, which `crypto.verify` would hash again. */
export interface SignatureInput {
    /** SubjectPublicKeyInfo, DER. */
    readonly spki: Uint8Array;
    readonly algorithm: SigningAlgorithm;
    readonly messageType: MessageType;
    /** As KMS was given it; for ECDSA the message whose hash was given as digest. */
    readonly message: Uint8Array;
    /** As KMS gives it: RSA as long as the modulus, ECDSA in DER, Ed25519 and ML-DSA raw. */
    readonly signature: Uint8Array;
}

/** @throws KeyMismatch if the key is not one of this algorithm, SignatureMismatch, and what `checkMessage` throws */
export function verifySignature(input: SignatureInput): void {
    const key = parseSpki(input.spki);
    checkKeyOf(input.algorithm, key);
    if (!isValid(input, key)) {
        throw codedError(
            "SignatureMismatch",
            `${input.algorithm} signature does not verify under the key over the message`,
        );
    }
}

/**
 * An own parser need not follow: what exports as the same bytes was DER.
 *
 * @throws KeyMismatch
 */
export function parseSpki(spki: Uint8Array): KeyObject {
    try {
        const key = createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" });
        if (equalBytes(key.export({ format: "der", type: "spki" }), spki)) return key;
    } catch (error) {
        throw codedError("KeyMismatch", "key is not a SubjectPublicKeyInfo that this Node knows", error);
    }
    throw codedError("KeyMismatch", "key is not DER: it exports to other bytes");
}

const RSA_KEYS: readonly string[] = ["rsa 2048", "rsa 3072", "rsa 4096"];

const KEY_OF: Readonly<Record<string, readonly string[]>> = {
    ECDSA_SHA_256: ["ec prime256v1", "ec secp256k1"],
    ECDSA_SHA_384: ["ec secp384r1"],
    ECDSA_SHA_512: ["ec secp521r1"],
    ED25519_SHA_512: ["ed25519"],
    ML_DSA_SHAKE_256: ["ml-dsa-44", "ml-dsa-65", "ml-dsa-87"],
};

function checkKeyOf(algorithm: SigningAlgorithm, key: KeyObject): void {
    const { namedCurve, modulusLength } = key.asymmetricKeyDetails ?? {};
    const seen = [key.asymmetricKeyType, namedCurve ?? modulusLength].filter((part) => part !== undefined).join(" ");
    const expected = KEY_OF[algorithm] ?? RSA_KEYS;
    if (!expected.includes(seen)) {
        throw codedError("KeyMismatch", `key is ${quote(seen)}, ${algorithm} expects ${expected.join(" or ")}`);
    }
}

function isValid({ algorithm, messageType, message, signature }: SignatureInput, key: KeyObject): boolean {
    const { digest } = ALGORITHMS[algorithm];
    if (algorithm.startsWith("ECDSA_")) {
        ecdsaR(signature);
        return verify(digest, message, { key, dsaEncoding: "der" }, signature);
    }
    checkMessage(algorithm, messageType, message);
    if (digest) return isRsaSignature(key, algorithm, digest, message, signature);
    if (messageType === "EXTERNAL_MU") {
        throw codedError(
            "BadMessageType",
            "EXTERNAL_MU cannot be verified here: node:crypto takes no mu; sign RAW instead",
        );
    }
    return verify(null, message, key, signature);
}
