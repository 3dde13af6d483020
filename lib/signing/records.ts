import { fromUtf8, toBase64, toHex, toUtf8 } from "../encoding";
import type { Message } from "../formats/format";
import { sha256 } from "../hash";
import { encodeLeaf, sealLeaf } from "../record/codec";
import type { SignatureLeaf } from "../record/leaf";
import { messageMembers } from "../record/message";
import type { SignerKey } from "./approved";
import type { SigningRequest } from "./request";

/** One use of the key, as KMS answered it. */
export interface KeyUse {
    /** Of the answer's metadata; joins record and CloudTrail event. */
    readonly requestId: string;
    readonly signature: Uint8Array;
}

/**
 * The record of one use, canonical text.
 *
 * @param salt 32 random bytes that stay private: without them nobody learns the tenant
 * @throws BadLeaf
 */
export function signatureRecord(
    key: SignerKey,
    request: SigningRequest,
    message: Message,
    use: KeyUse,
    salt: Uint8Array,
    timestamp: string,
): string {
    const { signingAlgorithm, messageType } = message;
    const leaf = sealLeaf<SignatureLeaf>({
        version: 1,
        type: "signature",
        timestamp,
        key_spki_sha256: key.spkiSha256,
        key_alias: key.alias,
        signing_algorithm: signingAlgorithm,
        message_type: messageType,
        ...messageMembers(signingAlgorithm, messageType, message.message),
        signature_base64: toBase64(use.signature),
        artifact_sha256: request.artifact_sha256,
        format: request.format,
        kms_request_id: use.requestId,
        principal_hash: toHex(sha256(salt, toUtf8(request.tenant))),
        approvals: [],
    });
    return fromUtf8(encodeLeaf(leaf));
}
