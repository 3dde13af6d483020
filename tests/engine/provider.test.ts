/**
 * Proves that the real engine and the provider understand each other: plans, replacements, refusals, failures, imports.
 * That arguments reach the cloud is provider-arguments.test.ts. Proves nothing about the real pulumi-aws.
 */
import { buildSync } from "esbuild";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as cloudwatch from "@pulumi/aws/cloudwatch";
import { getCallerIdentityOutput } from "@pulumi/aws/getCallerIdentity";
import { getPartitionOutput } from "@pulumi/aws/getPartition";
import { getRegionOutput } from "@pulumi/aws/getRegion";
import * as iam from "@pulumi/aws/iam";
import * as kms from "@pulumi/aws/kms";
import { Provider } from "@pulumi/aws/provider";
import * as s3 from "@pulumi/aws/s3";
import * as sns from "@pulumi/aws/sns";
import * as sqs from "@pulumi/aws/sqs";
import * as ssm from "@pulumi/aws/ssm";
import * as vpc from "@pulumi/aws/ec2";
import * as pulumi from "@pulumi/pulumi";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startCloud, type Cloud, type Credentials } from "../../local/cloud";
import { openStack, type DeployError, type OpenStack, type Program } from "../../local/engine/automation";
import { ensureEngine } from "../../local/engine/ensure";
import { connect, type Aws } from "../../local/provider/aws";
import { trust } from "./provider-examples/example";

const ROOT = join(__dirname, "..", "..");
const REGION = "eu-west-1";
const ACCOUNT = "111122223333";

let folder: string;
let cloud: Cloud;
let engine: string;
let credentials: Credentials;
let aws: Aws;

beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "countersign-engine-"));
    [engine, cloud] = await Promise.all([ensureEngine(() => undefined), startCloud({ workDir: folder, keyPool: {} })]);
    credentials = await cloud.assumeRole(cloud.roles.administrator);
    aws = connect({ endpoint: cloud.endpoint, credentials }, { region: REGION, accountId: ACCOUNT });
    await bundleProvider(join(folder, "plugin"));
});
afterAll(async () => {
    await cloud?.stop();
    await rm(folder, { recursive: true, force: true });
});

/** The provider of these sources, not of whatever build lies in dist/. */
async function bundleProvider(plugin: string): Promise<void> {
    await mkdir(plugin, { recursive: true });
    const outfile = join(plugin, "provider.js");
    buildSync({
        entryPoints: [join(ROOT, "local/provider/main.ts")],
        outfile,
        bundle: true,
        platform: "node",
        target: "node24",
    });
    await writeFile(join(plugin, "pulumi-resource-aws"), '#!/usr/bin/env node\nrequire("./provider.js");\n');
    await chmod(join(plugin, "pulumi-resource-aws"), 0o755);
}

let opened = 0;

/** A stack of a program that the test may exchange; a project each. */
async function stackOf(first: Declare, config: Record<string, unknown> = {}, env: Record<string, string> = {}) {
    let declare = first;
    const program: Program = async () => {
        const provider = new Provider("aws", {
            region: REGION,
            allowedAccountIds: [ACCOUNT],
            defaultTags: { tags: { owner: "test" } },
        });
        return (await declare({ provider })) ?? {};
    };
    const stack: OpenStack = await openStack({
        engine,
        folder,
        project: `example-${++opened}`,
        stack: "dev",
        program,
        config,
        env: {
            AWS_ENDPOINT_URL: cloud.endpoint,
            AWS_ACCESS_KEY_ID: credentials.accessKeyId,
            AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
            AWS_SESSION_TOKEN: credentials.sessionToken ?? "",
            ...env,
        },
        providers: { aws: join(folder, "plugin") },
    });
    return { stack, become: (next: Declare) => (declare = next) };
}

type Declare = (opts: { provider: Provider }) => void | Record<string, unknown> | Promise<Record<string, unknown>>;

const failureOf = async (run: Promise<unknown>): Promise<DeployError> => {
    const error: unknown = await run.then(
        () => undefined,
        (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: "DeployFailed" });
    return error as DeployError;
};

