import type { ObjectHeaders } from "./stores";

/** Names and headers of the log's objects (C2SP tlog-tiles v0.1.0 and this project's own). */

/** Tiles and bundles never change. */
export const IMMUTABLE: ObjectHeaders = {
    contentType: "application/octet-stream",
    cacheControl: "public, max-age=604800, immutable",
};

/** Seconds that a reader may be behind. */
export const CHECKPOINT: ObjectHeaders = { contentType: "text/plain; charset=utf-8", cacheControl: "max-age=5" };

export const IMMUTABLE_JSON: ObjectHeaders = { ...IMMUTABLE, contentType: "application/json" };

export const HINT: ObjectHeaders = { contentType: "application/json", cacheControl: "max-age=5" };

export function archivePath(size: number | bigint): string {
    return `archive/${size}.json`;
}

/** Leads from a use of the log's key to the archived checkpoint that it signed. */
export function useHintPath(kmsRequestId: string): string {
    return `index/use/${kmsRequestId}.json`;
}

/** Private: named after its body's hash, so that two writers of one name write the same bytes. */
export function stagingPath(size: number | bigint, bodySha256: string): string {
    return `staging/${size}-${bodySha256}`;
}
