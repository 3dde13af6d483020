import type { ReadObject } from "../lib/tlog/tree";
import { couldNotTell, usageError } from "./exit";

/** Bytes: a bundle of 256 entries of the largest size, and some. */
const MAX_OBJECT = 17 << 20;
const TIMEOUT_MS = 15_000;
const TRIES = 3;

/**
 * Reads a log over HTTP, from any server: nothing that it sends is trusted. A missing object is 404, or 403 where the bucket
 * behind it may not be listed.
 *
 * Objects that every log has (the checkpoint, full tiles and bundles) are never absent: without them there is nothing to judge,
 * and so no verdict.
 *
 * @throws usage for an address that is none; could not tell
 */
export function httpLog(url: string): ReadObject {
    const base = parseUrl(url);
    return async (path) => {
        const bytes = await get(`${base}/${path}`);
        if (!bytes && (path === "checkpoint" || /^tile\/[^.]*$/.test(path))) {
            throw couldNotTell(`${base} has no ${path}, expected a log there: check --log-url`);
        }
        return bytes;
    };
}

function parseUrl(text: string): string {
    let url: URL;
    try {
        url = new URL(text);
    } catch {
        throw usageError(`log URL ${JSON.stringify(text)} is no URL, expected https://HOST`);
    }
    if (url.protocol !== "https:" && url.protocol !== "http:") {
        throw usageError(`log URL ${JSON.stringify(text)} has protocol ${url.protocol}, expected https: or http:`);
    }
    return url.href.replace(/\/+$/, "");
}

async function get(url: string): Promise<Uint8Array | undefined> {
    let last: unknown;
    for (let attempt = 0; attempt < TRIES; attempt++) {
        if (attempt > 0) await new Promise((resume) => setTimeout(resume, 200 * attempt));
        try {
            const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
            if (response.status === 403 || response.status === 404) return undefined;
            if (response.ok) return await bodyOf(response, url);
            last = `status ${response.status}`;
        } catch (error) {
            if ((error as { exit?: number }).exit !== undefined) throw error;
            last = (error as Error).cause ?? error;
        }
    }
    const why = last instanceof Error ? last.message || (last as NodeJS.ErrnoException).code : String(last);
    throw couldNotTell(`cannot read ${url} after ${TRIES} tries: ${why}`, last);
}

/** Stops at the limit, whatever the server announced. */
async function bodyOf(response: Response, url: string): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of response.body ?? []) {
        size += (chunk as Uint8Array).length;
        if (size > MAX_OBJECT)
            throw couldNotTell(`${url} has more than ${MAX_OBJECT} bytes, expected an object of a log`);
        chunks.push(chunk as Uint8Array);
    }
    return new Uint8Array(Buffer.concat(chunks));
}
