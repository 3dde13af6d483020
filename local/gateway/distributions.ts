import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream/promises";

import { readApiRequest } from "./api-request";
import { endToEnd } from "./hops";
import type { Upstream } from "./upstream";

export interface DistributionUrl {
    readonly domain: string;
    readonly url: string;
}

/**
 * A loopback port for each CloudFront distribution.
 *
 * `https://dXXX.cloudfront.net` cannot be reached here: the port sets that Host for whoever asks, so that any HTTP client
 * reads what the distribution serves. Nothing but GET and HEAD, and no credentials are passed on.
 */
export interface Distributions {
    /** A successful CloudFront call: `answer` is its XML, `id` the distribution in its path. */
    observe(operation: string, id: string | undefined, answer: string): Promise<void>;
    list(): DistributionUrl[];
    close(): void;
}

const PASSED_ON = /^(accept|accept-encoding|if-.*|range|user-agent|cache-control|origin|access-control-request-.*)$/;

export function createDistributions(
    upstream: Upstream,
    secretHeaders: Readonly<Record<string, string>>,
): Distributions {
    const open = new Map<string, { domain: string; server: Server; url: string }>();
    return {
        observe: async (operation, id, answer) => {
            if (operation.startsWith("CreateDistribution")) {
                const made = /<Id>(\w+)<\/Id>/.exec(answer)?.[1];
                const domain = /<DomainName>(\w+\.cloudfront\.net)<\/DomainName>/.exec(answer)?.[1];
                if (!made || !domain || open.has(made)) return;
                const server = createServer((req, res) => {
                    viewerRequest(upstream, secretHeaders, domain, req, res).catch(() => res.destroy());
                });
                await new Promise<void>((resolve, reject) => {
                    server.once("error", reject);
                    server.listen(0, "127.0.0.1", resolve);
                });
                open.set(made, { domain, server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
            } else if (operation === "DeleteDistribution" && id) {
                open.get(id)?.server.close();
                open.get(id)?.server.closeAllConnections();
                open.delete(id);
            }
        },
        list: () => [...open.values()].map(({ domain, url }) => ({ domain, url })),
        close: () => {
            for (const { server } of open.values()) {
                server.close();
                server.closeAllConnections();
            }
            open.clear();
        },
    };
}

async function viewerRequest(
    upstream: Upstream,
    secretHeaders: Readonly<Record<string, string>>,
    domain: string,
    req: IncomingMessage,
    res: ServerResponse,
): Promise<void> {
    if (req.method !== "GET" && req.method !== "HEAD" && req.method !== "OPTIONS") {
        res.writeHead(403, { "content-type": "text/plain" });
        res.end("this distribution serves GET and HEAD\n");
        return;
    }
    const request = await readApiRequest(req, "", 1024);
    if (!request) return void res.destroy();
    const rawHeaders: string[] = ["host", domain];
    for (const [name, value] of Object.entries(request.headers)) {
        if (PASSED_ON.test(name)) rawHeaders.push(name, value);
    }
    const incoming = await upstream.forward({ ...request, rawHeaders, body: Buffer.alloc(0) }, secretHeaders);
    res.writeHead(incoming.statusCode ?? 502, endToEnd(incoming.rawHeaders));
    await pipeline(incoming, res);
}
