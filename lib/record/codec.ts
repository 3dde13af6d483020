import { fromBase64, fromUtf8, quote, toHex, toUtf8 } from "../encoding";
import { codedError } from "../errors";
import { sha256 } from "../hash";
import { algorithmsOf } from "../kms/specs";
import { decodeCanonical, encodeCanonical } from "./canonical";
import type { KeyEventLeaf, Leaf, ReconciliationLeaf, UnattributedUseLeaf, Unsealed } from "./leaf";
import { checkMessageMembers } from "./message";
import { checkSchema, isObject } from "./schema";
import { SCHEMAS } from "./schemas";

/** Bytes. An entry of the log may have 65,535; records stay small enough that a full bundle is a few megabytes. */
export const MAX_LEAF = 16_383;

/** Adds `record_hash`. */
export function sealLeaf<L extends Leaf>(leaf: Unsealed<L>): L {
    return { ...leaf, record_hash: recordHash(leaf) } as L;
}

/** SHA-256 of the canonical bytes without `record_hash`, hex. */
export function recordHash(leaf: object): string {
    return toHex(sha256(toUtf8(encodeCanonical({ ...leaf, record_hash: undefined }))));
}

/**
 * The canonical bytes, the log's entry.
 *
 * @throws BadLeaf as `decodeLeaf`, so nothing is written that cannot be read
 */
export function encodeLeaf(leaf: Leaf): Uint8Array {
    const bytes = toUtf8(encodeCanonical(leaf));
    checkLength(bytes);
    checkLeaf(leaf);
    return bytes;
}

/**
 * Strict: one encoding, known type, known members, members that agree, right `record_hash`. Signatures are verify.ts's.
 *
 * @param entry caller-controlled
 * @throws BadLeaf, BadJson, BadUtf8
 */
export function decodeLeaf(entry: Uint8Array): Leaf {
    checkLength(entry);
    const value = decodeCanonical(fromUtf8(entry));
    checkLeaf(value);
    return value;
}

function checkLength(entry: Uint8Array): void {
    if (entry.length > MAX_LEAF)
        throw codedError("BadLeaf", `leaf has ${entry.length} bytes, expected at most ${MAX_LEAF}`);
}

function checkLeaf(value: unknown): asserts value is Leaf {
    const type = isObject(value) ? value.type : undefined;
    const schema = typeof type === "string" && Object.hasOwn(SCHEMAS, type) ? SCHEMAS[type] : undefined;
    if (!schema) {
        throw codedError("BadLeaf", `leaf type is ${quote(type)}, expected one of ${Object.keys(SCHEMAS).join(", ")}`);
    }
    checkSchema(value, schema, "leaf");
    checkMembersAgree(value as Leaf);
    const expected = recordHash(value as Leaf);
    if ((value as Leaf).record_hash !== expected) {
        throw codedError("BadLeaf", `record_hash is ${quote((value as Leaf).record_hash)}, the leaf's is ${expected}`);
    }
}

function checkMembersAgree(leaf: Leaf): void {
    switch (leaf.type) {
        case "signature":
            return checkMessageMembers(leaf);
        case "unattributed_use":
            return checkUse(leaf);
        case "key_event":
            return checkKeyEvent(leaf);
        case "reconciliation":
            return checkWindow(leaf);
        case "correction":
            return;
    }
}

/** GetKeyLastUsage tells neither algorithm nor message type; every other source does. */
function checkUse(leaf: UnattributedUseLeaf): void {
    const expected = leaf.source !== "last-usage";
    if ((leaf.signing_algorithm !== undefined) !== expected || (leaf.message_type !== undefined) !== expected) {
        throw codedError(
            "BadLeaf",
            `signing_algorithm and message_type are ${expected ? "missing" : "unknown"} with source ${leaf.source}`,
        );
    }
}

const REGISTRATION = [
    "spki_base64",
    "key_spec",
    "signing_algorithms",
    "origin",
    "multi_region",
    "creation_date",
] as const;

function checkKeyEvent(leaf: KeyEventLeaf): void {
    const ours = leaf.event_name === "KeyRegistered" || leaf.event_name === "KeyRetired";
    const registers = leaf.event_name === "KeyRegistered";
    need(leaf, "cloudtrail_event_id", ours ? "no" : "yes");
    need(leaf, "principal_hash", ours ? "maybe" : "yes");
    need(leaf, "policy_sha256", registers || leaf.event_name === "PutKeyPolicy" ? "yes" : "no");
    need(leaf, "history_unproven_before", registers ? "maybe" : "no");
    for (const name of REGISTRATION) need(leaf, name, registers ? "yes" : "no");
    if (registers) checkRegistration(leaf);
}

function need(leaf: KeyEventLeaf, name: keyof KeyEventLeaf, wanted: "yes" | "no" | "maybe"): void {
    const present = leaf[name] !== undefined;
    if (wanted === "maybe" || present === (wanted === "yes")) return;
    throw codedError("BadLeaf", `key event ${leaf.event_name} ${present ? "has no" : "lacks"} member ${quote(name)}`);
}

function checkRegistration({
    spki_base64 = "",
    key_spki_sha256,
    key_spec = "",
    signing_algorithms = [],
}: KeyEventLeaf): void {
    if (toHex(sha256(fromBase64(spki_base64))) !== key_spki_sha256) {
        throw codedError("BadLeaf", "key_spki_sha256 is not the SHA-256 of spki_base64");
    }
    const allowed: readonly string[] = algorithmsOf(key_spec);
    const foreign = signing_algorithms.find((algorithm) => !allowed.includes(algorithm));
    if (foreign !== undefined || signing_algorithms.length === 0) {
        throw codedError(
            "BadLeaf",
            `signing_algorithms has ${quote(foreign)}, key spec ${key_spec} has ${allowed.join(", ")}`,
        );
    }
}

function checkWindow({ window_start, window_end, range_start, range_end, keys }: ReconciliationLeaf): void {
    if (window_start >= window_end || range_start > range_end) {
        throw codedError(
            "BadLeaf",
            `window ${window_start} to ${window_end}, range ${range_start} to ${range_end} runs backwards`,
        );
    }
    if (keys.some((key, i) => i > 0 && key <= (keys[i - 1] ?? ""))) {
        throw codedError("BadLeaf", "keys are not sorted, or one is repeated");
    }
}
