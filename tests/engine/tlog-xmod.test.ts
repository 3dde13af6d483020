import { execFile, spawnSync } from "node:child_process";
import { generateKeyPairSync, sign } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fromUtf8, toBase64, toUtf8 } from "../../lib/encoding";
import { checkpointText, encodeCheckpoint } from "../../lib/tlog/checkpoint";
import { appendLeaves, type Edge, edgeRoot, EMPTY_EDGE } from "../../lib/tlog/edge";
import { leafHash } from "../../lib/tlog/hashing";
import { consistencyProof, inclusionProof } from "../../lib/tlog/proof";
import { tilePath } from "../../lib/tlog/tile";
import { type Tree, tileTree } from "../../lib/tlog/tree";
import { encodeVkey, vkeyFromSpki } from "../../lib/tlog/vkey";

/**
 * Proves that Go's x/mod, which shares no code with ours, accepts our checkpoints and proofs and rejects altered ones. Proves nothing about
 * tile paths, which x/mod writes otherwise. Needs `go`; not in `npm test`, since a first build takes a quarter of a minute.
 */

const go = spawnSync("go", ["version"]).status === 0;
if (!go) console.warn("SKIPPED: no go on PATH, so nobody else's verifier judges the log");

const SIZES = [1, 2, 255, 256, 257, 65_535, 65_536, 65_537, 70_000];
const ORIGIN = "log.example.test/xmod";
const pair = generateKeyPairSync("ed25519");
const vkey = vkeyFromSpki(ORIGIN, new Uint8Array(pair.publicKey.export({ format: "der", type: "spki" })));

interface Proof {
    readonly kind: "record" | "tree";
    readonly n: number;
    readonly size: number;
    readonly root: string;
    readonly old: string;
    readonly hashes: readonly string[];
}

const objects = new Map<string, Uint8Array>();
const roots = new Map<number, Uint8Array>();
let folder: string;

const entryOf = (i: number): Uint8Array => toUtf8(`entry ${i}`);
const treeOf = (size: number): Tree => tileTree(BigInt(size), (path) => Promise.resolve(objects.get(path)));
const rootOf = (size: number): Uint8Array => roots.get(size) ?? new Uint8Array();

beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "countersign-xmod-"));
    let edge: Edge = EMPTY_EDGE;
    for (const size of SIZES) {
        const from = Number(edge.size);
        const leaves = Array.from({ length: size - from }, (_, i) => leafHash(entryOf(from + i)));
        const grown = appendLeaves(edge, leaves);
        for (const { tile, bytes } of grown.tiles) objects.set(tilePath(tile), bytes);
        edge = grown.edge;
        roots.set(size, edgeRoot(edge));
    }
    if (go)
        await promisify(execFile)("go", ["build", "-o", join(folder, "xmod"), "."], { cwd: join(__dirname, "xmod") });
}, 300_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

function judge(cases: { trees?: readonly string[]; proofs?: readonly Proof[] }): string[] {
    const input = JSON.stringify({ vkey: encodeVkey(vkey), trees: [], proofs: [], ...cases });
    const { stdout, stderr, status } = spawnSync(join(folder, "xmod"), { input, maxBuffer: 1 << 28 });
    if (status !== 0) throw new Error(String(stderr));
    return (JSON.parse(String(stdout)) as string[] | null) ?? [];
}

function signed(size: number): string {
    const checkpoint = { origin: ORIGIN, size: BigInt(size), root: rootOf(size) };
    const signature = new Uint8Array(sign(null, toUtf8(checkpointText(checkpoint)), pair.privateKey));
    return fromUtf8(encodeCheckpoint(checkpoint, vkey, signature));
}

async function recordProof(n: number, size: number): Promise<Proof> {
    const hashes = (await inclusionProof(treeOf(size), BigInt(n))).map(toBase64);
    return { kind: "record", n, size, root: toBase64(rootOf(size)), old: toBase64(leafHash(entryOf(n))), hashes };
}

async function treeProof(n: number, size: number): Promise<Proof> {
    const hashes = (await consistencyProof(treeOf(size), BigInt(n))).map(toBase64);
    return { kind: "tree", n, size, root: toBase64(rootOf(size)), old: toBase64(rootOf(n)), hashes };
}

function leniently(text: string): string {
    return text.replace(/[A-Za-z0-9+/]{40,}={0,2}/g, (base64) => Buffer.from(base64, "base64").toString("hex"));
}

function flip(base64: string): string {
    const bytes = Buffer.from(base64, "base64");
    bytes[3] = (bytes[3] ?? 0) ^ 1;
    return bytes.toString("base64");
}

describe.runIf(go)("x/mod", () => {
    it("builds the same trees and opens our checkpoints", () => {
        expect(judge({ trees: SIZES.map(signed) })).toEqual(SIZES.map(() => "accept"));
    });

    it("rejects a checkpoint with any byte changed", () => {
        const bytes = toUtf8(signed(257));
        const changed = Array.from(bytes, (_, i) => bytes.map((byte, j) => (i === j ? byte ^ 1 : byte)));
        const texts = changed.map((copy) => Buffer.from(copy).toString("utf8"));
        // Go decodes base64 leniently, so a changed stray bit is the same checkpoint to it; our parser refuses that, too.
        const other = texts.filter((text) => leniently(text) !== leniently(signed(257)));
        expect(texts.length - other.length).toBeLessThanOrEqual(2);
        expect(judge({ trees: other }).filter((verdict) => verdict === "accept")).toEqual([]);
    });

    it("accepts our proofs, and rejects each with a hash changed", async () => {
        const proofs: Proof[] = [];
        for (const size of SIZES) {
            for (const n of [0, 1, 254, 255, 256, 65_535, 65_536, size - 1].filter((index) => index < size)) {
                proofs.push(await recordProof(n, size));
            }
            for (const old of SIZES.filter((other) => other <= size)) proofs.push(await treeProof(old, size));
        }
        expect(new Set(judge({ proofs }))).toEqual(new Set(["accept"]));
        const altered = proofs.flatMap((proof) =>
            proof.hashes.map((_, at) => ({
                ...proof,
                hashes: proof.hashes.map((hash, i) => (i === at ? flip(hash) : hash)),
            })),
        );
        expect(altered.length).toBeGreaterThan(500);
        expect(judge({ proofs: altered }).filter((verdict) => verdict === "accept")).toEqual([]);
    });
});
