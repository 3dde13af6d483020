import { codedError } from "../../errors";

/**
 * DER as a tree of views into the input (X.690 section 10), refusing all that BER allows besides: this runs before, and instead of,
 * any library on bytes that a stranger chose.
 */
export interface DerNode {
    /** Class, constructed bit and number in one byte; numbers above 30 are refused. */
    readonly tag: number;
    /** Tag, length and content, as they stood. */
    readonly raw: Uint8Array;
    readonly content: Uint8Array;
    /** Empty for primitive elements. */
    readonly children: readonly DerNode[];
}

export const MAX_DEPTH = 32;

/** Bytes that say how long an element is; four reach 4 GiB. */
const MAX_LENGTH_BYTES = 4;

/** @throws BadDer unless the bytes are one DER element and nothing else */
export function readDer(bytes: Uint8Array): DerNode {
    const node = readElement(bytes, 1);
    if (node.raw.length !== bytes.length) {
        throw codedError("BadDer", `${bytes.length - node.raw.length} bytes follow the element, expected none`);
    }
    return node;
}

function readElement(bytes: Uint8Array, depth: number): DerNode {
    if (depth > MAX_DEPTH) throw codedError("BadDer", `elements are nested deeper than ${MAX_DEPTH}`);
    const tag = readTag(bytes);
    const { length, headerLength } = readLength(bytes);
    const end = headerLength + length;
    if (end > bytes.length) {
        throw codedError(
            "BadDer",
            `element of ${length} bytes does not fit in the ${bytes.length - headerLength} that are left`,
        );
    }
    const content = bytes.subarray(headerLength, end);
    return { tag, raw: bytes.subarray(0, end), content, children: tag & 0x20 ? readChildren(content, depth + 1) : [] };
}

function readChildren(content: Uint8Array, depth: number): DerNode[] {
    const children: DerNode[] = [];
    for (let at = 0; at < content.length;) {
        const child = readElement(content.subarray(at), depth);
        children.push(child);
        at += child.raw.length;
    }
    return children;
}

function readTag(bytes: Uint8Array): number {
    const tag = bytes[0];
    if (tag === undefined) throw codedError("BadDer", "input ends where an element should start");
    if ((tag & 0x1f) === 0x1f)
        throw codedError("BadDer", `tag 0x${hex(tag)} starts a number above 30, which nothing here uses`);
    if (tag === 0) throw codedError("BadDer", "tag 0x00 ends indefinite lengths, which DER forbids");
    const universal = (tag & 0xc0) === 0;
    const constructed = (tag & 0x20) !== 0;
    const sequenceOrSet = (tag & 0x1f) === 0x10 || (tag & 0x1f) === 0x11;
    // DER has no strings in pieces, and no sequence that is not constructed.
    if (universal && constructed !== sequenceOrSet) {
        throw codedError("BadDer", `tag 0x${hex(tag)} has the wrong constructed bit for its type`);
    }
    return tag;
}

function readLength(bytes: Uint8Array): { length: number; headerLength: number } {
    const first = bytes[1];
    if (first === undefined) throw codedError("BadDer", "input ends where a length should stand");
    if (first < 0x80) return { length: first, headerLength: 2 };
    const count = first & 0x7f;
    if (count === 0) throw codedError("BadDer", "length is indefinite, which DER forbids");
    if (count > MAX_LENGTH_BYTES)
        throw codedError("BadDer", `length takes ${count} bytes, expected at most ${MAX_LENGTH_BYTES}`);
    if (bytes.length < 2 + count) throw codedError("BadDer", "input ends inside a length");
    // Not by shifting: 32-bit operators would make lengths from 2^31 negative.
    const length = bytes.subarray(2, 2 + count).reduce((sum, byte) => sum * 256 + byte, 0);
    if (length < 0x80 || bytes[2] === 0)
        throw codedError("BadDer", `length ${length} is not written in its shortest form`);
    return { length, headerLength: 2 + count };
}

/**
 * Descends by position and checks each tag on the way.
 *
 * @throws BadDer if the element is missing or another
 */
export function expectChild(node: DerNode, index: number, tag: number, what: string): DerNode {
    const child = node.children[index];
    if (child?.tag !== tag) {
        const saw = child ? `tag 0x${hex(child.tag)}` : "nothing";
        throw codedError("BadDer", `${what} should be tag 0x${hex(tag)}, saw ${saw}`);
    }
    return child;
}

/** @throws BadDer unless the element has exactly this tag and number of children */
export function expectNode(node: DerNode, tag: number, count: number, what: string): DerNode {
    if (node.tag !== tag) throw codedError("BadDer", `${what} should be tag 0x${hex(tag)}, saw tag 0x${hex(node.tag)}`);
    if (node.children.length !== count) {
        throw codedError("BadDer", `${what} has ${node.children.length} members, expected ${count}`);
    }
    return node;
}

/**
 * A small non-negative INTEGER.
 *
 * @throws BadDer for negative ones, ones not in their shortest form, and those of more than one byte
 */
export function smallInteger(node: DerNode, what: string): number {
    const value = node.content[0];
    if (node.tag !== 0x02 || node.content.length !== 1 || value === undefined || value > 0x7f) {
        throw codedError("BadDer", `${what} is not a small non-negative integer`);
    }
    return value;
}

function hex(byte: number): string {
    return byte.toString(16).padStart(2, "0");
}
