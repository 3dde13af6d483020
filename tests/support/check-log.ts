import { createHash } from "node:crypto";
import { expect } from "vitest";
import { decodeLeaf } from "../../lib/record/codec";
import { decodeArchive } from "../../lib/tlog/archive";
import { openCheckpoint } from "../../lib/tlog/checkpoint";
import { readBundle, readTile, type ReadObject } from "../../lib/tlog/tree";
import { partialTiles, tileAt } from "../../lib/tlog/tile";
import { ReferenceTree } from "../lib/tlog/reference";
import type { LogWorld } from "./log-world";

export interface AuditedLog {
    readonly size: number;
    readonly entries: readonly string[];
}

/**
 * Reads the log from its objects as an auditor does, with the reference's hashing, and expects: the checkpoint is the log key's and
 * gives the root of exactly the stored entries; tiles agree; every checkpoint ever signed is a prefix; no record is there twice;
 * tables say what the log says.
 */
export async function checkLog(world: LogWorld): Promise<AuditedLog> {
    expect(world.broken).toEqual([]);
    const stored = world.objects.objects.get("checkpoint");
    const entries = stored ? await auditTree(world, openCheckpoint(stored.bytes, world.vkey)) : [];
    const tree = new ReferenceTree(entries);
    auditSigned(world, tree, entries.length);
    auditArchives(world);
    const texts = entries.map((entry) => Buffer.from(entry).toString());
    expect(new Set(texts).size).toBe(texts.length);
    expect(texts.map((text) => decodeLeaf(Buffer.from(text)).record_hash)).toHaveLength(texts.length);
    auditTables(world, texts);
    return { size: entries.length, entries: texts };
}

async function auditTree(
    { objects }: LogWorld,
    { size, root }: { readonly size: bigint; readonly root: Uint8Array },
): Promise<Uint8Array[]> {
    const read: ReadObject = (path) => Promise.resolve(objects.objects.get(path)?.bytes);
    const entries: Uint8Array[] = [];
    for (let index = 0n; index * 256n < size; index += 1n) {
        const tile = tileAt(size, 0, index);
        const [bundle, hashes] = await Promise.all([readBundle(read, tile), readTile(read, tile)]);
        entries.push(...bundle);
        expect(hashes.map((hash) => Buffer.from(hash).toString("hex"))).toEqual(
            bundle.map((entry) =>
                createHash("sha256")
                    .update(Buffer.from([0]))
                    .update(entry)
                    .digest("hex"),
            ),
        );
    }
    const tree = new ReferenceTree(entries);
    expect(Buffer.from(root).toString("hex")).toBe(tree.mth(0, Number(size)).toString("hex"));
    for (const tile of partialTiles(size)) expect(await readTile(read, tile)).toHaveLength(tile.width);
    return entries;
}

/** Whatever the key signed is a prefix of the log; a text was signed twice only if the answer was lost in between. */
function auditSigned({ signed }: LogWorld, tree: ReferenceTree, size: number): void {
    for (const { text } of signed) {
        const [, signedSize, root] = text.split("\n");
        if (Number(signedSize) <= size) expect(root).toBe(tree.mth(0, Number(signedSize)).toString("base64"));
    }
}

/** The hint may come after the archive, but not after `published`. */
function auditArchives({ objects, head, vkey, signed }: LogWorld): void {
    const published = BigInt(head.items.get("published")?.value.size ?? 0);

    for (const [path, { bytes }] of objects.objects) {
        if (!path.startsWith("archive/")) continue;
        const { checkpoint, uses } = decodeArchive(bytes);
        const { size } = openCheckpoint(Buffer.from(checkpoint), vkey);
        expect(path).toBe(`archive/${size}.json`);
        for (const use of uses) {
            const call = signed.find(({ requestId }) => requestId === use.kms_request_id);
            expect(checkpoint.startsWith(call?.text ?? "no such use")).toBe(true);
            expect(objects.objects.has(`index/use/${use.kms_request_id}.json`) || size > published).toBe(true);
        }
    }
}

function auditTables({ intake, reconciler }: LogWorld, entries: readonly string[]): void {
    for (const { value } of [...intake.items.values(), ...reconciler.items.values()]) {
        if (typeof value.log_index !== "number" || value.log_index >= entries.length) continue;
        expect(entries[value.log_index]).toBe(value.leaf);
        expect(value.pending).toBeUndefined();
    }
}
