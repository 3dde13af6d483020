import { UnknownValueError } from "./sdk-proxy";
import { type JsonNode, readJson } from "../lib/iam/json";

/** One text anywhere in a resource's inputs. `inside` is true for what a JSON text holds. */
export interface Leaf {
    readonly at: string;
    readonly value: string;
    readonly inside: boolean;
}

export interface Walked {
    readonly leaves: readonly Leaf[];
    readonly unknown: readonly string[];
    /** Too deep or too many to be looked at: a violation of whoever has to be sure. */
    readonly cut: boolean;
}

/** No resource of AWS nests as deep, or has as many members. */
const MAX_DEPTH = 24;
const MAX_LEAVES = 20_000;
/** Step Functions takes a definition of 1 MiB, and nothing that AWS takes in an input is longer. */
const MAX_TEXT = 1_100_000;

/**
 * All texts of a value, with what JSON texts hold, and the places that are unknown. Names of members count as texts, too.
 * Code of functions is left out: what a signer's code is, signer-runtime-pinned says.
 */
export function walk(value: unknown, skip: readonly string[] = []): Walked {
    const leaves: Leaf[] = [];
    const unknown: string[] = [];
    let cut = false;

    const visit = (get: () => unknown, at: string, depth: number, inside: boolean): void => {
        if (depth > MAX_DEPTH || leaves.length > MAX_LEAVES) {
            cut = true;
            return;
        }
        let member: unknown;
        try {
            member = get();
        } catch (error) {
            if (!(error instanceof UnknownValueError)) throw error;
            unknown.push(at);
            return;
        }
        if (typeof member === "string") visitText(member, at, depth, inside);
        else if (typeof member === "object" && member !== null) visitMembers(member, at, depth, inside);
    };
    const visitMembers = (object: object, at: string, depth: number, inside: boolean): void => {
        for (const key of Object.keys(object)) {
            const where = Array.isArray(object) ? `${at}[${key}]` : at === "" ? key : `${at}.${key}`;
            if (skip.includes(where)) continue;
            if (!Array.isArray(object)) leaves.push({ at: where, value: key, inside });
            visit(() => (object as Record<string, unknown>)[key], where, depth + 1, inside);
        }
    };
    const visitText = (text: string, at: string, depth: number, inside: boolean): void => {
        leaves.push({ at, value: text, inside });
        const json = text.length > MAX_TEXT ? "cut" : jsonIn(text);
        if (json === "cut") cut = true;
        else if (json !== undefined) visitNode(json, at, depth + 1);
    };
    const visitNode = (node: JsonNode, at: string, depth: number): void => {
        if (depth > MAX_DEPTH || leaves.length > MAX_LEAVES) {
            cut = true;
            return;
        }
        if (node.kind === "string") visitText(node.text, at, depth, true);
        else if (node.kind === "array") node.items.forEach((item, i) => visitNode(item, `${at}[${i}]`, depth + 1));
        else if (node.kind === "object")
            for (const { key, value } of node.members) {
                const where = `${at}.${key}`;
                leaves.push({ at: where, value: key, inside: true });
                visitNode(value, where, depth + 1);
            }
    };

    visit(() => value, "", 0, false);
    return { leaves, unknown, cut };
}

/**
 * Escapes hide names from whoever reads the raw text only, and JSON.parse hides what it has of a name twice: both are looked at, since who
 * knows which of both AWS takes.
 */
function jsonIn(text: string): JsonNode | "cut" | undefined {
    if (!/^\s*[[{"]/.test(text)) return undefined;
    const read = readJson(text, MAX_DEPTH);
    if (read.ok) return read.node;
    return read.fault.code === "TooDeep" ? "cut" : undefined;
}

const NAME_CHARACTER = /[A-Za-z0-9_+=,.@-]/;

/** True if the name stands in the text by itself, not as a part of a longer name; in a URL, escapes are what they stand for. */
export function mentions(text: string, name: string): boolean {
    const plain = unescaped(text);
    return standsIn(text, name) || (plain !== text && standsIn(plain, name));
}

/** A URL's text, with printable characters as they are. */
export function unescaped(text: string): string {
    return text.replace(/%([2-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}

function standsIn(text: string, name: string): boolean {
    for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
        const before = text.charAt(at - 1);
        const after = text.charAt(at + name.length);
        if (!(before && NAME_CHARACTER.test(before)) && !(after && NAME_CHARACTER.test(after))) return true;
    }
    return false;
}
