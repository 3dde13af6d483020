import { Agent, type IncomingMessage, request as httpRequest } from "node:http";

import type { ApiRequest } from "./api-request";

/** MiniStack's port, by kept connections: a new one for each call would cost as much as the call. */
export interface Upstream {
    /** Sends the request on, unchanged but for what `extra` sets. The answer's body is unread. */
    forward(request: ApiRequest, extra?: Readonly<Record<string, string>>): Promise<IncomingMessage>;
    close(): void;
}

/** Connection handling is per hop (RFC 9110 section 7.6.1); the others are claims that only this gateway may make. */
const DROPPED =
    /^(connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|expect|content-length|x-forwarded-.*|forwarded|x-countersign-.*)$/;

/** Idle connections are closed here before MiniStack closes them (75 s), so that no call meets a closing one. */
export const IDLE_MS = 30_000;

export function createUpstream(url: URL): Upstream {
    const agent = new Agent({ keepAlive: true, maxSockets: 128, maxFreeSockets: 64, timeout: IDLE_MS });
    return {
        forward: (request, extra = {}) =>
            new Promise((resolve, reject) => {
                const outgoing = httpRequest(
                    {
                        agent,
                        host: url.hostname,
                        port: url.port,
                        method: request.method,
                        path: request.target,
                        headers: forwardedHeaders(request, extra),
                    },
                    resolve,
                );
                outgoing.on("error", reject);
                outgoing.end(request.body);
            }),
        close: () => agent.destroy(),
    };
}

/** The Host header stays: it is signed. AWS is reached by HTTPS only, so that is what policies are told. */
function forwardedHeaders(request: ApiRequest, extra: Readonly<Record<string, string>>): string[] {
    const replaced = new Set(Object.keys(extra).map((name) => name.toLowerCase()));
    const out: string[] = [];
    for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) {
        const name = request.rawHeaders[i]!.toLowerCase();
        if (!DROPPED.test(name) && !replaced.has(name)) out.push(name, request.rawHeaders[i + 1]!);
    }
    out.push("x-forwarded-proto", "https");
    if (
        request.body.length > 0 ||
        request.headers["content-length"] !== undefined ||
        request.method === "PUT" ||
        request.method === "POST"
    ) {
        out.push("content-length", String(request.body.length));
    }
    for (const [name, value] of Object.entries(extra)) out.push(name, value);
    return out;
}
