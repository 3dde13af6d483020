import type { IncomingMessage } from "node:http";

/** One request as it arrived: the raw target and headers stay as sent, since the signature covers them. */
export interface ApiRequest {
    readonly id: string;
    readonly method: string;
    /** Path and query as sent. */
    readonly target: string;
    /** Path as sent, still percent-encoded. */
    readonly path: string;
    readonly query: URLSearchParams;
    /** Lower-case names; repeated ones joined by a comma. */
    readonly headers: Readonly<Record<string, string>>;
    /** Name, value, name, value, ... as node:http gives them. */
    readonly rawHeaders: readonly string[];
    readonly body: Buffer;
    readonly receivedAt: Date;
}

/** The largest body that is held in memory to be hashed: 5 GB is S3's limit, but nothing here needs that. */
export const MAX_BODY_BYTES = 512 * 1024 * 1024;

/** @returns undefined when the body is longer than `maxBytes`; the rest of it is then not read */
export async function readApiRequest(
    req: IncomingMessage,
    id: string,
    maxBytes = MAX_BODY_BYTES,
): Promise<ApiRequest | undefined> {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of req) {
        size += (chunk as Buffer).length;
        if (size > maxBytes) return undefined;
        chunks.push(chunk as Buffer);
    }
    const target = req.url ?? "/";
    const mark = target.indexOf("?");
    return {
        id,
        method: req.method ?? "GET",
        target,
        path: mark < 0 ? target : target.slice(0, mark),
        query: new URLSearchParams(mark < 0 ? "" : target.slice(mark + 1)),
        headers: joinHeaders(req.rawHeaders),
        rawHeaders: req.rawHeaders,
        body: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks),
        receivedAt: new Date(),
    };
}

/** No prototype: header names are caller-controlled. */
function joinHeaders(raw: readonly string[]): Record<string, string> {
    const out = Object.create(null) as Record<string, string>;
    for (let i = 0; i + 1 < raw.length; i += 2) {
        const name = raw[i]!.toLowerCase();
        const value = raw[i + 1]!;
        out[name] = name in out ? `${out[name]},${value}` : value;
    }
    return out;
}
