import type { Settings } from "../settings";
import { settingsProblems } from "../settings-check";
import { MAX_DOCUMENT, MAX_EXPORT, readText } from "./read-text";
import { Undecidable } from "./stack-export";

/** What a person got wrong on the command line; exit status 2. */
export class Usage extends Error {}

/**
 * JSON that is judged.
 *
 * @throws Undecidable where it cannot be read: nothing was judged then
 */
export function readJudged(file: string): unknown {
    try {
        return JSON.parse(readText(file, MAX_EXPORT)) as unknown;
    } catch (error) {
        throw new Undecidable(`${file}: ${(error as Error).message}`);
    }
}

/**
 * @param source JSON text, or the name of a file
 * @throws Usage for what is no settings
 */
export function readSettings(source: string): Partial<Settings> {
    const given = readUsage(
        source,
        () => JSON.parse(source.startsWith("{") ? source : readText(source, MAX_DOCUMENT)) as unknown,
    );
    const problems = settingsProblems(given);
    if (problems.length > 0) throw new Usage(problems.join("\n"));
    return given as Partial<Settings>;
}

/** @throws Usage where `get` fails */
export function readUsage<T>(what: string, get: () => T): T {
    try {
        return get();
    } catch (error) {
        throw new Usage(`cannot read ${what.slice(0, 200)}: ${(error as Error).message}`);
    }
}
