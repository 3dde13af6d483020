import { execFile } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mockAws } from "../support/aws-mock";
import { rsaKey, signDigest } from "../support/certificates";
import {
    codeSha256,
    deployedFunctions,
    loadCalls,
    runFresh,
    specifiers,
    type DeployedFunction,
} from "../support/conformance";
import { FUNCTIONS, runHere } from "../support/deployed-functions";
import { notGranted } from "../support/granted";
import { ed25519Sign, LoopbackAws, type AwsRequest } from "../support/loopback-aws";
import { ROOT } from "../support/native";
import { signEventBatch } from "../support/sign-event";

/**
 * Follows one upload through the functions as they are deployed: each serialized, in a fresh process that holds nothing but
 * its archive and the SDK, against AWS on loopback. Beside each runs the same handler in this process, on the same state; both
 * must ask for the same and answer the same, and their roles must allow what they ask for.
 *
 * Proves nothing about IAM's own evaluation, nor about Lambda's copy of the SDK.
 */

const UPLOADS = "countersign-dev-uploads-111122223333-eu-west-1";
const RESULTS = "countersign-dev-results-111122223333-eu-west-1";
const LOG = "countersign-dev-log-111122223333-eu-west-1";
const KEY = "acme/raw/tool-1.0.tar";
const ORIGIN = "log.example.com/countersign";
const FILE = Buffer.from("the bytes of a release\n");

/** A KMS request that left no record. */
const UNRECORDED = "11111111-2222-4333-8444-555555555555";

const rsa = rsaKey();
const ed25519 = generateKeyPairSync("ed25519");
const ed25519Spki = ed25519.publicKey.export({ format: "der", type: "spki" });

let deployed: Record<string, DeployedFunction>;
let aws: LoopbackAws;

beforeAll(async () => {
    const publicKeys = {
        RSA_4096: Buffer.from(rsa.spki).toString("base64"),
        ECC_NIST_EDWARDS25519: ed25519Spki.toString("base64"),
    };
    deployed = await deployedFunctions(Object.keys(FUNCTIONS), { mock: mockAws({ publicKeys }) });
    aws = await LoopbackAws.start();
    const tags = (role: string) => ({ "countersign:signer": role });
    const files = deployed["pipeline-sign-files"]!.environment.KEY_ARN!;
    aws.keys.set(files, {
        arn: files,
        spec: "RSA_4096",
        algorithms: ["RSASSA_PKCS1_V1_5_SHA_256"],
        privateKey: rsa.privateKey,
        spki: Buffer.from(rsa.spki),
        tags: tags("countersign-dev-files-v1-signer"),
        sign: (digest) => Buffer.from(signDigest(rsa, digest)),
    });
    const log = deployed["log-sequencer"]!.environment.KEY_ARN!;
    aws.keys.set(log, {
        arn: log,
        spec: "ECC_NIST_EDWARDS25519",
        algorithms: ["ED25519_SHA_512"],
        privateKey: ed25519.privateKey,
        spki: ed25519Spki,
        tags: tags("countersign-dev-log-v1-signer"),
        sign: ed25519Sign(ed25519.privateKey),
    });
    aws.objects.set(`${UPLOADS}/${KEY}@v1`, FILE);
    // Nine functions are serialized, on machines that do other things too.
}, 180_000);
afterAll(() => aws?.stop());

interface BothRuns {
    readonly fresh: unknown;
    readonly direct: unknown;
    /** `ACTION RESOURCE`, sorted. */
    readonly asked: string[];
    readonly requests: readonly AwsRequest[];
}

/** Runs a function both ways. */
async function both(name: string, event: unknown): Promise<BothRuns> {
    const fn = deployed[name]!;
    const copy = await aws.fork();
    try {
        copy.invoke = intakeAt(copy);
        const direct = await runHere(FUNCTIONS[name]!.create, fn, event, copy.endpoint);
        aws.invoke = intakeAt(aws);
        const { answer } = await runFresh(fn, event, aws.endpoint);
        const requests = [...aws.requests];
        const asked = aws.asked();
        expect(asked.map(masked)).toEqual(copy.asked().map(masked));
        return { fresh: answer, direct, asked, requests };
    } finally {
        await copy.stop();
    }
}

