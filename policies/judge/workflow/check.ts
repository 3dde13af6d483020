import { parseDocument } from "yaml";
import { actionsWorkflow } from "./actions";
import { ENGINE_VARIABLE } from "./environment";
import { gitlabWorkflow } from "./gitlab";
import { type Job, object } from "./model";
import { commandsOf, option, pulumi, type Command } from "./shell";

/**
 * Whether a workflow runs the pack, whole, and nobody else gets its credentials (T85 to T88). The file is read as structure; of its
 * scripts the commands, not what they would do.
 *
 * @param text of the workflow: GitHub's, Forgejo's or GitLab's
 * @param read text of a script that the workflow calls, by its path in the repository
 * @returns what is wrong, as sentences
 * @throws Error for no YAML, or for a workflow that runs no Pulumi and so shows nothing
 */
export function workflowProblems(text: string, read: (file: string) => string): string[] {
    const file = object(parsed(text));
    const { problems, jobs } = file["jobs"] === undefined ? gitlabWorkflow(file, read) : actionsWorkflow(file, read);
    const uses = jobs.map((job) => ({ job, commands: job.scripts.flatMap((script) => commandsOf(script.text)) }));
    if (!uses.some(({ commands }) => commands.some(isPulumi))) throw new Error("no job that runs pulumi");
    return [
        ...problems,
        ...uses.flatMap(({ job, commands }) =>
            [...job.problems, ...(commands.some(isPulumi) || job.hasToken ? packProblems(job, commands) : [])].map(
                (problem) => `${job.name}: ${problem}`,
            ),
        ),
    ];
}

/** Merge keys are GitLab's; a tag such as `!reference` would hide what is there. */
function parsed(text: string): unknown {
    const document = parseDocument(text, { strict: true, uniqueKeys: true, merge: true });
    const [wrong] = [...document.errors, ...document.warnings];
    if (wrong !== undefined) throw wrong;
    return document.toJS({ maxAliasCount: 100 }) as unknown;
}

function isPulumi(command: Command): boolean {
    return ["preview", "up", "update", "destroy", "refresh", "import", "watch"].includes(
        pulumi(command)?.subcommand ?? "",
    );
}

function packProblems({ scripts, isRequest }: Job, commands: readonly Command[]): string[] {
    const called = commands.map((command) => ({ command, run: pulumi(command) }));
    const ups = called.filter(({ run }) => run?.subcommand === "up" || run?.subcommand === "update");
    const previews = called.filter(({ run }) => run?.subcommand === "preview");
    const judged = previews.filter(({ run }) => hasPack(run!.options));
    const others = ["destroy", "refresh", "import", "watch"].filter((name) =>
        called.some(({ run }) => run?.subcommand === name),
    );
    const checkAt = commands.findIndex(({ words }) => words.includes("check-config"));
    const firstAt = commands.findIndex(isPulumi);
    const engine = [...ups, ...judged];
    const lax = scripts.filter(
        ({ from, text }) => from.endsWith(".sh") && /\bpulumi\b/.test(text) && !/^set -\w*e/m.test(text),
    );
    return [
        ...(judged.length === 0 ? ["no preview under the pack: --policy-pack and --policy-pack-config"] : []),
        ...(ups.some(({ run }) => !hasPack(run!.options))
            ? ["an update without --policy-pack or --policy-pack-config"]
            : []),
        ...(called.some(({ run }) => run && /^--skip-preview(=|$)|^-f$/m.test(run.options.join("\n")))
            ? ["--skip-preview: rules over the stack would speak when everything exists"]
            : []),
        ...(isRequest && ups.length > 0 ? ["an update on a request"] : []),
        ...(isRequest || judged.some(({ run }) => isOn(option(run!.options, "--refresh")))
            ? []
            : ["no preview --refresh under the pack, so what the account holds is not judged"]),
        ...(!isRequest &&
        ups.length > 0 &&
        commands.indexOf(judged[0]?.command ?? commands.at(-1)!) > commands.indexOf(ups[0]!.command)
            ? ["the update comes before the preview"]
            : []),
        ...(checkAt < 0 || checkAt > firstAt ? ["no check-config before the first preview"] : []),
        ...(checkAt >= 0 &&
        !sameFile(
            commands[checkAt]!,
            engine.map(({ run }) => option(run!.options, "--policy-pack-config")),
        )
            ? ["check-config of another file than the one in use"]
            : []),
        ...(checkAt >= 0 && commands[checkAt]!.forgiven ? ["the result of check-config is swallowed"] : []),
        ...(engine.some(({ command }) => command.forgiven) ? ["the pack's refusal is swallowed"] : []),
        ...others.map((name) => `pulumi ${name}, which no pack judges`),
        ...(scripts.some(({ text }) => /^\s*set \+\w*e/m.test(text)) ? ["set +e, so a failure stops nothing"] : []),
        ...(scripts.some(({ text }) => ENGINE_VARIABLE.test(text))
            ? ["a variable that changes what the engine does"]
            : []),
        ...lax.map(({ from }) => `${from} goes on after a failure, expected set -e`),
    ];
}

function hasPack(options: readonly string[]): boolean {
    return (
        option(options, "--policy-pack") === "policies" &&
        !["true", "", undefined].includes(option(options, "--policy-pack-config"))
    );
}

function isOn(value: string | undefined): boolean {
    return value !== undefined && value !== "false";
}

/** The file is the word after check-config. */
function sameFile({ words }: Command, used: readonly (string | undefined)[]): boolean {
    const file = words[words.indexOf("check-config") + 1];
    return used.every((one) => one === undefined || one === file);
}
