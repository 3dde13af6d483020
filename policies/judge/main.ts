import { readFileSync, statSync } from "node:fs";
import { Command, Option } from "commander";
import { parse } from "yaml";
import { weaknesses } from "../check-config";
import { packConfig } from "../config";
import { type Settings, settingsOf } from "../settings";
import { settingsProblems } from "../settings-check";
import { programSettings } from "./program-settings";
import { DOCUMENT_RULES, readFolder } from "./iam-folder";
import { type Format, FORMATS, render } from "./render";
import { readExport, Undecidable } from "./stack-export";
import { judge } from "./violations";

/** `npm run policy -- ...`: the pack without the engine. Exit: 0 clean, 1 violations, 2 usage, 3 cannot be decided. */
async function main(): Promise<number> {
    let status = 0;
    const program = new Command("npm run policy --").exitOverride((error) =>
        process.exit(error.exitCode === 0 ? 0 : 2),
    );
    program
        .command("judge", { isDefault: true })
        .description("judge a stack export (JSON of `pulumi stack export`) or a folder of IAM JSON")
        .argument("<FILE>", "the export, or the folder (docs/policies.md has the layout)")
        .requiredOption("--settings <FILE>", "settings of the pack")
        .addOption(new Option("--format <FORMAT>", "how to print").choices(FORMATS).default("table"))
        .option("--json", "short for --format json")
        .action(async (file: string, options: { settings: string; format: Format; json?: boolean }) => {
            status = await judgeFile(file, readSettings(options.settings), options.json ? "json" : options.format);
        });
    program
        .command("config")
        .description("print the --policy-pack-config file that gives every rule its settings, at its own level")
        .requiredOption("--settings <JSON or FILE>", "settings: docs/policies.md, section Settings")
        .action(({ settings }: { settings: string }) => {
            process.stdout.write(`${JSON.stringify(packConfig(readSettings(settings)), null, 4)}\n`);
        });
    program
        .command("settings")
        .description("propose settings for this program from a stack's configuration, to be reviewed and kept")
        .requiredOption("--stack-config <FILE>", "Pulumi.STACK.yaml")
        .requiredOption("--stack <NAME>", "name of the stack")
        .option("--project <NAME>", "name of the project", "countersign")
        .action((options: { stackConfig: string; stack: string; project: string }) => {
            process.stdout.write(`${JSON.stringify(propose(options), null, 4)}\n`);
        });
    program
        .command("check-config")
        .description("check that a --policy-pack-config file weakens no rule")
        .argument("<FILE>", "the configuration in use")
        .action((file: string) => {
            const found = weaknesses(readJson(file));
            process.stdout.write(found.length === 0 ? "no rule is weakened\n" : `${found.join("\n")}\n`);
            status = found.length === 0 ? 0 : 1;
        });
    await program.parseAsync();
    return status;
}

async function judgeFile(file: string, given: Partial<Settings>, format: Format): Promise<number> {
    const settings = settingsOf(given);
    const isFolder = usable(() => statSync(file), file).isDirectory();
    const judged = isFolder ? readFolder(file, settings) : readExport(readJson(file, true));
    const violations = await judge(judged, settings, isFolder ? DOCUMENT_RULES : undefined);
    process.stdout.write(render(format, violations, `${judged.length} ${isFolder ? "documents" : "resources"} judged`));
    return violations.length === 0 ? 0 : 1;
}

function propose({ stackConfig, stack, project }: { stackConfig: string; stack: string; project: string }) {
    const text = usable(() => readFileSync(stackConfig, "utf8"), stackConfig);
    const { config } = parse(text) as { config: Record<string, unknown> };
    const get = (key: string): unknown => config[`${project}:${key}`];
    return programSettings({
        prefix: (get("namePrefix") as string | undefined) || `${project}-${stack}`,
        accountId: String(get("accountId")),
        region: (get("region") as string | undefined) ?? "eu-west-1",
        partition: "aws",
        deployRole: String(get("deployRole")),
        keyAdmins: get("keyAdmins") as string[],
        keys: get("keys") as { name: string; version: number }[],
    });
}

function readSettings(source: string): Partial<Settings> {
    const given = source.startsWith("{") ? usable(() => JSON.parse(source) as unknown, "--settings") : readJson(source);
    const problems = settingsProblems(given);
    if (problems.length > 0) usage(problems.join("\n"));
    return given as Partial<Settings>;
}

/** @param judged what is judged has to be decided: malformed text is no mistake of usage then */
function readJson(file: string, judged = false): unknown {
    const text = usable(() => readFileSync(file, "utf8"), file);
    try {
        return JSON.parse(text) as unknown;
    } catch {
        if (judged) throw new Undecidable(`${file} is no JSON`);
        return usage(`${file} is no JSON`);
    }
}

function usable<T>(get: () => T, what: string): T {
    try {
        return get();
    } catch (error) {
        return usage(`cannot read ${what}: ${(error as Error).message}`);
    }
}

function usage(text: string): never {
    process.stderr.write(`${text}\n`);
    process.exit(2);
}

main().then(
    (status) => (process.exitCode = status),
    (error: unknown) => {
        // Whatever went wrong, nothing was decided.
        process.stderr.write(`cannot be decided: ${error instanceof Error ? error.message : "no message"}\n`);
        process.exitCode = 3;
    },
);