/** Without what is random or of the moment: request ids, and the hash of a batch. */
function masked(line: string): string {
    return line.replace(/index\/use\/[0-9a-f-]+/, "index/use/ID").replace(/(staging\/\d+-)[0-9a-f]{64}/, "$1HASH");
}

/** The deployed intake, for whoever invokes it; what it asks is not the caller's. */
function intakeAt(cloud: LoopbackAws): LoopbackAws["invoke"] {
    return async (functionName, payload) => {
        expect(functionName).toBe("countersign-dev-intake");
        const before = cloud.requests.splice(0);
        const { answer } = await runFresh(deployed["log-intake"]!, payload, cloud.endpoint);
        cloud.requests.splice(0, Infinity, ...before);
        return answer;
    };
}

describe.each(Object.entries(FUNCTIONS))("%s as deployed", (name, { loads }) => {
    const code = () => deployed[name]!.archive["__index.js"]!;

    it("is one file", () => expect(Object.keys(deployed[name]!.archive)).toEqual(["__index.js"]));

    it("loads the SDK's clients by name, and crypto", () => {
        expect(specifiers(code())).toEqual(loads);
        // None that the list could not read.
        expect(loadCalls(code())).toBe(loads.length);
    });

    it("holds no class, no trace of a bundler, no path of this checkout", () => {
        expect(code()).not.toMatch(/\bclass [A-Za-z{]/);
        expect(code()).not.toContain("__vite");
        expect(code()).not.toContain("@pulumi/");
        expect(code()).not.toContain(process.cwd());
    });
});

describe("serializing", () => {
    it("gives the same bytes in another process", async () => {
        const { stdout } = await promisify(execFile)(
            process.execPath,
            ["--require", "./scripts/register.cjs", "tests/support/print-hashes.ts", ...Object.keys(FUNCTIONS)],
            { cwd: ROOT },
        );
        const here = Object.entries(deployed).map(([name, fn]) => [name, codeSha256(fn)]);
        expect(JSON.parse(stdout)).toEqual(Object.fromEntries(here));
    }, 180_000);
});

describe("an upload's way through the deployed functions", () => {
    let requestId: string;
    let released: unknown;

    it("prepare writes a request", async () => {
        const event = {
            time: new Date().toISOString(),
            detail: { bucket: { name: UPLOADS }, object: { key: KEY, size: FILE.length, "version-id": "v1" } },
        };
        const { fresh, direct, asked } = await both("pipeline-prepare", event);
        expect(fresh).toEqual(direct);
        expect(fresh).toMatchObject({ ok: true, keyName: "files", format: "raw" });
        requestId = (fresh as { requestId: string }).requestId;
        expect(requestId).toMatch(/^[0-9a-f]{64}$/);
        expect(asked).toEqual([`dynamodb:PutItem countersign-dev-requests`, `s3:GetObjectVersion ${UPLOADS}/${KEY}`]);
        expectGranted("pipeline-prepare", asked);
    });

    it("recheck agrees", async () => {
        const { fresh, direct, asked } = await both("pipeline-recheck", { requestId });
        expect(fresh).toEqual(direct);
        expect(fresh).toEqual({ ok: true, requestId, keyName: "files" });
        expect(asked).toEqual([
            "dynamodb:GetItem countersign-dev-requests",
            "dynamodb:PutItem countersign-dev-rechecks",
            `s3:GetObjectVersion ${UPLOADS}/${KEY}`,
        ]);
        expectGranted("pipeline-recheck", asked);
    });

    it("sign uses the key once, by ARN, for the digest that both derived", async () => {
        const arn = deployed["pipeline-sign-files"]!.environment.KEY_ARN!;
        const { fresh, direct, asked, requests } = await both("pipeline-sign-files", { requestId });
        const recordHashes = [expect.stringMatching(/^[0-9a-f]{64}$/)];
        expect(direct).toEqual({ ok: true, requestId, recordHashes });
        expect(fresh).toEqual({ ok: true, requestId, recordHashes });
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
        expectGranted(
            "pipeline-sign-files",
            asked.filter((line) => !line.startsWith("kms:Sign")),
        );
    });

    it("assemble writes the detached signature where only verify and publish read", async () => {
        const { fresh, direct, asked } = await both("pipeline-assemble", { requestId });
        expect(fresh).toEqual(direct);
        expect(fresh).toEqual({ ok: true, requestId });
        expect(asked).toContain(`s3:PutObject ${RESULTS}/assembled/${requestId}`);
        expect(aws.objects.get(`${RESULTS}/assembled/${requestId}`)).toHaveLength(256);
        expectGranted("pipeline-assemble", asked);
    });

    it("verify waits while the log has nothing", async () => {
        const { fresh, direct, asked } = await both("pipeline-verify", { requestId });
        expect(fresh).toEqual(direct);
        expect(fresh).toMatchObject({ ok: false, code: "NotLogged", pending: true });
        expectGranted("pipeline-verify", asked);
    });

    it("the sequencer logs key and record, and publishes a checkpoint", async () => {
        const { fresh, direct, asked } = await both("log-sequencer", {});
        expect(fresh).toEqual(direct);
        expect(fresh).toMatchObject({ size: 3 });
        expect(asked.filter((line) => line.startsWith("kms:Sign"))).toHaveLength(1);
        const checkpoint = aws.objects.get(`${LOG}/checkpoint`)!.toString();
        expect(checkpoint.split("\n").slice(0, 2)).toEqual([ORIGIN, "3"]);
        expectGranted(
            "log-sequencer",
            asked.filter((line) => !line.startsWith("kms:Sign")),
        );
    });

    it("verify finds the record in the published tree", async () => {
        const { fresh, direct, asked } = await both("pipeline-verify", { requestId });
        expect(fresh).toEqual(direct);
        expect(fresh).toMatchObject({ ok: true, requestId, logIndex: expect.any(Number) });
        released = fresh;
        expectGranted("pipeline-verify", asked);
    });

    it("publish releases the signature, and says so", async () => {
        const { fresh, direct, asked } = await both("pipeline-publish", released);
        const place = `released/${KEY}/v1`;
        expect(fresh).toEqual(direct);
        expect(fresh).toEqual({ ok: true, status: "signed", result: `${place}/result.json` });
        expect(asked).toEqual([
            "dynamodb:GetItem countersign-dev-requests",
            `s3:GetObject ${RESULTS}/assembled/${requestId}`,
            `s3:PutObject ${RESULTS}/${place}/result.json`,
            `s3:PutObject ${RESULTS}/${place}/signed`,
        ]);
        expect(JSON.parse(aws.objects.get(`${RESULTS}/${place}/result.json`)!.toString())).toMatchObject({
            version: 1,
            status: "signed",
            request_id: requestId,
            tenant: "acme",
            output: `${place}/signed`,
        });
        expectGranted("pipeline-publish", asked);
    });

    it("intake answers for what is in the log already", async () => {
        const [record] = [...aws.tables.get("countersign-dev-intake")!.values()].filter((item) =>
            item.id!.S!.startsWith("sig#"),
        );
        const { fresh, direct, asked } = await both("log-intake", { leaf: record!.leaf!.S });
        expect(fresh).toEqual(direct);
        expect(fresh).toMatchObject({ ok: true, status: "logged", recordHash: record!.record_hash!.S });
        expectGranted("log-intake", asked);
    });

    it("the reconciler finds the record of the use", async () => {
        const id = [...aws.tables.get("countersign-dev-intake")!.keys()]
            .find((key) => key.startsWith("sig#"))!
            .slice(4);
        const { fresh, direct, asked } = await both("log-reconciler", useOf(id, "event-1"));
        expect(fresh).toEqual(direct);
        expect(fresh).toEqual({ batchItemFailures: [] });
        expect(aws.tables.get("countersign-dev-reconciler")!.get("event#event-1")).toMatchObject({
            class: { S: "matched" },
        });
        expectGranted("log-reconciler", asked);
    });

    it("the reconciler publishes a use that has no record, and rings", async () => {
        const { fresh, asked } = await both("log-reconciler", useOf(UNRECORDED, "event-2"));
        expect(fresh).toEqual({ batchItemFailures: [] });
        expect(asked).toContain("cloudwatch:PutMetricData *");
        expect([...aws.tables.get("countersign-dev-reconciler")!.keys()]).toContain(`use#${UNRECORDED}`);
        expectGranted("log-reconciler", asked);
    });
});

function useOf(requestId: string, eventId: string): object {
    return signEventBatch({ keyArn: deployed["pipeline-sign-files"]!.environment.KEY_ARN!, requestId, eventId });
}

function expectGranted(name: string, asked: string[]): void {
    expect(notGranted(FUNCTIONS[name]!.rights, asked)).toEqual([]);
}
