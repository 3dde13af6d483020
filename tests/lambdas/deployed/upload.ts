import { beforeAll, describe, expect, it } from "vitest";
import { signEventBatch } from "../../support/sign-event";
import { both, type DeployedStage, LOG, RESULTS, UPLOADS } from "./stage";

const KEY = "acme/raw/tool-1.0.tar";
const ORIGIN = "log.example.com/countersign";
const FILE = Buffer.from("the bytes of a release\n");

/** A KMS request that left no record. */
const UNRECORDED = "11111111-2222-4333-8444-555555555555";

/** Each step stands on what those before it left. */
export function uploadSuite(stage: () => DeployedStage): void {
    describe("an upload's way through the deployed functions", () => {
        let requestId: string;
        let released: unknown;
        beforeAll(() => void stage().aws.objects.set(`${UPLOADS}/${KEY}@v1`, FILE));

        it("prepare writes a request", async () => {
            const event = {
                time: new Date().toISOString(),
                detail: { bucket: { name: UPLOADS }, object: { key: KEY, size: FILE.length, "version-id": "v1" } },
            };
            const { answer, asked } = await both(stage(), "pipeline-prepare", event);
            expect(answer).toMatchObject({ ok: true, keyName: "files", format: "raw" });
            requestId = (answer as { requestId: string }).requestId;
            expect(requestId).toMatch(/^[0-9a-f]{64}$/);
            expect(asked).toEqual([
                `dynamodb:PutItem countersign-dev-requests`,
                `s3:GetObjectVersion ${UPLOADS}/${KEY}`,
            ]);
        });

        it("recheck agrees", async () => {
            const { answer, asked } = await both(stage(), "pipeline-recheck", { requestId });
            expect(answer).toEqual({ ok: true, requestId, keyName: "files" });
            expect(asked).toEqual([
                "dynamodb:GetItem countersign-dev-requests",
                "dynamodb:PutItem countersign-dev-rechecks",
                `s3:GetObjectVersion ${UPLOADS}/${KEY}`,
            ]);
        });

        it("sign uses the key once, by ARN, for the digest that both derived", async () => {
            const arn = stage().filesKey;
            const { answer, asked, requests } = await both(stage(), "pipeline-sign-files", { requestId });
            const recordHashes = [expect.stringMatching(/^[0-9a-f]{64}$/)];
            expect(answer).toEqual({ ok: true, requestId, recordHashes });
            expect(requests.filter(({ action }) => action === "kms:Sign").map(({ input }) => input)).toEqual([
                {
                    KeyId: arn,
                    // printf 'the bytes of a release\n' | openssl dgst -sha256 -binary | base64
                    Message: "SG1es4wE4H8gh969YExfyseQk7zLr+VLzE4xR261JUw=",
                    MessageType: "DIGEST",
                    SigningAlgorithm: "RSASSA_PKCS1_V1_5_SHA_256",
                },
            ]);
            expect(asked.filter((line) => line.startsWith("kms:"))).toEqual([
                `kms:DescribeKey ${arn}`,
                `kms:GetKeyPolicy ${arn}`,
                `kms:GetPublicKey ${arn}`,
                `kms:Sign ${arn}`,
            ]);
        });

        it("assemble writes the detached signature where only verify and publish read", async () => {
            const { answer, asked } = await both(stage(), "pipeline-assemble", { requestId });
            expect(answer).toEqual({ ok: true, requestId });
            expect(asked).toContain(`s3:PutObject ${RESULTS}/assembled/${requestId}`);
            expect(stage().aws.objects.get(`${RESULTS}/assembled/${requestId}`)).toHaveLength(256);
        });

        it("verify waits while the log has nothing", async () => {
            const { answer } = await both(stage(), "pipeline-verify", { requestId });
            expect(answer).toMatchObject({ ok: false, code: "NotLogged", pending: true });
        });

        it("the sequencer logs key and record, and publishes a checkpoint", async () => {
            const { answer, asked } = await both(stage(), "log-sequencer", {});
            expect(answer).toMatchObject({ size: 3 });
            expect(asked.filter((line) => line.startsWith("kms:Sign"))).toHaveLength(1);
            const checkpoint = stage().aws.objects.get(`${LOG}/checkpoint`)!.toString();
            expect(checkpoint.split("\n").slice(0, 2)).toEqual([ORIGIN, "3"]);
        });

        it("verify finds the record in the published tree", async () => {
            const { answer } = await both(stage(), "pipeline-verify", { requestId });
            expect(answer).toMatchObject({ ok: true, requestId, logIndex: expect.any(Number) });
            released = answer;
        });

        it("publish releases the signature, and says so", async () => {
            const { answer, asked } = await both(stage(), "pipeline-publish", released);
            const place = `released/${KEY}/v1`;
            expect(answer).toEqual({ ok: true, status: "signed", result: `${place}/result.json` });
            expect(asked).toEqual([
                "dynamodb:GetItem countersign-dev-requests",
                `s3:GetObject ${RESULTS}/assembled/${requestId}`,
                `s3:PutObject ${RESULTS}/${place}/result.json`,
                `s3:PutObject ${RESULTS}/${place}/signed`,
            ]);
            expect(JSON.parse(stage().aws.objects.get(`${RESULTS}/${place}/result.json`)!.toString())).toMatchObject({
                version: 1,
                status: "signed",
                request_id: requestId,
                tenant: "acme",
                output: `${place}/signed`,
            });
        });

        it("intake answers for what is in the log already", async () => {
            const [record] = [...stage().aws.tables.get("countersign-dev-intake")!.values()].filter((item) =>
                item.id!.S!.startsWith("sig#"),
            );
            const { answer } = await both(stage(), "log-intake", { leaf: record!.leaf!.S });
            expect(answer).toMatchObject({ ok: true, status: "logged", recordHash: record!.record_hash!.S });
        });

        it("the reconciler finds the record of the use", async () => {
            const id = [...stage().aws.tables.get("countersign-dev-intake")!.keys()]
                .find((key) => key.startsWith("sig#"))!
                .slice(4);
            const { answer } = await both(stage(), "log-reconciler", useOf(stage(), id, "event-1"));
            expect(answer).toEqual({ batchItemFailures: [] });
            expect(stage().aws.tables.get("countersign-dev-reconciler")!.get("event#event-1")).toMatchObject({
                class: { S: "matched" },
            });
        });

        it("the reconciler publishes a use that has no record, and rings", async () => {
            const { answer, asked } = await both(stage(), "log-reconciler", useOf(stage(), UNRECORDED, "event-2"));
            expect(answer).toEqual({ batchItemFailures: [] });
            expect(asked).toContain("cloudwatch:PutMetricData *");
            expect([...stage().aws.tables.get("countersign-dev-reconciler")!.keys()]).toContain(`use#${UNRECORDED}`);
        });
    });
}

function useOf({ filesKey }: DeployedStage, requestId: string, eventId: string): object {
    return signEventBatch({ keyArn: filesKey, requestId, eventId });
}
