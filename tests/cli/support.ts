import { execFile } from "node:child_process";
import { generateKeyPairSync, sign } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { toBase64, toHex, toUtf8 } from "../../lib/encoding";
import { appendSignature } from "../../lib/formats/kmod";
import { sha256 } from "../../lib/hash";
import { encodeLeaf, sealLeaf } from "../../lib/record/codec";
import { keyRegisteredLeaf } from "../../lib/record/key-registered";
import type { CorrectionLeaf, Leaf, SignatureLeaf } from "../../lib/record/leaf";
import { encodeBundle } from "../../lib/tlog/bundle";
import { checkpointText, encodeCheckpoint } from "../../lib/tlog/checkpoint";
import { appendLeaves, edgeRoot, EMPTY_EDGE } from "../../lib/tlog/edge";
import { leafHash } from "../../lib/tlog/hashing";
import { tileAt, tilePath } from "../../lib/tlog/tile";
import { encodeVkey, vkeyFromSpki } from "../../lib/tlog/vkey";
import { certificate, rsaKey, signDigest, type TestKey } from "../support/certificates";

export const ORIGIN = "log.example/test";
const TIME = "2026-11-24T08:00:00Z";

/** The command as it is shipped, bundled once a test file; packages stay outside, as in dist/. */
export async function bundleCli(): Promise<{ readonly path: string; remove(): void }> {
    const root = resolve(__dirname, "../..");
    const path = join(root, "node_modules", ".cache", "countersign-test", `cli-${process.pid}.cjs`);
    const options = { bundle: true, platform: "node", target: "node24", format: "cjs", packages: "external" } as const;
    await build({ ...options, absWorkingDir: root, entryPoints: ["cli/main.ts"], outfile: path, logLevel: "error" });
    return { path, remove: () => rmSync(path, { force: true }) };
}

export interface Run {
    readonly status: number;
    readonly out: string;
    readonly err: string;
    /** Of standard output, with --json. */
    json(): Record<string, unknown>;
}

export function runCli(
    path: string,
    args: readonly string[],
    env: Record<string, string> = {},
    cwd?: string,
): Promise<Run> {
    return new Promise((done) => {
        execFile(process.execPath, [path, ...args], { env, cwd, timeout: 60_000 }, (error, out, err) => {
            const status = typeof error?.code === "number" ? error.code : error ? -1 : 0;
            done({ status, out, err, json: () => JSON.parse(out) as Record<string, unknown> });
        });
    });
}

/** A log of real entries, tiles and signatures, as objects by path. */
export interface TestLog {
    readonly objects: Map<string, Uint8Array>;
    readonly vkey: string;
    readonly size: number;
    readonly key: TestKey;
    readonly fingerprint: string;
}

/** @param leaves placed at their index; everything else is filled with corrections */
export function makeLog(key: TestKey, leaves: ReadonlyMap<number, Leaf>, size: number): TestLog {
    const entries = Array.from({ length: size }, (_, i) => encodeLeaf(leaves.get(i) ?? filler(i)));
    const { edge, tiles } = appendLeaves(EMPTY_EDGE, entries.map(leafHash));
    const objects = new Map(tiles.map(({ tile, bytes }) => [tilePath(tile), bytes]));
    for (let first = 0; first < size; first += 256) {
        const tile = tileAt(BigInt(size), "entries", BigInt(first / 256));
        objects.set(tilePath(tile), encodeBundle(entries.slice(first, first + tile.width)));
    }
    const pair = generateKeyPairSync("ed25519");
    const vkey = vkeyFromSpki(ORIGIN, new Uint8Array(pair.publicKey.export({ format: "der", type: "spki" })));
    const checkpoint = { origin: ORIGIN, size: BigInt(size), root: edgeRoot(edge) };
    const signature = new Uint8Array(sign(null, Buffer.from(checkpointText(checkpoint)), pair.privateKey));
    objects.set("checkpoint", encodeCheckpoint(checkpoint, vkey, signature));
    return { objects, vkey: encodeVkey(vkey), size, key, fingerprint: toHex(sha256(key.spki)) };
}

/** Hint as the log's publisher writes it. */
export function addHint({ objects }: TestLog, artifactSha256: string, ...indices: number[]): void {
    objects.set(
        `index/digest/${artifactSha256.slice(0, 2)}/${artifactSha256}.json`,
        toUtf8(JSON.stringify({ indices })),
    );
}

function filler(index: number): CorrectionLeaf {
    return sealLeaf<CorrectionLeaf>({
        version: 1,
        type: "correction",
        timestamp: TIME,
        corrects_index: index,
        corrects_record_hash: "00".repeat(32),
        reason: "operator",
        new_class: "matched",
    });
}

export const registered = (key: TestKey): Leaf =>
    keyRegisteredLeaf(
        {
            spki: key.spki,
            alias: "alias/test-v1",
            role: "artifact",
            spec: "RSA_2048",
            algorithms: ["RSASSA_PKCS1_V1_5_SHA_256"],
            policy: "{}",
            createdAt: new Date(TIME),
        },
        new Date(TIME),
    );

export interface SignedFile {
    readonly leaf: SignatureLeaf;
    readonly signature: Uint8Array;
    /** Of the file before signing, hex. */
    readonly artifact: string;
}

export function signRaw(key: TestKey, file: Uint8Array, format = "raw"): SignedFile {
    const digest = sha256(file);
    const signature = signDigest(key, digest);
    const leaf = sealLeaf<SignatureLeaf>({
        version: 1,
        type: "signature",
        timestamp: TIME,
        key_spki_sha256: toHex(sha256(key.spki)),
        key_alias: "alias/test-v1",
        signing_algorithm: "RSASSA_PKCS1_V1_5_SHA_256",
        message_type: "DIGEST",
        message_digest_sha256: toHex(digest),
        signature_base64: toBase64(signature),
        artifact_sha256: toHex(digest),
        format,
        kms_request_id: "00000000-0000-4000-8000-000000000001",
        principal_hash: "11".repeat(32),
        approvals: [],
    });
    return { leaf, signature, artifact: toHex(digest) };
}

export function signModule(key: TestKey, module: Uint8Array): SignedFile & { readonly signed: Uint8Array } {
    const made = signRaw(key, module, "kmod");
    return { ...made, signed: appendSignature(module, certificate({ key }), "sha256", made.signature) };
}

export const testKey = (): TestKey => rsaKey();

export interface Served {
    readonly url: string;
    readonly requests: string[];
    stop(): Promise<void>;
}

/** Loopback HTTP; `answer` undefined is what a bucket that may not be listed says of a missing object. */
export async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<Served> {
    const requests: string[] = [];
    const server = createServer((request, response) => {
        requests.push(`${request.method} ${request.url}`);
        answer(request, response);
    });
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    return {
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        requests,
        stop: () =>
            new Promise((stopped) => {
                server.closeAllConnections();
                server.close(() => stopped());
            }),
    };
}

export function serveObjects(objects: () => ReadonlyMap<string, Uint8Array>): Promise<Served> {
    return serve((request, response) => {
        const bytes = objects().get((request.url ?? "/").slice(1));
        if (bytes) response.end(Buffer.from(bytes));
        else response.writeHead(403).end("<Error><Code>AccessDenied</Code></Error>");
    });
}

/** A copy with one bit of one byte changed. */
export function flipped(bytes: Uint8Array, at: number): Uint8Array {
    const copy = Uint8Array.from(bytes);
    const index = at < 0 ? copy.length + at : at;
    copy[index]! ^= 0x01;
    return copy;
}
