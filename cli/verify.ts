import { isCodedError } from "../lib/errors";
import { decodeLeaf } from "../lib/record/codec";
import { parseTlogProof, type TlogProof } from "../lib/tlog/tlog-proof";
import type { Vkey } from "../lib/tlog/vkey";
import { check, isFailedCheck } from "../lib/verifier/check";
import { fit, hintedIndices, searchLog, spkiFromLog } from "../lib/verifier/find-entry";
import { openLog, proveEntry, type OpenLog } from "../lib/verifier/prove-entry";
import { readSubject, type Subject } from "../lib/verifier/subject";
import { verifyProof, type VerifiedProof } from "../lib/verifier/verify-proof";
import { exitOf, usageError, VERIFIED } from "./exit";
import { httpLog } from "./http-log";
import type { Io } from "./io";
import {
    logUrlOf,
    pinnedKeys,
    readOutputs,
    vkeyOf,
    type KeyOptions,
    type LogOptions,
    type PinnedKeys,
} from "./settings";
import { startStatus, type Status } from "./status";

export interface VerifyArgs extends LogOptions, KeyOptions {
    readonly file: string;
    readonly signature?: string;
    readonly index?: string;
    readonly proof?: string;
    readonly json?: boolean;
}

/** What no proof can show; said with every verdict. */
export const NOT_SHOWN = "not shown: how fresh the log is, later corrections, uses of the key without a record";

/** countersign verify FILE. Exit: 0 verified, 1 not, 2 usage, 3 could not tell. */
export async function verify(io: Io, args: VerifyArgs): Promise<number> {
    const status = startStatus(io.stderr);
    try {
        const verified = await verifyGiven(io, args, status);
        status.end();
        io.out(args.json ? JSON.stringify(reportOf(verified)) : textOf(args.file, verified));
        return VERIFIED;
    } catch (error) {
        status.end();
        return exitOf(io, withHint(error), args);
    }
}

async function verifyGiven(io: Io, args: VerifyArgs, status: Status): Promise<VerifiedProof> {
    const index = parseIndex(args.index);
    if (index !== undefined && args.proof !== undefined) throw usageError("--index and --proof exclude each other");
    const outputs = await readOutputs(io, args);
    const vkey = vkeyOf(io, outputs, args);
    const pinned = await pinnedKeys(io, outputs, args);
    const file = await io.read(args.file);
    const signature = args.signature === undefined ? undefined : await io.read(args.signature);
    const proof = args.proof === undefined ? undefined : await io.read(args.proof);
    const subject = readSubject(file, signature);
    if (proof) {
        const parsed = check("inclusion", () => parseTlogProof(proof));
        return verifyProof({
            subject,
            proof: parsed,
            vkey,
            keys: pinned.keys,
            spkiOf: async (key) => pinned.spkis.get(key),
        });
    }
    const url = logUrlOf(io, outputs, args);
    return verifyByLog({ url, vkey, pinned, subject, index }, status);
}

export interface LogQuestion {
    readonly url: string;
    readonly vkey: Vkey;
    readonly pinned: PinnedKeys;
    readonly subject: Subject;
    /** Undefined: found by the log's hints, else by reading the log. */
    readonly index?: bigint;
}

/** @throws a failed check, or could not tell */
export async function verifyByLog(
    { url, vkey, pinned, subject, index }: LogQuestion,
    status: Status,
): Promise<VerifiedProof> {
    status.say(`reading ${url}`);
    const log = await openLog(httpLog(url), vkey);
    const proof = await proofFor(log, subject, index, status);
    const spkiOf = async (key: string): Promise<Uint8Array | undefined> =>
        pinned.spkis.get(key) ?? (await spkiFromLog(log, key));
    return verifyProof({ subject, proof, vkey, keys: pinned.keys, spkiOf });
}

async function proofFor(log: OpenLog, subject: Subject, index: bigint | undefined, status: Status): Promise<TlogProof> {
    if (index !== undefined) return proveEntry(log, index);
    for (const hinted of await hintedIndices(log.read, subject)) {
        if (hinted >= log.size) continue;
        const proof = await proveEntry(log, hinted);
        if (proof.extra && fitOf(proof.extra, subject) === 2) return proof;
    }
    status.say(`looking through the log's ${log.size} entries`);
    const found = await searchLog(log, subject, (read) =>
        status.say(`looking through the log: entry ${read} of ${log.size}`),
    );
    return proveEntry(log, found);
}

function fitOf(entry: Uint8Array, subject: Subject): number {
    try {
        return fit(decodeLeaf(entry), subject);
    } catch {
        return 0; // of a type that is unknown here, so not the one looked for
    }
}

function parseIndex(text: string | undefined): bigint | undefined {
    if (text === undefined) return undefined;
    if (!/^(?:0|[1-9][0-9]{0,18})$/.test(text))
        throw usageError(`--index ${JSON.stringify(text)}, expected a decimal number`);
    return BigInt(text);
}

function withHint(error: unknown): unknown {
    if (isFailedCheck(error) && isCodedError(error) && error.code === "NotSigned") {
        error.message += "; for a signature beside the file, give --signature FILE";
    }
    return error;
}

function reportOf({ index, checkpoint, leaf, checks }: VerifiedProof): Record<string, unknown> {
    const log = { origin: checkpoint.origin, size: Number(checkpoint.size) };
    const entry = { record_hash: leaf.record_hash, format: leaf.format, key_spki_sha256: leaf.key_spki_sha256 };
    return { verified: true, index: Number(index), log, ...entry, timestamp: leaf.timestamp, checks };
}

function textOf(file: string, { index, checkpoint, leaf, checks }: VerifiedProof): string {
    return [
        `verified: ${file} is entry ${index} of ${checkpoint.origin} (size ${checkpoint.size})`,
        `  record  ${leaf.record_hash}, made ${leaf.timestamp}, format ${leaf.format}`,
        `  key     ${leaf.key_alias}, fingerprint ${leaf.key_spki_sha256}`,
        `  checks  ${checks.join(", ")}`,
        `  ${NOT_SHOWN}`,
    ].join("\n");
}
