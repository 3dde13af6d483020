import { toBase64, toHex, toUtf8 } from "../encoding";
import { sha256 } from "../hash";
import { algorithmsOf } from "../kms/specs";
import { sealLeaf } from "./codec";
import type { KeyEventLeaf, KeyRole } from "./leaf";

/** What KMS says of a key (GetPublicKey, DescribeKey, GetKeyPolicy), for the leaf that starts its history. */
export interface RegisteredKey {
    readonly spki: Uint8Array;
    /** `alias/NAME-vN`. */
    readonly alias: string;
    readonly role: KeyRole;
    readonly spec: string;
    /** All that KMS lists. */
    readonly algorithms: readonly string[];
    /** Policy text as KMS gives it; only its hash is public. */
    readonly policy: string;
    readonly createdAt: Date;
}

/**
 * `KeyRegistered`: from here on the log answers for the key, whose material was made in KMS and is nowhere else. The caller has
 * seen that origin is AWS_KMS and that the key is in one region.
 */
export function keyRegisteredLeaf(key: RegisteredKey, now: Date): KeyEventLeaf {
    return sealLeaf<KeyEventLeaf>({
        version: 1,
        type: "key_event",
        timestamp: leafTime(now),
        key_spki_sha256: toHex(sha256(key.spki)),
        key_alias: key.alias,
        key_role: key.role,
        event_name: "KeyRegistered",
        event_time: leafTime(now),
        outcome: "success",
        policy_sha256: toHex(sha256(toUtf8(key.policy))),
        spki_base64: toBase64(key.spki),
        key_spec: key.spec,
        // KMS lists ED25519_PH_SHA_512 too, which no ordinary verifier accepts and no policy of ours allows.
        signing_algorithms: algorithmsOf(key.spec).filter((algorithm) => key.algorithms.includes(algorithm)),
        origin: "AWS_KMS",
        multi_region: false,
        creation_date: leafTime(key.createdAt),
    });
}

/** `YYYY-MM-DDTHH:MM:SSZ`. */
export function leafTime(date: Date): string {
    return `${date.toISOString().slice(0, 19)}Z`;
}
