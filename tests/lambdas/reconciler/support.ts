import { createHash } from "node:crypto";
import { beforeEach } from "vitest";
import { reconcile, type ReconcilerDeps } from "../../../lambdas/reconciler";
import { handle as sequence } from "../../../lambdas/sequencer";
import { encodeCanonical } from "../../../lib/record/canonical";
import { decodeLeaf } from "../../../lib/record/codec";
import { keyRegisteredLeaf } from "../../../lib/record/key-registered";
import type { Leaf, SignatureLeaf } from "../../../lib/record/leaf";
import { ARTIFACT_SPKI, LogWorld, START } from "../../support/log-world";

/** A published log that knows one signing key, the reconciler before it, and events as CloudTrail writes them. */

export const ACCOUNT = "111122223333";
export const KEY = `arn:aws:kms:eu-west-1:${ACCOUNT}:key/files`;
export const LOG_KEY = `arn:aws:kms:eu-west-1:${ACCOUNT}:key/log`;
export const OTHER_KEY = `arn:aws:kms:eu-west-1:${ACCOUNT}:key/other`;
export const SIGNER = `arn:aws:iam::${ACCOUNT}:role/signing/test-files-v1-signer`;
export const LOG_SIGNER = `arn:aws:iam::${ACCOUNT}:role/signing/test-log-v1-signer`;
export const FINGERPRINT = createHash("sha256").update(ARTIFACT_SPKI).digest("hex");

export interface UseEvent {
    readonly eventID: string;
    readonly record: object;
}

export interface Reconciling {
    /** In `it`: a new one for each. */
    readonly world: LogWorld;
    /** Signer by key ARN, as tags of keys say. */
    readonly tags: Record<string, string>;
    deps(overrides?: Partial<ReconcilerDeps>): ReconcilerDeps;
    /** @param receives how often SQS has handed the message out */
    reconcile(event: UseEvent, receives?: number): Promise<string>;
    /** A record that is in the published tree. */
    logged(): Promise<SignatureLeaf>;
    /** What the reconciler publishes about a use. Throws if that is nothing. */
    leafOf(requestId: string): Leaf;
}

export function reconciling(): Reconciling {
    let world: LogWorld;
    let tags: Record<string, string>;
    beforeEach(async () => {
        world = new LogWorld();
        tags = { [KEY]: "test-files-v1-signer", [LOG_KEY]: "test-log-v1-signer" };
        await registerKey(world);
        await sequence(world.deps());
    });
    const deps = (overrides: Partial<ReconcilerDeps> = {}): ReconcilerDeps => ({
        objects: world.objects,
        intake: world.intake,
        head: world.head,
        store: world.reconciler,
        logKey: { arn: LOG_KEY, vkey: world.vkey, spkiSha256: world.spkiSha256 },
        spkiSha256: (arn) => Promise.resolve(arn === KEY ? FINGERPRINT : "ff".repeat(32)),
        signerOf: (arn) => Promise.resolve(tags[arn]),
        now: () => new Date(world.clock),
        salt: () => new Uint8Array(32).fill(9),
        metric: (name) => {
            world.metrics.push(name);
            return Promise.resolve();
        },
        ...overrides,
    });
    return {
        get world() {
            return world;
        },
        get tags() {
            return tags;
        },
        deps,
        reconcile: (event, receives) => reconcile(deps(), message(event, receives)),
        logged: async () => {
            const leaf = world.submit();
            await sequence(world.deps());
            return leaf;
        },
        leafOf: (requestId) =>
            decodeLeaf(Buffer.from(String(world.reconciler.items.get(`use#${requestId}`)?.value.leaf))),
    };
}

async function registerKey({ intake }: LogWorld): Promise<void> {
    const key = { spki: ARTIFACT_SPKI, alias: "alias/test-files-v1", role: "artifact", policy: "{}" } as const;
    const leaf = keyRegisteredLeaf(
        { ...key, spec: "ECC_NIST_EDWARDS25519", algorithms: ["ED25519_SHA_512"], createdAt: new Date(START) },
        new Date(START),
    );
    await intake.create(`key#${FINGERPRINT}#KeyRegistered`, {
        leaf: encodeCanonical(leaf),
        record_hash: leaf.record_hash,
        pending: "1",
        received_at: "0",
    });
}

let events = 0;

/** As CloudTrail writes it; `change` goes into the record. */
export function eventOf(requestId: string, change: object = {}): UseEvent {
    const eventID = `event-${(events += 1)}`;
    const record = {
        eventVersion: "1.11",
        userIdentity: { type: "AssumedRole", sessionContext: { sessionIssuer: { type: "Role", arn: SIGNER } } },
        eventTime: "2026-11-21T08:00:01Z",
        eventSource: "kms.amazonaws.com",
        eventName: "Sign",
        requestParameters: { messageType: "RAW", keyId: KEY, signingAlgorithm: "ED25519_SHA_512" },
        requestID: requestId,
        eventID,
        readOnly: true,
        resources: [{ accountId: ACCOUNT, type: "AWS::KMS::Key", ARN: KEY }],
        recipientAccountId: ACCOUNT,
        ...change,
    };
    return { eventID, record };
}

/** As SQS hands it to Lambda. */
export const message = (event: UseEvent, receives = 1) => ({
    messageId: "m",
    body: JSON.stringify({ source: "aws.kms", "detail-type": "AWS API Call via CloudTrail", detail: event.record }),
    attributes: { ApproximateReceiveCount: String(receives) },
});

export const resources = (ARN: string) => [{ accountId: ACCOUNT, type: "AWS::KMS::Key", ARN }];
export const role = (arn: string) => ({
    type: "AssumedRole",
    sessionContext: { sessionIssuer: { type: "Role", arn } },
});
