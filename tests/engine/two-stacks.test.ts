/**
 * Proves that two stacks of the program live side by side in one account: no name collides, each signs and logs its own, neither's
 * policies let the other in, and a second program reads the one it names. Proves nothing about quotas of AWS.
 */
import { randomBytes } from "node:crypto";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SignatureLeaf } from "../../lib/record/leaf";
import type { Settings } from "../../policies/settings";
import { deploy, deployConsumer, openProgram, policyConfig } from "../../local/story/deploy";
import { readAll } from "../../local/story/log-reader";
import { PROJECT, ROLES } from "../../local/story/settings";
import { signFile, type SignedFile } from "../../local/story/sign";
import { clientOptions, type Stage } from "../../local/story/stage";
import { proveFile } from "../../local/story/verify";
import { inputOf, PROJECT_FOLDER, quiet, startSite, type TestSite } from "./deployed/stage";
import { signsOf, trailSince } from "./deployed/trail";

const STACKS = ["dev", "prod"] as const;
type StackName = (typeof STACKS)[number];

let site: TestSite;
const stages = {} as Record<StackName, Stage>;
const signed = {} as Record<StackName, SignedFile>;

beforeAll(async () => {
    site = await startSite({ RSA_4096: 4 });
    for (const name of STACKS) {
        const packConfig = await policyConfig(PROJECT_FOLDER, await settingsOf(name));
        const { stack, signal } = await openProgram({ ...site, packConfig, stack: name });
        const { outputs } = await deploy({ stack, signal, certify: () => Promise.resolve() }, quiet);
        stages[name] = { project: PROJECT_FOLDER, folder: site.folder, cloud: site.cloud, stack, outputs };
    }
}, 900_000);
afterAll(() => site?.stop(), 60_000);

/** As a person makes them, with the signers' code pinned: the engine shows the pack the same bytes that the program makes here. */
async function settingsOf(name: StackName): Promise<string> {
    const file = join(site.folder, `settings.${name}.json`);
    const args = ["settings", "--stack-config", "Pulumi.local.yaml", "--stack", name, "--write", file];
    await promisify(execFile)(process.execPath, [join("dist", "policy.js"), ...args], { cwd: PROJECT_FOLDER });
    const { signers = [], unpinnedCode } = JSON.parse(await readFile(file, "utf8")) as Partial<Settings>;
    expect([unpinnedCode, ...signers.map(({ codeSha256 }) => codeSha256.length)]).toEqual([undefined, 1, 1, 1]);
    return file;
}

describe("dev and prod in one account", () => {
    it("share no name, no key and no place", () => {
        const texts = ({ outputs }: Stage): unknown[] => Object.values(outputs.all);
        const shared = texts(stages.dev).filter((value) => texts(stages.prod).includes(value));
        expect(shared).toEqual([stages.dev.outputs.logOrigin]); // configured: both have Pulumi.local.yaml's
        expect(STACKS.map((name) => stages[name].outputs.namePrefix)).toEqual([`${PROJECT}-dev`, `${PROJECT}-prod`]);
    });

    it.each(STACKS)("%s signs a file with its own key, and logs it in its own log", async (name) => {
        const stage = stages[name];
        const bytes = randomBytes(2000);
        const input = await inputOf(site.folder, `${name}.bin`, bytes);
        const submitter = await site.cloud.assumeRole(ROLES.submitter);
        signed[name] = await signFile(stage, submitter, input, bytes, quiet);
        await proveFile(stage, signed[name], { certificate: "", authority: "" });

        const records = await trailSince(site.cloud, 0);
        const uses = signsOf(records, stage.outputs.keys["files"]!.arn);
        const entry = JSON.parse((await readAll(stage))[signed[name].logIndex]!) as SignatureLeaf;
        expect(uses.map(({ requestID }) => requestID)).toEqual([entry.kms_request_id]);
    });

    it("have logs that know nothing of each other", async () => {
        const [dev, prod] = await Promise.all([readAll(stages.dev), readAll(stages.prod)]);
        expect(dev.filter((entry) => prod.includes(entry))).toEqual([]);
        await expect(proveFile(stages.dev, signed.prod, { certificate: "", authority: "" })).rejects.toThrow(
            /countersign verify exited/,
        );
    });

    it("are not touched by deploying the other: again nothing changes", async () => {
        for (const name of STACKS) {
            const { changes } = await stages[name].stack.up({ expectNoChanges: true });
            expect(Object.keys(changes)).toEqual(["same"]);
        }
    });

    it("are read by name: the second program pins the key and log of the stack that it names", async () => {
        await deployConsumer({ ...site, stack: "prod" }, quiet);
        const ssm = new SSMClient(clientOptions(site.cloud, await site.cloud.assumeRole(ROLES.administrator)));
        const pinned = async (Name: string) => (await ssm.send(new GetParameterCommand({ Name }))).Parameter?.Value;
        expect(await pinned("/countersign-consumer-prod/log-vkey")).toBe(stages.prod.outputs.logVkey);
        expect(await pinned("/countersign-consumer-prod/key-spki-sha256")).toBe(
            stages.prod.outputs.keys["files"]!.spkiSha256,
        );
        ssm.destroy();
    }, 600_000);
});
