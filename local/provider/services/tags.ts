/** Tags as a program gives them, and in the two spellings of AWS. */
type Tags = Record<string, string>;

/** `Key`, `Value`: most services. */
export function tagList(tags: Tags | undefined): { Key: string; Value: string }[] {
    return Object.entries(tags ?? {}).map(([Key, Value]) => ({ Key, Value: String(Value) }));
}

export function tagsOf(list: readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined): Tags {
    return Object.fromEntries((list ?? []).map(({ Key = "", Value = "" }) => [Key, Value]));
}

/** What has to be taken away and what to be set, to go from the one to the other. */
export function tagChange(old: Tags | undefined, now: Tags | undefined): { removed: string[]; added: Tags } {
    return {
        removed: Object.keys(old ?? {}).filter((key) => now?.[key] === undefined),
        added: Object.fromEntries(Object.entries(now ?? {}).filter(([key, value]) => old?.[key] !== value)),
    };
}

/** For services with one call each to tag and to untag. */
export async function retag(
    old: Tags | undefined,
    now: Tags | undefined,
    { set, unset }: { set(tags: Tags): Promise<unknown>; unset(keys: string[]): Promise<unknown> },
): Promise<void> {
    const { removed, added } = tagChange(old, now);
    if (removed.length > 0) {
        await unset(removed);
    }
    if (Object.keys(added).length > 0) {
        await set(added);
    }
}
