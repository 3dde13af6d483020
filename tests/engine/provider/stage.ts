import { buildSync } from "esbuild";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Provider } from "@pulumi/aws/provider";
import { expect } from "vitest";
import type { Cloud } from "../../../local/cloud";
import { type DeployError, openStack, type OpenStack, type Program } from "../../../local/engine/automation";
import { type Aws, connect } from "../../../local/provider/aws";
import { PROJECT_FOLDER, startSite } from "../deployed/stage";

/** One cloud, engine and provider, for all suites of provider.test.ts. Names in the cloud are each test's own. */
export interface ProviderStage {
    readonly cloud: Cloud;
    /** The SDK as the administrator: not through the provider, whose word is what is tested. */
    readonly aws: Aws;
    /** A stack of a program that the test may exchange; a project each. */
    readonly stackOf: (declare: Declare, options?: StackSettings) => Promise<TestStack>;
    readonly stop: () => Promise<void>;
}

export interface TestStack {
    readonly stack: OpenStack;
    readonly project: string;
    /** The stack's state, as the engine keeps it. */
    readonly stateFile: string;
    /** What the next run declares. */
    readonly become: (next: Declare) => void;
}

export interface StackSettings {
    readonly config?: Record<string, unknown>;
    readonly env?: Record<string, string>;
}

/** @returns outputs */
export type Declare = (opts: {
    provider: Provider;
}) => void | Record<string, unknown> | Promise<Record<string, unknown>>;

export const REGION = "eu-west-1";
export const ACCOUNT = "111122223333";

export async function startProviderStage(): Promise<ProviderStage> {
    const { engine, folder, cloud, stop } = await startSite({});
    try {
        const credentials = await cloud.assumeRole(cloud.roles.administrator);
        await bundleProvider(join(folder, "plugin"));
        const env = {
            AWS_ENDPOINT_URL: cloud.endpoint,
            AWS_ACCESS_KEY_ID: credentials.accessKeyId,
            AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
            AWS_SESSION_TOKEN: credentials.sessionToken ?? "",
        };
        const identity = { region: REGION, accountId: ACCOUNT };
        const aws = connect({ endpoint: cloud.endpoint, credentials }, identity);
        return { cloud, aws, stackOf: stacksIn({ engine, folder, env }), stop };
    } catch (error) {
        await stop();
        throw error;
    }
}

function stacksIn(site: { engine: string; folder: string; env: Record<string, string> }): ProviderStage["stackOf"] {
    let opened = 0;
    return async (first, { config = {}, env = {} } = {}) => {
        let declare = first;
        const program: Program = async () => {
            const defaultTags = { tags: { owner: "test" } };
            const provider = new Provider("aws", { region: REGION, allowedAccountIds: [ACCOUNT], defaultTags });
            return (await declare({ provider })) ?? {};
        };
        const project = `example-${++opened}`;
        const stack = await openStack({
            ...site,
            project,
            stack: "dev",
            program,
            config,
            env: { ...site.env, ...env },
            providers: { aws: join(site.folder, "plugin") },
        });
        return {
            stack,
            project,
            stateFile: join(site.folder, "state", ".pulumi", "stacks", project, "dev.json"),
            become: (next) => void (declare = next),
        };
    };
}

/** The provider of these sources, not of whatever build lies in dist/. */
async function bundleProvider(plugin: string): Promise<void> {
    await mkdir(plugin, { recursive: true });
    buildSync({
        entryPoints: [join(PROJECT_FOLDER, "local/provider/main.ts")],
        outfile: join(plugin, "provider.js"),
        bundle: true,
        platform: "node",
        target: "node24",
    });
    const executable = join(plugin, "pulumi-resource-aws");
    await writeFile(executable, '#!/usr/bin/env node\nrequire("./provider.js");\n');
    await chmod(executable, 0o755);
}

/** How a run failed. Fails the test if it did not. */
export async function failureOf(run: Promise<unknown>): Promise<DeployError> {
    const error: unknown = await run.then(
        () => undefined,
        (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: "DeployFailed" });
    return error as DeployError;
}
