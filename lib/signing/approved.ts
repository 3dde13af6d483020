import { quote } from "../encoding";
import { codedError } from "../errors";
import { checkMessage, type MessageType, type SigningAlgorithm } from "../kms/specs";
import { fromRequestMessages, messagesSha256, openRequest, type SigningRequest } from "./request";

/** The one key of a signer. Compiled into it, or read from KMS and compared with its pin. */
export interface SignerKey {
    readonly arn: string;
    /** alias/NAME-vN */
    readonly alias: string;
    readonly formats: readonly string[];
    readonly algorithm: SigningAlgorithm;
    readonly messageType: MessageType;
    /** Hex. */
    readonly spkiSha256: string;
}

/** What the tables say of a request, by strong reads. */
export interface StoredRequest {
    readonly request: string | undefined;
    /** `messages_sha256` of the recheck. */
    readonly recheck: string | undefined;
}

/**
 * A request that this key may sign, now.
 *
 * @throws NoSuchRequest, RequestEdited, NotRechecked, RecheckMismatch, RequestExpired, UnknownKey, FormatNotOfKey, BadSigningAlgorithm,
 * BadMessageType, BadDigest, BadMessage
 */
export function approvedRequest(id: string, stored: StoredRequest, key: SignerKey, now: string): SigningRequest {
    const request = openRequest(id, stored.request);
    checkRecheck(request, stored.recheck);
    if (now >= request.expires_at) {
        throw codedError(
            "RequestExpired",
            `request expired at ${request.expires_at}, it is ${now}: upload the file again`,
        );
    }
    if (request.key_arn !== key.arn) {
        throw codedError("UnknownKey", `request is for key ${quote(request.key_arn)}, this signer holds another`);
    }
    if (!key.formats.includes(request.format)) {
        throw codedError(
            "FormatNotOfKey",
            `format ${quote(request.format)} is not signed by this key, which signs ${key.formats.join(", ")}`,
        );
    }
    if (request.messages.length === 0) throw codedError("BadMessage", "request has no messages, expected one or more");
    for (const { signingAlgorithm, messageType, message } of fromRequestMessages(request.messages)) {
        if (signingAlgorithm !== key.algorithm || messageType !== key.messageType) {
            throw codedError(
                "BadSigningAlgorithm",
                `message asks for ${signingAlgorithm} with ${messageType}, this key signs ${key.algorithm} with ${key.messageType}`,
            );
        }
        checkMessage(signingAlgorithm, messageType, message);
    }
    return request;
}

function checkRecheck(request: SigningRequest, recheck: string | undefined): void {
    if (recheck === undefined) throw codedError("NotRechecked", "nobody derived the messages a second time");
    const expected = messagesSha256(request.messages);
    if (recheck !== expected) {
        throw codedError("RecheckMismatch", `recheck is of messages ${quote(recheck)}, the request has ${expected}`);
    }
}
