import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { type Ended, run } from "./run";

/** As in a workflow of GitHub's: https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax */
interface Step {
    readonly id?: string;
    readonly name?: string;
    readonly run?: string;
    readonly env?: Readonly<Record<string, string>>;
}

interface Job {
    readonly env?: Readonly<Record<string, string>>;
    readonly steps: readonly Step[];
}

export interface JobRun {
    /** File below examples/pull-request. */
    readonly workflow: string;
    readonly job: string;
    /** The one step that is run: checkout, `npm ci` and the build are done. */
    readonly step: string;
    /** Values of expressions, by their text; any other expression fails. */
    readonly values: Readonly<Record<string, string>>;
    /** Beside what the workflow sets, over which it has the last word. */
    readonly env: NodeJS.ProcessEnv;
    readonly checkout: string;
}

export interface JobEnd extends Ended {
    /** What the step wrote to GITHUB_OUTPUT. */
    readonly outputs: Readonly<Record<string, string>>;
}

/** Runs one step's script in `bash -e`, as a runner does where no shell is named. */
export async function runStep({ workflow, job: name, step: wanted, values, env, checkout }: JobRun): Promise<JobEnd> {
    const text = await readFile(join(checkout, "examples", "pull-request", workflow), "utf8");
    const job = (parse(text) as { jobs: Readonly<Record<string, Job>> }).jobs[name];
    const step = job?.steps.find((one) => one.name === wanted);
    if (step?.run === undefined) throw new Error(`${workflow} has no step ${wanted} in job ${name} that runs a script`);
    const folder = await mkdtemp(join(tmpdir(), "countersign-step-"));
    try {
        const [script, output] = [join(folder, "script"), join(folder, "output")];
        await Promise.all([writeFile(script, step.run), writeFile(output, "")]);
        const own = Object.entries({ ...job!.env, ...step.env }).map(([key, value]) => [key, expand(value, values)]);
        const ended = await run("bash", ["-e", script], {
            cwd: checkout,
            env: { ...env, ...Object.fromEntries(own), GITHUB_OUTPUT: output, RUNNER_TEMP: folder },
        });
        return { ...ended, outputs: parseOutputs(await readFile(output, "utf8")) };
    } finally {
        await rm(folder, { recursive: true });
    }
}

function expand(text: string, values: Readonly<Record<string, string>>): string {
    return text.replace(/\$\{\{ (.*?) \}\}/g, (_, expression: string) => {
        const value = values[expression];
        if (value === undefined) throw new Error(`expression ${expression} has no value here`);
        return value;
    });
}

/** `NAME=VALUE`, or `NAME<<END`, lines, END. */
function parseOutputs(text: string): Record<string, string> {
    const found: Record<string, string> = {};
    const lines = text.split("\n");
    for (let line = lines.shift(); line !== undefined; line = lines.shift()) {
        const [, name, sign, rest] = /^(\w+)(=|<<)(.*)$/.exec(line) ?? [];
        if (name === undefined || rest === undefined) continue;
        const end = sign === "=" ? 0 : lines.indexOf(rest);
        if (end < 0) throw new Error(`output ${name} has no line ${rest}`);
        found[name] =
            sign === "="
                ? rest
                : lines
                      .splice(0, end + 1)
                      .slice(0, -1)
                      .join("\n");
    }
    return found;
}
