import { isCodedError } from "../lib/errors";
import type { Leaf } from "../lib/record/leaf";
import { openLog, proveEntry, type OpenLog } from "../lib/verifier/prove-entry";
import { verifyEntry } from "../lib/verifier/verify-proof";
import type { Vkey } from "../lib/tlog/vkey";
import { isFailedCheck } from "../lib/verifier/check";
import { exitOf, usageError, VERIFIED } from "./exit";
import { httpLog } from "./http-log";
import type { Io } from "./io";
import { logUrlOf, readOutputs, vkeyOf, type LogOptions } from "./settings";
import { startStatus, type Status } from "./status";

export interface LogListArgs extends LogOptions {
    /** First index; without it the newest entries. */
    readonly from?: string;
    readonly limit?: string;
    readonly type?: string;
    readonly json?: boolean;
}

interface Entry {
    readonly index: number;
    /** Undefined for a type that this version does not know; `problem` says what was seen. */
    readonly leaf?: Leaf;
    readonly problem?: string;
}

const MAX_LIMIT = 10_000;

/** countersign log list: entries, each proved. Exit: 0 verified, 1 not, 2 usage, 3 could not tell. */
export async function logList(io: Io, args: LogListArgs): Promise<number> {
    const status = startStatus(io.stderr);
    try {
        const limit = parseNumber(args.limit ?? "20", "--limit", 1, MAX_LIMIT);
        const from = args.from === undefined ? undefined : parseNumber(args.from, "--from", 0, Number.MAX_SAFE_INTEGER);
        const outputs = await readOutputs(io, args);
        const vkey = vkeyOf(io, outputs, args);
        const url = logUrlOf(io, outputs, args);
        status.say(`reading ${url}`);
        const log = await openLog(httpLog(url), vkey);
        const first = BigInt(from ?? Math.max(0, Number(log.size) - limit));
        const entries = await readEntries(log, vkey, first, limit, status);
        const shown = args.type === undefined ? entries : entries.filter(({ leaf }) => leaf?.type === args.type);
        status.end();
        const report = { verified: true, log: { origin: log.origin, size: Number(log.size) }, entries: shown };
        io.out(args.json ? JSON.stringify(report) : textOf(log, shown));
        return VERIFIED;
    } catch (error) {
        status.end();
        return exitOf(io, error, args);
    }
}

async function readEntries(log: OpenLog, vkey: Vkey, first: bigint, limit: number, status: Status): Promise<Entry[]> {
    const entries: Entry[] = [];
    for (let index = first; index < log.size && entries.length < limit; index += 1n) {
        status.say(`proving entry ${index} of ${log.size}`);
        const proof = await proveEntry(log, index);
        entries.push(decoded(Number(index), () => verifyEntry(proof, vkey).leaf));
    }
    return entries;
}

/** An entry that cannot be decoded is in the log all the same: it is shown as that. */
function decoded(index: number, decode: () => Leaf): Entry {
    try {
        return { index, leaf: decode() };
    } catch (error) {
        if (isFailedCheck(error) && isCodedError(error) && error.check === "leaf")
            return { index, problem: error.message };
        throw error;
    }
}

function parseNumber(text: string, option: string, min: number, max: number): number {
    const value = /^(?:0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : -1;
    if (value < min || value > max)
        throw usageError(`${option} ${JSON.stringify(text)}, expected a number from ${min} to ${max}`);
    return value;
}

function textOf(log: OpenLog, entries: readonly Entry[]): string {
    const head = `${log.origin}, size ${log.size}; each entry shown is proved under its signed root`;
    return [head, ...entries.map(lineOf)].join("\n");
}

function lineOf({ index, leaf, problem }: Entry): string {
    if (!leaf) return `${String(index).padStart(8)}  cannot be decoded: ${String(problem)}`;
    return `${String(index).padStart(8)}  ${leaf.timestamp}  ${leaf.type.padEnd(16)}  ${summaryOf(leaf)}`;
}

function summaryOf(leaf: Leaf): string {
    switch (leaf.type) {
        case "signature":
            return `${leaf.key_alias} ${leaf.format} artifact ${leaf.artifact_sha256 ?? "unknown"}`;
        case "unattributed_use":
            return `${leaf.key_alias} USED WITHOUT A RECORD, request ${leaf.kms_request_id}`;
        case "key_event":
            return `${leaf.key_alias} ${leaf.event_name} (${leaf.outcome})`;
        case "reconciliation":
            return `${leaf.window_start} to ${leaf.window_end}, ${leaf.counts.events_unattributed} unattributed`;
        case "correction":
            return `of entry ${leaf.corrects_index}: ${leaf.reason}, now ${leaf.new_class}`;
    }
}
