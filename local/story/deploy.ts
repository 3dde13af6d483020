import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Cloud, Credentials } from "../cloud";
import {
    openStack,
    programFrom,
    type OpenStack,
    type Program,
    type RunResult,
    type StackEvent,
} from "../engine/automation";
import type { Say } from "../progress";
import { PROJECT, programConfig, ROLES, STACK, TENANT } from "./settings";
import { readOutputs, type StackOutputs } from "./stage";

const run = promisify(execFile);

export interface Site {
    readonly project: string;
    readonly folder: string;
    readonly engine: string;
    readonly cloud: Cloud;
    readonly signal: AbortSignal;
    /** @default local */
    readonly stack?: string;
}

export interface ProgramSite extends Site {
    readonly packConfig: PolicyConfig;
    /** Instead of index.ts: a test's version of it. */
    readonly program?: Program;
}

export interface PolicyConfig {
    readonly config: Record<string, unknown>;
    /** How many rules are mandatory. */
    readonly rules: number;
}

/**
 * What the engine hands to the pack: written by the pack itself, so that each rule gets the settings it reads.
 *
 * @param settings file; a stack's settings name its own roles
 */
export async function policyConfig(
    project: string,
    settings = join(project, "policies", "settings.local.json"),
): Promise<PolicyConfig> {
    const args = [join(project, "dist", "policy.js"), "config", "--settings", settings];
    const { stdout } = await run(process.execPath, args, { env: {} });
    const config = JSON.parse(stdout) as Record<string, unknown>;
    const mandatory = Object.values(config).filter(
        (rule) => (rule as { enforcementLevel?: string }).enforcementLevel === "mandatory",
    );
    return { config, rules: mandatory.length };
}

export interface OpenProgram {
    readonly stack: OpenStack;
    /** Certificates are configuration: they can be issued only once the keys exist. */
    certify(certificates: Record<string, string>): Promise<void>;
    readonly signal: AbortSignal;
}

export async function openProgram(site: ProgramSite): Promise<OpenProgram> {
    const stack = await openStack({
        engine: site.engine,
        folder: site.folder,
        project: PROJECT,
        stack: site.stack ?? STACK,
        program: site.program ?? programFrom(join(site.project, "index.ts")),
        config: await programConfig(site.project),
        env: await deployerEnvironment(site.cloud),
        packDir: join(site.project, "policies"),
        packConfig: site.packConfig.config,
    });
    return {
        stack,
        signal: site.signal,
        certify: async (certificates) => stack.configure(await programConfig(site.project, certificates)),
    };
}

/** The engine, the provider and the pack run as the deploy role, and know one endpoint. */
async function deployerEnvironment(cloud: Cloud): Promise<Record<string, string>> {
    return cloudEnvironment(cloud, await cloud.assumeRole(ROLES.deployer));
}

/** What the engine and its plugins read of the local cloud. */
export function cloudEnvironment(
    cloud: Pick<Cloud, "endpoint" | "region">,
    { accessKeyId, secretAccessKey, sessionToken }: Credentials,
): Record<string, string> {
    return {
        AWS_ENDPOINT_URL: cloud.endpoint,
        AWS_REGION: cloud.region,
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        ...(sessionToken !== undefined && { AWS_SESSION_TOKEN: sessionToken }),
    };
}

export interface Deployed {
    readonly outputs: StackOutputs;
    readonly counts: { readonly resources: number; readonly types: number };
    readonly result: RunResult;
}

/** A preview under the pack, which can stop everything before it exists, then `up`, under the pack again. */
export async function deploy({ stack, signal }: OpenProgram, say: Say): Promise<Deployed> {
    const options = { signal, onEvent: teller(say) };
    await stack.preview(options);
    return deployed(await stack.up(options));
}

function deployed(result: RunResult): Deployed {
    const types = Object.values(result.urns)
        .flat()
        .map((urn) => urn.split("::")[2]!.split("$").at(-1)!);
    const own = types.filter((type) => type.startsWith("aws:"));
    return {
        outputs: readOutputs(result.outputs),
        counts: { resources: own.length, types: new Set(own).size },
        result,
    };
}

/** `up` alone, for a change of configuration: the pack judges each resource again before it is touched. */
export async function redeploy({ stack, signal }: OpenProgram, say: Say): Promise<Deployed> {
    return deployed(await stack.up({ signal, onEvent: teller(say) }));
}

export interface Consumer {
    readonly stack: OpenStack;
    readonly text: string;
}

/** A program of another project, which knows the stack by reference only. */
export async function deployConsumer(site: Site, say: Say): Promise<Consumer> {
    const stack = await openStack({
        engine: site.engine,
        folder: site.folder,
        project: "countersign-consumer",
        stack: site.stack ?? STACK,
        program: programFrom(join(site.project, "examples", "consumer", "index.ts")),
        config: {
            countersignStack: `organization/${PROJECT}/${site.stack ?? STACK}`,
            tenant: TENANT,
            keyName: "files",
            releaseJob: ROLES.submitter,
            region: site.cloud.region,
            accountId: site.cloud.accountId,
        },
        env: await deployerEnvironment(site.cloud),
    });
    const { changes } = await stack.up({ signal: site.signal, onEvent: teller(say) });
    return {
        stack,
        text: `examples/consumer read the stack by reference and created ${changes["create"] ?? 0} resources of its own`,
    };
}

function teller(say: Say): (event: StackEvent) => void {
    let done = 0;
    return (event) => {
        if (event.kind === "done") say(`${++done} resources, last ${event.name}`);
        if (event.kind === "message" && event.severity === "error") say(event.text);
    };
}
