import { fromUtf8, toBase64, toHex } from "../encoding";
import { codedError } from "../errors";
import { sha256 } from "../hash";
import { decodeLeaf } from "../record/codec";
import type { Leaf } from "../record/leaf";
import { appendLeaves, checkRoot, EMPTY_EDGE } from "../tlog/edge";
import { leafHash } from "../tlog/hashing";
import { TILE_HEIGHT, tileAt } from "../tlog/tile";
import { readBundle, type ReadObject } from "../tlog/tree";
import { check, checkAsync } from "./check";
import type { OpenLog } from "./prove-entry";
import type { Subject } from "./subject";

/**
 * Indices that the log's own index names for a file. An unauthenticated hint: entries that it leads to are proved, and a
 * hint that is missing, malformed or wrong means that the log has to be read.
 *
 * @returns newest first, at most 16
 */
export async function hintedIndices(read: ReadObject, { artifactSha256 }: Subject): Promise<readonly bigint[]> {
    const bytes = await read(`index/digest/${artifactSha256.slice(0, 2)}/${artifactSha256}.json`);
    const { indices } = (bytes ? parseJson(bytes) : {}) as { indices?: unknown };
    const numbers = Array.isArray(indices) ? indices.filter((n): n is number => Number.isSafeInteger(n) && n >= 0) : [];
    return numbers.slice(-16).reverse().map(BigInt);
}

/** How well an entry fits: 2 if both its signature and its artifact are the file's, 1 if one is. */
export function fit(leaf: Leaf, { signature, artifactSha256 }: Subject): number {
    if (leaf.type !== "signature") return 0;
    return Number(leaf.signature_base64 === toBase64(signature)) + Number(leaf.artifact_sha256 === artifactSha256);
}

/**
 * Reads the whole log, whose entries must hash to the checkpoint's root, so that "there is none" is a statement about the log and not
 * about what its server chose to send. An entry that fits in part is returned too: then the checks say in which part it does not.
 *
 * @param onProgress entries read so far
 * @throws the checks `entry`, `log`
 */
export async function searchLog(
    log: OpenLog,
    subject: Subject,
    onProgress: (entries: bigint) => void = () => undefined,
): Promise<bigint> {
    let best = { fit: 0, index: -1n };
    await readAll(log, (leaf, index) => {
        const found = fit(leaf, subject);
        if (found > 0 && found >= best.fit) best = { fit: found, index };
        if (index % 256n === 0n) onProgress(index);
    });
    if (best.fit > 0) return best.index;
    return check("log", () => {
        const what = `signature or SHA-256 ${subject.artifactSha256}`;
        throw codedError("NotLogged", `none of the log's ${log.size} entries has this file's ${what}`);
    });
}

/**
 * A public key by its fingerprint, out of whatever the log says of keys: the hash is what decides.
 *
 * @returns undefined if the log names none
 */
export async function spkiFromLog(log: OpenLog, fingerprint: string): Promise<Uint8Array | undefined> {
    const described = await log.read("log.json");
    const hinted = described && stringsIn(parseJson(described)).map(decode).find(isIt);
    if (hinted) return hinted;
    let registered: Uint8Array | undefined;
    await readAll(log, (leaf) => {
        if (registered || leaf.type !== "key_event" || leaf.key_spki_sha256 !== fingerprint) return;
        const spki = decode(leaf.spki_base64 ?? "");
        if (isIt(spki)) registered = spki;
    });
    return registered;

    function isIt(bytes: Uint8Array): boolean {
        return toHex(sha256(bytes)) === fingerprint;
    }
}

/** Every entry in order; those of a type that is unknown here are only hashed. @throws the check `entry` */
async function readAll(log: OpenLog, visit: (leaf: Leaf, index: bigint) => void): Promise<void> {
    const width = 1n << BigInt(TILE_HEIGHT);
    let edge = EMPTY_EDGE;
    for (let first = 0n; first < log.size; first += width) {
        const tile = tileAt(log.size, "entries", first / width);
        const entries = await checkAsync("entry", () => readBundle(log.read, tile));
        edge = appendLeaves(edge, entries.map(leafHash)).edge;
        entries.forEach((entry, i) => {
            const leaf = tryDecode(entry);
            if (leaf) visit(leaf, first + BigInt(i));
        });
    }
    check("entry", () => checkRoot(edge, log.root));
}

function tryDecode(entry: Uint8Array): Leaf | undefined {
    try {
        return decodeLeaf(entry);
    } catch {
        return undefined;
    }
}

function parseJson(bytes: Uint8Array): unknown {
    try {
        return (JSON.parse(fromUtf8(bytes)) as unknown) ?? {};
    } catch {
        return {};
    }
}

function stringsIn(value: unknown): string[] {
    if (typeof value === "string") return [value];
    return typeof value === "object" && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}

function decode(text: string): Uint8Array {
    return new Uint8Array(Buffer.from(text, "base64"));
}
