import { fromBase64, quote, toBase64, toHex } from "../encoding";
import { codedError } from "../errors";
import { EMPTY_ROOT } from "./hashing";
import { encodeNote, openNote } from "./note";
import { parseUint64 } from "./uint64";
import type { Vkey } from "./vkey";

/**
 * Checkpoints (C2SP tlog-checkpoint v1.0.0), the text of a signed note:
 *
 *     <origin> LF <size> LF <base64 root> LF
 */
export interface Checkpoint {
    /** The log's name, and its key's. */
    readonly origin: string;
    readonly size: bigint;
    /** 32 bytes. */
    readonly root: Uint8Array;
}

/** What a checkpoint's signature covers. We write no extension lines. */
export function checkpointText({ origin, size, root }: Checkpoint): string {
    return `${origin}\n${size}\n${toBase64(root)}\n`;
}

/**
 * Extension lines are ignored.
 *
 * @param text caller-controlled
 * @throws BadCheckpoint
 */
export function parseCheckpoint(text: string): Checkpoint {
    const [origin = "", size = "", root = "", ...rest] = text.split("\n");
    // The text ends in LF, so the last part is empty and no other may be.
    if (rest.pop() !== "" || [origin, size, root, ...rest].includes("")) throw bad(text);
    try {
        const checkpoint = { origin, size: parseUint64(size), root: fromBase64(root) };
        const isEmpty = toHex(checkpoint.root) === EMPTY_ROOT;
        if (checkpoint.root.length === 32 && isEmpty === (checkpoint.size === 0n)) return checkpoint;
    } catch (error) {
        throw bad(text, error);
    }
    throw bad(text);
}

function bad(text: string, cause?: unknown): Error {
    return codedError("BadCheckpoint", `${quote(text)}, expected lines of origin, size and root`, cause);
}

/** @throws BadNote, SignatureMismatch, BadCheckpoint, also for another origin than the key's name */
export function openCheckpoint(bytes: Uint8Array, vkey: Vkey): Checkpoint {
    const checkpoint = parseCheckpoint(openNote(bytes, [vkey]).text);
    if (checkpoint.origin !== vkey.name) {
        throw codedError("BadCheckpoint", `checkpoint is of ${quote(checkpoint.origin)}, expected ${quote(vkey.name)}`);
    }
    return checkpoint;
}

/** @param signature over `checkpointText`, by the log's key, whose name is the origin */
export function encodeCheckpoint(checkpoint: Checkpoint, { name, keyId }: Vkey, signature: Uint8Array): Uint8Array {
    return encodeNote({ text: checkpointText(checkpoint), signatures: [{ name, keyId, signature }] });
}
