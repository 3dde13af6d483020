import { fromBase64, fromHex, quote, toBase64, toHex } from "../encoding";
import { codedError } from "../errors";
import { hash, sha256 } from "../hash";
import { ALGORITHMS, type MessageType, type SigningAlgorithm } from "../kms/specs";
import type { SignatureLeaf } from "./leaf";

/** Which members of a signature leaf carry the message, and what they have to do with each other. */

const DIGEST_MEMBERS = ["message_digest_sha256", "message_digest_sha384", "message_digest_sha512"] as const;
const MESSAGE_MEMBERS = [...DIGEST_MEMBERS, "message_base64", "message_mu"] as const;

export type MessageMembers = Pick<SignatureLeaf, (typeof MESSAGE_MEMBERS)[number]>;

/**
 * The members for a message as it went to KMS.
 *
 * @param bytes the digest, the RAW message or mu, as `type` says
 * @param hashed ECDSA: the message whose hash is the digest
 */
export function messageMembers(
    algorithm: SigningAlgorithm,
    type: MessageType,
    bytes: Uint8Array,
    hashed?: Uint8Array,
): MessageMembers {
    switch (type) {
        case "RAW":
            return { message_base64: toBase64(bytes), message_digest_sha256: toHex(sha256(bytes)) };
        case "EXTERNAL_MU":
            return { message_mu: toHex(bytes) };
        case "DIGEST":
            return { [digestMember(algorithm)]: toHex(bytes), ...(hashed && { message_base64: toBase64(hashed) }) };
    }
}

/** The bytes that KMS was given as `Message`. */
export function messageOf(leaf: SignatureLeaf): Uint8Array {
    switch (leaf.message_type) {
        case "RAW":
            return fromBase64(leaf.message_base64 ?? "");
        case "EXTERNAL_MU":
            return fromHex(leaf.message_mu ?? "");
        case "DIGEST":
            return fromHex(leaf[digestMember(leaf.signing_algorithm)] ?? "");
    }
}

/** @throws BadLeaf if a message member is missing, superfluous, or not the hash of the other */
export function checkMessageMembers(leaf: SignatureLeaf): void {
    const { signing_algorithm: algorithm, message_type: type } = leaf;
    const { messageTypes, digest } = ALGORITHMS[algorithm];
    if (!messageTypes.includes(type)) {
        throw codedError(
            "BadLeaf",
            `message_type ${type} does not go with ${algorithm}, expected ${messageTypes.join(" or ")}`,
        );
    }
    const required = requiredMembers(algorithm, type);
    const allowed = isEcdsa(algorithm) ? [...required, "message_base64"] : required;
    for (const name of MESSAGE_MEMBERS) {
        const present = leaf[name] !== undefined;
        if (present ? !allowed.includes(name) : required.includes(name)) {
            throw codedError(
                "BadLeaf",
                `${algorithm} with ${type} ${present ? "has no" : "lacks"} member ${quote(name)}`,
            );
        }
    }
    if (leaf.message_base64 === undefined) return;
    const name = type === "RAW" ? "sha256" : (digest ?? "sha256");
    if (toHex(hash(name, fromBase64(leaf.message_base64))) !== leaf[`message_digest_${name}`]) {
        throw codedError("BadLeaf", `message_digest_${name} is not the hash of message_base64`);
    }
}

function requiredMembers(algorithm: SigningAlgorithm, type: MessageType): readonly string[] {
    switch (type) {
        case "RAW":
            return ["message_base64", "message_digest_sha256"];
        case "EXTERNAL_MU":
            return ["message_mu"];
        case "DIGEST":
            return [digestMember(algorithm)];
    }
}

function digestMember(algorithm: SigningAlgorithm): (typeof DIGEST_MEMBERS)[number] {
    return `message_digest_${ALGORITHMS[algorithm].digest ?? "sha256"}`;
}

export function isEcdsa(algorithm: SigningAlgorithm): boolean {
    return algorithm.startsWith("ECDSA_");
}
