import { envProblems } from "./environment";
import { type Job, type Json, list, object, requires, type Script, withCalled, type Workflow } from "./model";

/** GitLab CI. */

const OWN_BRANCH = [
    "$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID",
    "$CI_PROJECT_ID == $CI_MERGE_REQUEST_SOURCE_PROJECT_ID",
];
const PROTECTED = ['$CI_COMMIT_REF_PROTECTED == "true"'];
const REQUEST = ['$CI_PIPELINE_SOURCE == "merge_request_event"'];
const NO_JOBS = ["stages", "variables", "default", "include", "workflow", "image", "services", "cache", "spec"];

/** @param read text of a script in the repository */
export function gitlabWorkflow(file: Json, read: (file: string) => string): Workflow {
    const jobs = Object.keys(file).filter((name) => !NO_JOBS.includes(name) && !name.startsWith("."));
    const problems = [
        ...(file["include"] === undefined ? [] : ["another file is included, which is not judged here"]),
        ...(file["cache"] === undefined && object(file["default"])["cache"] === undefined
            ? []
            : ["a cache, which a request could fill for a job that holds a token"]),
        ...(object(file["default"])["id_tokens"] === undefined ? [] : ["every job gets an identity token"]),
        ...envProblems([object(file["variables"])]),
    ];
    const inherited = object(file["default"]);
    return { problems, jobs: jobs.map((name) => gitlabJob(name, { ...inherited, ...extended(name, file, 0) }, read)) };
}

/** With what it extends, the nearest last. */
function extended(name: string, file: Json, depth: number): Json {
    const job = object(file[name]);
    if (depth > 10) return job;
    const bases = list(job["extends"]).map((base) => extended(String(base), file, depth + 1));
    return Object.assign({}, ...bases, job) as Json;
}

function gitlabJob(name: string, job: Json, read: (file: string) => string): Job {
    const hasToken = Object.keys(object(job["id_tokens"])).length > 0;
    const rules = list(job["rules"]).map(object);
    const isRequest = rules.some((rule) => requires(rule["if"], REQUEST));
    const isGuarded = (rule: Json): boolean =>
        rule["when"] === "never" ||
        (requires(rule["if"], REQUEST) ? requires(rule["if"], OWN_BRANCH) : requires(rule["if"], PROTECTED));
    const scripts: Script[] = ["before_script", "script", "after_script"].flatMap((part) =>
        list(job[part]).map((text) => ({ from: name, text: String(text) })),
    );
    const text = JSON.stringify(job);
    const problems = [
        ...(rules.length > 0 && rules.every(isGuarded)
            ? []
            : ["a rule admits forks' requests or branches that are not protected"]),
        ...(job["allow_failure"] === undefined || job["allow_failure"] === false
            ? []
            : ["allow_failure, so a refusal stops nothing"]),
        ...(rules.some((rule) => rule["allow_failure"] === true) ? ["allow_failure in a rule"] : []),
        ...(job["cache"] === undefined ? [] : ["a cache, which a request could fill for a job that holds a token"]),
        ...(hasToken && /COMMENT_TOKEN|CI_JOB_TOKEN/.test(text) ? ["an identity token and a token that writes"] : []),
        ...(["trigger", "run", "inherit"].some((member) => job[member] !== undefined)
            ? ["trigger, run or inherit, which are not judged here"]
            : []),
        ...(!isRequest && job["interruptible"] === true ? ["interruptible, which cuts an update off"] : []),
        ...envProblems([object(job["variables"])]),
    ];
    return { name, problems, hasToken, scripts: withCalled(scripts, read), isRequest };
}
