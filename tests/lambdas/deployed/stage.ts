import { generateKeyPairSync } from "node:crypto";
import { expect } from "vitest";
import { mockAws } from "../../support/aws-mock";
import { rsaKey, signDigest } from "../../support/certificates";
import { type DeployedFunction, deployedFunctions, runFresh } from "../../support/conformance";
import { FUNCTIONS, runHere } from "../../support/deployed-functions";
import { notGranted } from "../../support/granted";
import { type AwsRequest, ed25519Sign, LoopbackAws, type LoopbackKey } from "../../support/loopback-aws";

/** The nine functions as the program deploys them, serialized once for all suites, and the AWS on loopback that they see. */
export interface DeployedStage {
    readonly deployed: Record<string, DeployedFunction>;
    readonly aws: LoopbackAws;
    /** The ARN of the key that signs files. */
    readonly filesKey: string;
}

export const UPLOADS = "countersign-dev-uploads-111122223333-eu-west-1";
export const RESULTS = "countersign-dev-results-111122223333-eu-west-1";
export const LOG = "countersign-dev-log-111122223333-eu-west-1";

const rsa = rsaKey();
const ed25519 = generateKeyPairSync("ed25519");
const ed25519Spki = ed25519.publicKey.export({ format: "der", type: "spki" });

export async function startDeployedStage(): Promise<DeployedStage> {
    const publicKeys = {
        RSA_4096: Buffer.from(rsa.spki).toString("base64"),
        ECC_NIST_EDWARDS25519: ed25519Spki.toString("base64"),
    };
    const deployed = await deployedFunctions(Object.keys(FUNCTIONS), { mock: mockAws({ publicKeys }) });
    const aws = await LoopbackAws.start();
    const hasKey = (arn: string, signer: string, key: Omit<LoopbackKey, "arn" | "tags">) =>
        aws.keys.set(arn, { arn, tags: { "countersign:signer": signer }, ...key });
    const filesKey = deployed["pipeline-sign-files"]!.environment.KEY_ARN!;
    hasKey(filesKey, "countersign-dev-files-v1-signer", {
        spec: "RSA_4096",
        algorithms: ["RSASSA_PKCS1_V1_5_SHA_256"],
        privateKey: rsa.privateKey,
        spki: Buffer.from(rsa.spki),
        sign: (digest) => Buffer.from(signDigest(rsa, digest)),
    });
    hasKey(deployed["log-sequencer"]!.environment.KEY_ARN!, "countersign-dev-log-v1-signer", {
        spec: "ECC_NIST_EDWARDS25519",
        algorithms: ["ED25519_SHA_512"],
        privateKey: ed25519.privateKey,
        spki: ed25519Spki,
        sign: ed25519Sign(ed25519.privateKey),
    });
    return { deployed, aws, filesKey };
}

export interface BothRuns {
    readonly answer: unknown;
    /** `ACTION RESOURCE`, sorted. */
    readonly asked: string[];
    readonly requests: readonly AwsRequest[];
}

/**
 * Runs a function as deployed, in a fresh process, and its handler in this one, on the same state. Both must ask for the same and answer the
 * same, and the function's role must allow it.
 */
export async function both({ deployed, aws }: DeployedStage, name: string, event: unknown): Promise<BothRuns> {
    const fn = deployed[name]!;
    const copy = await aws.fork();
    try {
        copy.invoke = intakeAt(copy, deployed);
        const direct = await runHere(FUNCTIONS[name]!.create, fn, event, copy.endpoint);
        aws.invoke = intakeAt(aws, deployed);
        const { answer } = await runFresh(fn, event, aws.endpoint);
        const requests = [...aws.requests];
        const asked = aws.asked();
        expect(asked.map(masked)).toEqual(copy.asked().map(masked));
        expect(maskedAnswer(answer)).toEqual(maskedAnswer(direct));
        expect(notGranted(FUNCTIONS[name]!.rights, asked.filter(judgedByIdentity))).toEqual([]);
        return { answer, asked, requests };
    } finally {
        await copy.stop();
    }
}

/** Without what is random or of the moment: request ids, and the hash of a batch. */
function masked(line: string): string {
    return line.replace(/index\/use\/[0-9a-f-]+/, "index/use/ID").replace(/(staging\/\d+-)[0-9a-f]{64}/, "$1HASH");
}

/** Without hashes of records, which hold a salt and a KMS request id. */
function maskedAnswer(answer: unknown): unknown {
    const { recordHashes, ...rest } = answer as { recordHashes?: string[] };
    if (!recordHashes) return answer;
    for (const hash of recordHashes) expect(hash).toMatch(/^[0-9a-f]{64}$/);
    return { ...rest, recordHashes: recordHashes.length };
}

/** A key's own policy lets its signer sign; no role's does. */
function judgedByIdentity(asked: string): boolean {
    return !asked.startsWith("kms:Sign ");
}

/** The deployed intake, for whoever invokes it; what it asks is not the caller's. */
function intakeAt(cloud: LoopbackAws, deployed: Record<string, DeployedFunction>): LoopbackAws["invoke"] {
    return async (functionName, payload) => {
        expect(functionName).toBe("countersign-dev-intake");
        const before = cloud.requests.splice(0);
        const { answer } = await runFresh(deployed["log-intake"]!, payload, cloud.endpoint);
        cloud.requests.splice(0, Infinity, ...before);
        return answer;
    };
}
