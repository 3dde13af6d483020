import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import type { Settings } from "../settings";
import { readSettings, readUsage, Usage } from "./inputs";
import { programSettings } from "./program-settings";
import type { ProgramRun } from "./registered-code";

export interface Proposal {
    readonly stackConfig: string;
    readonly stack: string;
    readonly project: string;
    /** Reason why code is not pinned; without it, it is. */
    readonly unpinned?: string;
}

/**
 * Settings for this repository's program from a stack's configuration. Pins are the digests of what the program registers with it.
 *
 * @throws Usage for a configuration that is none, or that the program refuses
 */
export function propose({ stackConfig, stack, project, unpinned }: Proposal): Partial<Settings> {
    const config = readUsage(stackConfig, () => configOf(readFileSync(stackConfig, "utf8")));
    const get = <T>(key: string): T | undefined => config[`${project}:${key}`] as T | undefined;
    const need = <T>(key: string): T => {
        const value = get<T>(key);
        if (value === undefined) throw new Usage(`${stackConfig} has no ${project}:${key}`);
        return value;
    };
    const accountId = String(need("accountId"));
    const region = get<string>("region") ?? "eu-west-1";
    const facts = {
        prefix: get<string>("namePrefix") || `${project}-${stack}`,
        accountId,
        region,
        partition: "aws",
        deployRole: need<string>("deployRole"),
        keyAdmins: need<string[]>("keyAdmins"),
        keys: need<{ name: string; version: number }[]>("keys"),
    };
    const settings = programSettings(facts);
    if (unpinned !== undefined) return { ...settings, unpinnedCode: unpinned };
    const digests = runProgram({ project, stack, config, accountId, region });
    return {
        ...settings,
        signers: settings.signers!.map((signer) => {
            const digest = digests[signer.function];
            // A key's older versions have no function any more.
            return { ...signer, codeSha256: digest === undefined ? [] : [digest] };
        }),
    };
}

/** As it is kept: formatted like the rest of the repository. */
export async function settingsText(settings: Partial<Settings>): Promise<string> {
    // Only here: it takes longer to load than the rest.
    const { format } = await import("prettier");
    return format(JSON.stringify(settings, null, 4), { parser: "json", tabWidth: 4, printWidth: 120 });
}

/**
 * Over what is in the file: what was reviewed and is not proposed (subjects, say) stays.
 *
 * @returns what it did, as a sentence
 */
export async function writeSettings(file: string, proposed: Partial<Settings>): Promise<string> {
    const known = existsSync(file) ? readSettings(file) : {};
    const text = await settingsText({ ...known, ...proposed });
    if (existsSync(file) && readFileSync(file, "utf8") === text) return `${file} is up to date\n`;
    writeFileSync(file, text);
    return `${file} is written: review the difference\n`;
}

function configOf(text: string): Record<string, unknown> {
    const { config } = (parse(text) ?? {}) as { config?: unknown };
    if (typeof config !== "object" || config === null || Array.isArray(config)) throw new Error("no config in it");
    return config as Record<string, unknown>;
}

function runProgram(run: ProgramRun): Record<string, string> {
    const root = checkout();
    const args = ["--require", "./scripts/register.cjs", join("policies", "judge", "registered-code-main.ts")];
    try {
        const stdout = execFileSync(process.execPath, args, {
            cwd: root,
            input: JSON.stringify(run),
            encoding: "utf8",
            stdio: ["pipe", "pipe", "pipe"],
            timeout: 120_000,
        });
        return JSON.parse(stdout) as Record<string, string>;
    } catch (error) {
        const { stderr = "", message } = error as Error & { stderr?: string };
        throw new Usage(`the program does not run with this configuration: ${stderr.trim().slice(0, 2000) || message}`);
    }
}

/** The folder above that has the program. This may run as policies/judge/*.ts, and as dist/policy.js. */
function checkout(from = __dirname): string {
    if (existsSync(join(from, "Pulumi.yaml")) && existsSync(join(from, "index.ts"))) return from;
    if (dirname(from) === from) throw new Usage("no program above this command, expected a checkout");
    return checkout(dirname(from));
}
