import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { partitionOf } from "../place";
import type { Settings } from "../settings";
import { settingsProblems } from "../settings-check";
import { nameOf, readUsage, Usage } from "./inputs";
import { type ProgramFacts, programSettings } from "./program-settings";
import { MAX_DOCUMENT, readText } from "./read-text";
import { digestsOf } from "./run-program";
import { otherProjects, type StackConfig, stackConfig } from "./stack-config";

export interface Proposal {
    readonly stackConfig: string;
    readonly stack: string;
    /** @default the name in Pulumi.yaml */
    readonly project?: string;
    /** Reason why code is not pinned; without it, it is. */
    readonly unpinned?: string;
}

/**
 * Settings for this repository's program from a stack's configuration. Pins are the digests of what the program registers with it.
 *
 * @throws Usage for a configuration that is none, or that the program refuses
 */
export async function propose(proposal: Proposal): Promise<Partial<Settings>> {
    const { stackConfig: file, stack, unpinned } = proposal;
    const root = checkout();
    const project = proposal.project ?? projectOf(root);
    const config = readUsage(nameOf(file), () => stackConfig(readText(file, MAX_DOCUMENT), file, project));
    const facts = factsOf(config, file, project, stack);
    const settings = programSettings(facts);
    const problems = settingsProblems(settings);
    if (problems.length > 0) throw new Usage(`${file} makes no settings: ${problems.join("; ")}`);
    if (unpinned !== undefined) {
        if (unpinned.trim() === "") throw new Usage("--unpinned is empty, expected the reason why code is not pinned");
        return { ...settings, unpinnedCode: unpinned };
    }
    const { accountId, region, partition } = facts;
    const digests = await digestsOf(root, { project, stack, config: config.values, accountId, region, partition });
    const pinned = <T extends { readonly function: string }>(one: T): T & { codeSha256: string[] } => {
        const digest = digests[one.function];
        // A key's older versions have no function any more.
        return { ...one, codeSha256: digest === undefined ? [] : [digest] };
    };
    return { ...settings, signers: settings.signers!.map(pinned), checkers: settings.checkers!.map(pinned) };
}

function factsOf(config: StackConfig, file: string, project: string, stack: string): ProgramFacts {
    const need = <T>(key: string, value: T | undefined): T => {
        if (value !== undefined) return value;
        const others = otherProjects(config.values, project);
        const hint = others.length === 0 ? "" : `; it has keys of ${others.join(", ")}: is one of them --project?`;
        throw new Usage(`${file} has no ${project}:${key}${hint}`);
    };
    const region = config.text("region") ?? "eu-west-1";
    return {
        prefix: config.text("namePrefix") || `${project}-${stack}`,
        accountId: need("accountId", config.text("accountId")),
        region,
        partition: partitionOf(region),
        deployRole: need("deployRole", config.text("deployRole")),
        keyAdmins: need("keyAdmins", config.list("keyAdmins")) as readonly string[],
        keys: need("keys", config.list("keys")).map((one, i) => keyOf(one, `${file}: ${project}:keys[${i}]`)),
    };
}

function keyOf(value: unknown, at: string): ProgramFacts["keys"][number] {
    const { name, version } = (value ?? {}) as { name?: unknown; version?: unknown };
    if (typeof name !== "string" || !Number.isSafeInteger(version))
        throw new Usage(`${at} has no name and version, expected { name: text, version: a whole number, ... }`);
    return { name, version: version as number };
}

function projectOf(root: string): string {
    const file = join(root, "Pulumi.yaml");
    const { name } = readUsage(file, () => (parse(readFileSync(file, "utf8")) ?? {}) as { name?: unknown });
    if (typeof name !== "string") throw new Usage(`${file} has no name, expected the project's, or --project`);
    return name;
}

/** The folder above that has the program. This may run as policies/judge/*.ts, and as dist/policy.js. */
function checkout(from = __dirname): string {
    if (existsSync(join(from, "Pulumi.yaml")) && existsSync(join(from, "index.ts"))) return from;
    if (dirname(from) === from) throw new Usage("no program above this command, expected a checkout");
    return checkout(dirname(from));
}
