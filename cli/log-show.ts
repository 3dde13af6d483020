import { leafHash } from "../lib/tlog/hashing";
import { toBase64 } from "../lib/encoding";
import { encodeTlogProof } from "../lib/tlog/tlog-proof";
import { openLog, proveEntry } from "../lib/verifier/prove-entry";
import { verifyEntry } from "../lib/verifier/verify-proof";
import { exitOf, usageError, VERIFIED } from "./exit";
import { httpLog } from "./http-log";
import type { Io } from "./io";
import { logUrlOf, readOutputs, vkeyOf, type LogOptions } from "./settings";
import { startStatus } from "./status";

export interface LogShowArgs extends LogOptions {
    readonly index: string;
    /** Where to put the `.tlog-proof`. */
    readonly proof?: string;
    readonly json?: boolean;
}

/** countersign log show INDEX: one entry, proved. Exit: 0 verified, 1 not, 2 usage, 3 could not tell. */
export async function logShow(io: Io, args: LogShowArgs): Promise<number> {
    const status = startStatus(io.stderr);
    try {
        if (!/^(?:0|[1-9][0-9]{0,18})$/.test(args.index)) {
            throw usageError(`index ${JSON.stringify(args.index)}, expected a decimal number`);
        }
        const outputs = await readOutputs(io, args);
        const vkey = vkeyOf(io, outputs, args);
        const url = logUrlOf(io, outputs, args);
        status.say(`reading ${url}`);
        const log = await openLog(httpLog(url), vkey);
        const proof = await proveEntry(log, BigInt(args.index));
        const { leaf } = verifyEntry(proof, vkey);
        if (args.proof !== undefined) await io.create(args.proof, encodeTlogProof(proof));
        status.end();
        const { origin, size } = log;
        const hash = toBase64(leafHash(proof.extra ?? new Uint8Array()));
        const report = {
            verified: true,
            log: { origin, size: Number(size) },
            index: Number(args.index),
            leaf_hash: hash,
            leaf,
        };
        const head = `verified: entry ${args.index} of ${origin} (size ${size}), leaf hash ${hash}`;
        io.out(args.json ? JSON.stringify(report) : `${head}\n${JSON.stringify(leaf, undefined, 2)}`);
        return VERIFIED;
    } catch (error) {
        status.end();
        return exitOf(io, error, args);
    }
}
