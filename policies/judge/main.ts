import { readFileSync } from "node:fs";
import { Command } from "commander";
import { packConfig } from "../config";
import { SETTINGS_SCHEMA, type Settings } from "../settings";

/** `npm run policy -- ...`: the pack without the engine. */
function main(): void {
    const program = new Command("npm run policy --").exitOverride((error) =>
        process.exit(error.exitCode === 0 ? 0 : 2),
    );
    program
        .command("config")
        .description("print the --policy-pack-config file that gives every rule its settings, each mandatory")
        .requiredOption("--settings <JSON or FILE>", "settings: docs/policies.md, section Settings")
        .action(({ settings }: { settings: string }) => {
            process.stdout.write(`${JSON.stringify(packConfig(readSettings(settings)), null, 4)}\n`);
        });
    program.parse();
}

function readSettings(source: string): Partial<Settings> {
    const given: unknown = JSON.parse(source.startsWith("{") ? source : readFileSync(source, "utf8"));
    const unknown = Object.keys(given as object).filter((key) => !Object.hasOwn(SETTINGS_SCHEMA, key));
    if (unknown.length > 0) {
        process.stderr.write(
            `settings name ${unknown.join(", ")}, expected only ${Object.keys(SETTINGS_SCHEMA).join(", ")}\n`,
        );
        process.exit(2);
    }
    return given as Partial<Settings>;
}

main();
