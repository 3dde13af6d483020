import { fromBase64, fromHex, quote, toBase64, toUtf8 } from "../../lib/encoding";
import { codedError } from "../../lib/errors";
import { type Checkpoint, checkpointText } from "../../lib/tlog/checkpoint";
import { isSignedBy } from "../../lib/tlog/vkey";
import type { LogDeps } from "./deps";
import type { Head } from "./head";
import type { Item, VersionedItem } from "./stores";

/** What a checkpoint says of the head. */
export type SignedHead = Pick<Head, "size" | "root">;

/** A signature over a checkpoint, and the use of the key that made it. */
export interface CheckpointSignature {
    readonly signature: Uint8Array;
    readonly kmsRequestId: string;
}

/**
 * The signature over the head, made once: `sign#<size>` is claimed before the key is used. Two signatures over one text would
 * let a secret second use hide behind the first.
 *
 * Dead between Sign and storing: a use without archive, which the reconciler publishes as unattributed. By design.
 *
 * @returns undefined while another attempt may still be signing
 * @throws SignatureMismatch if the key signed something else
 */
export async function signatureOf(deps: LogDeps, head: SignedHead): Promise<CheckpointSignature | undefined> {
    const claim = await claimSignature(deps, head);
    if (claim === "theirs") return undefined;
    if ("signature" in claim) return claim;
    const checkpoint = checkpointOf(deps, head);
    const signed = await sign(deps, checkpoint, head, claim);
    await store(deps, head, claim, signed);
    return signed;
}

/**
 * What became of an earlier claim.
 *
 * @returns its signature if it was stored, undefined if there will be none, "theirs" while it may still be made
 */
export async function leftSignature(
    deps: LogDeps,
    size: number,
): Promise<{ readonly head: SignedHead; readonly signed: CheckpointSignature } | undefined | "theirs"> {
    const item = await deps.head.get(claimKey({ size }));
    if (!item) return undefined;
    const head = { size, root: String(item.value.root) };
    const signed = storedSignature(deps, head, item);
    if (signed) return { head, signed };
    return Number(item.value.deadline) > deps.now() ? "theirs" : undefined;
}

export function checkpointOf({ origin }: Pick<LogDeps, "origin">, { size, root }: SignedHead): Checkpoint {
    return { origin, size: BigInt(size), root: fromHex(root) };
}

/** Ours to sign, at this version of the claim. */
interface Claim {
    readonly attempt: string;
    readonly version: number;
}

async function claimSignature(deps: LogDeps, head: SignedHead): Promise<Claim | CheckpointSignature | "theirs"> {
    const attempt = deps.newAttempt();
    const deadline = deps.now() + deps.claimMs;
    const item = await createClaim(deps, head, { root: head.root, attempt, deadline, attempts: 1 });
    if (item === "ours") return { attempt, version: 1 };
    if (item.value.root !== head.root) {
        throw codedError(
            "HeadRolledBack",
            `size ${head.size} was signed with root ${quote(item.value.root)}, the head has ${head.root}`,
        );
    }
    const stored = storedSignature(deps, head, item);
    if (stored) return stored;
    if (Number(item.value.deadline) > deps.now()) return "theirs";
    const set = { attempt, deadline, attempts: Number(item.value.attempts) + 1 };
    const taken = await deps.head.replace(claimKey(head), item.version, { set });
    return taken === "ok" ? { attempt, version: item.version + 1 } : "theirs";
}

/** "exists", or a throw, may hide a claim that is ours all the same: the attempt's name says so. */
async function createClaim(deps: LogDeps, head: SignedHead, claim: Item): Promise<VersionedItem | "ours"> {
    const outcome = await deps.head.create(claimKey(head), claim).then(
        (result) => (result === "ok" ? "ours" : undefined),
        (reason: unknown) => reason,
    );
    if (outcome === "ours") return "ours";
    const item = await deps.head.get(claimKey(head));
    if (item) return item.value.attempt === claim.attempt ? "ours" : item;
    throw outcome ?? codedError("Busy", `the claim on size ${head.size} exists and cannot be read`);
}

async function sign(
    deps: LogDeps,
    checkpoint: Checkpoint,
    head: SignedHead,
    claim: Claim,
): Promise<CheckpointSignature> {
    const text = toUtf8(checkpointText(checkpoint));
    try {
        const signed = await deps.key.sign(text);
        if (isSignedBy(deps.key.vkey, text, signed.signature)) return signed;
    } catch (error) {
        // This attempt makes no further use, so the next one need not wait for the deadline.
        await deps.head.replace(claimKey(head), claim.version, { set: { deadline: 0 } }).catch(() => undefined);
        throw error;
    }
    throw codedError("SignatureMismatch", `KMS's signature over size ${head.size} does not verify under the log's key`);
}

/** At once, and stubbornly: a signature that is lost is a use that nothing accounts for. */
async function store(deps: LogDeps, head: SignedHead, claim: Claim, signed: CheckpointSignature): Promise<void> {
    const set = { signature: toBase64(signed.signature), kms_request_id: signed.kmsRequestId };
    for (let attempt = 0; attempt < 3; attempt += 1) {
        try {
            if ((await deps.head.replace(claimKey(head), claim.version, { set })) === "ok") return;
        } catch (error) {
            if (attempt === 2) throw error;
        }
        const item = await deps.head.get(claimKey(head));
        if (item?.value.kms_request_id === signed.kmsRequestId) return;
        if (item?.version !== claim.version) break;
    }
    throw codedError("Busy", `the claim on size ${head.size} was taken over while it was being signed`);
}

function storedSignature(deps: LogDeps, head: SignedHead, { value }: VersionedItem): CheckpointSignature | undefined {
    if (typeof value.signature !== "string" || typeof value.kms_request_id !== "string") return undefined;
    const signature = fromBase64(value.signature);
    if (!isSignedBy(deps.key.vkey, toUtf8(checkpointText(checkpointOf(deps, head))), signature)) {
        throw codedError(
            "SignatureMismatch",
            `the signature stored for size ${head.size} does not verify under the log's key`,
        );
    }
    return { signature, kmsRequestId: value.kms_request_id };
}

function claimKey({ size }: Pick<Head, "size">): string {
    return `sign#${size}`;
}
