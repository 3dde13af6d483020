import { fromUtf8, quote, toUtf8 } from "../encoding";
import { codedError } from "../errors";
import { parseNote } from "./note";

/**
 * `archive/<size>.json`: every checkpoint ever signed, without cosignatures, and the use of the log's key that signed it. So the
 * log accounts for its own key without a leaf for each checkpoint, which would need a checkpoint again.
 */
export interface Archive {
    /** The signed note, verbatim; not verified here. */
    readonly checkpoint: string;
    readonly uses: readonly KeyUse[];
}

export interface KeyUse {
    readonly key_spki_sha256: string;
    readonly kms_request_id: string;
}

export function encodeArchive({ checkpoint, uses }: Archive): Uint8Array {
    return toUtf8(
        JSON.stringify({
            checkpoint,
            uses: uses.map(({ key_spki_sha256, kms_request_id }) => ({ key_spki_sha256, kms_request_id })),
        }),
    );
}

/**
 * Accepts what `encodeArchive` writes and nothing else.
 *
 * @param bytes caller-controlled
 * @throws BadCheckpoint, BadNote
 */
export function decodeArchive(bytes: Uint8Array): Archive {
    const text = fromUtf8(bytes);
    const archive = parse(text);
    if (!isArchive(archive) || fromUtf8(encodeArchive(archive)) !== text) {
        throw codedError("BadCheckpoint", `${quote(text)} is no archived checkpoint, expected checkpoint and uses`);
    }
    parseNote(toUtf8(archive.checkpoint));
    return archive;
}

function parse(text: string): unknown {
    try {
        return JSON.parse(text) as unknown;
    } catch (error) {
        throw codedError("BadCheckpoint", `${quote(text)} is not JSON`, error);
    }
}

function isArchive(value: unknown): value is Archive {
    const { checkpoint, uses } = (value ?? {}) as Partial<Archive>;
    return typeof checkpoint === "string" && Array.isArray(uses) && uses.every(isUse);
}

function isUse(value: unknown): boolean {
    const { key_spki_sha256, kms_request_id } = (value ?? {}) as Partial<KeyUse>;
    return typeof key_spki_sha256 === "string" && typeof kms_request_id === "string";
}
