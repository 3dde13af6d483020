import { wasFilled } from "./check";
import type { Argument, ResourceType } from "./declare";
import { isArchive, isUnknown, type Properties } from "./wire";

export type Kind = "add" | "delete" | "update";

export interface Difference {
    /** Arguments that differ, and how. */
    changed: Record<string, { kind: Kind; replaces: boolean }>;
    deleteBeforeReplace: boolean;
}

/** What the new inputs mean for a resource that was made of the old ones. */
export function diff(type: ResourceType, olds: Properties, news: Properties): Difference {
    const changed: Difference["changed"] = {};
    for (const name of new Set([...Object.keys(olds), ...Object.keys(news)])) {
        const argument = name === "region" ? REGION : type.arguments[name];
        if (argument && !same(argument, olds[name], news[name])) {
            const kind = olds[name] === undefined ? "add" : news[name] === undefined ? "delete" : "update";
            changed[name] = { kind, replaces: argument.on === "replace" };
        }
    }
    const replaced = Object.values(changed).some(({ replaces }) => replaces);
    return { changed, deleteBeforeReplace: replaced && keepsName(type, changed, news) };
}

const REGION: Argument = { on: "replace" };

/** A name that Check chose changes with the replacement; one that the program gave stays, and AWS has one thing of a name. */
function keepsName({ identity, autoname }: ResourceType, changed: Difference["changed"], news: Properties): boolean {
    if (!identity || (autoname && wasFilled(news, autoname.argument)) || changed["region"]) {
        return false;
    }
    return identity.every((name) => changed[name] === undefined);
}

/** An unknown may turn out to be anything, so it differs. */
export function same({ document, unordered }: Argument, a: unknown, b: unknown): boolean {
    if (document && typeof a === "string" && typeof b === "string") {
        return a === b || equal(parsed(a), parsed(b));
    }
    if (unordered && Array.isArray(a) && Array.isArray(b)) {
        return equal(sorted(a), sorted(b));
    }
    return equal(a, b);
}

export function equal(a: unknown, b: unknown): boolean {
    if (isUnknown(a) || isUnknown(b)) {
        return false;
    }
    if (isArchive(a) && isArchive(b) && a.hash && b.hash) {
        return a.hash === b.hash;
    }
    if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) {
        return a === b;
    }
    if (Array.isArray(a) !== Array.isArray(b)) {
        return false;
    }
    const [left, right] = [a as Properties, b as Properties];
    const names = new Set([...Object.keys(left), ...Object.keys(right)]);
    return [...names].every((name) => equal(left[name], right[name]));
}

function parsed(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return text;
    }
}

function sorted(list: readonly unknown[]): string[] {
    return list.map((item) => JSON.stringify(item)).sort();
}
