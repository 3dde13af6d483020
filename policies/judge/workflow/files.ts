import { nameOf, reason } from "../inputs";
import { MAX_DOCUMENT, readText } from "../read-text";
import { Undecidable } from "../stack-export";
import { judgeWorkflow, type Problem } from "./check";

export interface CheckedFiles {
    readonly problems: readonly (Problem & { readonly file: string })[];
    /** Files in which nothing is to be checked. */
    readonly passed: readonly string[];
}

/**
 * Scripts are named from the repository's root, where workflows run them.
 *
 * @throws Undecidable for what cannot be read, and where no file runs Pulumi: nothing was checked then
 */
export function checkWorkflows(files: readonly string[]): CheckedFiles {
    const judged = files.map((file) => ({ file, ...judgedFile(file) }));
    const passed = judged.filter(({ runsPulumi }) => !runsPulumi).map(({ file }) => file);
    if (passed.length === files.length)
        throw new Undecidable(
            `${files.map(nameOf).join(", ").slice(0, 500)}: no job that runs pulumi, so nothing was checked`,
        );
    return {
        problems: judged.flatMap(({ file, problems }) => problems.map((one) => ({ file, ...one }))),
        passed: passed.filter((file) => judged.every((one) => one.file !== file || one.problems.length === 0)),
    };
}

function judgedFile(file: string): ReturnType<typeof judgeWorkflow> {
    try {
        return judgeWorkflow(readText(file, MAX_DOCUMENT), (script) => {
            try {
                return readText(script, MAX_DOCUMENT);
            } catch (error) {
                throw new Error(`it calls ${script.slice(0, 200)}: ${reason(error)}`);
            }
        });
    } catch (error) {
        throw new Undecidable(`${nameOf(file)}: ${reason(error)}`);
    }
}
