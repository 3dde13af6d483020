import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { S3Client } from "@aws-sdk/client-s3";
import { SFNClient } from "@aws-sdk/client-sfn";
import type { Cloud, Credentials } from "../../../local/cloud";
import { ensureEngine } from "../../../local/engine/ensure";
import { issueCertificate, type Issued } from "../../../local/story/certificate";
import { deploy, type OpenProgram, openProgram, policyConfig, redeploy } from "../../../local/story/deploy";
import { ROLES } from "../../../local/story/settings";
import { clientOptions, type Stage } from "../../../local/story/stage";
import { startTestCloud, type TestCloud } from "../../support/cloud";

/** The real program, deployed as `npm run local` deploys it, for all suites of one test file. */
export interface Deployed extends Stage {
    readonly program: OpenProgram;
    /** Of the modules' key. */
    readonly issued: Issued;
    readonly submitter: Credentials;
    /** As the submitter. */
    readonly uploads: S3Client;
    /** As the deploy role, which may invoke every function. */
    readonly lambda: LambdaClient;
    /** As the administrator, who is denied nothing but what a resource's own policy denies. */
    readonly dynamodb: DynamoDBClient;
    readonly s3: S3Client;
    readonly events: EventBridgeClient;
    readonly states: SFNClient;
    readonly cloudwatch: CloudWatchClient;
    stop(): Promise<void>;
}

export const PROJECT_FOLDER = resolve(__dirname, "..", "..", "..");

/** Says nothing of what goes on. */
export const quiet = (): void => undefined;

export async function startDeployed(): Promise<Deployed> {
    const site = await startSite();
    try {
        const packConfig = await policyConfig(PROJECT_FOLDER);
        const program = await openProgram({ ...site, packConfig });
        const { outputs: first } = await deploy(program, quiet);
        const issued = await issueCertificate(first.keys["modules"]!.spki, "deployed modules", new Date());
        await program.certify({ modules: issued.certificate });
        const { outputs } = await redeploy(program, quiet);
        const actors = await actorsOf(site.cloud);
        return { ...site, ...actors, program, issued, outputs, stack: program.stack };
    } catch (error) {
        await site.stop();
        throw error;
    }
}

/** A cloud and a folder of its own, with nothing deployed. */
export interface TestSite extends TestCloud {
    readonly project: string;
    readonly engine: string;
    /** Never aborted. */
    readonly signal: AbortSignal;
}

export async function startSite(keyPool: Record<string, number> = { RSA_4096: 2 }): Promise<TestSite> {
    const engine = await ensureEngine(quiet);
    const site = await startTestCloud(keyPool);
    return { ...site, project: PROJECT_FOLDER, engine, signal: new AbortController().signal };
}

export type Actors = Pick<
    Deployed,
    "submitter" | "uploads" | "lambda" | "dynamodb" | "s3" | "events" | "states" | "cloudwatch"
>;

export async function actorsOf(cloud: Cloud): Promise<Actors> {
    const roles = [ROLES.submitter, ROLES.administrator, ROLES.deployer];
    const [submitter, administrator, deployer] = await Promise.all(roles.map((role) => cloud.assumeRole(role)));
    const bucketsOf = (credentials: Credentials) =>
        new S3Client({ ...clientOptions(cloud, credentials), forcePathStyle: true });
    return {
        submitter: submitter!,
        uploads: bucketsOf(submitter!),
        s3: bucketsOf(administrator!),
        dynamodb: new DynamoDBClient(clientOptions(cloud, administrator!)),
        events: new EventBridgeClient(clientOptions(cloud, administrator!)),
        states: new SFNClient(clientOptions(cloud, administrator!)),
        cloudwatch: new CloudWatchClient(clientOptions(cloud, administrator!)),
        lambda: new LambdaClient(clientOptions(cloud, deployer!)),
    };
}

/** A file on disk, as the story takes its inputs. */
export async function inputOf(folder: string, name: string, bytes: Uint8Array) {
    const path = join(folder, name);
    await writeFile(path, bytes);
    return { path, origin: "test" };
}
