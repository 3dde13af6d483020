import { quote, toHex } from "../encoding";
import { codedError } from "../errors";
import type { Message } from "../formats/format";
import { decodeCanonical, encodeCanonical } from "../record/canonical";
import { tripleSha256 } from "../record/verify";

/**
 * The claim on one deterministic use (`once#`): who makes the signature, and the record once it is made. A key that signs the same message
 * twice leaves two uses and one signature, behind which a third can hide; so at most one attempt at a time, and one record for ever.
 *
 * Crash story, by what the item says when its attempt is dead:
 *
 *     claimed, no record    nothing happened, or KMS signed and nobody knows: that use will show as unattributed. The next attempt signs.
 *     claimed, record       KMS signed; intake may have the record or not. The next attempt hands in the same bytes and does not sign.
 *     finished              the record is in intake. Every later request is answered from here.
 *     ended                 as claimed, but its attempt said itself that it does nothing more, so nobody has to wait for its deadline.
 */
export interface Claim {
    readonly state: "claimed" | "finished" | "ended";
    /** UUID; only who wrote it may go on. */
    readonly attempt: string;
    /** Milliseconds since 1970, beyond the end of the function that holds the claim. */
    readonly deadline: number;
    readonly key_spki_sha256: string;
    readonly signing_algorithm: string;
    readonly message_hex: string;
    readonly format: string;
    readonly tenant: string;
    readonly request_id: string;
    /** Canonical text of the record, stored before intake sees it. */
    readonly leaf?: string;
}

/** Whose use it is; what a repeat must agree on in full. */
export type ClaimSubject = Pick<
    Claim,
    "key_spki_sha256" | "signing_algorithm" | "message_hex" | "format" | "tenant" | "request_id"
>;

export function claimSubject(
    spkiSha256: string,
    { signingAlgorithm, message }: Message,
    request: { readonly format: string; readonly tenant: string },
    requestId: string,
): ClaimSubject {
    return {
        key_spki_sha256: spkiSha256,
        signing_algorithm: signingAlgorithm,
        message_hex: toHex(message),
        format: request.format,
        tenant: request.tenant,
        request_id: requestId,
    };
}

export function onceId(spkiSha256: string, { signingAlgorithm, message }: Message): string {
    return `once#${tripleSha256(spkiSha256, signingAlgorithm, message)}`;
}

export type ClaimDecision =
    /** Signed before, for the same tenant in the same format: this is the record. */
    | { readonly kind: "answer"; readonly leaf: string }
    /** Signed before for somebody else, or as something else. */
    | { readonly kind: "taken"; readonly leaf: string }
    | { readonly kind: "busy" }
    /** Its attempt is dead. `leaf` is what it left: to be recorded, not signed again. */
    | { readonly kind: "abandoned"; readonly leaf?: string };

/**
 * What to do about a claim of another attempt.
 *
 * @param now milliseconds since 1970
 * @throws BadMessage if the claim is of another message, which only a collision of SHA-256 or an edited table can give
 */
export function decideClaim(found: Claim, wanted: ClaimSubject, now: number): ClaimDecision {
    for (const member of ["key_spki_sha256", "signing_algorithm", "message_hex"] as const) {
        if (found[member] !== wanted[member]) {
            throw codedError(
                "BadMessage",
                `claim's ${member} is ${quote(found[member])}, expected ${quote(wanted[member])}`,
            );
        }
    }
    const { state, leaf } = found;
    if (state === "finished" && leaf !== undefined) {
        const same = found.format === wanted.format && found.tenant === wanted.tenant;
        return { kind: same ? "answer" : "taken", leaf };
    }
    if (state === "claimed" && now <= found.deadline) return { kind: "busy" };
    return { kind: "abandoned", leaf };
}

export function encodeClaim(claim: Claim): string {
    return encodeCanonical(claim);
}

/** @param text as only signers write it */
export function decodeClaim(text: string): Claim {
    return decodeCanonical(text) as Claim;
}
