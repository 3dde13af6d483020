import * as documents from "../../components/iam/functions";
import type { PolicyDocument } from "../../components/iam/document";
import { signerPolicy } from "../../components/iam/signing-key";
import { createHandler as createAssemble } from "../../lambdas/assemble";
import { createHandler as createIntake } from "../../lambdas/intake";
import { createHandler as createPrepare } from "../../lambdas/prepare";
import { createHandler as createPublish } from "../../lambdas/publish";
import { createHandler as createRecheck } from "../../lambdas/recheck";
import { createHandler as createReconciler } from "../../lambdas/reconciler";
import { createHandler as createSequencer } from "../../lambdas/sequencer";
import { createHandler as createSign } from "../../lambdas/sign";
import { createHandler as createVerify } from "../../lambdas/verify";
import type { DeployedFunction } from "./conformance";

/** The nine functions of the program: how each is made here, what it may load, and what its role may do. */

const SDK = (...clients: string[]) => [...clients.map((client) => `@aws-sdk/client-${client}`), "crypto"];

const keys = [
    {
        name: "modules",
        formats: ["kmod"],
        spec: "RSA_4096",
        algorithm: "RSASSA_PKCS1_V1_5_SHA_256",
        messageType: "DIGEST",
    },
    {
        name: "files",
        formats: ["raw"],
        spec: "RSA_4096",
        algorithm: "RSASSA_PKCS1_V1_5_SHA_256",
        messageType: "DIGEST",
    },
];
const signing = {
    keyName: "files",
    keyAlias: "alias/countersign-dev-files-v1",
    spec: "RSA_4096",
    formats: ["raw"],
    algorithm: "RSASSA_PKCS1_V1_5_SHA_256",
    messageType: "DIGEST",
};

type Handler = (event: never, context: { getRemainingTimeInMillis(): number }) => Promise<unknown>;

/** What each is, and what it loads: nothing else, so nothing of ours that is not in the archive. */
export const FUNCTIONS: Record<string, { create: () => Handler; loads: string[]; rights: PolicyDocument[] }> = (() => {
    const scope = { partition: "aws", accountId: "111122223333", region: "eu-west-1", prefix: "countersign-dev" };
    const signFiles = "countersign-dev-files-v1-sign";
    return {
        "pipeline-prepare": {
            create: () =>
                createPrepare({
                    tenants: [{ name: "acme", formats: ["kmod", "raw"] }],
                    keys,
                    requestTtlSeconds: 3600,
                    maxBytes: 67_108_864,
                }),
            loads: SDK("dynamodb", "s3"),
            rights: [documents.preparePolicy(scope)],
        },
        "pipeline-recheck": {
            create: () => createRecheck({ keys }),
            loads: SDK("dynamodb", "s3"),
            rights: [documents.recheckPolicy(scope)],
        },
        "pipeline-sign-files": {
            create: () => createSign(signing),
            loads: SDK("dynamodb", "kms", "lambda"),
            rights: [documents.signFunctionPolicy(scope, signFiles), signerPolicy(scope, signFiles)],
        },
        "pipeline-assemble": {
            create: () => createAssemble({ keys }),
            loads: SDK("dynamodb", "s3"),
            rights: [documents.assemblePolicy(scope)],
        },
        "pipeline-verify": {
            create: () => createVerify({ keys, logOrigin: "log.example.com/countersign" }),
            loads: SDK("dynamodb", "s3"),
            rights: [documents.verifyPolicy(scope)],
        },
        "pipeline-publish": {
            create: () => createPublish(),
            loads: SDK("dynamodb", "s3"),
            rights: [documents.publishPolicy(scope)],
        },
        "log-intake": {
            create: () => createIntake({}),
            loads: SDK("dynamodb"),
            rights: [documents.intakePolicy(scope)],
        },
        "log-sequencer": {
            create: () => createSequencer({ origin: "log.example.com/countersign", bootstrap: true }),
            loads: SDK("cloudwatch", "dynamodb", "kms", "s3"),
            rights: [documents.sequencerPolicy(scope), signerPolicy(scope, "countersign-dev-sequencer")],
        },
        "log-reconciler": {
            create: () => createReconciler({ origin: "log.example.com/countersign" }),
            loads: SDK("cloudwatch", "dynamodb", "kms", "s3"),
            rights: [documents.reconcilerPolicy(scope)],
        },
    };
})();

/** As in Lambda, but not serialized, and in this process. */
export async function runHere(
    create: () => Handler,
    fn: DeployedFunction,
    event: unknown,
    endpoint: string,
): Promise<unknown> {
    const saved = { ...process.env };
    Object.assign(process.env, fn.environment, {
        AWS_REGION: "eu-west-1",
        AWS_ENDPOINT_URL: endpoint,
        AWS_ACCESS_KEY_ID: "local",
        AWS_SECRET_ACCESS_KEY: "local",
    });
    try {
        const answer = await create()(event as never, { getRemainingTimeInMillis: () => 20_000 });
        return JSON.parse(JSON.stringify(answer)) as unknown;
    } finally {
        process.env = saved;
    }
}
