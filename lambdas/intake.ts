import { fromBase64, quote, toUtf8 } from "../lib/encoding";
import { codedError, type ErrorCode, isCodedError } from "../lib/errors";
import { decodeLeaf } from "../lib/record/codec";
import type { KeyEventLeaf, Leaf, SignatureLeaf } from "../lib/record/leaf";
import { uniqueUseId, verifySignatureLeaf } from "../lib/record/verify";
import { environment } from "./aws/environment";
import { dynamoLockStore } from "./aws/lock-store";
import type { Item, LockStore } from "./log/stores";

export interface IntakeRequest {
    /** Canonical text of a signature leaf, or of a KeyRegistered or KeyRetired event. Caller-controlled. */
    readonly leaf: string;
}

export type IntakeResult =
    | { readonly ok: true; readonly recordHash: string; readonly status: "pending" }
    | { readonly ok: true; readonly recordHash: string; readonly status: "logged"; readonly logIndex: number }
    | { readonly ok: false; readonly code: ErrorCode; readonly reason: string };

export interface IntakeDeps {
    readonly store: LockStore;
    /** Milliseconds since 1970. */
    readonly now: () => number;
}

/**
 * Admits a record to the log, durable once it returns: rules A and C (the signature verifies over the message that the record
 * carries), rule B (one record for one use). A throw means that nobody knows; hand the same leaf in again.
 */
export async function handle(deps: IntakeDeps, request: IntakeRequest): Promise<IntakeResult> {
    try {
        const leaf = parse(request);
        return leaf.type === "signature"
            ? await admitSignature(deps, leaf, request.leaf)
            : await admitKey(deps, leaf, request.leaf);
    } catch (error) {
        if (isRefusal(error)) return { ok: false, code: error.code, reason: error.message };
        throw error;
    }
}

function parse({ leaf }: IntakeRequest): SignatureLeaf | KeyEventLeaf {
    if (typeof leaf !== "string")
        throw codedError("BadLeaf", `leaf is ${quote(leaf)}, expected canonical JSON as text`);
    const decoded = decodeLeaf(toUtf8(leaf));
    if (decoded.type === "signature" || isKeyOfTheirs(decoded)) return decoded;
    throw codedError(
        "IntakeRefused",
        `intake takes signatures, KeyRegistered and KeyRetired of artifact keys, not ${quote(decoded.type)}`,
    );
}

/** The log's own key is registered by the sequencer, other key events by the reconciler. */
function isKeyOfTheirs(leaf: Leaf): leaf is KeyEventLeaf {
    return (
        leaf.type === "key_event" &&
        leaf.key_role === "artifact" &&
        (leaf.event_name === "KeyRegistered" || leaf.event_name === "KeyRetired")
    );
}

async function admitSignature({ store, now }: IntakeDeps, leaf: SignatureLeaf, text: string): Promise<IntakeResult> {
    checkKey(leaf, await registrationOf(store, leaf.key_spki_sha256));
    const key = `sig#${leaf.kms_request_id}`;
    const use = uniqueUseId(leaf);
    const created = await store.createAll([
        { key, value: pendingItem(leaf, text, now()) },
        { key: use, value: { record: key, record_hash: leaf.record_hash } },
    ]);
    if (created === "ok") return { ok: true, recordHash: leaf.record_hash, status: "pending" };
    const known = await store.get(key);
    if (known) return sameLeaf(known.value, text);
    // Rule B. Else one use could be made in secret and recorded with the signature of another.
    const other = (await store.get(use))?.value;
    throw codedError(
        "DuplicateUse",
        `this use is recorded already, as ${quote(other?.record)} with record_hash ${quote(other?.record_hash)}`,
    );
}

/**
 * The registration of a key, as intake admitted it.
 *
 * @throws UnknownKey
 */
async function registrationOf(store: LockStore, spkiSha256: string): Promise<KeyEventLeaf> {
    const item = await store.get(`key#${spkiSha256}#KeyRegistered`);
    if (!item)
        throw codedError(
            "UnknownKey",
            `key ${quote(spkiSha256)} is not registered; its signer registers it at cold start`,
        );
    return decodeLeaf(toUtf8(String(item.value.leaf))) as KeyEventLeaf;
}

