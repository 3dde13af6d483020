import { parseDocument } from "yaml";
import { actionsWorkflow } from "./actions";
import { commandsOfJob, type Commands } from "./commands";
import { gitlabWorkflow } from "./gitlab";
import { object } from "./model";
import { packProblems } from "./pack";
import { pulumi } from "./pulumi";

export interface Problem {
    /** Empty for the file as a whole. */
    readonly job: string;
    readonly problem: string;
}

export interface JudgedWorkflow {
    readonly problems: readonly Problem[];
    /** False: no job runs Pulumi or can become a role, so only what concerns every workflow was looked at. */
    readonly runsPulumi: boolean;
}

/**
 * Whether a workflow runs the pack, whole, and nobody else gets its credentials (T85 to T88). The file is read as structure; of its
 * scripts the commands, not what they would do.
 *
 * @param text of the workflow: GitHub's, Forgejo's or GitLab's
 * @param read text of a script that the workflow calls, by its path in the repository
 * @throws Error for no YAML, and for scripts that cannot be read
 */
export function judgeWorkflow(text: string, read: (file: string) => string): JudgedWorkflow {
    const file = object(parsed(text));
    const { problems, jobs } = file["jobs"] === undefined ? gitlabWorkflow(file) : actionsWorkflow(file);
    const used = jobs.map((job) => ({ job, found: commandsOfJob(job.scripts, read) }));
    const ofPack = used.filter(({ job, found }) => job.hasToken || runsPulumi(found));
    const isJudged = ofPack.length > 0;
    return {
        runsPulumi: isJudged,
        problems: [
            ...problems.filter(({ always }) => always || isJudged).map(({ problem }) => ({ job: "", problem })),
            ...used.flatMap(({ job, found }) =>
                [
                    ...(isJudged ? job.problems : []),
                    ...(ofPack.some((one) => one.job === job)
                        ? [...job.packProblems, ...packProblems(job, found)]
                        : []),
                ].map((problem) => ({ job: job.name, problem })),
            ),
        ],
    };
}

/** Also where nobody can say: in what is not read. */
function runsPulumi({ commands, scripts, unread }: Commands): boolean {
    return (
        commands.some((one) => pulumi(one) !== undefined) ||
        (unread.length > 0 && scripts.some(({ text }) => /\bpulumi\b/.test(text)))
    );
}

/** Brackets that are open at once. A person opens five; the parser takes seconds for a hundred thousand. */
const MAX_OPEN = 1_000;

/** Merge keys are GitLab's; a tag such as `!reference` would hide what is there. */
function parsed(text: string): unknown {
    let open = 0;
    for (const char of text) {
        if (char === "[" || char === "{") open++;
        else if ((char === "]" || char === "}") && open > 0) open--;
        if (open > MAX_OPEN) throw new Error(`more than ${MAX_OPEN} brackets are open at once`);
    }
    const document = parseDocument(text, { strict: true, uniqueKeys: true, merge: true });
    const [wrong] = [...document.errors, ...document.warnings];
    if (wrong !== undefined) throw wrong;
    return document.toJS({ maxAliasCount: 100 }) as unknown;
}
