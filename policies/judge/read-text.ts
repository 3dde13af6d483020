import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";

/** Bytes. A whole stack is a few MiB; IAM's own limits for a document are below 33 kB. */
export const MAX_EXPORT = 64 * 1024 * 1024;
export const MAX_DOCUMENT = 1024 * 1024;

/** In the place of a file: standard input. */
export const STDIN = "-";

const CHUNK = 1024 * 1024;

/**
 * Text of a regular file or of standard input, strictly UTF-8: what a reader would have to guess is not judged.
 *
 * @param file its name, or `-`
 * @param limit bytes
 * @throws Error that says what is wrong with the file
 */
export function readText(file: string, limit: number): string {
    const text = decoded(file === STDIN ? readAll(0, limit) : readFile(file, limit));
    // In a script a shell drops it, and two words become one.
    if (text.includes("\0")) throw new Error("a NUL character, expected text");
    if (text.trim() === "") throw new Error(file === STDIN ? "nothing on standard input" : "the file is empty");
    return text;
}

function readFile(file: string, limit: number): Uint8Array {
    // Before it is opened: a pipe would block.
    if (!statSync(file).isFile()) throw new Error(`no regular file; ${STDIN} reads standard input`);
    const opened = openSync(file, "r");
    try {
        const { size } = fstatSync(opened);
        if (size > limit) throw tooLarge(`${size}`, limit);
        return readAll(opened, limit);
    } finally {
        closeSync(opened);
    }
}

/** A stream has no size before its end, so it is cut off where it passes the limit. */
function readAll(descriptor: number, limit: number): Uint8Array {
    const chunks: Buffer[] = [];
    for (let size = 0; ;) {
        const chunk = Buffer.alloc(CHUNK);
        const read = readSome(descriptor, chunk);
        if (read === 0) return Buffer.concat(chunks);
        size += read;
        if (size > limit) throw tooLarge(`more than ${limit}`, limit);
        chunks.push(chunk.subarray(0, read));
    }
}

/** @returns 0 at the end */
function readSome(descriptor: number, chunk: Buffer): number {
    const pause = new Int32Array(new SharedArrayBuffer(4));
    for (;;) {
        try {
            return readSync(descriptor, chunk);
        } catch (error) {
            const { code } = error as NodeJS.ErrnoException;
            if (code === "EOF") return 0; // Windows
            if (code !== "EAGAIN") throw error;
            // A pipe that somebody made non-blocking, and whose writer is not done.
            Atomics.wait(pause, 0, 0, 10);
        }
    }
}

function tooLarge(size: string, limit: number): Error {
    return new Error(`${size} bytes, expected at most ${limit}`);
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
