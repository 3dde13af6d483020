import { concat } from "../encoding";
import { codedError } from "../errors";

/** Entry bundles (C2SP tlog-tiles v0.1.0): repeated `uint16 big-endian length || entry`, stored uncompressed. */

/** Bytes. */
export const MAX_ENTRY = 65_535;

/** @throws BadEntry for an entry above 65,535 bytes */
export function encodeBundle(entries: readonly Uint8Array[]): Uint8Array {
    return concat(...entries.flatMap((entry) => [encodeLength(entry), entry]));
}

function encodeLength({ length }: Uint8Array): Uint8Array {
    if (length > MAX_ENTRY) throw codedError("BadEntry", `entry has ${length} bytes, expected at most ${MAX_ENTRY}`);
    return new Uint8Array([length >> 8, length & 0xff]);
}

/** @throws BadEntry unless the bytes are exactly `count` entries */
export function decodeBundle(bytes: Uint8Array, count: number): Uint8Array[] {
    const entries: Uint8Array[] = [];
    let at = 0;
    while (entries.length < count) {
        const end = at + 2 + (((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0));
        if (at + 2 > bytes.length || end > bytes.length) {
            throw codedError("BadEntry", `bundle ends inside entry ${entries.length}, expected ${count} entries`);
        }
        entries.push(bytes.slice(at + 2, end));
        at = end;
    }
    if (at !== bytes.length) {
        throw codedError("BadEntry", `bundle has ${bytes.length - at} bytes after its ${count} entries`);
    }
    return entries;
}
