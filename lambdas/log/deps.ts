import type { KeyEventLeaf } from "../../lib/record/leaf";
import type { Vkey } from "../../lib/tlog/vkey";
import type { LockStore, ObjectStore } from "./stores";

/** What the sequencer and its steps need; tests hand in memory stores and a key of their own. */
export interface LogDeps {
    /** The log's name in every checkpoint; never changes. */
    readonly origin: string;
    /** Whether an empty bucket may become a log. */
    readonly bootstrap: boolean;
    readonly objects: ObjectStore;
    readonly head: LockStore;
    readonly inboxes: Readonly<Record<InboxName, LockStore>>;
    readonly key: LogKey;
    /** Milliseconds since 1970. */
    readonly now: () => number;
    /** Names one attempt at something, for ever. */
    readonly newAttempt: () => string;
    /** Milliseconds until whoever claimed a signature is surely dead: over the function's timeout. */
    readonly claimMs: number;
    /** Counts 1. */
    readonly metric: (name: MetricName) => Promise<void>;
}

/** Tables that records wait in, each written by one function alone. */
export type InboxName = "intake" | "reconciler";

/** LogHalted and UnattributedUses have alarms. LogSkipped: an item that is no leaf. LogClockBehind: over 60 s. */
export type MetricName = "LogHalted" | "UnattributedUses" | "LogSkipped" | "LogClockBehind";

export interface LogKey {
    readonly vkey: Vkey;
    /** SubjectPublicKeyInfo, DER. */
    readonly spki: Uint8Array;
    readonly spkiSha256: string;
    /** One KMS request, never retried: a hidden retry is a second use of the key. */
    readonly sign: (message: Uint8Array) => Promise<{ readonly signature: Uint8Array; readonly kmsRequestId: string }>;
    /** The leaf at index 0. */
    readonly registration: () => Promise<KeyEventLeaf>;
}
