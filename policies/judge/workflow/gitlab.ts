import { requires } from "./condition";
import { variableProblems } from "./environment";
import { type Job, type Json, keysOf, list, object, type Script, shown, type Workflow } from "./model";

/** GitLab CI. */

const OWN_BRANCH = [
    "$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID",
    "$CI_PROJECT_ID == $CI_MERGE_REQUEST_SOURCE_PROJECT_ID",
];
const PROTECTED = ['$CI_COMMIT_REF_PROTECTED == "true"'];
const REQUEST = ['$CI_PIPELINE_SOURCE == "merge_request_event"'];
/** Of old files, for all jobs. */
const GLOBAL = ["image", "services", "cache", "before_script", "after_script"];
const NO_JOBS = [...GLOBAL, "stages", "types", "variables", "default", "include", "workflow", "spec"];

export function gitlabWorkflow(file: Json): Workflow {
    const jobs = Object.keys(file).filter((name) => !NO_JOBS.includes(name) && !name.startsWith("."));
    const globals = Object.entries(file).filter(([name]) => GLOBAL.includes(name));
    const inherited: Json = { ...Object.fromEntries(globals), ...object(file["default"]) };
    const problems = [
        ...(file["include"] === undefined ? [] : ["another file is included, which is not judged here"]),
        ...(inherited["cache"] === undefined
            ? []
            : ["a cache, which a request could fill for a job that holds a token"]),
        ...(inherited["id_tokens"] === undefined ? [] : ["every job gets an identity token"]),
        ...variableProblems(keysOf(file)),
    ];
    const budget = { left: 500 };
    return {
        problems: problems.map((problem) => ({ always: false, problem })),
        jobs: jobs.map((name) => gitlabJob(name, { ...inherited, ...extended(name, file, [], budget) })),
    };
}

/**
 * With what it extends, the nearest last.
 *
 * @throws Error for jobs that extend each other, and for more of them than a person would write
 */
function extended(name: string, file: Json, under: readonly string[], budget: { left: number }): Json {
    if (under.includes(name)) throw new Error(`${shown(name)} extends itself`);
    if (budget.left-- <= 0) throw new Error("too many jobs extend each other");
    const job = object(file[name]);
    const bases = list(job["extends"]).map((base) => extended(String(base), file, [...under, name], budget));
    return Object.assign({}, ...bases, job) as Json;
}

function gitlabJob(name: string, job: Json): Job {
    const hasToken = Object.keys(object(job["id_tokens"])).length > 0;
    const rules = list(job["rules"]).map(object);
    const isRequest = rules.some((rule) => requires(rule["if"], REQUEST));
    const isGuarded = (rule: Json): boolean =>
        rule["when"] === "never" ||
        (requires(rule["if"], REQUEST) ? requires(rule["if"], OWN_BRANCH) : requires(rule["if"], PROTECTED));
    const text = JSON.stringify(job);
    const before = linesOf(job["before_script"]).concat(linesOf(job["script"]));
    const problems = [
        ...(rules.length > 0 && rules.every(isGuarded)
            ? []
            : ["a rule admits forks' requests or branches that are not protected"]),
        ...([job, ...rules].some((one) => one["allow_failure"] !== undefined && one["allow_failure"] !== false)
            ? ["allow_failure, so a refusal stops nothing"]
            : []),
        ...(job["cache"] === undefined ? [] : ["a cache, which a request could fill for a job that holds a token"]),
        ...(hasToken && /COMMENT_TOKEN|CI_JOB_TOKEN/.test(text) ? ["an identity token and a token that writes"] : []),
        ...(["trigger", "run", "inherit"].some((member) => job[member] !== undefined)
            ? ["trigger, run or inherit, which are not judged here"]
            : []),
        ...(isRequest && job["secrets"] !== undefined ? ["a secret in a request's job"] : []),
        ...(isRequest && job["environment"] !== undefined && before.some(runsOwnFile)
            ? ["the request's own files run beside the variables of an environment, expected the target's"]
            : []),
    ];
    const packProblems = [
        ...(!isRequest && job["interruptible"] === true ? ["interruptible, which cuts an update off"] : []),
        ...(job["hooks"] === undefined ? [] : ["hooks, whose scripts are not judged here"]),
        ...(object(job["image"])["entrypoint"] === undefined
            ? []
            : ["an entrypoint in the place of the image's shell"]),
        ...(list(job["needs"]).some((one) => ["project", "pipeline"].some((member) => member in object(one)))
            ? ["files of another project or pipeline come into it"]
            : []),
    ];
    const after = linesOf(job["after_script"]);
    const scripts: Script[] = [
        { from: name, text: before.join("\n"), certain: true, afterFailure: false },
        // What fails there fails nothing.
        ...(after.length === 0 ? [] : [{ from: name, text: after.join("\n"), certain: false, afterFailure: true }]),
    ];
    return { name, problems, packProblems, hasToken, scripts, isRequest };
}

/** Lists in lists are one list to GitLab. */
function linesOf(value: unknown): string[] {
    return Array.isArray(value) ? value.flatMap(linesOf) : value === undefined || value === null ? [] : [String(value)];
}

/** A file of the checkout, which is the request's. */
function runsOwnFile(line: string): boolean {
    return /(?:^|[\s;&|])(?:(?:node|sh|bash|\.|source|python3?) +(?!\/tmp\/|-)["']?[\w.]|npm +(?!--version)|npx |make\b|\.\/)/.test(
        line,
    );
}
