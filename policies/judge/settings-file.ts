import {
    closeSync,
    existsSync,
    fchmodSync,
    fsyncSync,
    openSync,
    realpathSync,
    renameSync,
    rmSync,
    statSync,
    writeFileSync,
} from "node:fs";
import type { Settings } from "../settings";
import { settingsProblems } from "../settings-check";
import { readUsage, reason, Usage } from "./inputs";
import { mergeSettings } from "./merge-settings";
import { MAX_DOCUMENT, readText } from "./read-text";
import { strictJson } from "./strict-json";

export interface Written {
    readonly file: string;
    /** False: the file says the same already, and was not touched. */
    readonly written: boolean;
    readonly changes: readonly string[];
    readonly kept: readonly string[];
}

interface Form {
    readonly tabWidth: number;
    readonly useTabs: boolean;
    readonly endOfLine: "lf" | "crlf";
}

const FORM: Form = { tabWidth: 4, useTabs: false, endOfLine: "lf" };

/** As it is kept: formatted like the rest of the repository. */
export async function settingsText(settings: object, form: Form = FORM): Promise<string> {
    // Only here: it takes longer to load than the rest.
    const { format } = await import("prettier");
    return format(JSON.stringify(settings, null, 4), { parser: "json", printWidth: 120, ...form });
}

/**
 * A proposal over what is in the file, which may be of an older schema: what only this command writes is brought up to date, and what
 * people wrote stays. The file is replaced as a whole, or not at all.
 *
 * @throws Usage for a file that is no settings, or that would not be settings afterwards
 */
export async function writeSettings(file: string, proposed: Partial<Settings>): Promise<Written> {
    if (!existsSync(file)) {
        replace(file, await settingsText(proposed));
        return { file, written: true, changes: ["new"], kept: [] };
    }
    const text = readUsage(file, () => readText(file, MAX_DOCUMENT));
    const old = readUsage(file, () => strictJson(text));
    if (typeof old !== "object" || old === null || Array.isArray(old)) throw new Usage(`${file} is no JSON object`);
    const { settings, changes, kept } = mergeSettings(old as Record<string, unknown>, proposed);
    const problems = settingsProblems(settings);
    if (problems.length > 0)
        throw new Usage(
            [
                `${file} is left as it is: what is wrong in it is nothing that this command writes`,
                ...problems.map((one) => `${file}: ${one}`),
                'change it by hand; a comment is a member whose name begins with "//". docs/policies.md, section Settings, has all members',
            ].join("\n"),
        );
    if (changes.length > 0) replace(file, await settingsText(settings, formOf(text)));
    return { file, written: changes.length > 0, changes, kept };
}

/** By its first member's line. */
function formOf(text: string): Form {
    const indent = /^\{\r?\n([ \t]+)/.exec(text.trimStart())?.[1];
    return {
        ...FORM,
        ...(indent !== undefined && { useTabs: indent.startsWith("\t"), tabWidth: indent.length }),
        ...(indent?.startsWith("\t") && { tabWidth: FORM.tabWidth }),
        ...(text.includes("\r\n") && { endOfLine: "crlf" as const }),
    };
}

/**
 * Dead before the rename: the old file, and a temporary one beside it. Dead after: the new one.
 *
 * @throws Usage where the folder or the file cannot be written
 */
function replace(file: string, text: string): void {
    // A link stays a link.
    const target = existsSync(file) ? realpathSync(file) : file;
    const temporary = `${target}.${process.pid}.tmp`;
    let made = false;
    try {
        const opened = openSync(temporary, "wx");
        made = true;
        try {
            if (existsSync(target)) fchmodSync(opened, statSync(target).mode);
            writeFileSync(opened, text);
            fsyncSync(opened);
        } finally {
            closeSync(opened);
        }
        renameSync(temporary, target);
    } catch (error) {
        if (made) rmSync(temporary, { force: true });
        throw new Usage(`cannot write ${file}: ${reason(error)}`);
    }
}