describe("a stack", () => {
    it("is planned, made, left alone, changed, read again and destroyed", async () => {
        const declare =
            (description: string): Declare =>
            (opts) => {
                const role = new iam.Role(
                    "role",
                    { name: "life", description, assumeRolePolicy: trust("lambda.amazonaws.com") },
                    opts,
                );
                const queue = new sqs.Queue("queue", { tags: { a: "1" } }, opts);
                const caller = getCallerIdentityOutput({}, opts);
                return {
                    arn: role.arn,
                    queue: queue.name,
                    url: queue.url,
                    account: caller.accountId,
                    partition: getPartitionOutput({}, opts).partition,
                    region: getRegionOutput({}, opts).region,
                };
            };
        const { stack, become } = await stackOf(declare("before"));
        expect((await stack.preview()).changes).toEqual({ create: 4 });
        await expect(aws.iam().then((client) => client.getRole({ RoleName: "life" }))).rejects.toThrow(/life/);

        const { outputs } = await stack.up();
        expect(outputs).toMatchObject({
            arn: `arn:aws:iam::${ACCOUNT}:role/life`,
            account: ACCOUNT,
            partition: "aws",
            region: REGION,
        });
        expect(outputs["queue"]).toMatch(/^queue-[0-9a-f]{7}$/);
        const { Tags } = await (await aws.sqs()).listQueueTags({ QueueUrl: String(outputs["url"]) });
        expect(Tags).toEqual({ a: "1", owner: "test" });

        expect((await stack.up({ expectNoChanges: true })).changes).toEqual({ same: 4 });
        expect((await stack.refresh({ expectNoChanges: true })).changes).toEqual({ same: 4 });
        become(declare("after"));
        expect((await stack.preview()).changes).toEqual({ same: 3, update: 1 });
        expect((await stack.up()).changes).toEqual({ same: 3, update: 1 });
        const { Role } = await (await aws.iam()).getRole({ RoleName: "life" });
        expect(Role?.Description).toBe("after");

        await stack.destroy();
        await expect(aws.iam().then((client) => client.getRole({ RoleName: "life" }))).rejects.toThrow(/life/);
        expect(await stack.outputs()).toEqual({});
    });

    it("shows in a refresh what somebody changed, and undoes it", async () => {
        const { stack } = await stackOf((opts) => {
            new ssm.Parameter("parameter", { name: "/drift", type: "String", value: "ours" }, opts);
        });
        await stack.up();
        const client = await aws.ssm();
        await client.putParameter({ Name: "/drift", Value: "theirs", Overwrite: true });
        expect((await stack.refresh()).changes).toMatchObject({ update: 1 });
        expect((await stack.up()).changes).toMatchObject({ update: 1 });
        expect((await client.getParameter({ Name: "/drift" })).Parameter?.Value).toBe("ours");
        await stack.destroy();
    });

    it("makes again what somebody deleted", async () => {
        const { stack } = await stackOf((opts) => {
            new ssm.Parameter("parameter", { name: "/gone", type: "String", value: "ours" }, opts);
        });
        await stack.up();
        await (await aws.ssm()).deleteParameter({ Name: "/gone" });
        expect((await stack.up({ refresh: true })).changes).toMatchObject({ create: 1 });
        await stack.destroy();
    });
});

describe("a replacement", () => {
    const role =
        (path: string, name?: string): Declare =>
        (opts) => ({
            arn: new iam.Role("role", { name, path, assumeRolePolicy: trust("lambda.amazonaws.com") }, opts).arn,
        });

    it("deletes first where the program keeps the name", async () => {
        const { stack, become } = await stackOf(role("/", "kept"));
        await stack.up();
        become(role("/signing/", "kept"));
        const steps: string[] = [];
        const { outputs } = await stack.up({
            onEvent: (event) => event.kind === "done" && event.name === "role" && steps.push(event.operation),
        });
        expect(outputs["arn"]).toBe(`arn:aws:iam::${ACCOUNT}:role/signing/kept`);
        expect(steps.indexOf("delete-replaced")).toBeLessThan(steps.indexOf("create-replacement"));
        expect(steps).toContain("delete-replaced");
        await stack.destroy();
    });

    it("creates first, under another name, where the provider chose it", async () => {
        const { stack, become } = await stackOf(role("/"));
        const before = (await stack.up()).outputs["arn"];
        become(role("/signing/"));
        const steps: string[] = [];
        const { outputs } = await stack.up({
            onEvent: (event) => event.kind === "done" && event.name === "role" && steps.push(event.operation),
        });
        expect(outputs["arn"]).not.toBe(before);
        expect(steps.indexOf("create-replacement")).toBeLessThan(steps.indexOf("delete-replaced"));
        await stack.destroy();
    });
});

describe("what is unknown in a plan", () => {
    it("makes a whole document unknown, and known in the deployment", async () => {
        const { stack } = await stackOf((opts) => {
            const topic = new sns.Topic("topic", {}, opts);
            const policy = {
                Version: "2012-10-17" as const,
                Statement: [{ Effect: "Allow" as const, Action: "sns:Publish", Resource: topic.arn }],
            };
            const made = new iam.Role("role", { assumeRolePolicy: trust("lambda.amazonaws.com") }, opts);
            return { text: new iam.RolePolicy("policy", { role: made.name, policy }, opts).policy, arn: topic.arn };
        });
        expect((await stack.preview()).changes).toEqual({ create: 5 });
        const { text, arn } = (await stack.up()).outputs;
        expect(JSON.parse(String(text))).toMatchObject({ Statement: [{ Resource: arn }] });
        await stack.destroy();
    });
});

