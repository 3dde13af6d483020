import { quote } from "../encoding";
import { codedError } from "../errors";
import type { HashName } from "../hash";

/**
 * Key spec x signing algorithm x message type, and their rules.
 * https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html
 * https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html
 */

/** KMS key specs that sign. AWS's spelling; an enum because component schemas reject unions. */
export enum KeySpec {
    RSA_2048 = "RSA_2048",
    RSA_3072 = "RSA_3072",
    RSA_4096 = "RSA_4096",
    ECC_NIST_P256 = "ECC_NIST_P256",
    ECC_NIST_P384 = "ECC_NIST_P384",
    ECC_NIST_P521 = "ECC_NIST_P521",
    ECC_SECG_P256K1 = "ECC_SECG_P256K1",
    ECC_NIST_EDWARDS25519 = "ECC_NIST_EDWARDS25519",
    ML_DSA_44 = "ML_DSA_44",
    ML_DSA_65 = "ML_DSA_65",
    ML_DSA_87 = "ML_DSA_87",
}

export type SigningAlgorithm =
    | "RSASSA_PKCS1_V1_5_SHA_256"
    | "RSASSA_PKCS1_V1_5_SHA_384"
    | "RSASSA_PKCS1_V1_5_SHA_512"
    | "RSASSA_PSS_SHA_256"
    | "RSASSA_PSS_SHA_384"
    | "RSASSA_PSS_SHA_512"
    | "ECDSA_SHA_256"
    | "ECDSA_SHA_384"
    | "ECDSA_SHA_512"
    | "ED25519_SHA_512"
    | "ML_DSA_SHAKE_256";

export type MessageType = "RAW" | "DIGEST" | "EXTERNAL_MU";

/** Bytes; KMS refuses longer RAW messages. */
export const MAX_RAW_MESSAGE = 4096;

export interface AlgorithmRules {
    /** Hash whose output is the DIGEST, undefined where the algorithm takes no digest. */
    readonly digest: HashName | undefined;
    /** What we send. RSA and ECDSA also take RAW, but then KMS hashes and nothing proves what was hashed. */
    readonly messageTypes: readonly MessageType[];
    /** The same message gives the same signature, so a repeat is the same use. ML-DSA in KMS is hedged (unproven). */
    readonly deterministic: boolean;
}

const DIGEST: readonly MessageType[] = ["DIGEST"];

export const ALGORITHMS: Readonly<Record<SigningAlgorithm, AlgorithmRules>> = {
    RSASSA_PKCS1_V1_5_SHA_256: { digest: "sha256", messageTypes: DIGEST, deterministic: true },
    RSASSA_PKCS1_V1_5_SHA_384: { digest: "sha384", messageTypes: DIGEST, deterministic: true },
    RSASSA_PKCS1_V1_5_SHA_512: { digest: "sha512", messageTypes: DIGEST, deterministic: true },
    RSASSA_PSS_SHA_256: { digest: "sha256", messageTypes: DIGEST, deterministic: false },
    RSASSA_PSS_SHA_384: { digest: "sha384", messageTypes: DIGEST, deterministic: false },
    RSASSA_PSS_SHA_512: { digest: "sha512", messageTypes: DIGEST, deterministic: false },
    ECDSA_SHA_256: { digest: "sha256", messageTypes: DIGEST, deterministic: false },
    ECDSA_SHA_384: { digest: "sha384", messageTypes: DIGEST, deterministic: false },
    ECDSA_SHA_512: { digest: "sha512", messageTypes: DIGEST, deterministic: false },
    ED25519_SHA_512: { digest: undefined, messageTypes: ["RAW"], deterministic: true },
    ML_DSA_SHAKE_256: { digest: undefined, messageTypes: ["RAW", "EXTERNAL_MU"], deterministic: false },
};

const RSA: readonly SigningAlgorithm[] = [
    "RSASSA_PKCS1_V1_5_SHA_256",
    "RSASSA_PKCS1_V1_5_SHA_384",
    "RSASSA_PKCS1_V1_5_SHA_512",
    "RSASSA_PSS_SHA_256",
    "RSASSA_PSS_SHA_384",
    "RSASSA_PSS_SHA_512",
];

const SPECS: Readonly<Record<KeySpec, readonly SigningAlgorithm[]>> = {
    RSA_2048: RSA,
    RSA_3072: RSA,
    RSA_4096: RSA,
    ECC_NIST_P256: ["ECDSA_SHA_256"],
    ECC_NIST_P384: ["ECDSA_SHA_384"],
    ECC_NIST_P521: ["ECDSA_SHA_512"],
    ECC_SECG_P256K1: ["ECDSA_SHA_256"],
    ECC_NIST_EDWARDS25519: ["ED25519_SHA_512"],
    ML_DSA_44: ["ML_DSA_SHAKE_256"],
    ML_DSA_65: ["ML_DSA_SHAKE_256"],
    ML_DSA_87: ["ML_DSA_SHAKE_256"],
};

/** @throws BadKeySpec for a spec that cannot sign, or that this project refuses (SM2, HMAC, symmetric) */
export function algorithmsOf(spec: string): readonly SigningAlgorithm[] {
    const algorithms = Object.hasOwn(SPECS, spec) ? SPECS[spec as KeySpec] : undefined;
    if (!algorithms) {
        throw codedError(
            "BadKeySpec",
            `key spec ${quote(spec)} cannot sign, expected one of ${Object.keys(SPECS).join(", ")}`,
        );
    }
    return algorithms;
}

/** @throws BadSigningAlgorithm unless a key of this spec can sign with it */
export function rulesOf(spec: string, algorithm: string): AlgorithmRules {
    const allowed = algorithmsOf(spec);
    if (!allowed.includes(algorithm as SigningAlgorithm)) {
        throw codedError(
            "BadSigningAlgorithm",
            `algorithm ${quote(algorithm)} is not one of key spec ${spec}, expected one of ${allowed.join(", ")}`,
        );
    }
    return ALGORITHMS[algorithm as SigningAlgorithm];
}

/**
 * The message as this project sends it to KMS.
 *
 * @throws BadMessageType, or BadDigest (wrong length), or BadMessage (empty, or RAW above 4,096 bytes)
 */
export function checkMessage(algorithm: SigningAlgorithm, type: string, message: Uint8Array): void {
    const rules = ALGORITHMS[algorithm];
    if (!rules.messageTypes.includes(type as MessageType)) {
        throw codedError(
            "BadMessageType",
            `message type ${quote(type)} does not go with ${algorithm}, expected ${rules.messageTypes.join(" or ")}`,
        );
    }
    if (type === "DIGEST" && message.length !== digestLength(rules.digest)) {
        throw codedError(
            "BadDigest",
            `digest has ${message.length} bytes, ${algorithm} expects ${digestLength(rules.digest)}`,
        );
    }
    if (type === "EXTERNAL_MU" && message.length !== 64) {
        throw codedError("BadDigest", `mu has ${message.length} bytes, expected 64 (FIPS 204 section 6.2)`);
    }
    if (type === "RAW" && (message.length === 0 || message.length > MAX_RAW_MESSAGE)) {
        throw codedError("BadMessage", `RAW message has ${message.length} bytes, expected 1 to ${MAX_RAW_MESSAGE}`);
    }
}

function digestLength(name: HashName | undefined): number {
    return name === "sha512" ? 64 : name === "sha384" ? 48 : 32;
}
