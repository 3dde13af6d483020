import { codedError } from "./errors";

/** Bytes and text, one encoding each: what decodes here encodes to the same text again, so nothing has two spellings. */

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
    const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
        out.set(part, at);
        at += part.length;
    }
    return out;
}

/** Not constant-time: for public values only. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
    return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

export function toHex(bytes: Uint8Array): string {
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}

/** @throws BadHex for anything but pairs of lowercase digits */
export function fromHex(text: string): Uint8Array {
    if (!/^(?:[0-9a-f]{2})*$/.test(text)) {
        throw codedError("BadHex", `${quote(text)} is not lowercase hexadecimal of whole bytes`);
    }
    return new Uint8Array(Buffer.from(text, "hex"));
}

/** Standard alphabet, padded (RFC 4648 section 4). */
export function toBase64(bytes: Uint8Array): string {
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

/** @throws BadBase64 unless the text is the one padded encoding; `Buffer.from` alone skips bad characters and stray bits */
export function fromBase64(text: string): Uint8Array {
    const bytes = new Uint8Array(Buffer.from(text, "base64"));
    if (toBase64(bytes) !== text) {
        throw codedError("BadBase64", `${quote(text)} is not padded standard base64`);
    }
    return bytes;
}

export function toUtf8(text: string): Uint8Array {
    return new Uint8Array(Buffer.from(text, "utf8"));
}

/** @throws BadUtf8 for ill-formed sequences; a byte order mark is kept as U+FEFF rather than dropped */
export function fromUtf8(bytes: Uint8Array): string {
    try {
        return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch (error) {
        throw codedError("BadUtf8", "bytes are not well-formed UTF-8", error);
    }
}

/** Quotes what came from outside for a message: escaped, and at most 80 characters of it. */
export function quote(value: unknown): string {
    const text = JSON.stringify(value) ?? String(value);
    return text.length <= 80 ? text : `${text.slice(0, 77)}..."`;
}
