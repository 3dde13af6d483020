import { fromBase64, fromUtf8, quote, toBase64, toHex, toUtf8 } from "../../lib/encoding";
import { codedError } from "../../lib/errors";
import { sha256 } from "../../lib/hash";
import { encodeCanonical } from "../../lib/record/canonical";
import { encodeBundle } from "../../lib/tlog/bundle";
import { appendLeaves, edgeRoot } from "../../lib/tlog/edge";
import { leafHash } from "../../lib/tlog/hashing";
import { TILE_HEIGHT, tilePath } from "../../lib/tlog/tile";
import type { InboxName } from "./deps";
import type { StoredEdge } from "./edge";
import type { Head } from "./head";
import { stagingPath } from "./objects";

/** A record that is to get the next index. */
export interface Waiting {
    /** Undefined for the log key's registration, which has no item. */
    readonly item?: { readonly inbox: InboxName; readonly key: string; readonly version: number };
    readonly entry: Uint8Array;
}

/**
 * All that a commit will write, fixed before it is committed: so whoever finishes it, and however often, writes the same bytes
 * and gives the same indices.
 */
export interface Batch {
    readonly from: number;
    readonly size: number;
    /** Hex. */
    readonly root: string;
    /** In index order from `from`: `<inbox> <key>`, or `log-key`. */
    readonly keys: readonly string[];
    readonly objects: readonly { readonly path: string; readonly base64: string }[];
}

export function buildBatch(edge: StoredEdge, waiting: readonly Waiting[]): Batch {
    const entries = waiting.map(({ entry }) => entry);
    const grown = appendLeaves(edge, entries.map(leafHash));
    return {
        from: Number(edge.size),
        size: Number(grown.edge.size),
        root: toHex(edgeRoot(grown.edge)),
        keys: waiting.map(({ item }) => (item ? `${item.inbox} ${item.key}` : "log-key")),
        objects: [
            ...grown.tiles.map(({ tile, bytes }) => ({ path: tilePath(tile), base64: toBase64(bytes) })),
            ...bundles(edge, entries),
        ],
    };
}

/** The bundles under the level 0 tiles that are new. */
function bundles(edge: StoredEdge, added: readonly Uint8Array[]): Batch["objects"] {
    const full = 1 << TILE_HEIGHT;
    const entries = [...edge.entries, ...added];
    const first = edge.size >> BigInt(TILE_HEIGHT);
    return Array.from({ length: Math.ceil(entries.length / full) }, (_, i) => {
        const inBundle = entries.slice(full * i, full * (i + 1));
        const path = tilePath({ level: "entries", index: first + BigInt(i), width: inBundle.length });
        return { path, base64: toBase64(encodeBundle(inBundle)) };
    });
}

export interface Staged {
    readonly key: string;
    readonly sha256: string;
    readonly body: Uint8Array;
}

export function stage(batch: Batch): Staged {
    const body = toUtf8(encodeCanonical(batch));
    const hash = toHex(sha256(body));
    return { key: stagingPath(batch.size, hash), sha256: hash, body };
}

/**
 * The batch that made the head.
 *
 * @param body as stored, and the store is untrusted; the hash in the head is trusted
 * @throws Equivocation if it is not what was committed
 */
export function openStaged(body: Uint8Array, head: Head): Batch {
    const hash = toHex(sha256(body));
    if (hash !== head.stage?.sha256) {
        throw codedError(
            "Equivocation",
            `staged batch of size ${head.size} has hash ${hash}, committed was ${quote(head.stage?.sha256)}`,
        );
    }
    return JSON.parse(fromUtf8(body)) as Batch;
}

/** `undefined` for the log key's registration. */
export function itemOf(key: string): { readonly inbox: InboxName; readonly key: string } | undefined {
    const [inbox = "", id] = key.split(" ");
    return id === undefined ? undefined : { inbox: inbox as InboxName, key: id };
}

/** @returns the entries that the batch added */
export function bytesOf(object: Batch["objects"][number]): Uint8Array {
    return fromBase64(object.base64);
}
