import { ALGORITHMS, KeySpec, MAX_RAW_MESSAGE } from "../kms/specs";
import { KEY_EVENTS, USE_CLASSES } from "./leaf";
import {
    base64UpTo,
    BOOLEAN,
    type Check,
    COUNT,
    hexOf,
    listOf,
    matches,
    oneOf,
    type Schema,
    shaped,
    TIME,
} from "./schema";

/** The five leaf types, member by member. What members have to do with each other is codec.ts's and verify.ts's. */

const SHA256 = hexOf(32);
const FORMAT = matches(/^[a-z0-9][a-z0-9.-]{0,31}$/, "a format name of lib/formats");
const ALIAS = matches(/^alias\/[A-Za-z0-9_-]{1,64}-v[1-9][0-9]{0,8}$/, "alias/NAME-vN");
/** KMS and CloudTrail ids are UUIDs; nothing depends on that, but they become parts of item keys. */
const ID = matches(/^[A-Za-z0-9-]{1,128}$/, "an id of 1 to 128 letters, digits and hyphens");
const ENUM = matches(/^[A-Z0-9_]{1,64}$/, "an AWS enum value");
const ROLE = oneOf("artifact", "log");
const SOURCE = oneOf("eventbridge", "trail", "history", "last-usage");
const ALGORITHM = oneOf(...Object.keys(ALGORITHMS));

const COMMON: Readonly<Record<string, Check>> = { version: oneOf(1), timestamp: TIME, record_hash: SHA256 };
const KEY: Readonly<Record<string, Check>> = { key_spki_sha256: SHA256, key_alias: ALIAS };

const APPROVAL: Schema = {
    required: { approver_hash: SHA256, method: oneOf("webauthn", "ssh-sk", "kms"), statement_sha256: SHA256 },
};

const SIGNATURE: Schema = {
    required: {
        ...COMMON,
        ...KEY,
        type: oneOf("signature"),
        signing_algorithm: ALGORITHM,
        message_type: oneOf("RAW", "DIGEST", "EXTERNAL_MU"),
        // KMS's longest, ML_DSA_87, has 4,627 bytes.
        signature_base64: base64UpTo(6144),
        format: FORMAT,
        kms_request_id: ID,
        principal_hash: SHA256,
        approvals: listOf(shaped(APPROVAL, "an approval"), "approvals of approver_hash, method, statement_sha256"),
    },
    optional: {
        message_digest_sha256: SHA256,
        message_digest_sha384: hexOf(48),
        message_digest_sha512: hexOf(64),
        message_base64: base64UpTo(MAX_RAW_MESSAGE),
        message_mu: hexOf(64),
        artifact_sha256: SHA256,
    },
};

const UNATTRIBUTED_USE: Schema = {
    required: {
        ...COMMON,
        ...KEY,
        type: oneOf("unattributed_use"),
        key_role: ROLE,
        kms_request_id: ID,
        cloudtrail_event_id: ID,
        event_time: TIME,
        source: SOURCE,
        expected_principal: BOOLEAN,
        open_intent: BOOLEAN,
        principal_hash: SHA256,
    },
    // KMS's words rather than our enums: a use with an algorithm that we do not know must be loggable.
    optional: { signing_algorithm: ENUM, message_type: ENUM },
};

const KEY_EVENT: Schema = {
    required: {
        ...COMMON,
        ...KEY,
        type: oneOf("key_event"),
        key_role: ROLE,
        event_name: oneOf(...KEY_EVENTS),
        event_time: TIME,
        outcome: oneOf("success", "denied"),
    },
    optional: {
        cloudtrail_event_id: ID,
        principal_hash: SHA256,
        policy_sha256: SHA256,
        // KMS's largest SPKI is 8,192 bytes.
        spki_base64: base64UpTo(8192),
        key_spec: oneOf(...Object.values(KeySpec)),
        signing_algorithms: listOf(ALGORITHM, "a list of signing algorithms"),
        origin: oneOf("AWS_KMS"),
        multi_region: oneOf(false),
        creation_date: TIME,
        history_unproven_before: TIME,
    },
};

const COUNTS: Schema = {
    required: {
        events_matched: COUNT,
        events_unattributed: COUNT,
        events_failed: COUNT,
        events_duplicate: COUNT,
        events_log_key: COUNT,
        events_unknown_key: COUNT,
        records_matched: COUNT,
        records_matched_unproven: COUNT,
        records_pending: COUNT,
    },
};

const RECONCILIATION: Schema = {
    required: {
        ...COMMON,
        type: oneOf("reconciliation"),
        window_start: TIME,
        window_end: TIME,
        range_start: COUNT,
        range_end: COUNT,
        keys: listOf(SHA256, "key fingerprints"),
        trail_digests: listOf(
            shaped({ required: { sha256: SHA256, backfill: BOOLEAN } }, "a digest"),
            "digests of sha256, backfill",
        ),
        sources: listOf(SOURCE, "sources"),
        unproven: BOOLEAN,
        counts: shaped(COUNTS, `an object of counts: ${Object.keys(COUNTS.required).join(", ")}`),
    },
};

const CORRECTION: Schema = {
    required: {
        ...COMMON,
        type: oneOf("correction"),
        corrects_index: COUNT,
        corrects_record_hash: SHA256,
        reason: oneOf("no-event", "late-event", "late-record", "backfill", "operator"),
        new_class: oneOf(...USE_CLASSES),
    },
    optional: { kms_request_id: ID, cloudtrail_event_id: ID },
};

export const SCHEMAS: Readonly<Record<string, Schema>> = {
    signature: SIGNATURE,
    unattributed_use: UNATTRIBUTED_USE,
    key_event: KEY_EVENT,
    reconciliation: RECONCILIATION,
    correction: CORRECTION,
};
