import { algorithmsOf, KeySpec } from "../../../lib/kms/specs";

/** Key specs of KMS with what a key of each may be for. https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html */
export type KeyUsage = "SIGN_VERIFY" | "ENCRYPT_DECRYPT" | "GENERATE_VERIFY_MAC" | "KEY_AGREEMENT";
export const KEY_USAGES: readonly KeyUsage[] = [
    "SIGN_VERIFY",
    "ENCRYPT_DECRYPT",
    "GENERATE_VERIFY_MAC",
    "KEY_AGREEMENT",
];

export const KEY_SPECS = [
    "RSA_2048",
    "RSA_3072",
    "RSA_4096",
    "ECC_NIST_P256",
    "ECC_NIST_P384",
    "ECC_NIST_P521",
    "ECC_SECG_P256K1",
    "SYMMETRIC_DEFAULT",
    "HMAC_224",
    "HMAC_256",
    "HMAC_384",
    "HMAC_512",
    "SM2",
    "ML_DSA_44",
    "ML_DSA_65",
    "ML_DSA_87",
    "ECC_NIST_EDWARDS25519",
] as const;
export type AnyKeySpec = (typeof KEY_SPECS)[number];

export const SIGNING_ALGORITHMS = [
    "RSASSA_PSS_SHA_256",
    "RSASSA_PSS_SHA_384",
    "RSASSA_PSS_SHA_512",
    "RSASSA_PKCS1_V1_5_SHA_256",
    "RSASSA_PKCS1_V1_5_SHA_384",
    "RSASSA_PKCS1_V1_5_SHA_512",
    "ECDSA_SHA_256",
    "ECDSA_SHA_384",
    "ECDSA_SHA_512",
    "SM2DSA",
    "ML_DSA_SHAKE_256",
    "ED25519_SHA_512",
    "ED25519_PH_SHA_512",
] as const;
export const ENCRYPTION_ALGORITHMS = ["SYMMETRIC_DEFAULT", "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "SM2PKE"] as const;
export const MAC_ALGORITHMS = ["HMAC_SHA_224", "HMAC_SHA_256", "HMAC_SHA_384", "HMAC_SHA_512"] as const;

export function usagesOf(spec: AnyKeySpec): readonly KeyUsage[] {
    if (spec === "SYMMETRIC_DEFAULT") return ["ENCRYPT_DECRYPT"];
    if (spec.startsWith("HMAC_")) return ["GENERATE_VERIFY_MAC"];
    if (spec.startsWith("RSA_")) return ["ENCRYPT_DECRYPT", "SIGN_VERIFY"];
    if (spec.startsWith("ECC_NIST_P")) return ["SIGN_VERIFY", "KEY_AGREEMENT"];
    return ["SIGN_VERIFY"];
}

/** Signing algorithms that a key of this spec takes, AWS's first one first. */
export function signingAlgorithmsOf(spec: AnyKeySpec): readonly string[] {
    // Here the emulator knows more than the project uses: nothing verifies Ed25519ph, so lib/kms leaves it out.
    if (spec === "ECC_NIST_EDWARDS25519") return ["ED25519_SHA_512", "ED25519_PH_SHA_512"];
    return Object.hasOwn(KeySpec, spec) ? algorithmsOf(spec) : [];
}

/** The member of KeyMetadata and GetPublicKey that lists algorithms, by usage. */
export function algorithmMembers(spec: AnyKeySpec, usage: KeyUsage): Record<string, readonly string[]> {
    switch (usage) {
        case "SIGN_VERIFY":
            return { SigningAlgorithms: signingAlgorithmsOf(spec) };
        case "ENCRYPT_DECRYPT":
            return { EncryptionAlgorithms: encryptionAlgorithmsOf(spec) };
        case "GENERATE_VERIFY_MAC":
            return { MacAlgorithms: [macAlgorithmOf(spec)] };
        case "KEY_AGREEMENT":
            return { KeyAgreementAlgorithms: ["ECDH"] };
    }
}

export function encryptionAlgorithmsOf(spec: AnyKeySpec): readonly string[] {
    return spec === "SYMMETRIC_DEFAULT" ? ["SYMMETRIC_DEFAULT"] : ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"];
}

export function macAlgorithmOf(spec: AnyKeySpec): string {
    return spec.replace("HMAC_", "HMAC_SHA_");
}

export function isSymmetric(spec: AnyKeySpec): boolean {
    return spec === "SYMMETRIC_DEFAULT" || spec.startsWith("HMAC_");
}
