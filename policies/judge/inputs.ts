import type { Settings } from "../settings";
import { settingsProblems, withoutComments } from "../settings-check";
import { MAX_DOCUMENT, MAX_EXPORT, readText, STDIN } from "./read-text";
import { Undecidable } from "./stack-export";
import { strictJson } from "./strict-json";

/** What a person got wrong on the command line; exit status 2. */
export class Usage extends Error {}

/**
 * JSON that is judged.
 *
 * @param file its name, or `-`
 * @param parse of its text
 * @throws Undecidable where it cannot be read: nothing was judged then
 */
export function readJudged(file: string, parse: (text: string) => unknown = JSON.parse): unknown {
    try {
        return parse(readText(file, MAX_EXPORT));
    } catch (error) {
        throw new Undecidable(`${nameOf(file)}: ${reason(error)}`);
    }
}

/**
 * @param source JSON text, the name of a file, or `-`
 * @throws Usage for what is no settings
 */
export function readSettings(source: string): Partial<Settings> {
    const isText = source.startsWith("{");
    const name = isText ? "--settings" : nameOf(source);
    const given = readUsage(name, () => strictJson(isText ? source : readText(source, MAX_DOCUMENT)));
    const problems = settingsProblems(given);
    if (problems.length > 0) throw new Usage(problems.map((one) => `${name}: ${one}`).join("\n"));
    return withoutComments(given) as Partial<Settings>;
}

/** @throws Usage where `get` fails */
export function readUsage<T>(what: string, get: () => T): T {
    try {
        return get();
    } catch (error) {
        throw new Usage(`cannot read ${what}: ${reason(error)}`);
    }
}

/** How a file is called in messages. */
export function nameOf(file: string): string {
    return file === STDIN ? "standard input" : file.slice(0, 200);
}

/** The one line of an error that says what is wrong; what node adds of paths and calls is said by whoever names the file. */
export function reason(error: unknown): string {
    const { code, message } = error as NodeJS.ErrnoException;
    switch (code) {
        case "ENOENT":
            return "no such file (ENOENT)";
        case "EACCES":
            return "no permission (EACCES)";
        default:
            return message.split("\n", 1)[0]!.slice(0, 500);
    }
}
