import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { judgeWorkflow } from "../../../../policies/judge/workflow/check";
import { ROOT } from "../../../support/native";

export const FOLDER = "examples/pull-request";
export const PREVIEWS = ["github.yml", "forgejo.yml", "gitlab-ci.yml"];
export const DEPLOYS = ["github-deploy.yml", "forgejo-deploy.yml", "gitlab-deploy.yml"];

export const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");

/** An example, or a script that it calls, with one text replaced; and what is said of it. */
export type Mutant = readonly [what: string, file: string, from: string | RegExp, to: string, found: RegExp];

/** As lines `JOB: PROBLEM`, and the problem alone where it is the file's. */
export function problemsIn(text: string, readScript: (file: string) => string = read): string[] {
    return judgeWorkflow(text, readScript).problems.map(({ job, problem }) =>
        job === "" ? problem : `${job}: ${problem}`,
    );
}

function problemsOf([, file, from, to]: Mutant): string[] {
    let changed = 0;
    const edit = (path: string): string => {
        // A script that one might add.
        const text = path.endsWith("/comment.sh") ? "set -e\npulumi up --yes\n" : read(path);
        if (!path.endsWith(`/${file}`)) return text;
        const now = text.replace(from, to);
        if (now !== text) changed++;
        return now;
    };
    const workflow = file === "preview.sh" ? "github.yml" : file === "deploy.sh" ? "github-deploy.yml" : file;
    const found = problemsIn(edit(`${FOLDER}/${workflow}`), edit);
    expect(changed).toBeGreaterThan(0);
    return found;
}

/** @param least of them, so that none is lost */
export function eachIsFound(mutants: readonly Mutant[], least: number): void {
    it.each(mutants)("%s, in %s", (...mutant) => expect(problemsOf(mutant).join("\n")).toMatch(mutant[4]));
    it("in numbers", () => expect(mutants.length).toBeGreaterThanOrEqual(least));
}
