import { commandProblems } from "./command-problems";
import type { Commands, Placed } from "./commands";
import { assigned, setsLater, variableProblems } from "./environment";
import type { Job } from "./model";
import { option, policyCommand, pulumi, type Run, UNJUDGED, values } from "./pulumi";

interface Called extends Run {
    readonly command: Placed;
}

/** What is wrong with how a job runs the pack, as sentences. */
export function packProblems({ isRequest }: Job, found: Commands): string[] {
    const { commands, scripts, unread } = found;
    const runs = commands.flatMap((command): Called[] => {
        const run = pulumi(command);
        return run === undefined ? [] : [{ ...run, command }];
    });
    const ups = runs.filter(({ subcommand }) => subcommand === "up");
    const previews = runs.filter(({ subcommand }) => subcommand === "preview");
    const judged = previews.filter((run) => run.sure && run.command.certain && hasPack(run));
    return [
        ...unread,
        ...(judged.length === 0
            ? ["no preview under the pack that surely runs: --policy-pack policies and --policy-pack-config"]
            : []),
        ...(ups.some((run) => !hasPack(run)) ? ["an update without --policy-pack or --policy-pack-config"] : []),
        ...(isRequest && ups.length > 0 ? ["an update on a request"] : []),
        ...(isRequest || judged.some(({ options }) => isOn(option(options, "--refresh")))
            ? []
            : ["no preview --refresh under the pack, so what the account holds is not judged"]),
        ...orderProblems(commands, judged, ups, isRequest),
        ...checkProblems(commands, runs, [...ups, ...judged]),
        ...settingsProblems(commands),
        ...(previews.concat(ups).some((run) => run.command.forgiven && (hasPack(run) || ups.includes(run)))
            ? ["the pack's refusal is swallowed"]
            : []),
        ...[...previews, ...ups].flatMap(optionProblems),
        ...UNJUDGED.filter((name) => runs.some(({ subcommand }) => subcommand === name)).map(
            (name) => `pulumi ${name}, which no pack judges`,
        ),
        ...commands.flatMap(commandProblems),
        ...laxProblems(found),
        ...variableProblems(scripts.flatMap(({ text }) => assigned(text))),
        ...(scripts.some(({ text }) => setsLater(text))
            ? ["GITHUB_ENV or GITHUB_PATH is written, which changes what runs after it"]
            : []),
    ].filter((one, i, all) => all.indexOf(one) === i);
}

function hasPack({ options }: Run): boolean {
    const packs = values(options, "--policy-pack");
    const configs = values(options, "--policy-pack-config");
    return packs.length === 1 && packs[0] === "policies" && configs.length === 1 && !["true", ""].includes(configs[0]!);
}

function isOn(value: string | undefined): boolean {
    return value !== undefined && value !== "false";
}

function orderProblems(
    commands: readonly Placed[],
    judged: readonly Called[],
    ups: readonly Called[],
    isRequest: boolean,
): string[] {
    if (isRequest || judged.length === 0 || ups.length === 0) return [];
    const first = Math.min(...ups.map(({ command }) => commands.indexOf(command)));
    return commands.indexOf(judged[0]!.command) > first ? ["the update comes before the preview"] : [];
}

/** One that surely runs, before the engine does, of the file that the engine gets, which nobody touches afterwards. */
function checkProblems(commands: readonly Placed[], runs: readonly Called[], engine: readonly Called[]): string[] {
    const at = commands.findIndex((one) => one.certain && policyCommand(one)?.[0] === "check-config");
    const firstRun = commands.findIndex((one) => runs.some(({ command }) => command === one));
    if (at < 0 || (firstRun >= 0 && at > firstRun))
        return ["no check-config before the first preview that surely runs"];
    const check = commands[at]!;
    const file = policyCommand(check)!
        .slice(1)
        .find((word) => !word.startsWith("--"));
    const used = engine.flatMap(({ options }) => option(options, "--policy-pack-config") ?? []);
    const last = Math.max(at, ...engine.map(({ command }) => commands.indexOf(command)));
    const touched = commands.slice(at + 1, last).filter((one) => file !== undefined && touches(one, file));
    return [
        ...(used.some((one) => one !== file) ? ["check-config of another file than the one in use"] : []),
        ...(check.forgiven ? ["the result of check-config is swallowed"] : []),
        ...(touched.length > 0 ? ["the configuration is written or moved after check-config"] : []),
    ];
}

/** What the configuration is made of: the file that is under review, by its name or by a variable that holds it. */
function settingsProblems(commands: readonly Placed[]): string[] {
    const isReviewed = (text: string): boolean => /^(?:\.\/)?policies\/settings\.[\w.${}-]+\.json$/.test(text);
    const valueOf = (text: string): readonly string[] => {
        const name = /^\$\{?(\w+)\}?$/.exec(text)?.[1];
        if (name === undefined) return [text];
        const set = commands.flatMap(({ words }) => words.filter((word) => word.startsWith(`${name}=`)));
        return set.length === 0 ? [text] : set.map((word) => word.slice(name.length + 1));
    };
    const given = commands.flatMap((one) => {
        const words = policyCommand(one) ?? [];
        return words[0] === "config" ? values(words, "--settings").flatMap(valueOf) : [];
    });
    return given.every(isReviewed)
        ? []
        : ["a configuration of other settings than the reviewed file policies/settings.STACK.json"];
}

function touches(command: Placed, file: string): boolean {
    if (command.writes.includes(file)) return true;
    return pulumi(command) === undefined && policyCommand(command) === undefined && command.words.includes(file);
}

/** Options that let something by. */
function optionProblems({ subcommand, options, command }: Called): string[] {
    const has = (names: readonly string[], short: RegExp): boolean =>
        options.some((one) => names.includes(one.split("=", 1)[0]!) || short.test(one));
    return [
        ...(has(["--skip-preview"], /^-[a-z]*f/)
            ? ["--skip-preview: rules over the stack would speak when everything exists"]
            : []),
        ...(has(
            ["--target", "--target-replace", "--target-dependents", "--exclude", "--exclude-dependents"],
            /^-[a-z]*[tx]/,
        )
            ? [`pulumi ${subcommand} of a part of the stack, so the pack does not see all of it`]
            : []),
        ...(has(["--continue-on-error"], /^$/) ? ["--continue-on-error, so a refusal stops nothing"] : []),
        ...(has(["--remote"], /^$/) ? ["--remote, where nobody says which pack runs"] : []),
        ...(has(["--cwd", "-C"], /^-[a-z]*C/) ? ["pulumi in another folder, where policies may be another pack"] : []),
        ...(command.expands
            ? [`pulumi ${subcommand} with a variable outside quotes, which may hold other options`]
            : []),
    ];
}

/** Files are run by `sh FILE`, which goes on after a failure unless it says otherwise. */
function laxProblems({ commands, scripts }: Commands): string[] {
    return scripts.flatMap(({ from }) => {
        const own = commands.filter((one) => one.from === from);
        const first = own.findIndex((one) => pulumi(one) !== undefined || policyCommand(one) !== undefined);
        if (!from.endsWith(".sh") || first < 0) return [];
        const isStrict = own
            .slice(0, first)
            .some(({ words, certain }) => certain && words[0] === "set" && words.slice(1).some(isErrexit));
        return isStrict ? [] : [`${from} goes on after a failure, expected set -e`];
    });
}

function isErrexit(word: string): boolean {
    return /^-\w*e/.test(word) || word === "errexit";
}
