import type { JsonNode } from "./json";
import { show } from "./show";
import type { PolicyKind, ProblemCode } from "./types";

export type Report = (at: string, code: ProblemCode, saw: string) => void;

/** What parsing one statement needs to know. */
export interface Draft {
    readonly kind: PolicyKind;
    readonly at: string;
    readonly variables: boolean;
    readonly report: Report;
}

/** Names the mistake in an element's name. */
export function unknownElement(key: string, known: readonly string[]): [ProblemCode, string] {
    if (key in Object.prototype || key === "prototype") return ["PrototypeKey", `an element named ${show(key)}`];
    const meant = known.find((name) => name.toLowerCase() === key.toLowerCase());
    if (meant !== undefined) return ["WrongCase", `${show(key)}, expected ${meant}`];
    return ["UnknownElement", `${show(key)}, expected one of ${known.join(", ")}`];
}

export interface PlacedText {
    readonly text: string;
    readonly at: string;
}

/** A string, or a list of strings that is not empty. */
export function readStrings(node: JsonNode, at: string, report: Report): PlacedText[] | undefined {
    if (node.kind === "string") return [{ text: node.text, at }];
    if (node.kind !== "array") {
        report(at, "NotAString", node.kind);
        return undefined;
    }
    if (node.items.length === 0) {
        report(at, "Empty", "an empty list");
        return undefined;
    }
    const patterns: PlacedText[] = [];
    for (const [i, item] of node.items.entries()) {
        const where = `${at}[${i}]`;
        if (item.kind === "string") patterns.push({ text: item.text, at: where });
        else report(where, "NotAString", item.kind);
    }
    return patterns.length === node.items.length ? patterns : undefined;
}
