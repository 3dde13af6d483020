import { fromBase64, quote, toHex, toUtf8 } from "../encoding";
import { codedError } from "../errors";
import { sha256 } from "../hash";
import { ALGORITHMS } from "../kms/specs";
import { encodeCanonical } from "./canonical";
import { ecdsaR } from "./ecdsa";
import type { SignatureLeaf } from "./leaf";
import { isEcdsa, messageOf } from "./message";
import { verifySignature } from "./signature";

/**
 * Rules A and C: the recorded signature verifies under the key over the recorded message, and an ECDSA record carries the
 * message, since a pair of digest and signature can be made from the public key alone.
 *
 * @param leaf as `decodeLeaf` gave it
 * @param spki the key's SubjectPublicKeyInfo, DER; pinned by the caller, since the log's word is not enough
 * @throws KeyMismatch if it is not the leaf's key, BadMessage under rule C, SignatureMismatch
 */
export function verifySignatureLeaf(leaf: SignatureLeaf, spki: Uint8Array): void {
    const fingerprint = toHex(sha256(spki));
    if (fingerprint !== leaf.key_spki_sha256) {
        throw codedError(
            "KeyMismatch",
            `leaf names key ${quote(leaf.key_spki_sha256)}, the key given has ${fingerprint}`,
        );
    }
    if (isEcdsa(leaf.signing_algorithm) && leaf.message_base64 === undefined) {
        throw codedError(
            "BadMessage",
            "ECDSA record without message_base64 proves nothing: the pair can be made without the key",
        );
    }
    verifySignature({
        spki,
        algorithm: leaf.signing_algorithm,
        messageType: leaf.message_type,
        message: isEcdsa(leaf.signing_algorithm) ? fromBase64(leaf.message_base64 ?? "") : messageOf(leaf),
        signature: fromBase64(leaf.signature_base64),
    });
}

/** SHA-256 of canonical `[key_spki_sha256, signing_algorithm, message hex]`: the name of one deterministic use. */
export function tripleSha256(keySpkiSha256: string, algorithm: string, message: Uint8Array): string {
    return toHex(sha256(toUtf8(encodeCanonical([keySpkiSha256, algorithm, toHex(message)]))));
}

/**
 * Rule B: what may be in the log once. For deterministic algorithms the triple; else the signature, of ECDSA r alone, since
 * `(r, n-s)` verifies too and anyone can make it.
 *
 * @returns an id, `triple#` or `repeat#` and a SHA-256
 */
export function uniqueUseId(leaf: SignatureLeaf): string {
    const { key_spki_sha256: key, signing_algorithm: algorithm } = leaf;
    if (ALGORITHMS[algorithm].deterministic) return `triple#${tripleSha256(key, algorithm, messageOf(leaf))}`;
    const signature = fromBase64(leaf.signature_base64);
    return `repeat#${tripleSha256(key, algorithm, isEcdsa(algorithm) ? ecdsaR(signature) : signature)}`;
}
