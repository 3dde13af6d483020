import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { nearest } from "../nearest";
import { settingsOf } from "../settings";
import { DOCUMENT_RULES, readFolder } from "./iam-folder";
import { nameOf, readJudged, readSettings, reason, Usage } from "./inputs";
import { counter } from "./progress";
import { STDIN } from "./read-text";
import { type Format, render } from "./render";
import { readExport, Undecidable } from "./stack-export";
import { judge, stopping } from "./violations";

export interface Judging {
    /** An export, a folder, or `-`. */
    readonly file: string;
    readonly settings: string | undefined;
    readonly format: Format;
    /** Of the other commands, which a slip makes the name of a file. */
    readonly commandNames: readonly string[];
}

/**
 * @returns exit status, 0 or 1
 * @throws Usage, Undecidable
 */
export async function judgeFile(
    { file, settings: given, format, commandNames }: Judging,
    { out, err }: { out(text: string): void; err(text: string): void },
): Promise<number> {
    const isFolder = isFolderNamed(file, commandNames);
    if (file === STDIN && given === STDIN)
        throw new Usage("both the export and --settings are -, expected one of them as a file");
    const source = given ?? (isFolder ? join(file, "settings.json") : undefined);
    if (source === undefined)
        throw new Usage(
            "--settings is missing, expected the file that says who may sign, such as policies/settings.dev.json",
        );
    if (isFolder && given === undefined && !existsSync(source))
        throw new Usage(
            `no ${source}, and --settings is missing: see docs/policies.md, section Judging without engine`,
        );
    const settings = settingsOf(readSettings(source));
    const judged = isFolder ? readFolder(file, settings) : readExport(readJudged(file));
    const rules = isFolder ? DOCUMENT_RULES : undefined;
    const what = isFolder ? "document" : "resource";
    const found = await judge(judged, settings, rules, counter(err, `${what}s judged`));
    out(render(format, found, `${judged.length} ${what}${judged.length === 1 ? "" : "s"} judged`));
    return stopping(found).length === 0 ? 0 : 1;
}

function isFolderNamed(file: string, commandNames: readonly string[]): boolean {
    if (file === STDIN) return false;
    if (/^[a-z][a-z-]*$/.test(file) && !existsSync(file))
        throw new Usage(`${file} is no command, and no file or folder here: ${nearest(file, commandNames)}`);
    const kind = statOf(file);
    if (!kind.isDirectory() && !kind.isFile())
        throw new Undecidable(`${nameOf(file)} is neither a file nor a folder; - reads standard input`);
    return kind.isDirectory();
}

/** @throws Undecidable for what is not there */
function statOf(file: string): ReturnType<typeof statSync> & object {
    try {
        return statSync(file);
    } catch (error) {
        throw new Undecidable(`${nameOf(file)}: ${reason(error)}`);
    }
}
