import { createHash } from "node:crypto";
import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { expect } from "vitest";
import { toHex } from "../../../lib/encoding";
import { decodeLeaf } from "../../../lib/record/codec";
import { decodeArchive } from "../../../lib/tlog/archive";
import { openCheckpoint } from "../../../lib/tlog/checkpoint";
import { tileAt } from "../../../lib/tlog/tile";
import { readBundle, readTile } from "../../../lib/tlog/tree";
import { parseVkey } from "../../../lib/tlog/vkey";
import { httpReader } from "../../../local/story/log-reader";
import { ReferenceTree, referenceTiles } from "../../lib/tlog/reference";
import type { Deployed } from "./stage";

export interface AuditedLog {
    readonly size: number;
    readonly root: string;
    /** Canonical leaves, by index. */
    readonly entries: readonly string[];
}

/**
 * Reads the whole log over HTTP, as anyone can, and expects of it: the log's key signed a checkpoint whose root is that of exactly
 * the entries that are served, by RFC 6962 word for word; every tile is what its definition says; no entry is there twice; what
 * was published before is a prefix; and the sequencer's own table says the same size and root.
 */
export async function auditLog(stage: Deployed, before?: AuditedLog): Promise<AuditedLog> {
    const { outputs, cloud } = stage;
    const read = httpReader(await cloud.logUrl(outputs.logUrl));
    const note = await read("checkpoint");
    const { size: signedSize, root, origin } = openCheckpoint(note!, parseVkey(outputs.logVkey));
    expect(origin).toBe(outputs.logOrigin);

    const size = Number(signedSize);
    const bytes: Uint8Array[] = [];
    for (let index = 0n; index * 256n < signedSize; index += 1n) {
        const tile = tileAt(signedSize, 0, index);
        const [bundle, hashes] = await Promise.all([readBundle(read, tile), readTile(read, tile)]);
        expect(hashes.map(toHex)).toEqual(bundle.map(leafHash));
        bytes.push(...bundle);
    }
    const tree = new ReferenceTree(bytes);
    expect(toHex(root)).toBe(toHex(tree.mth(0, size)));
    for (const [path, content] of referenceTiles(tree, size)) {
        expect([path, toHex((await read(path)) ?? new Uint8Array())]).toEqual([path, toHex(content)]);
    }
    if (before) expect(toHex(tree.mth(0, before.size))).toBe(before.root);

    const entries = bytes.map((entry) => Buffer.from(entry).toString("utf8"));
    const hashes = bytes.map((entry) => decodeLeaf(entry).record_hash);
    expect(new Set(hashes).size).toBe(size);

    const head = await headItem(stage);
    expect(head).toEqual({ size, root: toHex(root) });
    return { size, root: toHex(root), entries };
}

async function headItem({ dynamodb, outputs }: Deployed): Promise<{ size: number; root: string | undefined }> {
    const { Item } = await dynamodb.send(
        new GetItemCommand({
            TableName: String(outputs.all["headTable"]),
            Key: { id: { S: "head" } },
            ConsistentRead: true,
        }),
    );
    return { size: Number(Item?.["size"]?.N), root: Item?.["root"]?.S };
}

/** KMS request ids of all archived checkpoints' signatures, for sizes up to the log's. */
export async function archivedUses(stage: Deployed, { size }: AuditedLog): Promise<readonly string[]> {
    const { outputs, cloud } = stage;
    const read = httpReader(await cloud.logUrl(outputs.logUrl));
    const uses: string[] = [];
    for (let at = 1; at <= size; at += 1) {
        const stored = await read(`archive/${at}.json`);
        if (stored) uses.push(...decodeArchive(stored).uses.map(({ kms_request_id }) => kms_request_id));
    }
    return uses;
}

function leafHash(entry: Uint8Array): string {
    return createHash("sha256")
        .update(Buffer.from([0]))
        .update(entry)
        .digest("hex");
}
