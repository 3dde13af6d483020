import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { Command, CommanderError, Option } from "commander";
import { weaknesses } from "../check-config";
import { packConfig } from "../config";
import { settingsOf } from "../settings";
import { JUDGE_HELP, MAIN_HELP, SETTINGS_HELP, WORKFLOW_HELP } from "./help";
import { DOCUMENT_RULES, readFolder } from "./iam-folder";
import { readJudged, readSettings, Usage } from "./inputs";
import { propose, type Proposal, settingsText, writeSettings } from "./propose";
import { type Format, FORMATS, render } from "./render";
import { readExport, Undecidable } from "./stack-export";
import { MAX_DOCUMENT, readText } from "./read-text";
import { judge, stopping } from "./violations";
import { workflowProblems } from "./workflow/check";

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
        if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : failed(2, error.message);
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

function commands({ out, err }: Output, end: (status: number) => void): Command {
    const program = new Command("npm run policy --")
        .description("judge without cloud and engine what the pack judges at `pulumi preview`")
        .exitOverride()
        .configureOutput({ writeOut: out, writeErr: err })
        .addHelpText("after", MAIN_HELP);
    program
        .command("judge", { isDefault: true })
        .description("judge a stack export (JSON of `pulumi stack export`) or a folder of IAM JSON")
        .argument("<FILE>", "the export, or the folder")
        .option("--settings <FILE>", "settings of the pack; a folder may hold them as settings.json")
        .addOption(new Option("--format <FORMAT>", "how to print").choices(FORMATS).default("table"))
        .option("--json", "short for --format json")
        .addHelpText("after", JUDGE_HELP)
        .action(async (file: string, options: { settings?: string; format: Format; json?: boolean }) =>
            end(await judgeFile(file, options.settings, options.json ? "json" : options.format, out)),
        );
    program
        .command("config")
        .description("print the --policy-pack-config file that gives every rule its settings, at its own level")
        .requiredOption("--settings <JSON or FILE>", "settings: docs/policies.md, section Settings")
        .action(({ settings }: { settings: string }) => out(json(packConfig(readSettings(settings)))));
    program
        .command("settings")
        .description(
            "propose settings for this program from a stack's configuration, code pinned: to be reviewed and kept",
        )
        .requiredOption("--stack-config <FILE>", "Pulumi.STACK.yaml")
        .requiredOption("--stack <NAME>", "name of the stack")
        .option("--project <NAME>", "name of the project", "countersign")
        .option("--unpinned <REASON>", "do not pin the signers' code, and say why")
        .option("--write <FILE>", "into this file: settings in it that are not proposed stay as they are")
        .addHelpText("after", SETTINGS_HELP)
        .action(async ({ write, ...options }: Proposal & { write?: string }) => {
            const proposed = propose(options);
            out(write === undefined ? await settingsText(proposed) : await writeSettings(write, proposed));
        });
    program
        .command("check-config")
        .description("check that a --policy-pack-config file weakens no rule")
        .argument("<FILE>", "the configuration in use")
        .action((file: string) => {
            const found = weaknesses(readJudged(file));
            out(found.length === 0 ? "no rule is weakened\n" : `${found.join("\n")}\n`);
            end(found.length === 0 ? 0 : 1);
        });
    program
        .command("check-workflow")
        .description("check that workflows run the pack whole and give its credentials to nobody else")
        .argument("<FILE...>", "workflows of GitHub, Forgejo or GitLab")
        .addHelpText("after", WORKFLOW_HELP)
        .action((given: string[]) => {
            const found = given.flatMap((file) => checkWorkflow(file).map((problem) => `${file}: ${problem}`));
            out(found.length === 0 ? "no workflow weakens the pack\n" : `${found.join("\n")}\n`);
            end(found.length === 0 ? 0 : 1);
        });
    return program;
}

/** Scripts are named from the repository's root, where workflows run them. */
function checkWorkflow(file: string): string[] {
    try {
        return workflowProblems(readText(file, MAX_DOCUMENT), (script) => readText(script, MAX_DOCUMENT));
    } catch (error) {
        throw new Undecidable(`${file}: ${(error as Error).message}`);
    }
}

async function judgeFile(file: string, given: string | undefined, format: Format, out: Output["out"]): Promise<number> {
    const kind = statSync(file); // not there: cannot be decided
    const isFolder = kind.isDirectory();
    if (!isFolder && !kind.isFile()) throw new Undecidable(`${file} is neither a file nor a folder`);
    const source = given ?? (isFolder ? join(file, "settings.json") : undefined);
    if (source === undefined) throw new Usage("--settings is missing: see --help");
    if (isFolder && given === undefined && !existsSync(source))
        throw new Usage(
            `no ${source}, and --settings is missing: see docs/policies.md, section Judging without engine`,
        );
    const settings = settingsOf(readSettings(source));
    const judged = isFolder ? readFolder(file, settings) : readExport(readJudged(file));
    const found = await judge(judged, settings, isFolder ? DOCUMENT_RULES : undefined);
    out(render(format, found, `${judged.length} ${isFolder ? "documents" : "resources"} judged`));
    return stopping(found).length === 0 ? 0 : 1;
}

function json(value: unknown): string {
    return `${JSON.stringify(value, null, 4)}\n`;
}
