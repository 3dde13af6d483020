import { codedError } from "../../errors";

/**
 * Walks DER from left to right and takes what it is told to expect, nothing else. The second implementation's own parser: a mistake in
 * der/reader.ts is not repeated here.
 */
export interface Cursor {
    /** Content of the next element, which must have this tag. @throws BadDer */
    take(tag: number, what: string): Uint8Array;
    /** The whole next element, which must have this tag. @throws BadDer */
    whole(tag: number, what: string): Uint8Array;
    /** A cursor over the content of the next element. @throws BadDer */
    enter(tag: number, what: string): Cursor;
    /** @throws BadDer if the next element's bytes are others */
    exactly(elementHex: string, what: string): void;
    /** Tag of the next element, undefined at the end. */
    peek(): number | undefined;
    /** @throws BadDer if anything is left */
    end(what: string): void;
}

export function cursorOver(bytes: Uint8Array): Cursor {
    let at = 0;
    const whole = (tag: number, what: string): Uint8Array => {
        const { start, end } = elementAt(bytes, at, tag, what);
        at = end;
        return bytes.subarray(start, end);
    };
    const take = (tag: number, what: string): Uint8Array => {
        const { contentStart, end } = elementAt(bytes, at, tag, what);
        at = end;
        return bytes.subarray(contentStart, end);
    };
    return {
        whole,
        take,
        enter: (tag, what) => cursorOver(take(tag, what)),
        exactly: (elementHex, what) => {
            const saw = Buffer.from(bytes.subarray(at, at + elementHex.length / 2)).toString("hex");
            if (saw !== elementHex)
                throw codedError("BadDer", `${what} is ${saw || "missing"}, expected ${elementHex}`);
            at += elementHex.length / 2;
        },
        peek: () => bytes[at],
        end: (what) => {
            if (at !== bytes.length)
                throw codedError("BadDer", `${bytes.length - at} bytes follow ${what}, expected none`);
        },
    };
}

function elementAt(
    bytes: Uint8Array,
    start: number,
    tag: number,
    what: string,
): { start: number; contentStart: number; end: number } {
    if (bytes[start] !== tag) {
        const saw = bytes[start]?.toString(16).padStart(2, "0") ?? "the end";
        throw codedError("BadDer", `${what} starts with ${saw}, expected tag ${tag.toString(16).padStart(2, "0")}`);
    }
    const first = bytes[start + 1] ?? 0xff;
    const extra = first < 0x80 ? 0 : first - 0x80;
    // 0x80 alone is an indefinite length, which would read as one of no bytes.
    if (first === 0x80 || extra > 4) throw codedError("BadDer", `${what} has no length of at most 4 bytes`);
    const contentStart = start + 2 + extra;
    let length = extra === 0 ? first : 0;
    for (let i = start + 2; i < contentStart; i++) length = length * 256 + (bytes[i] ?? 0);
    const shortest = length < 0x80 ? 0 : Math.ceil(length.toString(16).length / 2);
    if (extra !== shortest)
        throw codedError("BadDer", `${what} has a length in ${extra} further bytes, expected ${shortest}`);
    if (contentStart + length > bytes.length) throw codedError("BadDer", `${what} is cut off`);
    return { start, contentStart, end: contentStart + length };
}
