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
    const reader = createReader(text, maxDepth);
    const node = reader.value(0);
    reader.space();
    if (node === undefined) return { ok: false, fault: reader.fault() };
    return reader.atEnd() ? { ok: true, node } : { ok: false, fault: { code: "NotJson", offset: reader.offset() } };
}

interface Reader {
    /** Undefined after a fault. */
    value(depth: number): JsonNode | undefined;
    space(): void;
    atEnd(): boolean;
    offset(): number;
    fault(): JsonFault;
}

function createReader(text: string, maxDepth: number): Reader {
    let at = 0;
    let code: JsonFault["code"] = "NotJson";

    function space(): void {
        while (at < text.length && " \t\n\r".includes(text[at] as string)) at++;
    }

    function take(char: string): boolean {
        if (text[at] !== char) return false;
        at++;
        return true;
    }

    function value(depth: number): JsonNode | undefined {
        space();
        const char = text[at];
        if (char === '"') {
            const content = string();
            return content === undefined ? undefined : { kind: "string", text: content };
        }
        if (char === "{" || char === "[") {
            if (depth >= maxDepth) {
                code = "TooDeep";
                return undefined;
            }
            at++;
            return char === "{" ? object(depth + 1) : array(depth + 1);
        }
        for (const word of ["true", "false", "null"]) {
            if (text.startsWith(word, at)) {
                at += word.length;
                return { kind: word === "null" ? "null" : "boolean", text: word };
            }
        }
        return number();
    }

    function object(depth: number): JsonNode | undefined {
        const members: JsonMember[] = [];
        space();
        if (take("}")) return { kind: "object", members };
        for (;;) {
            space();
            const key = text[at] === '"' ? string() : undefined;
            space();
            if (key === undefined || !take(":")) return undefined;
            const member = value(depth);
            if (member === undefined) return undefined;
            members.push({ key, value: member });
            space();
            if (take("}")) return { kind: "object", members };
            if (!take(",")) return undefined;
        }
    }

    function array(depth: number): JsonNode | undefined {
        const items: JsonNode[] = [];
        space();
        if (take("]")) return { kind: "array", items };
        for (;;) {
            const item = value(depth);
            if (item === undefined) return undefined;
            items.push(item);
            space();
            if (take("]")) return { kind: "array", items };
            if (!take(",")) return undefined;
        }
    }

    function string(): string | undefined {
        at++;
        const parts: string[] = [];
        let start = at;
        for (;;) {
            const unit = text.charCodeAt(at);
            if (at >= text.length || unit < 0x20) return undefined;
            if (unit === 0x22) {
                parts.push(text.slice(start, at));
                at++;
                return parts.join("");
            }
            if (unit === 0x5c) {
                parts.push(text.slice(start, at));
                const escaped = escape();
                if (escaped === undefined) return undefined;
                parts.push(escaped);
                start = at;
            } else {
                at++;
            }
        }
    }

    function escape(): string | undefined {
        const char = text[at + 1];
        if (char === "u") {
            const digits = text.slice(at + 2, at + 6);
            if (!/^[0-9a-fA-F]{4}$/.test(digits)) return undefined;
            at += 6;
            return String.fromCharCode(parseInt(digits, 16));
        }
        const index = char === undefined ? -1 : '"\\/bfnrt'.indexOf(char);
        if (index < 0) return undefined;
        at += 2;
        return '"\\/\b\f\n\r\t'[index];
    }

    function number(): JsonNode | undefined {
        const start = at;
        while (at < text.length && "+-.0123456789eE".includes(text[at] as string)) at++;
        const literal = text.slice(start, at);
        if (literal.length > 64 || !/^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/.test(literal)) {
            at = start;
            return undefined;
        }
        return { kind: "number", text: literal };
    }

    return { value, space, atEnd: () => at === text.length, offset: () => at, fault: () => ({ code, offset: at }) };
}
