import type { MessageType, SigningAlgorithm } from "../kms/specs";

/**
 * What the log holds. Hashes are lowercase hex, times `YYYY-MM-DDTHH:MM:SSZ`, aliases `alias/NAME-vN` without account.
 * Nothing here may name an account, ARN, user, session, address, tenant or file: the log is public.
 */

export interface LeafBase {
    readonly version: 1;
    /** When the leaf was made; informative, not monotonic. */
    readonly timestamp: string;
    /** SHA-256 of the canonical bytes without this member; not the leaf hash. */
    readonly record_hash: string;
}

export interface Approval {
    readonly approver_hash: string;
    readonly method: "webauthn" | "ssh-sk" | "kms";
    /** Of the signed canonical request. */
    readonly statement_sha256: string;
}

/** One use of an artifact key. The digest member follows the algorithm; RAW messages carry `message_digest_sha256`. */
export interface SignatureLeaf extends LeafBase {
    readonly type: "signature";
    readonly key_spki_sha256: string;
    readonly key_alias: string;
    readonly signing_algorithm: SigningAlgorithm;
    readonly message_type: MessageType;
    readonly message_digest_sha256?: string;
    readonly message_digest_sha384?: string;
    readonly message_digest_sha512?: string;
    /** RAW: the message. ECDSA with DIGEST: the message whose hash is the digest (rule C). At most 4,096 bytes. */
    readonly message_base64?: string;
    /** EXTERNAL_MU: 64 bytes, hex. */
    readonly message_mu?: string;
    /** Bytes as KMS gave them. */
    readonly signature_base64: string;
    /** Of the submitted file; absent if only a digest was sent. */
    readonly artifact_sha256?: string;
    readonly format: string;
    /** Joins with CloudTrail's `requestID`. */
    readonly kms_request_id: string;
    /** SHA-256(salt || requester); the salt stays private. */
    readonly principal_hash: string;
    readonly approvals: readonly Approval[];
}

export type KeyRole = "artifact" | "log";
export type UseSource = "eventbridge" | "trail" | "history" | "last-usage";

/** A use of a key that AWS recorded and nobody handed to the log. */
export interface UnattributedUseLeaf extends LeafBase {
    readonly type: "unattributed_use";
    readonly key_spki_sha256: string;
    readonly key_alias: string;
    readonly key_role: KeyRole;
    readonly kms_request_id: string;
    readonly cloudtrail_event_id: string;
    readonly event_time: string;
    readonly source: UseSource;
    readonly expected_principal: boolean;
    /** A hint: caller-controlled. */
    readonly open_intent: boolean;
    readonly principal_hash: string;
    /** KMS's words, as the event has them; absent with source `last-usage`. */
    readonly signing_algorithm?: string;
    readonly message_type?: string;
}

/** KMS calls that change policy, state, tags, alias, grants, replicas, deletion or material, and the two names of ours. */
export type KeyEventName = (typeof KEY_EVENTS)[number];

export const KEY_EVENTS = [
    "CancelKeyDeletion",
    "CreateAlias",
    "CreateGrant",
    "DeleteAlias",
    "DeleteImportedKeyMaterial",
    "DisableKey",
    "EnableKey",
    "ImportKeyMaterial",
    "KeyRegistered",
    "KeyRetired",
    "PutKeyPolicy",
    "ReplicateKey",
    "RetireGrant",
    "RevokeGrant",
    "ScheduleKeyDeletion",
    "TagResource",
    "UntagResource",
    "UpdateAlias",
    "UpdatePrimaryRegion",
] as const;

export interface KeyEventLeaf extends LeafBase {
    readonly type: "key_event";
    readonly key_spki_sha256: string;
    readonly key_alias: string;
    readonly key_role: KeyRole;
    readonly event_name: KeyEventName;
    readonly event_time: string;
    readonly outcome: "success" | "denied";
    /** Absent in our own two events, which no trail knows. */
    readonly cloudtrail_event_id?: string;
    readonly principal_hash?: string;
    /** PutKeyPolicy and KeyRegistered: SHA-256 of the policy text as KMS gives it. */
    readonly policy_sha256?: string;
    /** The rest is KeyRegistered's. */
    readonly spki_base64?: string;
    readonly key_spec?: string;
    readonly signing_algorithms?: readonly string[];
    /** The key's material was made in KMS and cannot be elsewhere. */
    readonly origin?: "AWS_KMS";
    readonly multi_region?: false;
    readonly creation_date?: string;
    /** An adopted key: what it signed before nobody can show. */
    readonly history_unproven_before?: string;
}

export interface ReconciliationCounts {
    readonly events_matched: number;
    readonly events_unattributed: number;
    readonly events_failed: number;
    readonly events_duplicate: number;
    readonly events_log_key: number;
    readonly events_unknown_key: number;
    readonly records_matched: number;
    readonly records_matched_unproven: number;
    readonly records_pending: number;
}

/** Events and records of a window, compared. Leaf indices, end exclusive. */
export interface ReconciliationLeaf extends LeafBase {
    readonly type: "reconciliation";
    readonly window_start: string;
    readonly window_end: string;
    readonly range_start: number;
    readonly range_end: number;
    /** Fingerprints, sorted. */
    readonly keys: readonly string[];
    readonly trail_digests: readonly { readonly sha256: string; readonly backfill: boolean }[];
    readonly sources: readonly UseSource[];
    /** A gap in the digests, or one that failed. */
    readonly unproven: boolean;
    readonly counts: ReconciliationCounts;
}

/** Nothing is ever edited. */
export interface CorrectionLeaf extends LeafBase {
    readonly type: "correction";
    readonly corrects_index: number;
    readonly corrects_record_hash: string;
    readonly reason: "no-event" | "late-event" | "late-record" | "backfill" | "operator";
    readonly new_class: UseClass;
    readonly kms_request_id?: string;
    readonly cloudtrail_event_id?: string;
}

export type UseClass = (typeof USE_CLASSES)[number];

export const USE_CLASSES = [
    "matched",
    "matched-unproven",
    "pending",
    "unattributed",
    "phantom",
    "late",
    "failed",
    "log-key",
    "unknown-key",
    "duplicate",
    "equivocation",
] as const;

export type Leaf = SignatureLeaf | UnattributedUseLeaf | KeyEventLeaf | ReconciliationLeaf | CorrectionLeaf;

/** A leaf before `sealLeaf` adds its record hash. */
export type Unsealed<L extends Leaf> = Omit<L, "record_hash">;
