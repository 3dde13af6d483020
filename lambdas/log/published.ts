import { toHex, toUtf8 } from "../../lib/encoding";
import { codedError } from "../../lib/errors";
import { type Archive, decodeArchive } from "../../lib/tlog/archive";
import { type Checkpoint, openCheckpoint } from "../../lib/tlog/checkpoint";
import type { LogDeps } from "./deps";
import { type Head, readHead } from "./head";
import { archivePath } from "./objects";
import type { StoredObject } from "./stores";

/**
 * What was published is remembered in the bucket, which has other writers than the table: a head that contradicts it was rolled
 * back or forked, and a checkpoint over it would be the log's own word for a fork. Page, stop, no Sign.
 */

/** @throws what `openCheckpoint` does, for a stored checkpoint that the log's key did not sign */
export function openStored({ key }: Pick<LogDeps, "key">, stored: StoredObject | undefined): Checkpoint | undefined {
    return stored && openCheckpoint(stored.bytes, key.vkey);
}

/**
 * @returns the head, read again if the checkpoint was ahead of it, since another run may have published meanwhile
 * @throws HeadRolledBack if the checkpoint is ahead of a fresh head, or has another root at its size
 */
export async function checkNotAhead(deps: LogDeps, stored: StoredObject | undefined, head: Head): Promise<Head> {
    const checkpoint = openStored(deps, stored);
    if (!checkpoint || checkpoint.size < BigInt(head.size)) return head;
    if (checkpoint.size === BigInt(head.size)) {
        checkSameRoot(checkpoint, head, "the published checkpoint");
        return head;
    }
    const fresh = await readHead(deps.head);
    if (!fresh || checkpoint.size > BigInt(fresh.size)) {
        throw codedError(
            "HeadRolledBack",
            `the published checkpoint has size ${checkpoint.size}, the head ${fresh?.size}: the table was set back; do not sign`,
        );
    }
    if (checkpoint.size === BigInt(fresh.size)) checkSameRoot(checkpoint, fresh, "the published checkpoint");
    return fresh;
}

/**
 * The archived checkpoint of the head's size, verified.
 *
 * @throws HeadRolledBack if it has another root
 */
export async function readArchive(
    { objects, key }: LogDeps,
    head: Pick<Head, "size" | "root">,
): Promise<Archive | undefined> {
    const stored = await objects.get(archivePath(head.size));
    if (!stored) return undefined;
    const archive = decodeArchive(stored.bytes);
    const checkpoint = openCheckpoint(toUtf8(archive.checkpoint), key.vkey);
    if (checkpoint.size !== BigInt(head.size)) {
        throw codedError("HeadRolledBack", `${archivePath(head.size)} holds a checkpoint of size ${checkpoint.size}`);
    }
    checkSameRoot(checkpoint, head, archivePath(head.size));
    return archive;
}

function checkSameRoot({ root, size }: Checkpoint, head: Pick<Head, "root">, what: string): void {
    if (toHex(root) !== head.root) {
        throw codedError(
            "HeadRolledBack",
            `${what} has root ${toHex(root)} at size ${size}, the head ${head.root}: a fork; do not sign`,
        );
    }
}
