import { toUtf8 } from "../../lib/encoding";
import { decodeLeaf } from "../../lib/record/codec";
import type { Waiting } from "./batch";
import type { InboxName, LogDeps } from "./deps";

/** Records in a commit, and bytes of them: what one run can write well within its time. */
export const MAX_RECORDS = 1000;
export const MAX_BYTES = 4 << 20;

export interface Hint {
    readonly inbox: InboxName;
    readonly key: string;
}

export interface Confirmed {
    readonly found: readonly Waiting[];
    /** Others may be waiting behind these. */
    readonly more: boolean;
}

const INBOXES: readonly InboxName[] = ["intake", "reconciler"];

/** What may be waiting. Eventually consistent, so nothing follows from it but a look. */
export async function readHints({ inboxes }: Pick<LogDeps, "inboxes">): Promise<Hint[]> {
    const found = await Promise.all(
        INBOXES.map(async (inbox) => (await inboxes[inbox].pending(MAX_RECORDS)).map((key) => ({ inbox, key }))),
    );
    return found.flat();
}

/**
 * The records that wait, oldest first, each by strong read.
 *
 * Only to be called once `applied` covers the head: an index may stand in the staged batch and not yet in the item, and the
 * record would land twice.
 */
export async function confirm(deps: LogDeps, hints: readonly Hint[]): Promise<Confirmed> {
    const waiting = (await Promise.all(hints.map((hint) => confirmOne(deps, hint)))).filter(
        (item) => item !== undefined,
    );
    waiting.sort((a, b) => (a.order < b.order ? -1 : 1));
    const found: Waiting[] = [];
    let bytes = 0;
    for (const { record } of waiting) {
        bytes += record.entry.length;
        if (found.length >= MAX_RECORDS || bytes > MAX_BYTES) break;
        found.push(record);
    }
    return { found, more: found.length < waiting.length || hints.length >= MAX_RECORDS };
}

async function confirmOne(
    deps: LogDeps,
    { inbox, key }: Hint,
): Promise<{ order: string; record: Waiting } | undefined> {
    const item = await deps.inboxes[inbox].get(key);
    if (!item || item.value.pending === undefined || item.value.log_index !== undefined) return undefined;
    const entry = toUtf8(String(item.value.leaf));
    if (!isLeaf(entry)) {
        // Never by intake or reconciler. One such item must not stop the log, nor enter it.
        await deps.metric("LogSkipped");
        return undefined;
    }
    return {
        order: `${item.value.received_at} ${inbox} ${key}`,
        record: { item: { inbox, key, version: item.version }, entry },
    };
}

function isLeaf(entry: Uint8Array): boolean {
    try {
        decodeLeaf(entry);
        return true;
    } catch {
        return false;
    }
}
