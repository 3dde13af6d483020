import { chmod, cp, mkdir, symlink, writeFile } from "node:fs/promises";
import { basename, delimiter, join } from "node:path";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { previewPermissions } from "../../../examples/pull-request/preview-role";
import { assumeRole, type Cloud, type Credentials } from "../../../local/cloud";
import { engineEnvironment } from "../../../local/engine/environment";
import { cloudEnvironment } from "../../../local/story/deploy";
import { ACCOUNT, PROJECT, REGION, ROLES } from "../../../local/story/settings";
import { clientOptions } from "../../../local/story/stage";
import { type Ended, run } from "./run";
import { PROJECT_FOLDER, startSite, type TestSite } from "../deployed/stage";

export const STATE = "countersign-state";
/** The one that the workflows name. Its settings pin the signers' code. */
export const STACK = "dev";
export const PREVIEW = `arn:aws:iam::${ACCOUNT}:role/countersign-preview`;

/** A checkout of our own, which requests change, and the state of its stack in a bucket of the local cloud. */
export interface PullRequestSite extends TestSite {
    readonly checkout: string;
    readonly deployer: Credentials;
    /** Of the preview role. */
    readonly preview: Credentials;
    /** The preview role's permissions are the example's, with these keys. */
    permit(keyArns: readonly string[]): Promise<void>;
    /** deploy.sh, as the deploy role. */
    deploy(): Promise<Ended>;
    /** `npm run policy -- ARGS`. */
    policy(...args: readonly string[]): Promise<Ended>;
    /** Of a job that got these credentials. */
    environment(credentials: Credentials): NodeJS.ProcessEnv;
    /** The stack's outputs, as its state has them. */
    outputs(): Promise<Record<string, unknown>>;
}

export async function startPullRequests(): Promise<PullRequestSite> {
    const site = await startSite();
    try {
        const cwd = join(site.folder, "checkout");
        const { cloud, engine } = site;
        const [deployer, administrator] = await Promise.all(
            [ROLES.deployer, ROLES.administrator].map((role) => cloud.assumeRole(role)),
        );
        await Promise.all([copyProject(cwd), makeState(cloud, deployer!), makeCommands(site)]);
        const preview = await makePreviewRole(cloud, administrator!);
        const environment = (credentials: Credentials) => environmentOf(site, credentials);
        const pulumi = async (...args: readonly string[]) => {
            const options = { cwd, env: environment(deployer!) };
            const ended = await run(engine, [...args, "--stack", STACK, "--non-interactive"], options);
            if (ended.status !== 0) throw new Error(ended.stderr);
            return ended.stdout;
        };
        await pulumi("stack", "init", "--secrets-provider", "passphrase");
        return {
            ...site,
            checkout: cwd,
            deployer: deployer!,
            preview,
            permit: (keyArns) => permit(cloud, administrator!, keyArns),
            environment,
            policy: (...args) =>
                run("npm", ["run", "--silent", "policy", "--", ...args], { cwd, env: environment(deployer!) }),
            deploy: () => run("sh", ["examples/pull-request/deploy.sh"], { cwd, env: environment(deployer!) }),
            outputs: async () => JSON.parse(await pulumi("stack", "output", "--json")) as Record<string, unknown>,
        };
    } catch (error) {
        await site.stop();
        throw error;
    }
}

/** Sources; packages and what is built of them are linked, since no request here changes the lock file or the pack. */
async function copyProject(checkout: string): Promise<void> {
    const linked = ["node_modules", "dist"];
    const left = [...linked, ".git", ".countersign", "tests"].map((name) => join(PROJECT_FOLDER, name));
    await cp(PROJECT_FOLDER, checkout, { recursive: true, filter: (path) => !left.includes(path) });
    for (const name of linked) await symlink(join(PROJECT_FOLDER, name), join(checkout, name));
}

async function makeState(cloud: Cloud, deployer: Credentials): Promise<void> {
    const s3 = new S3Client({ ...clientOptions(cloud, deployer), forcePathStyle: true });
    await s3.send(
        new CreateBucketCommand({ Bucket: STATE, CreateBucketConfiguration: { LocationConstraint: REGION } }),
    );
    s3.destroy();
}

/**
 * Its trust is not the example's: the local cloud exchanges no forge's token. It trusts the administrator, and the scripts find its
 * credentials in the environment.
 */
async function makePreviewRole(cloud: Cloud, administrator: Credentials): Promise<Credentials> {
    const iam = new IAMClient(clientOptions(cloud, administrator));
    const Statement = [{ Effect: "Allow", Principal: { AWS: ROLES.administrator }, Action: "sts:AssumeRole" }];
    const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
    await iam.send(new CreateRoleCommand({ RoleName: basename(PREVIEW), AssumeRolePolicyDocument }));
    iam.destroy();
    return assumeRole(cloud, administrator, PREVIEW, "preview");
}

async function permit(cloud: Cloud, administrator: Credentials, keyArns: readonly string[]): Promise<void> {
    const iam = new IAMClient(clientOptions(cloud, administrator));
    const permissions = previewPermissions({ bucket: STATE, project: PROJECT, stack: STACK, keyArns });
    const PolicyDocument = JSON.stringify(permissions);
    await iam.send(new PutRolePolicyCommand({ RoleName: basename(PREVIEW), PolicyName: "preview", PolicyDocument }));
    iam.destroy();
}

/** `npx` of npx.cjs; npm and node are the real ones. */
async function makeCommands({ folder }: TestSite): Promise<void> {
    await Promise.all(["home", "bin"].map((name) => mkdir(join(folder, name), { recursive: true })));
    const npx = join(folder, "bin", "npx");
    await writeFile(npx, `#!/bin/sh\nexec node "${join(__dirname, "npx.cjs")}" "$@"\n`);
    await chmod(npx, 0o755);
}

function environmentOf({ engine, folder, cloud }: TestSite, credentials: Credentials): NodeJS.ProcessEnv {
    const folders = { home: join(folder, "home"), state: folder, passphrase: "" };
    const env = engineEnvironment(engine, folders, {
        ...cloudEnvironment(cloud, credentials),
        COUNTERSIGN_TEST_ENGINE: engine,
        DEPLOY_ROLE_ARN: ROLES.deployer,
        ID_TOKEN: "not.exchanged.here",
        PREVIEW_ROLE_ARN: PREVIEW,
        PULUMI_BACKEND_URL: `s3://${STATE}?region=${REGION}&endpoint=${cloud.endpoint}&use_path_style=true`,
        STACK,
    });
    const plugin = join(PROJECT_FOLDER, "local", "provider", "plugin");
    return { ...env, PATH: [join(folder, "bin"), plugin, env["PATH"]].join(delimiter) };
}
