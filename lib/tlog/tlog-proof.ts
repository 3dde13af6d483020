import { concat, fromBase64, fromUtf8, quote, toBase64, toUtf8 } from "../encoding";
import { codedError } from "../errors";
import { parseNote } from "./note";
import { parseUint64 } from "./uint64";

/**
 * `.tlog-proof` files (C2SP tlog-proof):
 *
 *     c2sp.org/tlog-proof@v1
 *     extra <base64>            optional, unauthenticated; here the leaf bytes
 *     index <n>
 *     <base64 hash>             0 or more
 *                               empty line
 *     <checkpoint, verbatim>
 */
export interface TlogProof {
    readonly extra?: Uint8Array;
    readonly index: bigint;
    readonly hashes: readonly Uint8Array[];
    /** A signed note; not verified here. */
    readonly checkpoint: Uint8Array;
}

const HEADER = "c2sp.org/tlog-proof@v1";
const MAX_PROOF = 2 << 20;
/** A tree of 2^64 leaves has no longer path. */
const MAX_HASHES = 64;

export function encodeTlogProof({ extra, index, hashes, checkpoint }: TlogProof): Uint8Array {
    const lines = [
        HEADER,
        ...(extra ? [`extra ${toBase64(extra)}`] : []),
        `index ${index}`,
        ...hashes.map((hash) => toBase64(hash)),
        "",
        "",
    ];
    return concat(toUtf8(lines.join("\n")), checkpoint);
}

/**
 * @param bytes caller-controlled
 * @throws BadProof, BadNote
 */
export function parseTlogProof(bytes: Uint8Array): TlogProof {
    if (bytes.length > MAX_PROOF)
        throw codedError("BadProof", `proof file has ${bytes.length} bytes, expected at most ${MAX_PROOF}`);
    // Split in bytes: the checkpoint is kept verbatim, and its own parser judges its text.
    const blank = Buffer.from(bytes).indexOf("\n\n");
    const lines = blank < 0 ? [] : decodeLines(bytes.subarray(0, blank));
    const checkpoint = bytes.slice(blank + 2);
    if (lines.shift() !== HEADER)
        throw codedError(
            "BadProof",
            `proof file does not start with ${quote(HEADER)} and a blank line after the hashes`,
        );
    const extra = lines[0]?.startsWith("extra ") ? decode(lines.shift()?.slice("extra ".length) ?? "") : undefined;
    const index = parseIndex(lines.shift());
    const hashes = lines.map(parseHash);
    if (hashes.length > MAX_HASHES)
        throw codedError("BadProof", `proof has ${hashes.length} hashes, expected at most ${MAX_HASHES}`);
    parseNote(checkpoint);
    return { ...(extra && { extra }), index, hashes, checkpoint };
}

function decodeLines(bytes: Uint8Array): string[] {
    try {
        return fromUtf8(bytes).split("\n");
    } catch (error) {
        throw codedError("BadProof", "proof file is not well-formed UTF-8", error);
    }
}

function parseIndex(line: string | undefined): bigint {
    try {
        if (line?.startsWith("index ")) return parseUint64(line.slice("index ".length));
    } catch (error) {
        throw codedError("BadProof", `${quote(line)}, expected index and a decimal`, error);
    }
    throw codedError("BadProof", `${quote(line)}, expected index and a decimal`);
}

function parseHash(line: string): Uint8Array {
    const hash = decode(line);
    if (hash.length !== 32) throw codedError("BadProof", `hash ${quote(line)} has ${hash.length} bytes, expected 32`);
    return hash;
}

function decode(text: string): Uint8Array {
    try {
        return fromBase64(text);
    } catch (error) {
        throw codedError("BadProof", `${quote(text)} is not padded base64`, error);
    }
}
