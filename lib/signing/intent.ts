import { toHex } from "../encoding";
import type { Message } from "../formats/format";
import { encodeCanonical } from "../record/canonical";
import type { SigningRequest } from "./request";

/**
 * What an attempt is about to do, written before it can do it (`intent#`): a use of the key that never got its record is told from others
 * by it. Holds the salt of the record's `principal_hash`, which is nowhere else.
 */
export interface Intent {
    /** UUID */
    readonly attempt: string;
    readonly requestId: string;
    readonly request: SigningRequest;
    readonly keySpkiSha256: string;
    readonly message: Message;
    readonly salt: Uint8Array;
    readonly createdAt: string;
}

export function intentId(attempt: string): string {
    return `intent#${attempt}`;
}

export function encodeIntent({ attempt, requestId, request, keySpkiSha256, message, salt, createdAt }: Intent): string {
    return encodeCanonical({
        attempt,
        request_id: requestId,
        tenant: request.tenant,
        format: request.format,
        key_spki_sha256: keySpkiSha256,
        signing_algorithm: message.signingAlgorithm,
        message_type: message.messageType,
        message_hex: toHex(message.message),
        approvals: [],
        decision: "rechecked",
        salt_hex: toHex(salt),
        created_at: createdAt,
    });
}
