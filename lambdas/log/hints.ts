import { concat, fromUtf8, toBase64, toUtf8 } from "../../lib/encoding";
import { decodeLeaf } from "../../lib/record/codec";
import type { Leaf } from "../../lib/record/leaf";
import { decodeBundle } from "../../lib/tlog/bundle";
import { parseTilePath, TILE_HEIGHT } from "../../lib/tlog/tile";
import { encodeVkey } from "../../lib/tlog/vkey";
import { type Batch, bytesOf } from "./batch";
import type { LogDeps } from "./deps";
import { HINT, IMMUTABLE_JSON } from "./objects";
import type { ObjectStore } from "./stores";

/**
 * Ways in for people and lookups: `records/`, `index/date/`, `index/digest/`, `log.json`. Unauthenticated, best effort, rebuilt from
 * the log: a missing hint proves nothing, and an entry found through one is still verified by inclusion.
 */
export async function writeHints(deps: LogDeps, batches: readonly Batch[]): Promise<void> {
    const entries = batches.flatMap(entriesOf);
    const indices = new Map<string, number[]>();
    for (const { index, leaf } of entries) {
        for (const path of pathsOf(leaf)) indices.set(path, [...(indices.get(path) ?? []), index]);
    }
    await Promise.all([
        ...entries.map(({ index, leaf, bytes }) =>
            deps.objects.put(recordPath(leaf, index), concat(bytes, toUtf8("\n")), "absent", IMMUTABLE_JSON),
        ),
        ...[...indices].map(([path, added]) => addIndices(deps.objects, path, added)),
        ...(batches.some(({ from }) => from === 0) ? [writeLog(deps)] : []),
    ]);
}

interface Entry {
    readonly index: number;
    readonly bytes: Uint8Array;
    readonly leaf: Leaf;
}

function entriesOf(batch: Batch): Entry[] {
    return batch.objects
        .map((object) => ({ object, tile: parseTilePath(object.path) }))
        .filter(({ tile }) => tile.level === "entries")
        .flatMap(({ object, tile }) =>
            decodeBundle(bytesOf(object), tile.width).map((bytes, i) => ({
                index: (Number(tile.index) << TILE_HEIGHT) + i,
                bytes,
            })),
        )
        .filter(({ index }) => index >= batch.from)
        .map((entry) => ({ ...entry, leaf: decodeLeaf(entry.bytes) }));
}

function recordPath(leaf: Leaf, index: number): string {
    return `records/${day(leaf)}/${String(index).padStart(12, "0")}.json`;
}

function day(leaf: Leaf): string {
    return leaf.timestamp.slice(0, 10).replace(/-/g, "/");
}

/** By day, and by what was submitted and what was signed. */
function pathsOf(leaf: Leaf): string[] {
    const digests =
        leaf.type === "signature"
            ? [leaf.artifact_sha256, leaf.message_digest_sha256, leaf.message_digest_sha384, leaf.message_digest_sha512]
            : [];
    const known = new Set(digests.filter((digest) => digest !== undefined));
    return [`index/date/${day(leaf)}.json`, ...[...known].map((hex) => `index/digest/${hex.slice(0, 2)}/${hex}.json`)];
}

/** Swaps by etag: two runs that add to one file both end up in it. */
async function addIndices(objects: ObjectStore, path: string, added: readonly number[]): Promise<void> {
    for (let attempt = 0; attempt < 5; attempt += 1) {
        const stored = await objects.get(path);
        const indices = [...new Set([...(stored ? parseIndices(stored.bytes) : []), ...added])].sort((a, b) => a - b);
        const body = toUtf8(JSON.stringify({ indices }));
        if ((await objects.put(path, body, stored ? { etag: stored.etag } : "absent", HINT)).kind === "ok") return;
    }
}

/** What cannot be read is replaced: it was only a hint. */
function parseIndices(bytes: Uint8Array): number[] {
    try {
        const { indices } = JSON.parse(fromUtf8(bytes)) as { indices?: unknown };
        return Array.isArray(indices) ? indices.filter((index) => Number.isSafeInteger(index)) : [];
    } catch {
        return [];
    }
}

/** For people; a verifier takes origin and key from elsewhere. */
async function writeLog({ objects, origin, key }: LogDeps): Promise<void> {
    const log = { origin, vkeys: [encodeVkey(key.vkey)], spkis: [toBase64(key.spki)] };
    const stored = await objects.get("log.json");
    await objects.put("log.json", toUtf8(JSON.stringify(log)), stored ? { etag: stored.etag } : "absent", HINT);
}
