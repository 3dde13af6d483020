import { envProblems } from "./environment";
import { type Job, type Json, list, object, requires, type Script, shown, withCalled, type Workflow } from "./model";

/** GitHub and Forgejo Actions. */

/** Their jobs have the target repository's rights though a stranger may cause them. */
const STRANGERS = [
    "pull_request_target",
    "workflow_run",
    "issue_comment",
    "issues",
    "discussion",
    "repository_dispatch",
];
const OWN_BRANCH = [
    "github.event.pull_request.head.repo.full_name == github.repository",
    "github.repository == github.event.pull_request.head.repo.full_name",
];
/** What a job may be given at most. A job that becomes a role writes nothing. */
const RIGHTS: Readonly<Record<string, readonly string[]>> = {
    contents: ["read", "none"],
    "id-token": ["write", "none"],
    "pull-requests": ["read", "write", "none"],
};

/** @param read text of a script in the repository */
export function actionsWorkflow(file: Json, read: (file: string) => string): Workflow {
    // YAML 1.1 has `on` as a boolean; the yaml package is 1.2.
    const on = file["on"];
    const events = typeof on === "object" && !Array.isArray(on) ? Object.keys(object(on)) : list(on).map(String);
    const isRequest = events.includes("pull_request");
    const inherited = rights(file["permissions"], "workflow");
    const problems = [
        ...events
            .filter((event) => STRANGERS.includes(event))
            .map((event) => `runs on ${event}, with rights of the target`),
        ...(file["permissions"] === undefined ? ["no permissions, so the token has the repository's defaults"] : []),
        ...inherited.problems,
        ...(isStrict(object(object(file["defaults"])["run"])["shell"])
            ? []
            : ["a shell of its own, which may go on after a failure"]),
        ...(file["enable-openid-connect"] === true ? ["every job gets an identity token, expected single ones"] : []),
        ...(events.includes("push") ? branchProblems(object(object(on)["push"])) : []),
        ...(!isRequest && object(file["concurrency"])["cancel-in-progress"] === true
            ? ["cancel-in-progress, which cuts an update off"]
            : []),
    ];
    const jobs = Object.entries(object(file["jobs"])).map(([name, job]) =>
        actionsJob(name, object(job), { isRequest, inherited, env: object(file["env"]), read }),
    );
    return { problems, jobs };
}

function branchProblems(push: Json): string[] {
    const branches = list(push["branches"]).map(String);
    return branches.length === 1 && /^[\w./-]+$/.test(branches[0]!) ? [] : ["push to any branch, expected one by name"];
}

interface Around {
    readonly isRequest: boolean;
    readonly inherited: Rights;
    readonly env: Json;
    readonly read: (file: string) => string;
}

function actionsJob(name: string, job: Json, { isRequest, inherited, env, read }: Around): Job {
    const own = job["permissions"] === undefined ? inherited : rights(job["permissions"], "job");
    const steps = list(job["steps"]).map(object);
    const hasToken = own.given["id-token"] === "write" || job["enable-openid-connect"] === true;
    const writes = Object.entries(own.given).some(([right, level]) => right !== "id-token" && level === "write");
    const scripts: Script[] = steps.flatMap(({ run }) =>
        run === undefined ? [] : [{ from: name, text: String(run) }],
    );
    const problems = [
        ...(own === inherited ? [] : own.problems),
        ...(hasToken && writes ? ["an identity token and a token that writes, expected one of them"] : []),
        ...(isRequest && (hasToken || writes) && !requires(job["if"], OWN_BRANCH) ? ["runs for forks' requests"] : []),
        ...(job["uses"] === undefined ? [] : ["another workflow is called, which is not judged here"]),
        ...(job["secrets"] === undefined ? [] : ["secrets are handed on"]),
        ...steps.flatMap((step) => stepProblems(step)),
        ...envProblems([env, object(job["env"]), ...steps.map((step) => object(step["env"]))]),
        ...(steps.concat(object(object(job["defaults"])["run"])).some(({ shell }) => !isStrict(shell))
            ? ["a shell of its own, which may go on after a failure"]
            : []),
        ...(forgiven(job) || steps.some(forgiven) ? ["continue-on-error, so a refusal stops nothing"] : []),
        ...(isRequest && JSON.stringify([job, env]).includes("secrets.")
            ? ["a secret is named in a request's workflow"]
            : []),
    ];
    return { name, problems, hasToken, scripts: withCalled(scripts, read), isRequest };
}

/** Forges start these with -e. */
function isStrict(shell: unknown): boolean {
    return shell === undefined || shell === "bash" || shell === "sh";
}

function forgiven(one: Json): boolean {
    return one["continue-on-error"] !== undefined && one["continue-on-error"] !== false;
}

function stepProblems({ uses, run, with: given }: Json): string[] {
    const action = typeof uses === "string" ? uses : "";
    const isPinned =
        /^[\w.-]+\/[\w./-]+@[0-9a-f]{40}$/.test(action) || /^docker:\/\/\S+@sha256:[0-9a-f]{64}$/.test(action);
    return [
        ...(uses === undefined || isPinned ? [] : [`${shown(action)} is not pinned by a full commit`]),
        ...(/^pulumi\//.test(action) ? ["Pulumi by an action, whose options are not judged here"] : []),
        ...(/\/checkout@/.test(action) && object(given)["persist-credentials"] !== false
            ? ["checkout leaves its token in .git/config"]
            : []),
        ...(typeof run === "string" && run.includes("${{")
            ? ["an expression in a script's text, which whoever chose its value may end"]
            : []),
    ];
}

interface Rights {
    readonly given: Readonly<Record<string, unknown>>;
    readonly problems: readonly string[];
}

function rights(value: unknown, whose: string): Rights {
    if (typeof value === "string")
        return {
            given: value === "write-all" ? { contents: "write", "id-token": "write" } : {},
            problems: [`${shown(value)} of the ${whose}`],
        };
    const given = object(value);
    const problems = Object.entries(given)
        .filter(([right, level]) => !(Object.hasOwn(RIGHTS, right) && RIGHTS[right]!.includes(String(level))))
        .map(([right, level]) => `permission ${shown(right)}: ${shown(String(level))} of the ${whose}`);
    return { given, problems };
}
