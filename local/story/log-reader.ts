import { fromUtf8 } from "../../lib/encoding";
import { decodeLeaf } from "../../lib/record/codec";
import { openCheckpoint } from "../../lib/tlog/checkpoint";
import { TILE_HEIGHT, tileAt } from "../../lib/tlog/tile";
import { readBundle, type ReadObject } from "../../lib/tlog/tree";
import { parseVkey } from "../../lib/tlog/vkey";
import type { Stage } from "./stage";

/** Entries looked through for one that just came: the newest of the log. */
const NEWEST = 512n;

/** Reads the log as anyone does, over HTTP. A missing object is 403 behind CloudFront, or 404. */
export function httpReader(url: string): ReadObject {
    return async (path) => {
        const response = await fetch(`${url}/${path}`);
        if (response.status === 403 || response.status === 404) return undefined;
        if (!response.ok) throw new Error(`the log answered ${response.status} to ${path}, expected 200, 403 or 404`);
        return new Uint8Array(await response.arrayBuffer());
    };
}

/** Index of the entry that reports the use of a key under this KMS request id, if it is among the newest entries. */
export async function findUse(stage: Stage, kmsRequestId: string): Promise<number | undefined> {
    const { first, entries } = await readFrom(stage, (size) => (size > NEWEST ? size - NEWEST : 0n));
    const found = entries.findIndex((entry) => {
        const leaf = decodeLeaf(entry);
        return leaf.type === "unattributed_use" && leaf.kms_request_id === kmsRequestId;
    });
    return found < 0 ? undefined : first + found;
}

/** All entries, decoded: for counting what the log holds. */
export async function readAll(stage: Stage): Promise<readonly string[]> {
    return (await readFrom(stage, () => 0n)).entries.map(fromUtf8);
}

/** Entries from the bundle that holds `start` to the end, under a checkpoint that verifies. */
async function readFrom(
    stage: Stage,
    start: (size: bigint) => bigint,
): Promise<{ readonly first: number; readonly entries: readonly Uint8Array[] }> {
    const read = httpReader(await stage.cloud.logUrl(stage.outputs.logUrl));
    const { size } = openCheckpoint((await read("checkpoint")) ?? new Uint8Array(), parseVkey(stage.outputs.logVkey));
    const width = 1n << BigInt(TILE_HEIGHT);
    const firstTile = start(size) / width;
    const entries: Uint8Array[] = [];
    for (let tile = firstTile; tile * width < size; tile += 1n) {
        entries.push(...(await readBundle(read, tileAt(size, "entries", tile))));
    }
    return { first: Number(firstTile * width), entries };
}
