import { createHash } from "node:crypto";

export type HashName = "sha256" | "sha384" | "sha512";

/** The one place that names a hash implementation; a browser build replaces this module. */
export function hash(name: HashName, ...parts: readonly Uint8Array[]): Uint8Array {
    const h = createHash(name);
    for (const part of parts) h.update(part);
    return new Uint8Array(h.digest());
}

/** @returns 32 bytes */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
    return hash("sha256", ...parts);
}
