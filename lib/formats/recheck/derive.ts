import { createHash } from "node:crypto";
import { toHex } from "../../encoding";
import { codedError } from "../../errors";
import { ALGORITHMS, type SigningAlgorithm } from "../../kms/specs";
import { ELF_MAGIC, KMOD_MAGIC } from "../constants";
import type { Message } from "../format";

/**
 * Derives again, in one pass over a stream, what a key must sign for a file. Shares no code with the formats' `prepare`, so that one
 * mistake does not decide alone what gets signed.
 */
export interface Derived {
    readonly artifactSha256: string;
    /** Bytes. */
    readonly size: number;
    readonly messages: readonly Message[];
}

/** @throws FormatUnknown, BadSigningAlgorithm, NotAKernelModule, AlreadySigned */
export async function derive(
    format: string,
    signingAlgorithm: SigningAlgorithm,
    chunks: AsyncIterable<Uint8Array>,
): Promise<Derived> {
    checkAlgorithm(format, signingAlgorithm);
    const { size, sha256, digest, head, tail } = await measure(chunks, ALGORITHMS[signingAlgorithm].digest ?? "sha256");
    if (format === "kmod") checkModule(head, tail);
    return {
        artifactSha256: toHex(sha256),
        size,
        messages: [{ signingAlgorithm, messageType: "DIGEST", message: digest }],
    };
}

function checkAlgorithm(format: string, algorithm: SigningAlgorithm): void {
    switch (format) {
        case "raw":
            if (/^RSASSA_(PKCS1_V1_5|PSS)_SHA_(256|384|512)$/.test(algorithm)) return;
            break;
        case "kmod":
            if (algorithm === "RSASSA_PKCS1_V1_5_SHA_256") return;
            break;
        default:
            throw codedError("FormatUnknown", `format ${JSON.stringify(format)} is unknown, expected raw or kmod`);
    }
    throw codedError("BadSigningAlgorithm", `format ${format} cannot be signed with ${JSON.stringify(algorithm)}`);
}

function checkModule(head: string, tail: string): void {
    if (!head.startsWith(ELF_MAGIC)) {
        throw codedError("NotAKernelModule", `file starts with "${head}", expected the ELF magic ${ELF_MAGIC}`);
    }
    if (tail.endsWith(KMOD_MAGIC)) throw codedError("AlreadySigned", "file ends with the magic of a module signature");
}

/** How many bytes of either end are looked at. */
const ENDS = 32;

interface Measured {
    readonly size: number;
    readonly sha256: Uint8Array;
    readonly digest: Uint8Array;
    /** Hex of the first and last bytes. */
    readonly head: string;
    readonly tail: string;
}

async function measure(chunks: AsyncIterable<Uint8Array>, hashName: string): Promise<Measured> {
    const artifact = createHash("sha256");
    const other = hashName === "sha256" ? undefined : createHash(hashName);
    let size = 0;
    let head = "";
    let tail = "";
    for await (const chunk of chunks) {
        artifact.update(chunk);
        other?.update(chunk);
        size += chunk.length;
        if (head.length < 2 * ENDS) head = (head + toHex(chunk.subarray(0, ENDS))).slice(0, 2 * ENDS);
        tail = (tail + toHex(chunk.subarray(-ENDS))).slice(-2 * ENDS);
    }
    const sha256 = new Uint8Array(artifact.digest());
    return { size, sha256, digest: other ? new Uint8Array(other.digest()) : sha256, head, tail };
}
