import { toHex } from "../encoding";
import { readModuleSignature } from "../formats/recheck/signed-module";
import { sha256 } from "../hash";
import { check } from "./check";

/** What a user holds: a file that contains its signature, or a file and a signature beside it. */
export interface Subject {
    readonly file: Uint8Array;
    readonly signature: Uint8Array;
    /** Of the file before signing, hex: how the log's hints name it. */
    readonly artifactSha256: string;
}

/**
 * Only enough to find the entry; whether any of it is right is judged later, under the format that the entry names.
 *
 * @throws the check `file`
 */
export function readSubject(file: Uint8Array, detached: Uint8Array | undefined): Subject {
    if (detached) return { file, signature: detached, artifactSha256: toHex(sha256(file)) };
    return check("file", () => {
        const { unsignedSize, signature } = readModuleSignature(file);
        return { file, signature, artifactSha256: toHex(sha256(file.subarray(0, unsignedSize))) };
    });
}