/** @throws KeyMismatch, BadSigningAlgorithm, and what `verifySignatureLeaf` throws */
function checkKey(leaf: SignatureLeaf, registered: KeyEventLeaf): void {
    if (leaf.key_alias !== registered.key_alias) {
        throw codedError(
            "KeyMismatch",
            `record names ${quote(leaf.key_alias)}, the key is registered as ${registered.key_alias}`,
        );
    }
    if (!registered.signing_algorithms?.includes(leaf.signing_algorithm)) {
        throw codedError(
            "BadSigningAlgorithm",
            `${leaf.signing_algorithm} is not registered for ${registered.key_alias}`,
        );
    }
    verifySignatureLeaf(leaf, fromBase64(registered.spki_base64 ?? ""));
}

async function admitKey({ store, now }: IntakeDeps, leaf: KeyEventLeaf, text: string): Promise<IntakeResult> {
    if (leaf.event_name === "KeyRetired") await registrationOf(store, leaf.key_spki_sha256);
    const key = `key#${leaf.key_spki_sha256}#${leaf.event_name}`;
    const created = await store.create(key, pendingItem(leaf, text, now()));
    if (created === "ok") return { ok: true, recordHash: leaf.record_hash, status: "pending" };
    const known = (await store.get(key))?.value ?? {};
    const before = decodeLeaf(toUtf8(String(known.leaf))) as KeyEventLeaf;
    if (!isSameKey(before, leaf)) {
        throw codedError(
            "Equivocation",
            `${leaf.event_name} of this key is recorded otherwise: alias ${quote(before.key_alias)}, spec ${quote(before.key_spec)}`,
        );
    }
    return admitted(known);
}

/** Every cold start registers again, at another time and perhaps under a newer policy, which has a key event of its own. */
function isSameKey(before: KeyEventLeaf, leaf: KeyEventLeaf): boolean {
    const stable = (event: KeyEventLeaf): string =>
        JSON.stringify([event.key_alias, event.key_spec, event.signing_algorithms, event.creation_date]);
    return stable(before) === stable(leaf);
}

function pendingItem(leaf: Leaf, text: string, now: number): Item {
    return {
        leaf: text,
        record_hash: leaf.record_hash,
        pending: "1",
        // Fixed width, so that text sorts by time.
        received_at: new Date(now).toISOString(),
    };
}

/** Compared in full before "already there": two records under one request id are a lie about one of them. */
function sameLeaf(known: Item, text: string): IntakeResult {
    if (known.leaf !== text) {
        throw codedError(
            "Equivocation",
            `this KMS request has another record, with record_hash ${quote(known.record_hash)}`,
        );
    }
    return admitted(known);
}

function admitted({ record_hash, log_index }: Item): IntakeResult {
    const recordHash = String(record_hash);
    return typeof log_index === "number"
        ? { ok: true, recordHash, status: "logged", logIndex: log_index }
        : { ok: true, recordHash, status: "pending" };
}

/** What is wrong with the record; everything else is a failure of ours, and the caller tries again. */
const REFUSALS: readonly string[] = [
    "BadBase64",
    "BadDigest",
    "BadJson",
    "BadKeySpec",
    "BadLeaf",
    "BadMessage",
    "BadMessageType",
    "BadSigningAlgorithm",
    "BadUtf8",
    "DuplicateUse",
    "Equivocation",
    "IntakeRefused",
    "KeyMismatch",
    "SignatureMismatch",
    "UnknownKey",
];

function isRefusal(error: unknown): error is Error & { readonly code: ErrorCode } {
    return isCodedError(error) && REFUSALS.includes(error.code);
}

/** @param _options none yet; every handler of the log takes some */
export function createHandler(_options: object = {}): (request: IntakeRequest) => Promise<IntakeResult> {
    let deps: Promise<IntakeDeps> | undefined;
    return async (request) => {
        // A failed start is forgotten, or this instance would fail for ever.
        deps ??= intakeDeps().catch((error: unknown) => {
            deps = undefined;
            throw error;
        });
        return handle(await deps, request);
    };
}

async function intakeDeps(): Promise<IntakeDeps> {
    return { store: await dynamoLockStore(environment("INTAKE_TABLE")), now: () => Date.now() };
}
