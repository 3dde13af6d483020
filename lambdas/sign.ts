import { codedError, isCodedError } from "../lib/errors";
import type { Message } from "../lib/formats/format";
import { ALGORITHMS } from "../lib/kms/specs";
import { verifySignature } from "../lib/record/signature";
import { approvedRequest, type SignerKey, type StoredRequest } from "../lib/signing/approved";
import { claimSubject, onceId } from "../lib/signing/claim";
import { decodeDone, doneId, encodeDone } from "../lib/signing/done";
import { encodeIntent, intentId } from "../lib/signing/intent";
import { leafTime } from "../lib/record/key-registered";
import { type KeyUse, signatureRecord } from "../lib/signing/records";
import { fromRequestMessages, parseRequestId, type SigningRequest } from "../lib/signing/request";
import { signerDeps, type SignerSettings } from "./aws/signing-signer";
import { answering, type Refusal } from "./signing/answer";
import { type ClaimDeps, claimUse, endingOnFailure, finishClaim, type HeldClaim, keepRecord } from "./signing/claiming";
import { record } from "./signing/intake";
import { once } from "./signing/once";

/** requestId: names a request that prepare and recheck wrote. The caller chooses nothing that gets signed. */
export interface SignRequest {
    readonly requestId: string;
}

export interface SignResult {
    readonly ok: true;
    readonly requestId: string;
    readonly recordHashes: readonly string[];
}

/** Compared with its pin, and known to the log. */
export type RegisteredKey = SignerKey & { readonly spki: Uint8Array };

export interface SignDeps extends ClaimDeps {
    /** Throws KeyMismatch, IntakeRefused. */
    key(): Promise<RegisteredKey>;
    /** Strong reads. */
    readRequest(requestId: string): Promise<StoredRequest>;
    /**
     * One KMS request, never retried: a hidden retry is a second use of the key.
     *
     * Throws KmsFailed or KmsUnavailable if KMS answered that it did not sign, UnknownOutcome if it did not answer.
     */
    sign(message: Message): Promise<KeyUse>;
    /** 32 random bytes. */
    salt(): Uint8Array;
}

/**
 * The order is the safety argument: docs/architecture.md, "Life of a signature".
 *
 * @param deadline milliseconds since 1970, after which this invocation is surely over
 */
export async function handle(deps: SignDeps, event: SignRequest, deadline: number): Promise<SignResult | Refusal> {
    return answering(() => sign(deps, event, deadline));
}

async function sign(deps: SignDeps, event: SignRequest, deadline: number): Promise<SignResult> {
    const requestId = parseRequestId(event.requestId);
    const [done, stored, key] = await Promise.all([
        deps.store.get(doneId(requestId)),
        deps.readRequest(requestId),
        deps.key(),
    ]);
    if (done) return resultOf(requestId, done.body);
    const request = approvedRequest(requestId, stored, key, leafTime(deps.now()));

    const leaves: string[] = [];
    for (const message of fromRequestMessages(request.messages)) {
        leaves.push(await signWithRetries(deps, { key, request, requestId, message, deadline }));
    }
    return resultOf(requestId, await keepDone(deps, requestId, encodeDone(leaves)));
}

/** One message of one request. */
interface Job {
    readonly key: RegisteredKey;
    readonly request: SigningRequest;
    readonly requestId: string;
    readonly message: Message;
    readonly deadline: number;
}

const MAX_TRIES = 3;
/** Milliseconds, doubled each time. */
const FIRST_PAUSE = 250;

/** Only where KMS said that it did not sign. Each try is an attempt of its own, with its own claim and intent. */
async function signWithRetries(deps: SignDeps, job: Job): Promise<string> {
    for (let tries = 1; ; tries++) {
        try {
            return await signOnce(deps, job);
        } catch (error) {
            if (tries === MAX_TRIES || !isCodedError(error) || error.code !== "KmsUnavailable") throw error;
            await deps.pause(FIRST_PAUSE * 2 ** (tries - 1));
        }
    }
}

/** @returns the record, canonical text, once the log has it */
async function signOnce(deps: SignDeps, job: Job): Promise<string> {
    const { key, request, requestId, message, deadline } = job;
    // The same message again would be another use with the same signature, behind which a third could hide.
    if (!ALGORITHMS[message.signingAlgorithm].deterministic) return useKey(deps, job, deps.uuid(), undefined);
    const subject = claimSubject(key.spkiSha256, message, request, requestId);
    const claimed = await claimUse(deps, onceId(key.spkiSha256, message), subject, deadline);
    if (claimed.kind === "signed") return claimed.leaf;
    return useKey(deps, job, claimed.held.claim.attempt, claimed.held);
}

/** Steps b to e of docs/architecture.md, "Sign"; step a gave the claim. */
async function useKey(
    deps: SignDeps,
    { key, request, requestId, message }: Job,
    attempt: string,
    held?: HeldClaim,
): Promise<string> {
    const salt = deps.salt();
    const leaf = await endingOnFailure(deps, held, async () => {
        const intent = {
            attempt,
            requestId,
            request,
            keySpkiSha256: key.spkiSha256,
            message,
            salt,
            createdAt: leafTime(deps.now()),
        };
        // b. Dead or unknown here: nothing was signed, and nothing will be by this attempt.
        if (!(await deps.store.put(intentId(attempt), encodeIntent(intent), 0))) {
            throw codedError("UnknownOutcome", `intent of attempt ${attempt} exists already`);
        }
        // c. Dead or unknown here: the key may have been used without a record, which shows as unattributed.
        const use = await deps.sign(message);
        // d. Nothing that fails here leaves this function.
        const { signingAlgorithm: algorithm, messageType } = message;
        verifySignature({ spki: key.spki, algorithm, messageType, message: message.message, signature: use.signature });
        return signatureRecord(key, request, message, use, salt, leafTime(deps.now()));
    });
    const kept = held && (await keepRecord(deps, held, leaf));
    // e. Dead or unknown here: the claim keeps the record, and the next attempt hands it in.
    await endingOnFailure(deps, kept, () => record(deps, leaf));
    if (kept) await finishClaim(deps, kept, leaf);
    return leaf;
}

/** Dead or unknown here: the claims hold the records, so a repeat of the request finds them without using the key. */
async function keepDone(deps: SignDeps, requestId: string, body: string): Promise<string> {
    if (await deps.store.put(doneId(requestId), body, 0)) return body;
    // Two executions of one request; the first to finish is the one that later steps read.
    return (await deps.store.get(doneId(requestId)))?.body ?? body;
}

function resultOf(requestId: string, done: string): SignResult {
    return { ok: true, requestId, recordHashes: decodeDone(done).map(({ leaf }) => leaf.record_hash) };
}

/** Of Lambda's context, what is used. */
interface Context {
    getRemainingTimeInMillis?(): number;
}

/** Milliseconds by which clocks of two sandboxes may differ. */
const CLOCK_MARGIN = 5_000;
/** Milliseconds; longer than any signer is configured to run. */
const UNKNOWN_TIMEOUT = 900_000;

/** Once per cold start, in Lambda. Only components/inline-function.ts deploys it. */
export function createHandler(
    settings: SignerSettings,
): (event: SignRequest, context?: Context) => Promise<SignResult | Refusal> {
    const deps = once(() => signerDeps(settings));
    return async (event, context) => {
        const remaining = context?.getRemainingTimeInMillis?.() ?? UNKNOWN_TIMEOUT;
        return handle(await deps(), event, Date.now() + remaining + CLOCK_MARGIN);
    };
}
