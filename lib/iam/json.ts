/**
 * A JSON reader that keeps what `JSON.parse` hides: duplicate keys, the text of numbers, the order of members (RFC 8259).
 * Objects are lists of members, so no key can reach a prototype.
 */
export type JsonNode =
    | { readonly kind: "object"; readonly members: readonly JsonMember[] }
    | { readonly kind: "array"; readonly items: readonly JsonNode[] }
    | { readonly kind: "string"; readonly text: string }
    /** `text` as written: `1e2`, `true`, `null`. */
    | { readonly kind: "number" | "boolean" | "null"; readonly text: string };

export interface JsonMember {
    readonly key: string;
    readonly value: JsonNode;
}

export type JsonFault = { readonly code: "NotJson" | "TooDeep"; readonly offset: number };
export type JsonResult =
    { readonly ok: true; readonly node: JsonNode } | { readonly ok: false; readonly fault: JsonFault };

/** @param maxDepth objects and arrays within each other; a document of IAM needs six */
export function readJson(text: string, maxDepth: number): JsonResult {
    const reader: Reader = { text, at: 0, code: "NotJson", left: maxDepth };
    const node = value(reader);
    const unit = skipSpace(reader);
    if (node === undefined) return { ok: false, fault: { code: reader.code, offset: reader.at } };
    return unit !== unit ? { ok: true, node } : { ok: false, fault: { code: "NotJson", offset: reader.at } };
}

/** Functions below return undefined after a fault. */
interface Reader {
    readonly text: string;
    at: number;
    code: JsonFault["code"];
    /** Levels that may still be opened. */
    left: number;
}

const [QUOTE, BACKSLASH, COMMA, COLON, MINUS] = [0x22, 0x5c, 0x2c, 0x3a, 0x2d];
const [OPEN, CLOSE, OPEN_LIST, CLOSE_LIST] = [0x7b, 0x7d, 0x5b, 0x5d];

/** @returns the code unit that follows white space, NaN at the end */
function skipSpace(reader: Reader): number {
    const { text } = reader;
    let at = reader.at;
    let unit = text.charCodeAt(at);
    while (unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09) unit = text.charCodeAt(++at);
    reader.at = at;
    return unit;
}

function value(reader: Reader): JsonNode | undefined {
    const unit = skipSpace(reader);
    if (unit === QUOTE) {
        const text = string(reader);
        return text === undefined ? undefined : { kind: "string", text };
    }
    if (unit === OPEN || unit === OPEN_LIST) {
        if (reader.left === 0) {
            reader.code = "TooDeep";
            return undefined;
        }
        reader.at++;
        reader.left--;
        const node = unit === OPEN ? object(reader) : array(reader);
        reader.left++;
        return node;
    }
    if (unit === MINUS || (unit >= 0x30 && unit <= 0x39)) return number(reader);
    return word(reader, "true", "boolean") ?? word(reader, "false", "boolean") ?? word(reader, "null", "null");
}

function word(reader: Reader, text: string, kind: "boolean" | "null"): JsonNode | undefined {
    if (!reader.text.startsWith(text, reader.at)) return undefined;
    reader.at += text.length;
    return { kind, text };
}

function object(reader: Reader): JsonNode | undefined {
    const members: JsonMember[] = [];
    let unit = skipSpace(reader);
    if (unit === CLOSE) {
        reader.at++;
        return { kind: "object", members };
    }
    for (;;) {
        const key = unit === QUOTE ? string(reader) : undefined;
        if (key === undefined || skipSpace(reader) !== COLON) return undefined;
        reader.at++;
        const member = value(reader);
        if (member === undefined) return undefined;
        members.push({ key, value: member });
        unit = skipSpace(reader);
        if (unit === CLOSE) {
            reader.at++;
            return { kind: "object", members };
        }
        if (unit !== COMMA) return undefined;
        reader.at++;
        unit = skipSpace(reader);
    }
}

function array(reader: Reader): JsonNode | undefined {
    const items: JsonNode[] = [];
    if (skipSpace(reader) === CLOSE_LIST) {
        reader.at++;
        return { kind: "array", items };
    }
    for (;;) {
        const item = value(reader);
        if (item === undefined) return undefined;
        items.push(item);
        const unit = skipSpace(reader);
        if (unit === CLOSE_LIST) {
            reader.at++;
            return { kind: "array", items };
        }
        if (unit !== COMMA) return undefined;
        reader.at++;
    }
}

/** Most strings hold no escape, and are one slice of the text. */
function string(reader: Reader): string | undefined {
    const { text } = reader;
    const start = reader.at + 1;
    let at = start;
    let unit = text.charCodeAt(at);
    while (unit >= 0x20 && unit !== QUOTE && unit !== BACKSLASH) unit = text.charCodeAt(++at);
    reader.at = at;
    if (unit === BACKSLASH) return escapedString(reader, start);
    if (unit !== QUOTE) return undefined;
    reader.at = at + 1;
    return text.slice(start, at);
}

/** From the first escape on. */
function escapedString(reader: Reader, from: number): string | undefined {
    const { text } = reader;
    const parts: string[] = [];
    let start = from;
    for (;;) {
        const unit = text.charCodeAt(reader.at);
        if (unit === QUOTE) {
            parts.push(text.slice(start, reader.at));
            reader.at++;
            return parts.join("");
        }
        // NaN, past the end, is no number to compare.
        if (!(unit >= 0x20)) return undefined;
        if (unit === BACKSLASH) {
            parts.push(text.slice(start, reader.at));
            const escaped = escape(reader);
            if (escaped === undefined) return undefined;
            parts.push(escaped);
            start = reader.at;
        } else {
            reader.at++;
        }
    }
}

function escape(reader: Reader): string | undefined {
    const { text, at } = reader;
    const char = text[at + 1];
    if (char === "u") {
        const digits = text.slice(at + 2, at + 6);
        if (!/^[0-9a-fA-F]{4}$/.test(digits)) return undefined;
        reader.at = at + 6;
        return String.fromCharCode(parseInt(digits, 16));
    }
    const index = char === undefined ? -1 : '"\\/bfnrt'.indexOf(char);
    if (index < 0) return undefined;
    reader.at = at + 2;
    return '"\\/\b\f\n\r\t'[index];
}

function number(reader: Reader): JsonNode | undefined {
    const start = reader.at;
    let end = start;
    while (end < reader.text.length && "+-.0123456789eE".includes(reader.text[end] as string)) end++;
    const literal = end - start > 64 ? "" : reader.text.slice(start, end);
    if (!/^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/.test(literal)) return undefined;
    reader.at = end;
    return { kind: "number", text: literal };
}
