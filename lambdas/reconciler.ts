import { fromUtf8, quote, toHex, toUtf8 } from "../lib/encoding";
import { codedError } from "../lib/errors";
import { sha256 } from "../lib/hash";
import { encodeLeaf, sealLeaf } from "../lib/record/codec";
import { leafTime } from "../lib/record/key-registered";
import type { UnattributedUseLeaf } from "../lib/record/leaf";
import { reconcilerDeps } from "./aws/reconciler-deps";
import { classify, type KnownKey, type WitnessDeps } from "./log/classify";
import type { MetricName } from "./log/deps";
import type { LockStore } from "./log/stores";
import { type Ignored, parseUseEvent, type UseEvent } from "./log/use-event";

export interface ReconcilerOptions {
    /** The log's name in every checkpoint. */
    readonly origin: string;
}

/** A batch of the queue that holds each Sign event back for the grace time. */
export interface UsesBatch {
    readonly Records: readonly UsesMessage[];
}

export interface UsesMessage {
    readonly messageId: string;
    /** An EventBridge event whose `detail` is the CloudTrail record. */
    readonly body: string;
    readonly attributes: { readonly ApproximateReceiveCount: string };
}

export interface BatchResponse {
    readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

export interface ReconcilerDeps extends WitnessDeps {
    /** The reconciler's own table, whose leaves the sequencer takes. */
    readonly store: LockStore;
    readonly now: () => Date;
    /** 32 random bytes. */
    readonly salt: () => Uint8Array;
    readonly metric: (name: MetricName) => Promise<void>;
}

export type UseClass =
    Ignored | "duplicate" | "matched" | "log-key" | "unknown-key" | "not-ours" | "pending" | "unattributed";

/** Receives after which a record that is in no published tree counts as none. The queue's dead-letter limit is not below it. */
const MAX_RECEIVES = 5;

/**
 * Compares each use of a key, as AWS saw it, with what the log was told. What cannot be decided, or not yet, goes back to the queue
 * and in the end to its dead-letter queue, where a person sees it; the others of the batch are done.
 */
export async function handle(deps: ReconcilerDeps, { Records }: UsesBatch): Promise<BatchResponse> {
    const failed: { readonly itemIdentifier: string }[] = [];
    for (const message of Records) {
        try {
            await reconcile(deps, message);
        } catch (error) {
            console.warn(`${message.messageId}: ${String(error)}`);
            failed.push({ itemIdentifier: message.messageId });
        }
    }
    return { batchItemFailures: failed };
}

/** @throws NotLogged while a record is in no published tree */
export async function reconcile(deps: ReconcilerDeps, { body, attributes }: UsesMessage): Promise<UseClass> {
    const event = parseUseEvent(body);
    if (typeof event === "string") return event;
    if (await deps.store.get(eventKey(event))) return "duplicate";
    const verdict = await classify(deps, event);
    if (verdict.kind === "pending" && Number(attributes.ApproximateReceiveCount) < MAX_RECEIVES) {
        throw codedError("NotLogged", `the record of request ${quote(event.requestId)} is in no published tree yet`);
    }
    if (verdict.kind === "pending" || verdict.kind === "unattributed") {
        await publishUse(deps, event, verdict.key, verdict.expectedPrincipal);
        return "unattributed";
    }
    // A key with our tag that never registered: no leaf could name it, so the alarm is all.
    if (verdict.kind === "unknown-key") await deps.metric("UnattributedUses");
    await deps.store.create(eventKey(event), { class: verdict.kind });
    return verdict.kind;
}

/**
 * The alarm first: it may ring twice, never not at all. Leaf and event in one write, so that a repeat finds both or neither.
 */
async function publishUse(
    deps: ReconcilerDeps,
    event: UseEvent,
    key: KnownKey,
    expectedPrincipal: boolean,
): Promise<void> {
    await deps.metric("UnattributedUses");
    const salt = deps.salt();
    const leaf = useLeaf(event, key, expectedPrincipal, salt, deps.now());
    const created = await deps.store.createAll([
        {
            key: `use#${event.requestId}`,
            value: {
                leaf: fromUtf8(encodeLeaf(leaf)),
                record_hash: leaf.record_hash,
                pending: "1",
                received_at: deps.now().toISOString(),
                // Private: opens principal_hash to whoever investigates.
                salt: toHex(salt),
                principal: event.principal,
            },
        },
        { key: eventKey(event), value: { class: "unattributed" } },
    ]);
    // Another event of the same request: the leaf is there, only this event is new.
    if (created === "exists") await deps.store.create(eventKey(event), { class: "unattributed" });
}

function useLeaf(
    event: UseEvent,
    key: KnownKey,
    expectedPrincipal: boolean,
    salt: Uint8Array,
    now: Date,
): UnattributedUseLeaf {
    return sealLeaf<UnattributedUseLeaf>({
        version: 1,
        type: "unattributed_use",
        timestamp: leafTime(now),
        key_spki_sha256: key.spkiSha256,
        key_alias: key.alias,
        key_role: key.role,
        kms_request_id: event.requestId,
        cloudtrail_event_id: event.eventId,
        event_time: event.eventTime,
        source: "eventbridge",
        expected_principal: expectedPrincipal,
        // Intents are the signing plane's, which this function cannot read.
        open_intent: false,
        principal_hash: toHex(sha256(salt, toUtf8(event.principal))),
        signing_algorithm: event.signingAlgorithm,
        message_type: event.messageType,
    });
}

function eventKey({ eventId }: UseEvent): string {
    return `event#${eventId}`;
}

export function createHandler(options: ReconcilerOptions): (batch: UsesBatch) => Promise<BatchResponse> {
    let deps: Promise<ReconcilerDeps> | undefined;
    return async (batch) => {
        // A failed start is forgotten, or this instance would fail for ever.
        deps ??= reconcilerDeps(options.origin).catch((error: unknown) => {
            deps = undefined;
            throw error;
        });
        return handle(await deps, batch);
    };
}
