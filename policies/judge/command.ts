import { Command, CommanderError, Option } from "commander";
import { weaknesses } from "../check-config";
import { packConfig } from "../config";
import { JUDGE_HELP, CONFIG_HELP, CHECK_CONFIG_HELP, MAIN_HELP, SETTINGS_HELP, WORKFLOW_HELP } from "./help";
import { nameOf, readJudged, readSettings, Usage } from "./inputs";
import { judgeFile } from "./judge-file";
import { announced } from "./progress";
import { propose, type Proposal } from "./propose";
import { type Format, FORMATS } from "./render";
import { settingsText, type Written, writeSettings } from "./settings-file";
import { strictJson } from "./strict-json";
import { checkWorkflows } from "./workflow/files";

export interface Output {
    out(text: string): void;
    err(text: string): void;
}

/**
 * `npm run policy -- ARGS`: the pack without the engine.
 *
 * @returns exit status: 0 clean, 1 violations, 2 usage, 3 cannot be decided
 */
export async function run(args: readonly string[], output: Output): Promise<number> {
    let status = 0;
    const program = commands(output, (ended) => (status = ended));
    const failed = (exit: number, message: string): number => {
        // Also then a machine finds JSON where it looks for it.
        if (wantsJson(args)) output.out(json({ error: { status: exit, message } }));
        return exit;
    };
    try {
        await program.parseAsync([...args], { from: "user" });
        return status;
    } catch (error) {
        // It has said why.
        if (error instanceof CommanderError)
            return error.exitCode === 0 ? 0 : failed(2, error.message.replace(/^error: /, ""));
        const text = error instanceof Error ? error.message : "no message";
        const isUsage = error instanceof Usage;
        // Whatever else went wrong, nothing was decided.
        output.err(isUsage ? `${text}\n` : `cannot be decided: ${text}\n`);
        return failed(isUsage ? 2 : 3, text);
    }
}

function wantsJson(args: readonly string[]): boolean {
    return args.some(
        (one, i) => one === "--json" || one === "--format=json" || (one === "--format" && args[i + 1] === "json"),
    );
}

type End = (status: number) => void;
interface Json {
    readonly json?: boolean;
}

function commands(output: Output, end: End): Command {
    const program = new Command("npm run -s policy --")
        .description("judge without cloud and engine what the pack judges at `pulumi preview`")
        .exitOverride()
        .configureOutput({ writeOut: output.out, writeErr: output.err })
        .showHelpAfterError("npm run -s policy -- --help says how it is used")
        .addHelpText("after", MAIN_HELP);
    addJudge(program, output, end);
    addConfig(program, output);
    addSettings(program, output);
    addCheckConfig(program, output, end);
    addCheckWorkflow(program, output, end);
    return program;
}

function addJudge(program: Command, output: Output, end: End): void {
    program
        .command("judge", { isDefault: true })
        .description("judge a stack export (JSON of `pulumi stack export`) or a folder of IAM JSON")
        .argument("<FILE>", "the export, the folder, or - for an export on standard input")
        .option("--settings <FILE>", "settings of the pack; a folder may hold them as settings.json")
        .addOption(new Option("--format <FORMAT>", "how to print").choices(FORMATS).default("table"))
        .option("--json", "short for --format json")
        .addHelpText("after", JUDGE_HELP)
        .action(async (file: string, options: { settings?: string; format: Format } & Json) => {
            const commandNames = program.commands.map((one) => one.name());
            const format = options.json ? "json" : options.format;
            end(await judgeFile({ file, settings: options.settings, format, commandNames }, output));
        });
}

function addConfig(program: Command, { out }: Output): void {
    program
        .command("config")
        .description("print the --policy-pack-config file that gives every rule its settings, at its own level")
        .requiredOption(
            "--settings <JSON or FILE>",
            "settings: docs/policies.md, section Settings; - for standard input",
        )
        .option("--json", "what it prints is JSON already; with this, an error as well")
        .addHelpText("after", CONFIG_HELP)
        .action(({ settings }: { settings: string }) => out(json(packConfig(readSettings(settings)))));
}

function addSettings(program: Command, { out, err }: Output): void {
    program
        .command("settings")
        .description(
            "propose settings for this program from a stack's configuration, code pinned: to be reviewed and kept",
        )
        .requiredOption("--stack-config <FILE>", "Pulumi.STACK.yaml")
        .requiredOption("--stack <NAME>", "name of the stack")
        .option("--project <NAME>", "name of the project (default: the one in Pulumi.yaml)")
        .option("--unpinned <REASON>", "do not pin the signers' and checkers' code, and say why")
        .option("--write <FILE>", "into this file: what is in it beside the program's own stays")
        .option("--json", "print what --write did as JSON")
        .addHelpText("after", SETTINGS_HELP)
        .action(async ({ write, json: asJson, ...options }: Proposal & Json & { write?: string }) => {
            const waiting = "running the program as a preview would, to see the code that it registers";
            const proposed = await announced(err, waiting, () => propose(options));
            if (write === undefined) return out(await settingsText(proposed));
            const done = await writeSettings(write, proposed);
            out(asJson ? json(done) : whatWasWritten(done));
        });
}

function whatWasWritten({ file, written, changes, kept }: Written): string {
    return [
        written ? `${file} is written: review the difference` : `${file} is up to date`,
        ...changes.map((one) => `  ${one}`),
        ...kept.map((one) => `  ${one}: kept, though it is not of this program`),
        "",
    ].join("\n");
}

function addCheckConfig(program: Command, { out }: Output, end: End): void {
    program
        .command("check-config")
        .description("check that a --policy-pack-config file weakens no rule")
        .argument("<FILE>", "the configuration in use, or - for standard input")
        .option("--json", "print the weaknesses as JSON")
        .addHelpText("after", CHECK_CONFIG_HELP)
        .action((file: string, { json: asJson }: Json) => {
            const found = weaknesses(readJudged(file, strictJson));
            if (asJson) out(json({ weaknesses: found }));
            else out(found.length === 0 ? "no rule is weakened\n" : `${found.join("\n")}\n`);
            end(found.length === 0 ? 0 : 1);
        });
}

function addCheckWorkflow(program: Command, { out, err }: Output, end: End): void {
    program
        .command("check-workflow")
        .description("check that workflows run the pack whole and give its credentials to nobody else")
        .argument("<FILE...>", "workflows of GitHub, Forgejo or GitLab; - for one on standard input")
        .option("--json", "print the problems as JSON")
        .addHelpText("after", WORKFLOW_HELP)
        .action((given: string[], { json: asJson }: Json) => {
            const { problems, passed } = checkWorkflows(given);
            for (const file of passed)
                err(`${nameOf(file)}: runs no pulumi and gets no identity token, so there is nothing to check in it\n`);
            const lines = problems.map(({ file, job, problem }) =>
                [nameOf(file), ...(job === "" ? [] : [job]), problem].join(": "),
            );
            if (asJson) out(json({ problems, passed }));
            else out(lines.length === 0 ? "no workflow weakens the pack\n" : `${lines.join("\n")}\n`);
            end(lines.length === 0 ? 0 : 1);
        });
}

function json(value: unknown): string {
    return `${JSON.stringify(value, null, 4)}\n`;
}
