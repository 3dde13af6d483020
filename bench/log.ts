import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { toUtf8 } from "../lib/encoding";
import { appendLeaves, edgeRoot, EMPTY_EDGE } from "../lib/tlog/edge";
import { leafHash } from "../lib/tlog/hashing";
import { inclusionProof, verifyInclusion } from "../lib/tlog/proof";
import { tilePath } from "../lib/tlog/tile";
import { tileTree } from "../lib/tlog/tree";
import { compare, has, type Comparison, type Missing } from "./measure";

const run = promisify(execFile);
const SIZE = 70_000;

interface Times {
    readonly build: number;
    readonly prove: number;
    readonly check: number;
}

/** A log of 70,000 entries: hashed into tiles, every inclusion proof made from tiles and verified; beside Go's x/mod. */
export async function benchLog(): Promise<(Comparison | Missing)[]> {
    const steps = ["build", "prove", "check"] as const;
    const name = {
        build: "hash 70,000 entries into tiles",
        prove: "make 70,000 inclusion proofs",
        check: "verify 70,000 inclusion proofs",
    };
    if (!has("go", "version")) return steps.map((step) => ({ what: name[step], missing: "go" }));
    const folder = await mkdtemp(join(tmpdir(), "countersign-bench-"));
    try {
        const binary = join(folder, "xmod");
        await run("go", ["build", "-o", binary, "."], { cwd: join(__dirname, "xmod") });
        const theirs = async (): Promise<Times> => JSON.parse((await run(binary, [String(SIZE)])).stdout) as Times;
        const rows: Comparison[] = [];
        for (const step of steps) {
            rows.push(
                await compare(
                    name[step],
                    async () => (await ours())[step],
                    "Go x/mod",
                    async () => (await theirs())[step],
                ),
            );
        }
        return rows;
    } finally {
        await rm(folder, { recursive: true, force: true });
    }
}

async function ours(): Promise<Times> {
    const entries = Array.from({ length: SIZE }, (_, i) => toUtf8(`entry ${i}`));
    const started = performance.now();
    const grown = appendLeaves(EMPTY_EDGE, entries.map(leafHash));
    const root = edgeRoot(grown.edge);
    const build = performance.now() - started;

    const objects = new Map(grown.tiles.map(({ tile, bytes }) => [tilePath(tile), bytes]));
    const tree = tileTree(BigInt(SIZE), (path) => Promise.resolve(objects.get(path)));
    const proving = performance.now();
    const proofs: Uint8Array[][] = [];
    for (let i = 0; i < SIZE; i++) proofs.push(await inclusionProof(tree, BigInt(i)));
    const prove = performance.now() - proving;

    const checking = performance.now();
    proofs.forEach((proof, i) =>
        verifyInclusion({ index: BigInt(i), size: BigInt(SIZE), leafHash: leafHash(entries[i]!), root, proof }),
    );
    return { build, prove, check: performance.now() - checking };
}
