/** What a resource holds. A tag on everything that takes tags; the owner comes from the provider's default tags. */
export type DataClass = "public" | "internal" | "confidential" | "key";

export function dataClass(value: DataClass): Record<string, string> {
    return { "data-class": value };
}

/** Names the one role that may sign with a key. Only the deploy role may tag keys; the pack starts from this tag. */
export const SIGNER_TAG = "countersign:signer";
