import { codedError } from "../../lib/errors";
import { type Claim, type ClaimSubject, decideClaim, decodeClaim, encodeClaim } from "../../lib/signing/claim";
import type { AttemptStore } from "./attempts";
import { type IntakeDeps, record } from "./intake";

/** Who may make a deterministic signature, and what became of it. The rules are lib/signing/claim.ts's. */
export interface ClaimDeps extends IntakeDeps {
    readonly store: AttemptStore;
    now(): Date;
    uuid(): string;
}

/** A claim that this attempt holds, as it was last written. */
export interface HeldClaim {
    readonly id: string;
    readonly revision: number;
    readonly claim: Claim;
}

export type Claimed =
    { readonly kind: "held"; readonly held: HeldClaim } | { readonly kind: "signed"; readonly leaf: string };

/** How often, and how many milliseconds apart, to look after a signature that another attempt is making. */
const MAX_LOOKS = 20;
const LOOK_PAUSE = 500;

/**
 * Step a. Takes the claim, or the record of who had it before.
 *
 * @param deadline milliseconds since 1970, after which this attempt cannot act
 * @throws DuplicateUse, Busy, and what `record` throws
 */
export async function claimUse(deps: ClaimDeps, id: string, subject: ClaimSubject, deadline: number): Promise<Claimed> {
    const ours: Claim = { ...subject, state: "claimed", attempt: deps.uuid(), deadline };
    // Dead or unknown from here until intake has the record: the claim is abandoned at its deadline.
    if (await deps.store.put(id, encodeClaim(ours), 0)) return { kind: "held", held: { id, revision: 1, claim: ours } };
    for (let looks = 0; looks < MAX_LOOKS;) {
        const found = await deps.store.get(id);
        if (!found) throw codedError("UnknownOutcome", `claim ${id} exists and cannot be read`);
        const theirs = decodeClaim(found.body);
        const decision = decideClaim(theirs, subject, deps.now().getTime());
        switch (decision.kind) {
            case "answer":
                return { kind: "signed", leaf: decision.leaf };
            case "taken":
                throw await duplicate(deps, theirs, decision.leaf);
            case "busy":
                looks += 1;
                await deps.pause(LOOK_PAUSE);
                break;
            case "abandoned": {
                // A record that was left is finished in the name of whoever left it; then the claim is judged again, as finished.
                const claim =
                    decision.leaf === undefined
                        ? ours
                        : { ...theirs, state: "claimed" as const, attempt: ours.attempt, deadline };
                if (!(await deps.store.put(id, encodeClaim(claim), found.revision))) break;
                const held = { id, revision: found.revision + 1, claim };
                if (decision.leaf === undefined) return { kind: "held", held };
                await endingOnFailure(deps, held, () => record(deps, decision.leaf as string));
                await finishClaim(deps, held, decision.leaf);
            }
        }
    }
    throw codedError("Busy", "this file is being signed by another request, and takes long: upload it again later");
}

/** The index is in the log for everybody to read, so the refusal may name it. */
async function duplicate(deps: ClaimDeps, theirs: Claim, leaf: string): Promise<Error> {
    const index = await record(deps, leaf);
    const where = index === undefined ? "soon to be logged" : `entry ${index} of the log`;
    return codedError(
        "DuplicateUse",
        `these bytes were signed before in format ${theirs.format} for another tenant or format, ${where}`,
    );
}

/**
 * Between d and e: what intake is about to see is stored first, so that whoever takes over hands in the same bytes and does not sign.
 *
 * Dead or unknown here: KMS signed. If the write landed, the next attempt records it; if not, the next attempt signs, and the use made here
 * shows as unattributed.
 *
 * @throws ClaimLost: then the other attempt signs, and the use made here shows as unattributed
 */
export async function keepRecord(deps: ClaimDeps, held: HeldClaim, leaf: string): Promise<HeldClaim> {
    const claim: Claim = { ...held.claim, leaf };
    if (!(await deps.store.put(held.id, encodeClaim(claim), held.revision))) {
        throw codedError(
            "ClaimLost",
            `attempt ${claim.attempt} lost its claim before it could record its use of the key`,
        );
    }
    return { ...held, claim, revision: held.revision + 1 };
}

/**
 * End of e. Dead or unknown here: the next attempt hands the record in again, which changes nothing, and finishes.
 *
 * @throws ClaimLost if the claim became one of another record
 */
export async function finishClaim(deps: ClaimDeps, held: HeldClaim, leaf: string): Promise<void> {
    const claim: Claim = { ...held.claim, state: "finished", leaf };
    if (await deps.store.put(held.id, encodeClaim(claim), held.revision)) return;
    // Whoever took over may have finished it with our record.
    const found = await deps.store.get(held.id);
    if (found && decodeClaim(found.body).leaf === leaf) return;
    throw codedError("ClaimLost", `claim of attempt ${claim.attempt} is now of another record`);
}

/** This attempt says that it does nothing more, so that the next need not wait for its deadline. Best effort: the deadline does without. */
export async function endingOnFailure<T>(
    deps: ClaimDeps,
    held: HeldClaim | undefined,
    work: () => Promise<T>,
): Promise<T> {
    try {
        return await work();
    } catch (error) {
        if (held)
            await deps.store
                .put(held.id, encodeClaim({ ...held.claim, state: "ended" }), held.revision)
                .catch(() => false);
        throw error;
    }
}
