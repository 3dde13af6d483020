import { type JsonNode, readJson } from "../../lib/iam/json";

/** Settings need six. */
const MAX_DEPTH = 64;

/**
 * JSON that people review: a member that stands twice would be one value to its reader and another to the program.
 *
 * @throws Error for no JSON, for a member that stands twice, and for what is nested too deep
 */
export function strictJson(text: string): unknown {
    const value = JSON.parse(text) as unknown; // its message is the better one
    const read = readJson(text, MAX_DEPTH);
    if (!read.ok) throw new Error(`nested more than ${MAX_DEPTH} deep`);
    const twice = duplicate(read.node, "");
    if (twice !== undefined) throw new Error(`${twice} stands twice, expected once`);
    return value;
}

/** Where the first is, as a path. */
function duplicate(node: JsonNode, at: string): string | undefined {
    if (node.kind === "array") return first(node.items, (item, i) => duplicate(item, `${at}[${i}]`));
    if (node.kind !== "object") return undefined;
    const seen = new Set<string>();
    return first(node.members, ({ key, value }) => {
        const here = at === "" ? key : `${at}.${key}`;
        if (seen.has(key)) return here.replace(/[^\x20-\x7e]/g, "?").slice(0, 200);
        seen.add(key);
        return duplicate(value, here);
    });
}

function first<T>(all: readonly T[], find: (one: T, index: number) => string | undefined): string | undefined {
    for (const [i, one] of all.entries()) {
        const found = find(one, i);
        if (found !== undefined) return found;
    }
    return undefined;
}
