import { toUtf8 } from "../../../../lib/encoding";
import { encodeCanonical } from "../../../../lib/record/canonical";
import { decodeLeaf, recordHash, sealLeaf } from "../../../../lib/record/codec";
import { keyRegisteredLeaf } from "../../../../lib/record/key-registered";
import type {
    CorrectionLeaf,
    KeyEventLeaf,
    Leaf,
    ReconciliationLeaf,
    UnattributedUseLeaf,
} from "../../../../lib/record/leaf";
import { ARTIFACT_SPKI, signatureLeaf, START } from "../../../support/log-world";

/** A good leaf of each type, to spoil. */

export const HASH = "ab".repeat(32);
export const TIME = "2026-11-21T08:00:00Z";
const KEY = { key_spki_sha256: HASH, key_alias: "alias/test-files-v1" };
const COMMON = { version: 1, timestamp: TIME } as const;

export const signature = signatureLeaf(1);

export const use = sealLeaf<UnattributedUseLeaf>({
    ...COMMON,
    ...KEY,
    type: "unattributed_use",
    key_role: "artifact",
    kms_request_id: "request-1",
    cloudtrail_event_id: "event-1",
    event_time: TIME,
    source: "eventbridge",
    expected_principal: true,
    open_intent: false,
    principal_hash: HASH,
    signing_algorithm: "RSASSA_PSS_SHA_256",
    message_type: "DIGEST",
});

export const registered = keyRegisteredLeaf(
    {
        spki: ARTIFACT_SPKI,
        alias: "alias/test-files-v1",
        role: "artifact",
        spec: "ECC_NIST_EDWARDS25519",
        algorithms: ["ED25519_SHA_512", "ED25519_PH_SHA_512"],
        policy: "{}",
        createdAt: new Date(START),
    },
    new Date(START + 999),
);

export const policyChange = sealLeaf<KeyEventLeaf>({
    ...COMMON,
    ...KEY,
    type: "key_event",
    key_role: "log",
    event_name: "PutKeyPolicy",
    event_time: TIME,
    outcome: "denied",
    cloudtrail_event_id: "event-2",
    principal_hash: HASH,
    policy_sha256: HASH,
});

export const window = sealLeaf<ReconciliationLeaf>({
    ...COMMON,
    type: "reconciliation",
    window_start: TIME,
    window_end: "2026-11-21T09:00:00Z",
    range_start: 0,
    range_end: 3,
    keys: ["00".repeat(32), HASH],
    trail_digests: [{ sha256: HASH, backfill: false }],
    sources: ["trail"],
    unproven: false,
    counts: {
        events_matched: 1,
        events_unattributed: 0,
        events_failed: 0,
        events_duplicate: 0,
        events_log_key: 1,
        events_unknown_key: 0,
        records_matched: 1,
        records_matched_unproven: 0,
        records_pending: 0,
    },
});

export const correction = sealLeaf<CorrectionLeaf>({
    ...COMMON,
    type: "correction",
    corrects_index: 5,
    corrects_record_hash: HASH,
    reason: "late-event",
    new_class: "late",
});

/** Decodes a leaf with members changed, its record hash made right again unless that is what changed. */
export function decodeChanged(leaf: object, change: Record<string, unknown>): Leaf {
    const changed: Record<string, unknown> = { ...leaf, ...change };
    if (!("record_hash" in change)) changed.record_hash = recordHash(changed);
    return decodeLeaf(toUtf8(encodeCanonical(changed)));
}
