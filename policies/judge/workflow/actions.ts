import { requires, runsAfterFailure } from "./condition";
import { variableProblems } from "./environment";
import { type Job, type Json, keysOf, list, object, type Script, shown, type Workflow } from "./model";
import { type Rights, rights } from "./rights";
import { isStrict, stepProblems } from "./steps";

/** GitHub and Forgejo Actions. */

/** Whoever causes these has what the workflow gives: a request of the repository, or somebody who may write to it. */
const EVENTS = ["pull_request", "push", "schedule", "workflow_dispatch", "merge_group"];
const OWN_BRANCH = [
    "github.event.pull_request.head.repo.full_name == github.repository",
    "github.repository == github.event.pull_request.head.repo.full_name",
];

export function actionsWorkflow(file: Json): Workflow {
    // YAML 1.1 has `on` as a boolean; the yaml package is 1.2.
    const on = file["on"];
    const events = typeof on === "object" && !Array.isArray(on) ? Object.keys(object(on)) : list(on).map(String);
    const isRequest = events.includes("pull_request");
    const inherited = rights(file["permissions"], "workflow");
    const others = events.filter((event) => !EVENTS.includes(event));
    const problems = [
        // Their jobs have the target repository's rights though a stranger may cause them, or nobody knows who.
        ...others.map((event) => ({ always: true, problem: `runs on ${shown(event)}, with rights of the target` })),
        ...[
            ...(events.length === 0 ? ["no `on` that says when it runs"] : []),
            ...(file["permissions"] === undefined
                ? ["no permissions, so the token has the repository's defaults"]
                : []),
            ...inherited.problems,
            ...runProblems(file),
            ...(file["enable-openid-connect"] === true
                ? ["every job gets an identity token, expected single ones"]
                : []),
            ...(events.includes("push") ? branchProblems(object(object(on)["push"])) : []),
            ...(isRequest ? [] : cancelProblems(file)),
            ...variableProblems(keysOf(file)),
        ].map((problem) => ({ always: false, problem })),
    ];
    const jobs = Object.entries(object(file["jobs"])).map(([name, job]) =>
        actionsJob(name, object(job), { isRequest, inherited, file }),
    );
    return { problems, jobs };
}

function branchProblems(push: Json): string[] {
    const branches = list(push["branches"]).map(String);
    const isOne = branches.length === 1 && /^[\w./-]+$/.test(branches[0]!);
    return [
        ...(isOne ? [] : ["push to any branch, expected one by name"]),
        ...(push["tags"] === undefined ? [] : ["push of tags, expected one branch by name"]),
    ];
}

interface Around {
    readonly isRequest: boolean;
    readonly inherited: Rights;
    readonly file: Json;
}

function actionsJob(name: string, job: Json, { isRequest, inherited, file }: Around): Job {
    const own = job["permissions"] === undefined ? inherited : rights(job["permissions"], "job");
    const steps = list(job["steps"]).map(object);
    const hasToken =
        own.given["id-token"] === "write" ||
        job["enable-openid-connect"] === true ||
        file["enable-openid-connect"] === true;
    const writes = Object.entries(own.given).some(([right, level]) => right !== "id-token" && level === "write");
    const problems = [
        ...(own === inherited ? [] : own.problems),
        ...(hasToken && writes ? ["an identity token and a token that writes, expected one of them"] : []),
        ...(isRequest && (hasToken || writes) && !requires(job["if"], OWN_BRANCH) ? ["runs for forks' requests"] : []),
        ...(job["uses"] === undefined ? [] : ["another workflow is called, which is not judged here"]),
        ...(job["secrets"] === undefined ? [] : ["secrets are handed on"]),
        ...steps.flatMap(stepProblems),
        ...runProblems(job),
        ...(forgiven(job) || steps.some(forgiven) ? ["continue-on-error, so a refusal stops nothing"] : []),
        ...(isRequest && /\bsecrets\b/.test(JSON.stringify([expressions(job), expressions(file["env"])]))
            ? ["a secret is named in a request's workflow"]
            : []),
        ...(isRequest && writes && steps.some(isOfRequest)
            ? ["a token that writes where the request's own files are checked out, expected the target's"]
            : []),
    ];
    const packProblems = [
        ...(isRequest ? [] : cancelProblems(job)),
        ...(job["needs"] !== undefined && runsAfterFailure(job["if"])
            ? ["runs though a job that it needs has failed"]
            : []),
        ...(isRequest && hasToken && job["environment"] !== undefined
            ? ["an environment in a request's job, by whose subject other roles may be had"]
            : []),
        ...(!isRequest && steps.some(isOfAnother)
            ? ["another commit is checked out than the one that was merged"]
            : []),
        ...(list(job["runs-on"]).some((one) => /windows/i.test(JSON.stringify(one)))
            ? ["a runner whose shell goes on after a failure"]
            : []),
        ...(steps.some((step) => step["working-directory"] !== undefined) ||
        [file, job].some((one) => object(object(one["defaults"])["run"])["working-directory"] !== undefined)
            ? ["working-directory, in which policies may be another folder"]
            : []),
    ];
    return {
        name,
        problems,
        packProblems,
        hasToken,
        scripts: steps.flatMap((step) => scriptOf(step, name)),
        isRequest,
    };
}

function scriptOf({ run, if: condition }: Json, from: string): Script[] {
    if (run === undefined) return [];
    return [{ from, text: String(run), certain: condition === undefined, afterFailure: runsAfterFailure(condition) }];
}

/** Shells and folders that a workflow or job gives to all its steps. */
function runProblems(whole: Json): string[] {
    return isStrict(object(object(whole["defaults"])["run"])["shell"])
        ? []
        : ["a shell of its own, which may go on after a failure"];
}

/** Also by an expression, whose value nobody knows. */
function cancelProblems(whole: Json): string[] {
    const cancel = object(whole["concurrency"])["cancel-in-progress"];
    return cancel === undefined || cancel === false ? [] : ["cancel-in-progress, which cuts an update off"];
}

function forgiven(one: Json): boolean {
    return one["continue-on-error"] !== undefined && one["continue-on-error"] !== false;
}

/** Texts of expressions, wherever they stand. */
function expressions(value: unknown): string[] {
    return [...JSON.stringify(value ?? null).matchAll(/\$\{\{(.*?)\}\}/g)].map(([, text]) => text!);
}

/** A checkout of anything but the target's commit, or of its branch. */
function isOfRequest({ uses, with: given, env }: Json): boolean {
    const isTarget = (text: string): boolean =>
        /^\$\{\{ *github\.(event\.pull_request\.base\.sha|base_ref) *\}\}$/.test(text);
    if (typeof uses === "string" && /\/checkout@/.test(uses)) return !isTarget(String(object(given)["ref"] ?? ""));
    return /github\.(event\.pull_request\.head\.(sha|ref)|head_ref|sha)\b/.test(JSON.stringify(env ?? null));
}

/** In a deploy: a commit by name, of another repository, or of a request. */
function isOfAnother({ uses, with: given, env }: Json): boolean {
    const { ref, repository } = object(given);
    const isCheckout = typeof uses === "string" && /\/checkout@/.test(uses);
    return (
        (isCheckout && (ref !== undefined || repository !== undefined)) ||
        /github\.(event\.pull_request|head_ref)|\binputs\.(ref|sha|commit|branch)\b/.test(JSON.stringify(env ?? null))
    );
}