describe("secrets", () => {
    it("stay secret in the state, and reach the cloud in the clear", async () => {
        const { stack } = await stackOf((opts) => {
            new ssm.Parameter(
                "parameter",
                { name: "/secret", type: "SecureString", value: pulumi.secret("canary") },
                opts,
            );
            new ssm.Parameter(
                "other",
                { name: "/described", type: "String", value: "x", description: pulumi.secret("canary") },
                opts,
            );
        });
        await stack.up();
        const { readFile } = await import("node:fs/promises");
        const state = await readFile(
            join(folder, "state", ".pulumi", "stacks", `example-${opened}`, "dev.json"),
            "utf8",
        );
        expect(state).not.toContain("canary");
        const { Parameter } = await (await aws.ssm()).getParameter({ Name: "/secret", WithDecryption: true });
        expect(Parameter?.Value).toBe("canary");
        await stack.destroy();
    });
});

describe("refusals", () => {
    it("names a resource type it does not support, in the preview", async () => {
        const { stack } = await stackOf((opts) => {
            new vpc.Vpc("vpc", { cidrBlock: "10.0.0.0/16" }, opts);
        });
        expect((await failureOf(stack.preview())).message).toContain("does not support resource type aws:ec2/vpc:Vpc");
    });

    it("names an argument it does not support, in the preview", async () => {
        const { stack } = await stackOf((opts) => {
            new s3.Bucket("bucket", { corsRules: [] }, opts);
            new cloudwatch.EventTarget("target", { rule: "x", arn: "y", sqsTarget: { messageGroupId: "z" } }, opts);
        });
        const { message } = await failureOf(stack.preview());
        expect(message).toMatch(
            /argument corsRules of aws:s3\/bucket:Bucket|argument sqsTarget of aws:cloudwatch\/eventTarget/,
        );
    });

    it("serves no account but the one allowed", async () => {
        const { stack } = await stackOf(() => {
            const other = new Provider("other", { region: REGION, allowedAccountIds: ["999999999999"] });
            new sns.Topic("topic", {}, { provider: other });
        });
        expect((await failureOf(stack.preview())).message).toContain(ACCOUNT);
    });

    it("takes no endpoint or credentials from a program", async () => {
        const { stack } = await stackOf(() => {
            const other = new Provider("other", { region: REGION, endpoints: [{ kms: "http://127.0.0.1:1" }] });
            new sns.Topic("topic", {}, { provider: other });
        });
        expect((await failureOf(stack.preview())).message).toContain("setting endpoints");
    });

    it("does not start against an endpoint off loopback", async () => {
        const { stack } = await stackOf(
            () => undefined,
            {},
            { AWS_ENDPOINT_URL: "https://kms.eu-west-1.amazonaws.com" },
        );
        expect((await failureOf(stack.preview())).message).toMatch(
            /serves the local cloud only|could not start|NotLocal/,
        );
    });
});

describe("failures", () => {
    it("keep a thing that was made and not finished, and finish it next time", async () => {
        const { stack } = await stackOf((opts) => {
            new s3.Bucket("bucket", { bucket: "half-made", tags: { fine: "1" } }, opts);
        });
        await cloud.control.addFault({ service: "s3", operation: "PutBucketTagging", mode: "lost", times: 100 });
        expect((await failureOf(stack.up())).message).toContain("bucket");
        await cloud.control.clearFaults();
        const client = await aws.s3();
        await expect(client.headBucket({ Bucket: "half-made" })).resolves.toBeDefined();

        expect((await stack.up()).changes).toMatchObject({ update: 1 });
        const { TagSet } = await client.getBucketTagging({ Bucket: "half-made" });
        expect(TagSet).toContainEqual({ Key: "fine", Value: "1" });
        await stack.destroy();
        await expect(client.headBucket({ Bucket: "half-made" })).rejects.toThrow();
    });

    it("say what AWS said", async () => {
        const { stack } = await stackOf((opts) => {
            new iam.Role("role", { name: "dup", assumeRolePolicy: trust("lambda.amazonaws.com") }, opts);
        });
        await (
            await aws.iam()
        ).createRole({ RoleName: "dup", AssumeRolePolicyDocument: trust("lambda.amazonaws.com") });
        expect((await failureOf(stack.up())).message).toMatch(/role: EntityAlreadyExists/);
    });
});

