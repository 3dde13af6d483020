import { randomBytes, randomUUID } from "node:crypto";
import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { DeleteFunctionConcurrencyCommand, PutFunctionConcurrencyCommand } from "@aws-sdk/client-lambda";
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { DisableRuleCommand, EnableRuleCommand } from "@aws-sdk/client-eventbridge";
import { StartExecutionCommand } from "@aws-sdk/client-sfn";
import { describe, expect, it } from "vitest";
import { concat, toHex, toUtf8 } from "../../../lib/encoding";
import { sha256 } from "../../../lib/hash";
import { TENANT } from "../../../local/story/settings";
import { until } from "../../../local/story/stage";
import { module } from "../../lib/formats/fixtures";
import { signNew } from "./signing";
import type { Deployed } from "./stage";
import { signsOf, trailEnd, trailSince } from "./trail";

/** What the pipeline refuses: a reason object, and no use of any key. */
export function pipelineSuite(stage: () => Deployed): void {
    describe("pipeline", () => {
        it("refuses a file that is gone when it is derived a second time", async () => {
            const since = await trailEnd(stage().cloud);
            const file = await heldBack(stage(), "recheck", async () => {
                const uploaded = await upload(stage(), `${TENANT}/raw/${randomUUID()}/gone.txt`);
                await prepared(stage(), uploaded);
                const { key: Key, versionId: VersionId } = uploaded;
                await stage().s3.send(
                    new DeleteObjectCommand({ Bucket: stage().outputs.uploadsBucket, Key, VersionId }),
                );
                return uploaded;
            });
            expect(await resultOf(stage(), file)).toMatchObject({ status: "refused", code: "VersionMissing" });
            expect(await usesSince(stage(), since)).toEqual([]);
        });

        it("refuses a file that is not what its event tells of", async () => {
            const since = await trailEnd(stage().cloud);
            const file = await unannounced(stage(), () =>
                upload(stage(), `${TENANT}/raw/${randomUUID()}/other.txt`, randomBytes(100)),
            );
            await announce(stage(), file, 101);
            expect(await resultOf(stage(), file)).toMatchObject({ status: "refused", code: "FileChanged" });
            expect(await usesSince(stage(), since)).toEqual([]);
        });

        it("signs each version as it was uploaded, whatever came after it", async () => {
            const key = `${TENANT}/raw/${randomUUID()}/twice.txt`;
            const [first, second] = [randomBytes(500), randomBytes(500)];
            const files = await heldBack(stage(), "recheck", async () => {
                const before = await upload(stage(), key, first);
                await prepared(stage(), before);
                return [before, await upload(stage(), key, second)] as const;
            });
            for (const [file, bytes] of [
                [files[0], first],
                [files[1], second],
            ] as const) {
                expect(await resultOf(stage(), file)).toMatchObject({
                    status: "signed",
                    artifact_sha256: toHex(sha256(bytes)),
                });
            }
        });

        const text = (): Promise<Uint8Array> => Promise.resolve(randomBytes(100));
        const refused: [string, string, string, (stage: Deployed) => Promise<Uint8Array>][] = [
            ["OutsideTenant", "an upload outside of every tenant's prefix", "other-team/raw/a.txt", text],
            ["OutsideTenant", "an upload that names no file", `${TENANT}/raw`, text],
            ["FormatUnknown", "an unknown format", `${TENANT}/exe/a.exe`, text],
            ["FormatUnknown", "a format that every object has a member of", `${TENANT}/constructor/a`, text],
            [
                "AlreadySigned",
                "a module that is signed already",
                `${TENANT}/kmod/signed.ko`,
                async (stage) => (await signNew(stage, "signed-before.ko", module(21))).signed,
            ],
            ["NotAKernelModule", "a module that is no ELF file", `${TENANT}/kmod/text.ko`, text],
            [
                "BadTrailer",
                "a module whose end promises a signature that is not there",
                `${TENANT}/kmod/trailer.ko`,
                () => Promise.resolve(concat(module(22), toUtf8("~Module signature appended~\n"))),
            ],
        ];

        it.each(refused)("refuses with %s %s", async (code, _, key, bytes) => {
            const content = await bytes(stage());
            const since = await trailEnd(stage().cloud);
            // Outside of its prefix the submitter cannot write at all; who can is the administrator.
            const client = code === "OutsideTenant" ? stage().s3 : stage().uploads;
            const result = await resultOf(stage(), await upload(stage(), key, content, client));
            expect(result).toMatchObject({ version: 1, status: "refused", code });
            expect(Object.keys(result).sort()).toEqual(["code", "reason", "status", "version"]);
            expect(String(result["reason"])).not.toMatch(/arn:|\b\d{12}\b/);
            expect(await usesSince(stage(), since)).toEqual([]);
        });

        it("does not let a submitter write elsewhere, nor read another's result", async () => {
            const elsewhere = upload(stage(), `other-team/raw/${randomUUID()}`);
            await expect(elsewhere).rejects.toMatchObject({ name: "AccessDenied" });
            const file = await upload(stage(), `other-team/raw/${randomUUID()}`, randomBytes(9), stage().s3);
            await resultOf(stage(), file);
            const Key = `released/${file.key}/${file.versionId}/result.json`;
            const read = stage().uploads.send(new GetObjectCommand({ Bucket: stage().outputs.resultsBucket, Key }));
            await expect(read).rejects.toMatchObject({ name: "AccessDenied" });
        });
    });
}

