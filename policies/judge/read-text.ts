import { closeSync, fstatSync, openSync, readFileSync, statSync } from "node:fs";

/** Bytes. A whole stack is a few MiB; IAM's own limits for a document are below 33 kB. */
export const MAX_EXPORT = 64 * 1024 * 1024;
export const MAX_DOCUMENT = 1024 * 1024;

/**
 * Text of a regular file, strictly UTF-8: what a reader would have to guess is not judged.
 *
 * @param limit bytes
 * @throws Error that says what is wrong with the file
 */
export function readText(file: string, limit: number): string {
    // Before it is opened: a pipe would block.
    if (!statSync(file).isFile()) throw new Error("no regular file");
    const opened = openSync(file, "r");
    try {
        const { size } = fstatSync(opened);
        if (size > limit) throw new Error(`${size} bytes, expected at most ${limit}`);
        const text = decoded(readFileSync(opened));
        if (text.trim() === "") throw new Error("the file is empty");
        return text;
    } finally {
        closeSync(opened);
    }
}

function decoded(bytes: Uint8Array): string {
    if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf)
        throw new Error("a byte order mark, expected UTF-8 without");
    try {
        return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    } catch {
        throw new Error("no UTF-8");
    }
}