describe("protection", () => {
    it("refuses to destroy anything while one thing is protected, then retains what is to be retained", async () => {
        const { stack } = await stackOf((opts) => {
            const options = { ...opts, protect: true, retainOnDelete: true };
            return {
                key: new kms.Key("key", { description: "kept", deletionWindowInDays: 30 }, options).keyId,
                queue: new sqs.Queue("queue", { name: "not-kept" }, opts).url,
            };
        });
        const { key, queue } = (await stack.up()).outputs;
        const sqsClient = await aws.sqs();
        expect((await failureOf(stack.destroy())).message).toMatch(/key.*protected/s);
        await expect(sqsClient.getQueueAttributes({ QueueUrl: String(queue) })).resolves.toBeDefined();
        await stack.unprotectAll();
        await stack.destroy();
        await expect(sqsClient.getQueueAttributes({ QueueUrl: String(queue) })).rejects.toThrow();
        const { KeyMetadata } = await (await aws.kms()).describeKey({ KeyId: String(key) });
        expect(KeyMetadata?.KeyState).toBe("Enabled");
    });

    it("schedules the deletion of a key with its window", async () => {
        const { stack } = await stackOf((opts) => ({
            key: new kms.Key("key", { deletionWindowInDays: 9 }, opts).keyId,
        }));
        const { key } = (await stack.up()).outputs;
        await stack.destroy();
        const { KeyMetadata } = await (await aws.kms()).describeKey({ KeyId: String(key) });
        expect(KeyMetadata?.KeyState).toBe("PendingDeletion");
        const days = (Number(KeyMetadata?.DeletionDate) - Date.now()) / 86_400_000;
        expect(Math.round(days)).toBe(9);
    });
});

describe("references and imports", () => {
    it("reads another stack of the same folder", async () => {
        const first = await stackOf(() => ({ value: "shared", hidden: pulumi.secret("hush") }));
        await first.stack.up();
        const name = `organization/example-${opened}/dev`;
        const second = await stackOf(() => {
            const other = new pulumi.StackReference(name);
            return { seen: other.requireOutput("value"), hidden: other.requireOutput("hidden") };
        });
        expect((await second.stack.up()).outputs).toEqual({ seen: "shared", hidden: "hush" });
    });

    it("imports what is there", async () => {
        const client = await aws.ssm();
        await client.putParameter({ Name: "/imported", Type: "String", Value: "there" });
        const { stack } = await stackOf((opts) => {
            const args = { name: "/imported", type: "String", value: "there" };
            new ssm.Parameter("parameter", args, { ...opts, import: "/imported" });
        });
        expect((await stack.up()).changes).toMatchObject({ import: 1 });
        await stack.destroy();
        await expect(client.getParameter({ Name: "/imported" })).rejects.toThrow();
    });

    it("reads without owning: Role.get", async () => {
        await (
            await aws.iam()
        ).createRole({ RoleName: "read", AssumeRolePolicyDocument: trust("lambda.amazonaws.com") });
        const { stack } = await stackOf((opts) => ({ arn: iam.Role.get("read", "read", undefined, opts).arn }));
        expect((await stack.up()).outputs).toEqual({ arn: `arn:aws:iam::${ACCOUNT}:role/read` });
        await stack.destroy();
        await expect((await aws.iam()).getRole({ RoleName: "read" })).resolves.toBeDefined();
    });
});

it("gives configuration to the program, text and structures, and takes another for the next run", async () => {
    const { stack } = await stackOf(
        () => {
            const config = new pulumi.Config();
            return {
                origin: config.require("origin"),
                tenants: config.requireObject("tenants"),
                days: config.getNumber("days"),
            };
        },
        { origin: "example.org/log", tenants: [{ name: "dev", formats: ["raw"] }], days: 3 },
    );
    expect((await stack.up()).outputs).toEqual({
        origin: "example.org/log",
        tenants: [{ name: "dev", formats: ["raw"] }],
        days: 3,
    });
    await stack.configure({ origin: "example.org/log", tenants: [] });
    expect((await stack.up()).outputs).toEqual({ origin: "example.org/log", tenants: [], days: undefined });
});

it("ends early when it is aborted, and leaves a state that the next run takes up", async () => {
    const { stack } = await stackOf((opts) => {
        for (let i = 0; i < 5; i++) {
            new sqs.Queue(`queue-${i}`, { name: `aborted-${i}` }, { ...opts });
        }
    });
    const abort = new AbortController();
    await failureOf(stack.up({ signal: abort.signal, onEvent: (event) => event.kind === "started" && abort.abort() }));
    await stack.up();
    await stack.destroy();
});
