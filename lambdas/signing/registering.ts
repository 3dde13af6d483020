import { codedError } from "../../lib/errors";
import { decodeCanonical, encodeCanonical } from "../../lib/record/canonical";
import { encodeLeaf } from "../../lib/record/codec";
import { keyRegisteredLeaf, type RegisteredKey } from "../../lib/record/key-registered";
import { fromUtf8 } from "../../lib/encoding";
import type { AttemptStore } from "./attempts";
import { handIn, type IntakeDeps } from "./intake";

/** The log learns of a key before its first use, and that it can sign nowhere else. */
export interface RegisterDeps extends IntakeDeps {
    readonly store: AttemptStore;
    /** Throws KeyMismatch for a key that is not of KMS's own making, or not the configured one. */
    describeKey(): Promise<RegisteredKey>;
    now(): Date;
}

/** Whatever is registered once stays the same bytes, whoever starts cold later and whatever the key's policy is then. */
interface Registration {
    readonly leaf: string;
    readonly accepted: boolean;
}

/**
 * Once per cold start; one read after the first time.
 *
 * Dead or unknown at any write: the next cold start reads what is there and hands in the same bytes.
 *
 * @throws KeyMismatch, IntakeRefused, UnknownOutcome
 */
export async function registerKey(deps: RegisterDeps, spkiSha256: string): Promise<void> {
    const id = `registered#${spkiSha256}`;
    const { revision, registration } = (await read(deps.store, id)) ?? (await create(deps, id));
    if (registration.accepted) return;
    await handIn(deps, registration.leaf);
    // If another cold start wrote it first, it says the same.
    await deps.store.put(id, encodeCanonical({ ...registration, accepted: true }), revision);
}

type Found = { readonly revision: number; readonly registration: Registration };

async function read(store: AttemptStore, id: string): Promise<Found | undefined> {
    const found = await store.get(id);
    return found && { revision: found.revision, registration: decodeCanonical(found.body) as Registration };
}

async function create(deps: RegisterDeps, id: string): Promise<Found> {
    const leaf = fromUtf8(encodeLeaf(keyRegisteredLeaf(await deps.describeKey(), deps.now())));
    const registration: Registration = { leaf, accepted: false };
    if (await deps.store.put(id, encodeCanonical(registration), 0)) return { revision: 1, registration };
    const first = await read(deps.store, id);
    if (!first) throw codedError("UnknownOutcome", `registration ${id} exists and cannot be read`);
    return first;
}