interface File {
    readonly key: string;
    readonly versionId: string;
}

async function upload(
    { outputs, uploads }: Deployed,
    key: string,
    bytes: Uint8Array = randomBytes(100),
    client: S3Client = uploads,
): Promise<File> {
    const { VersionId } = await client.send(
        new PutObjectCommand({ Bucket: outputs.uploadsBucket, Key: key, Body: bytes }),
    );
    return { key, versionId: VersionId! };
}

/** Waits for the result object, as the administrator: some are of no tenant. */
async function resultOf({ outputs, s3 }: Deployed, { key, versionId }: File): Promise<Record<string, unknown>> {
    const Key = `released/${key}/${versionId}/result.json`;
    return until(`a result for ${key}`, 180, async () => {
        try {
            const { Body } = await s3.send(new GetObjectCommand({ Bucket: outputs.resultsBucket, Key }));
            return JSON.parse(await Body!.transformToString()) as Record<string, unknown>;
        } catch (error) {
            if ((error as Error).name === "NoSuchKey") return undefined;
            throw error;
        }
    });
}

/** Attempts to sign with any key of the stack. */
async function usesSince({ outputs, cloud }: Deployed, since: number): Promise<readonly unknown[]> {
    const records = await trailSince(cloud, since);
    return outputs.keyNames.flatMap((name) => signsOf(records, outputs.keys[name]!.arn));
}

/** Throttles one function meanwhile; the state machine asks again for some 15 seconds. */
async function heldBack<T>({ outputs, lambda }: Deployed, step: string, work: () => Promise<T>): Promise<T> {
    const FunctionName = `${outputs.namePrefix}-${step}`;
    await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 0 }));
    try {
        return await work();
    } finally {
        await lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
    }
}

/** Waits until there is a request for this upload. */
async function prepared({ outputs, dynamodb }: Deployed, { key, versionId }: File): Promise<void> {
    const scan = new ScanCommand({ TableName: `${outputs.namePrefix}-requests`, ConsistentRead: true });
    await until(`a request for ${key}`, 15, async () => {
        const { Items = [] } = await dynamodb.send(scan);
        return Items.find(({ request }) => request?.S?.includes(key) && request.S.includes(versionId));
    });
}

/** Without the rule that starts the pipeline. */
async function unannounced<T>({ outputs, events }: Deployed, work: () => Promise<T>): Promise<T> {
    const Name = `${outputs.namePrefix}-uploads`;
    await events.send(new DisableRuleCommand({ Name }));
    try {
        return await work();
    } finally {
        await events.send(new EnableRuleCommand({ Name }));
    }
}

/** Starts the pipeline with an event of our making, as whoever may start executions can. */
async function announce({ outputs, states }: Deployed, { key, versionId }: File, size: number): Promise<void> {
    const detail = { bucket: { name: outputs.uploadsBucket }, object: { key, size, "version-id": versionId } };
    const input = JSON.stringify({ time: new Date().toISOString(), detail });
    await states.send(new StartExecutionCommand({ stateMachineArn: String(outputs.all["stateMachineArn"]), input }));
}
