import { fromBase64, quote, toBase64, toHex, toUtf8 } from "../encoding";
import { codedError } from "../errors";
import type { Message } from "../formats/format";
import { sha256 } from "../hash";
import type { MessageType, SigningAlgorithm } from "../kms/specs";
import { decodeCanonical, encodeCanonical } from "../record/canonical";
import {
    base64UpTo,
    checkSchema,
    COUNT,
    hexOf,
    listOf,
    matches,
    oneOf,
    type Schema,
    shaped,
    TIME,
} from "../record/schema";

/**
 * A request to sign, as `prepare` writes it and every later step reads it. Its id is the hash of its text, so whoever edits the item in
 * the table makes another request, which nobody rechecked.
 */
export interface SigningRequest {
    readonly version: 1;
    readonly tenant: string;
    readonly format: string;
    readonly key_name: string;
    readonly key_arn: string;
    readonly upload: { readonly bucket: string; readonly key: string; readonly version_id: string };
    readonly artifact_sha256: string;
    /** Bytes. */
    readonly size: number;
    /** YYYY-MM-DDTHH:MM:SSZ; the upload's event says when, so that preparing again gives the same id. */
    readonly created_at: string;
    readonly expires_at: string;
    readonly certificate_sha256?: string;
    readonly messages: readonly RequestMessage[];
}

export interface RequestMessage {
    readonly signing_algorithm: SigningAlgorithm;
    readonly message_type: MessageType;
    readonly message_base64: string;
}

const SHA256 = hexOf(32);
const TEXT = matches(/^[\x20-\x7e]{1,2048}$/, "1 to 2,048 characters of U+0020 to U+007E");
const NAME = matches(/^[a-z0-9][a-z0-9.-]{0,63}$/, "a name of lowercase letters, digits, dots and hyphens");
const ENUM = matches(/^[A-Z0-9_]{1,64}$/, "an AWS enum value");

const UPLOAD: Schema = { required: { bucket: TEXT, key: TEXT, version_id: TEXT } };
const MESSAGE: Schema = { required: { signing_algorithm: ENUM, message_type: ENUM, message_base64: base64UpTo(4096) } };

const REQUEST: Schema = {
    required: {
        version: oneOf(1),
        tenant: NAME,
        format: NAME,
        key_name: NAME,
        key_arn: TEXT,
        upload: shaped(UPLOAD, "bucket, key and version_id"),
        artifact_sha256: SHA256,
        size: COUNT,
        created_at: TIME,
        expires_at: TIME,
        messages: listOf(shaped(MESSAGE, "a message"), "messages of signing_algorithm, message_type, message_base64"),
    },
    optional: { certificate_sha256: SHA256 },
};

/** @throws BadLeaf for a member that is missing or malformed, which is a mistake of whoever made the request */
export function sealRequest(request: SigningRequest): { id: string; text: string } {
    checkSchema(request, REQUEST, "request");
    const text = encodeCanonical(request);
    return { id: requestIdOf(text), text };
}

/**
 * @param text undefined if the table has no such item
 * @throws NoSuchRequest, or RequestEdited for a text that is not the one this id was made of
 */
export function openRequest(id: string, text: string | undefined): SigningRequest {
    if (text === undefined) throw codedError("NoSuchRequest", `request ${id} does not exist`);
    const saw = requestIdOf(text);
    if (saw !== id)
        throw codedError("RequestEdited", `request ${id} hashes to ${saw}: it was edited after it was made`);
    try {
        const value = decodeCanonical(text);
        checkSchema(value, REQUEST, "request");
        return value as unknown as SigningRequest;
    } catch (error) {
        throw codedError(
            "RequestEdited",
            `request ${id} is not one that prepare makes: ${(error as Error).message}`,
            error,
        );
    }
}

function requestIdOf(text: string): string {
    return toHex(sha256(toUtf8(text)));
}

/**
 * @param value caller-controlled
 * @throws BadRequestId
 */
export function parseRequestId(value: unknown): string {
    if (typeof value !== "string" || !/^[0-9a-f]{64}$/.test(value)) {
        throw codedError("BadRequestId", `${quote(value)} is no request id, expected 64 lowercase hexadecimal digits`);
    }
    return value;
}

export function toRequestMessages(messages: readonly Message[]): RequestMessage[] {
    return messages.map(({ signingAlgorithm, messageType, message }) => ({
        signing_algorithm: signingAlgorithm,
        message_type: messageType,
        message_base64: toBase64(message),
    }));
}

export function fromRequestMessages(messages: readonly RequestMessage[]): Message[] {
    return messages.map((message) => ({
        signingAlgorithm: message.signing_algorithm,
        messageType: message.message_type,
        message: fromBase64(message.message_base64),
    }));
}

/** What `recheck` leaves behind: SHA-256 of the canonical list of messages, hex. */
export function messagesSha256(messages: readonly RequestMessage[]): string {
    return toHex(sha256(toUtf8(encodeCanonical(messages))));
}
