import { type JsonNode, readJson } from "../lib/iam/json";

/** A container definition, names in lower case. */
export type Container = Readonly<Record<string, unknown>>;

/** Definitions nest three deep, log drivers and mounts with it. */
const MAX_DEPTH = 12;

/**
 * Containers of a task definition's JSON text. The provider reads it with Go's decoder, which takes names in any case and merges what
 * comes twice, so names are compared in lower case and no object may have one twice.
 *
 * @returns undefined for what is no list of objects, or has a name twice
 */
export function containersIn(text: string): readonly Container[] | undefined {
    const result = readJson(text, MAX_DEPTH);
    if (!result.ok || result.node.kind !== "array") return undefined;
    const containers = result.node.items.map(plain);
    return containers.every((one) => isContainer(one)) ? containers : undefined;
}

/** Members of what should be an object; anything else has none. */
export function membersOf(value: unknown): Container {
    return isContainer(value) ? value : {};
}

function isContainer(value: unknown): value is Container {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

const TWICE = Symbol("a name twice");

function plain(node: JsonNode): unknown {
    switch (node.kind) {
        case "object": {
            // First upper, as Go does: there are letters whose lower case is another than that of what they stand for.
            const names = node.members.map(({ key }) => key.toUpperCase().toLowerCase());
            const values = node.members.map(({ value }) => plain(value));
            if (new Set(names).size !== names.length || values.includes(TWICE)) return TWICE;
            return Object.assign(
                Object.create(null) as Record<string, unknown>,
                Object.fromEntries(names.map((name, i) => [name, values[i]])),
            );
        }
        case "array": {
            const items = node.items.map(plain);
            return items.includes(TWICE) ? TWICE : items;
        }
        case "boolean":
            return node.text === "true";
        case "null":
            return null;
        default:
            return node.text;
    }
}
