/** Proves that a cloud ends with everything it started, however it ends. Processes are found by their parent's id alone. */
import { execFileSync, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { DescribeKeyCommand, KMSClient, ListKeysCommand } from "@aws-sdk/client-kms";
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { type Credentials, startCloud } from "../../local/cloud";

let folder: string;
beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "countersign-cloud-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function childrenOf(pid: number): number[] {
    try {
        const listed = execFileSync("ps", ["-o", "pid=,args=", "--ppid", String(pid)], { encoding: "utf8" });
        const lines = listed.split("\n").filter((line) => /gateway\.js|ministack/.test(line));
        return lines.map((line) => Number(line.trim().split(" ")[0]));
    } catch {
        return []; // ps found none
    }
}

function isAlive(pid: number): boolean {
    try {
        process.kill(pid, 0);
        return true;
    } catch {
        return false;
    }
}

describe("startCloud", () => {
    it("gives an account as it is before anything is deployed", async () => {
        const steps: string[] = [];
        const cloud = await startCloud({ workDir: folder, keyPool: {}, onProgress: (line) => void steps.push(line) });
        try {
            expect(steps).toEqual(expect.arrayContaining(["gateway", "MiniStack", "account baseline"]));
            const who = async (credentials: Credentials) => {
                const { Arn } = await new STSClient({ ...cloud, credentials }).send(new GetCallerIdentityCommand({}));
                return Arn;
            };
            expect(await who(cloud.operator)).toBe("arn:aws:iam::111122223333:user/operator");
            expect(await who(cloud.otherAccount)).toBe("arn:aws:iam::444455556666:user/outsider");
            for (const arn of Object.values(cloud.roles)) {
                const name = arn.slice(arn.lastIndexOf("/") + 1);
                expect(await who(await cloud.assumeRole(arn))).toBe(
                    `arn:aws:sts::111122223333:assumed-role/${name}/operator`,
                );
                // The root user may not become any of them.
                const asRoot = new STSClient({ ...cloud, credentials: cloud.root, maxAttempts: 1 });
                const assume = asRoot.send(new AssumeRoleCommand({ RoleArn: arn, RoleSessionName: "root" }));
                await expect(assume).rejects.toMatchObject({ name: expect.stringMatching(/^AccessDenied/) as string });
            }
            const submitter = new KMSClient({
                ...cloud,
                credentials: await cloud.assumeRole(cloud.roles.submitter),
                maxAttempts: 1,
            });
            await expect(submitter.send(new ListKeysCommand({}))).rejects.toMatchObject({
                name: "AccessDeniedException",
            });
            const everything = new KMSClient({
                ...cloud,
                credentials: await cloud.assumeRole(cloud.roles.kmsEverything),
                maxAttempts: 1,
            });
            const missing = "arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-0000-0000-000000000000";
            await expect(everything.send(new DescribeKeyCommand({ KeyId: missing }))).rejects.toMatchObject({
                name: "NotFoundException",
            });
            await expect(cloud.logUrl("https://none.cloudfront.net")).rejects.toMatchObject({ code: "BadConfig" });
        } finally {
            await cloud.stop();
        }
        await cloud.stop();
        expect(childrenOf(process.pid)).toEqual([]);
        await expect(fetch(cloud.endpoint)).rejects.toThrow();
    });

    it("leaves nothing behind if a part does not start", async () => {
        // MiniStack refuses a folder in which functions would be ES modules.
        await writeFile(join(folder, "package.json"), '{"type":"module"}');
        await expect(startCloud({ workDir: folder, keyPool: {} })).rejects.toMatchObject({ code: "BadConfig" });
        expect(childrenOf(process.pid)).toEqual([]);
    });

    it("does not start beside real credentials", async () => {
        process.env["AWS_PROFILE"] = "production";
        try {
            await expect(startCloud({ workDir: folder })).rejects.toMatchObject({ code: "RealCredentials" });
        } finally {
            delete process.env["AWS_PROFILE"];
        }
    });

    it.each<NodeJS.Signals>(["SIGINT", "SIGKILL"])("ends with whoever started it, by %s", async (signal) => {
        const source = `require("./local/cloud").startCloud({ workDir: ${JSON.stringify(folder)}, keyPool: {} }).then(({ endpoint }) => console.log(endpoint)); setInterval(() => {}, 1000);`;
        const starter = spawn(process.execPath, ["-r", "./scripts/register.cjs", "-e", source], {
            cwd: resolve(__dirname, "../.."),
            stdio: ["ignore", "pipe", "inherit"],
        });
        try {
            await new Promise((started) => starter.stdout.once("data", started));
            const children = childrenOf(starter.pid!);
            expect(children).toHaveLength(2);
            starter.kill(signal);
            await expect.poll(() => children.filter(isAlive), { timeout: 10_000 }).toEqual([]);
        } finally {
            starter.kill("SIGKILL");
        }
    });
});
