import { quote } from "../encoding";
import { codedError } from "../errors";

/**
 * Canonical JSON: RFC 8785 restricted to objects, arrays, booleans, integers 0..2^53-1 and strings of U+0020-U+007E.
 * No null, no whitespace; what is empty is absent, arrays excepted. In this subset members sort by byte and
 * `JSON.stringify` of a string is RFC 8785's.
 */

/** Levels; what we write has four. Bounds the recursion on input chosen by others. */
const MAX_DEPTH = 16;

/**
 * @param value members that are `undefined` are left out
 * @throws BadJson for whatever the subset lacks
 */
export function encodeCanonical(value: unknown): string {
    return encode(value, 0);
}

/**
 * Accepts the one encoding only: parse, encode again, compare. So neither whitespace, nor a repeated member, nor `1e2` passes.
 *
 * @throws BadJson
 */
export function decodeCanonical(text: string): unknown {
    const value = parse(text);
    if (encode(value, 0) !== text) {
        throw codedError(
            "BadJson",
            `${quote(text)} is not canonical, expected sorted members and no whitespace (RFC 8785)`,
        );
    }
    return value;
}

function parse(text: string): unknown {
    try {
        return JSON.parse(text) as unknown;
    } catch (error) {
        throw codedError("BadJson", `${quote(text)} is not JSON`, error);
    }
}

function encode(value: unknown, depth: number): string {
    if (depth > MAX_DEPTH) throw codedError("BadJson", `nested deeper than ${MAX_DEPTH} levels`);
    switch (typeof value) {
        case "boolean":
            return String(value);
        case "number":
            return encodeInteger(value);
        case "string":
            return encodeString(value);
        case "object":
            if (Array.isArray(value)) return `[${value.map((item) => encode(item, depth + 1)).join(",")}]`;
            if (isPlainObject(value)) return encodeObject(value, depth);
    }
    throw codedError(
        "BadJson",
        `${value === null ? "null" : typeof value} has no canonical encoding; leave the member out`,
    );
}

/** A Map, a Date or bytes would otherwise be written as what their members happen to be. */
function isPlainObject(value: object | null): value is object {
    return value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null);
}

function encodeInteger(value: number): string {
    if (!Number.isSafeInteger(value) || value < 0 || Object.is(value, -0)) {
        throw codedError("BadJson", `number ${String(value)}, expected an integer from 0 to 2^53-1`);
    }
    return String(value);
}

function encodeString(value: string): string {
    if (!/^[\x20-\x7e]+$/.test(value)) {
        throw codedError("BadJson", `string ${quote(value)}, expected one or more characters of U+0020 to U+007E`);
    }
    return JSON.stringify(value);
}

function encodeObject(value: object, depth: number): string {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    if (members.length === 0) throw codedError("BadJson", "empty object; leave the member out");
    return `{${members
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, member]) => `${encodeString(name)}:${encode(member, depth + 1)}`)
        .join(",")}}`;
}
