/**
 * A stack's life by pull requests, with the scripts of examples/pull-request as they stand: deployed by deploy.sh, then, for two requests,
 * the two jobs of github.yml. The engine keeps its state in a bucket, and the preview role has the example's permissions and no more.
 *
 * Proves nothing about a forge, its tokens and its runners, AWS's own evaluator, and the CLI's own language host: the comment goes to an
 * imitation on loopback, the local cloud exchanges no token, and the program runs in the Automation API's host (pull-request/npx.cjs).
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DescribeKeyCommand, GetKeyPolicyCommand, KMSClient, SignCommand } from "@aws-sdk/client-kms";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { ROLES } from "../../local/story/settings";
import { clientOptions } from "../../local/story/stage";
import { MARKER } from "../../policies/judge/render";
import { trailEnd, trailSince } from "./deployed/trail";
import { type FakeForge, startForge } from "../examples/pull-request/forges";
import { type JobEnd, runStep } from "./pull-request/job";
import type { Ended } from "./pull-request/run";
import { PREVIEW, type PullRequestSite, STACK, startPullRequests, STATE } from "./pull-request/site";

const EXPLICIT_DENY = "kms-sign-explicit-deny";

let site: PullRequestSite;
let forge: FakeForge;
let deployed: Ended;
let outputs: Record<string, unknown>;

beforeAll(async () => {
    [site, forge] = await Promise.all([startPullRequests(), startForge("github")]);
    deployed = await site.deploy();
    outputs = await site.outputs();
    await site.permit(["modulesKeyArn", "filesKeyArn", "logKeyArn"].map((name) => String(outputs[name])));
}, 600_000);
afterAll(() => Promise.all([site?.stop(), forge?.stop()]), 60_000);

describe("deploy.sh", () => {
    it("previews, deploys, and judges what then exists", () => {
        expect(deployed, deployed.stderr).toMatchObject({ status: 0 });
        expect(deployed.stdout).toMatch(
            /no rule is weakened[^]*Previewing[^]*Updating[^]*no violation \(\d+ resources judged\)/,
        );
    });
});

describe("github.yml", () => {
    it("finds that a request takes a key's explicit Deny away, and the key keeps it", async () => {
        const { preview, comment } = await request(
            "components/iam/signing-key.ts",
            'deny("DenySignOthers", "kms:Sign", {',
            'deny("DenyNothing", "kms:Decrypt", {',
        );
        expect(preview.outputs["status"], preview.stderr).toBe("1");
        expect(preview.stdout).toContain(EXPLICIT_DENY); // the pack's own verdict, within the engine
        expect(preview.outputs["verdict"]).toContain(EXPLICIT_DENY);
        expect(await keyPolicy()).toContain("DenySignOthers");
        expect(comment, comment.stderr).toMatchObject({ status: 1 });
        expect(forge.comments.map(({ body }) => body.trim())).toEqual([preview.outputs["verdict"]!.trim()]);
    }, 240_000);

    it("finds nothing in a request that is harmless, changes nothing, and is refused nothing", async () => {
        const before = await state();
        const from = await trailEnd(site.cloud);
        const { preview, comment } = await request(
            "components/sequencer-triggers.ts",
            "Wakes the sequencer",
            "Wakes it",
        );
        expect(preview.outputs["status"], preview.stderr).toBe("0");
        expect(preview.outputs["verdict"]).toMatch(`${MARKER}\n**Policy pack: no violation**`);
        expect(preview.stdout).toMatch(/~ 1 to update/);
        expect(await state()).toEqual(before);
        const errors = (await trailSince(site.cloud, from)).flatMap(({ errorCode, requestParameters, userIdentity }) =>
            errorCode === undefined || !isPreview(userIdentity)
                ? []
                : [`${errorCode} ${(requestParameters as { key?: string }).key}`],
        );
        // The stack has no tags. Whoever may not list the name is refused, and the engine gives up.
        expect([...new Set(errors)]).toEqual([`NoSuchKey .pulumi/stacks/countersign/${STACK}.pulumi-tags`]);
        expect(comment, comment.stderr).toMatchObject({ status: 0 });
        expect(forge.comments.map(({ body }) => body.trim())).toEqual([preview.outputs["verdict"]!.trim()]);
    }, 240_000);
});

describe("deploy.sh again", () => {
    it("reads what exists, and applies a rotation to it, for which the settings were written anew", async () => {
        await configure("Pulumi.dev.yaml", ({ config }) => {
            const keys = config["countersign:keys"] as { name: string; version: number }[];
            keys.push({ ...keys.find(({ name }) => name === "modules")!, version: 2 });
        });
        const settings = ["settings", "--stack-config", "Pulumi.dev.yaml", "--stack", STACK];
        const written = await site.policy(...settings, "--write", "policies/settings.dev.json");
        expect(written, written.stderr).toMatchObject({ status: 0 });
        const again = await site.deploy();
        expect(again, again.stdout + again.stderr).toMatchObject({ status: 0 });
        expect(again.stdout).toMatch(/no violation \(\d+ resources judged\)/);
        const { modulesSignerFunction, filesKeyArn } = await site.outputs();
        expect(modulesSignerFunction).toBe("countersign-dev-modules-v2-sign");
        expect(filesKeyArn).toBe(outputs["filesKeyArn"]);
    }, 300_000);
});

describe("the preview role", () => {
    const options = () => clientOptions(site.cloud, site.preview);
    const FunctionName = () => String(outputs["filesSignerFunction"]);
    const KeyId = () => String(outputs["filesKeyArn"]);
    const Message = new Uint8Array(32);
    const SigningAlgorithm = "RSASSA_PKCS1_V1_5_SHA_256";

    it.each<[string, () => Promise<unknown>]>([
        [
            "signs",
            () =>
                new KMSClient(options()).send(
                    new SignCommand({ KeyId: KeyId(), Message, MessageType: "DIGEST", SigningAlgorithm }),
                ),
        ],
        [
            "has the signer sign",
            () => new LambdaClient(options()).send(new InvokeCommand({ FunctionName: FunctionName() })),
        ],
        [
            "becomes the deploy role",
            () =>
                new STSClient(options()).send(
                    new AssumeRoleCommand({ RoleArn: ROLES.deployer, RoleSessionName: "attack" }),
                ),
        ],
        [
            "writes the state",
            () =>
                new S3Client({ ...options(), forcePathStyle: true }).send(
                    new PutObjectCommand({
                        Bucket: STATE,
                        Key: `.pulumi/stacks/countersign/${STACK}.json`,
                        Body: "{}",
                    }),
                ),
        ],
        ["describes a key", () => new KMSClient(options()).send(new DescribeKeyCommand({ KeyId: KeyId() }))],
    ])("never %s", async (_, call) => {
        await expect(call()).rejects.toMatchObject({ name: expect.stringMatching(/^AccessDenied/) });
    });
});

/** One file of the checkout changed, both jobs of the request, and the file put back. */
async function request(name: string, from: string, to: string): Promise<{ preview: JobEnd; comment: JobEnd }> {
    const { checkout } = site;
    const path = join(checkout, name);
    const text = await readFile(path, "utf8");
    expect(text.split(from)).toHaveLength(2);
    await writeFile(path, text.replace(from, to));
    try {
        const { PULUMI_BACKEND_URL, ...env } = site.environment(site.preview);
        const values = { "vars.PREVIEW_ROLE_ARN": PREVIEW, "vars.PULUMI_BACKEND_URL": PULUMI_BACKEND_URL! };
        const workflow = "github.yml";
        const preview = await runStep({ workflow, job: "preview", step: "Preview and policy", values, env, checkout });
        const { COMMENT_API_URL, COMMENT_REPOSITORY, COMMENT_NUMBER, COMMENT_TOKEN } = forge.environment;
        const comment = await runStep({
            workflow,
            job: "comment",
            step: "Comment",
            values: {
                "needs.preview.outputs.verdict": preview.outputs["verdict"] ?? "",
                "needs.preview.outputs.status || '3'": preview.outputs["status"] ?? "3",
                "github.api_url": COMMENT_API_URL!,
                "github.repository": COMMENT_REPOSITORY!,
                "github.event.pull_request.number": COMMENT_NUMBER!,
                "github.token": COMMENT_TOKEN!,
            },
            env: { PATH: env["PATH"] },
            checkout,
        });
        return { preview, comment };
    } finally {
        await writeFile(path, text);
    }
}

/** The stack's own functions run meanwhile. */
function isPreview(userIdentity: unknown): boolean {
    return String((userIdentity as { arn?: string }).arn).includes("assumed-role/countersign-preview/");
}

async function configure(name: string, change: (file: { config: Record<string, unknown> }) => void): Promise<void> {
    const path = join(site.checkout, name);
    const file = parse(await readFile(path, "utf8")) as { config: Record<string, unknown> };
    change(file);
    await writeFile(path, stringify(file));
}

/** Every object of the backend, with its hash. */
async function state(): Promise<readonly string[]> {
    const s3 = new S3Client({ ...clientOptions(site.cloud, site.deployer), forcePathStyle: true });
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: STATE }));
    s3.destroy();
    expect(Contents.length).toBeGreaterThan(1);
    return Contents.map(({ Key, ETag }) => `${Key} ${ETag}`);
}

async function keyPolicy(): Promise<string> {
    const kms = new KMSClient(clientOptions(site.cloud, site.deployer));
    const { Policy } = await kms.send(new GetKeyPolicyCommand({ KeyId: String(outputs["modulesKeyArn"]) }));
    kms.destroy();
    return Policy!;
}
