import { concat, fromBase64, fromHex, fromUtf8, quote, toBase64, toHex, toUtf8 } from "../encoding";
import { codedError } from "../errors";
import { checkKeyName, isSignedBy, type Vkey } from "./vkey";

/**
 * Signed notes (C2SP signed-note v1.0.0):
 *
 *     <text, with its last LF>
 *     LF
 *     U+2014 SP <key name> SP base64(keyID[4] || signature) LF     one or more
 */
export interface Note {
    /** Ends in LF; it is what is signed. */
    readonly text: string;
    readonly signatures: readonly NoteSignature[];
}

export interface NoteSignature {
    readonly name: string;
    /** 4 bytes, hex. */
    readonly keyId: string;
    readonly signature: Uint8Array;
}

const MAX_NOTE = 1 << 20;
const MAX_SIGNATURES = 100;
/** An ML-DSA-44 line with a 13-character name has 3,261 characters. */
const MAX_LINE = 8192;

/** @throws BadNote if it would not parse again */
export function encodeNote({ text, signatures }: Note): Uint8Array {
    const lines = signatures.map(
        ({ name, keyId, signature }) => `\u2014 ${name} ${toBase64(concat(fromHex(keyId), signature))}\n`,
    );
    const bytes = toUtf8(`${text}\n${lines.join("")}`);
    parseNote(bytes);
    return bytes;
}

/**
 * Syntax only; `openNote` verifies.
 *
 * @param bytes caller-controlled
 * @throws BadNote
 */
export function parseNote(bytes: Uint8Array): Note {
    const note = decodeText(bytes);
    // The last blank line: the text may have blank lines of its own.
    const split = note.lastIndexOf("\n\n");
    if (split < 0 || !note.endsWith("\n"))
        throw codedError("BadNote", "note has no blank line before its signatures, or does not end in LF");
    const lines = note.slice(split + 2, -1).split("\n");
    if (lines.length > MAX_SIGNATURES) {
        throw codedError("BadNote", `note has ${lines.length} signatures, expected at most ${MAX_SIGNATURES}`);
    }
    return { text: note.slice(0, split + 1), signatures: lines.map(parseLine) };
}

function decodeText(bytes: Uint8Array): string {
    if (bytes.length > MAX_NOTE)
        throw codedError("BadNote", `note has ${bytes.length} bytes, expected at most ${MAX_NOTE}`);
    const control = bytes.find((byte) => byte < 0x20 && byte !== 0x0a);
    if (control !== undefined)
        throw codedError(
            "BadNote",
            `note has a byte 0x${toHex(new Uint8Array([control]))}, expected no control character but LF`,
        );
    try {
        return fromUtf8(bytes);
    } catch (error) {
        throw codedError("BadNote", "note is not well-formed UTF-8", error);
    }
}

function parseLine(line: string): NoteSignature {
    const [, name = "", encoded = ""] = line.length <= MAX_LINE ? (/^\u2014 ([^ ]+) ([^ ]+)$/u.exec(line) ?? []) : [];
    try {
        checkKeyName(name);
        const bytes = fromBase64(encoded);
        if (bytes.length >= 5) return { name, keyId: toHex(bytes.subarray(0, 4)), signature: bytes.slice(4) };
    } catch (error) {
        throw badLine(line, error);
    }
    throw badLine(line);
}

function badLine(line: string, cause?: unknown): Error {
    return codedError(
        "BadNote",
        `signature line ${quote(line)}, expected an em dash, a key name, base64 of 5 bytes or more`,
        cause,
    );
}

/**
 * Signatures by unknown (name, key ID) pairs are ignored. One by a known pair that fails rejects the note: it was made or
 * changed by somebody. Repeated known pairs are all verified.
 *
 * @throws BadNote, SignatureMismatch if a known signature fails or none is known
 */
export function openNote(bytes: Uint8Array, vkeys: readonly Vkey[]): Note {
    const note = parseNote(bytes);
    const verified = note.signatures.filter((signature) => isKnown(note.text, signature, vkeys));
    if (verified.length === 0) {
        throw codedError(
            "SignatureMismatch",
            `note has no signature by ${vkeys.map(({ name }) => quote(name)).join(" or ")}`,
        );
    }
    return { text: note.text, signatures: verified };
}

function isKnown(text: string, { name, keyId, signature }: NoteSignature, vkeys: readonly Vkey[]): boolean {
    const vkey = vkeys.find((known) => known.name === name && known.keyId === keyId);
    if (!vkey) return false;
    if (!isSignedBy(vkey, toUtf8(text), signature)) {
        throw codedError("SignatureMismatch", `note's signature by ${quote(name)} does not verify`);
    }
    return true;
}
