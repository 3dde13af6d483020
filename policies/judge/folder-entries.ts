import { type Dirent, readdirSync } from "node:fs";
import { join } from "node:path";
import { MAX_DOCUMENT, readText } from "./read-text";
import { Undecidable } from "./stack-export";

/** What a folder of IAM JSON may hold. Whatever is passed over would count as clean, so nothing is. */

const JSON_ENDING = ".json";
/** Of IAM's names; the longest are 128 characters. Names of keys are the settings' own, and written with the same. */
const NAME = /^[\w+=,.@-]{1,128}$/;
/** More would be no account's, and keep the judge busy for hours. */
const MAX_ENTRIES = 20_000;

/** @throws Undecidable for what is not one of `known` */
export function checkTop(folder: string, known: readonly string[]): void {
    const strange = list(folder).filter(({ name }) => !known.includes(name));
    if (strange.length > 0)
        throw new Undecidable(
            `${strange.map(({ name }) => shown(name)).join(", ")} has no place in the layout, expected ${known.join(", ")}`,
        );
}

/** @throws Undecidable for anything else than .json files with names of IAM's */
export function files(...path: readonly string[]): { name: string; text: string }[] {
    return entries(...path).map((entry) => {
        const at = join(...path, entry.name);
        if (!entry.isFile() || !entry.name.endsWith(JSON_ENDING))
            throw new Undecidable(`${shown(at)} is ${kindOf(entry)}, expected a .json file`);
        const name = named(entry.name.slice(0, -JSON_ENDING.length), at);
        try {
            return { name, text: readText(at, MAX_DOCUMENT) };
        } catch (error) {
            throw new Undecidable(`${shown(at)}: ${(error as Error).message}`);
        }
    });
}

/** @throws Undecidable for anything else than folders with names of IAM's */
export function directories(...path: readonly string[]): string[] {
    return entries(...path).map((entry) => {
        const at = join(...path, entry.name);
        if (!entry.isDirectory()) throw new Undecidable(`${shown(at)} is ${kindOf(entry)}, expected a folder`);
        return named(entry.name, at);
    });
}

function entries(...path: readonly string[]): Dirent[] {
    const found = list(join(...path));
    const seen = new Map<string, string>();
    for (const { name } of found) {
        // IAM's names are unique without case: one of two would be passed over there.
        const other = seen.get(name.toLowerCase());
        if (other !== undefined)
            throw new Undecidable(`${shown(join(...path, name))} and ${shown(other)} differ in case alone`);
        seen.set(name.toLowerCase(), name);
    }
    return found;
}

function list(folder: string): Dirent[] {
    try {
        const found = readdirSync(folder, { withFileTypes: true });
        if (found.length > MAX_ENTRIES)
            throw new Undecidable(`${shown(folder)} has ${found.length} entries, expected at most ${MAX_ENTRIES}`);
        return found;
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
        if ((error as NodeJS.ErrnoException).code === "ENOTDIR") throw new Undecidable(`${shown(folder)} is no folder`);
        throw error;
    }
}

function named(name: string, at: string): string {
    if (!NAME.test(name))
        throw new Undecidable(`${shown(at)} is no name of IAM's, expected letters, digits and _+=,.@- before .json`);
    return name;
}

function kindOf(entry: Dirent): string {
    if (entry.isSymbolicLink()) return "a symbolic link";
    if (entry.isDirectory()) return "a folder";
    return entry.isFile() ? "a file" : "something else";
}

/** Names come from outside: one line, no control characters. */
function shown(path: string): string {
    const text = path.length <= 300 ? path : `...${path.slice(-297)}`;
    return text.replace(/[^\x20-\x7e]/g, "?");
}
