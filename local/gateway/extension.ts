import { Agent, request as httpRequest } from "node:http";

import type { ApiRequest } from "./api-request";
import type { Caller } from "./kms/types";
import { IDLE_MS } from "./upstream";

/** What MiniStack's evaluator says about one action, asked through our extension (local/ministack/). */
export interface Judgement {
    readonly authenticated: boolean;
    readonly allowed: boolean;
    readonly decision: "allow" | "explicitDeny" | "implicitDeny";
    readonly error?: { readonly code: string; readonly message: string };
    readonly caller?: Caller;
    readonly statement?: DecidingStatement;
}

export interface DecidingStatement {
    readonly sid?: string;
    readonly effect?: string;
    readonly policy?: string;
}

export interface Question {
    /** `kms:Sign` */
    readonly action: string;
    readonly resource: string;
    readonly resourcePolicy?: string;
    readonly context?: Readonly<Record<string, string | readonly string[]>>;
}

export interface Extension {
    /** Checks the signature of `request`, then evaluates `question` for whoever signed it. */
    authorize(request: ApiRequest, question: Question): Promise<Judgement>;
    putEvents(entries: readonly unknown[]): Promise<void>;
    /** MiniStack's own decision about a call it served, undefined if it has none of this id. */
    decision(requestId: string): Promise<unknown>;
    health(): Promise<unknown>;
    close(): void;
}

export const SECRET_HEADER = "x-countersign-extension";

export function createExtension(url: URL, secret: string): Extension {
    const agent = new Agent({ keepAlive: true, maxSockets: 64, timeout: IDLE_MS });
    const call = (method: string, path: string, body?: unknown): Promise<unknown> => {
        return callJson(agent, url, secret, method, path, body);
    };
    return {
        authorize: async (request, question) =>
            (await call("POST", "/_countersign/authorize", {
                method: request.method,
                path: request.target,
                headers: request.headers,
                bodyBase64: request.body.toString("base64"),
                action: question.action,
                resource: question.resource,
                resourcePolicy: question.resourcePolicy ?? null,
                context: question.context ?? {},
            })) as Judgement,
        putEvents: async (entries) => {
            await call("POST", "/_countersign/events", { entries });
        },
        decision: (requestId) => call("GET", `/_countersign/decision/${encodeURIComponent(requestId)}`),
        health: () => call("GET", "/_countersign/health"),
        close: () => agent.destroy(),
    };
}

/** @returns undefined for 404 */
function callJson(
    agent: Agent,
    url: URL,
    secret: string,
    method: string,
    path: string,
    body: unknown,
): Promise<unknown> {
    const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    return new Promise((resolve, reject) => {
        const headers = {
            [SECRET_HEADER]: secret,
            ...(payload ? { "content-type": "application/json", "content-length": String(payload.length) } : {}),
        };
        const outgoing = httpRequest(
            { agent, host: url.hostname, port: url.port, method, path, headers },
            (incoming) => {
                const chunks: Buffer[] = [];
                incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
                incoming.on("error", reject);
                incoming.on("end", () => {
                    const text = Buffer.concat(chunks).toString("utf8");
                    if (incoming.statusCode === 404) return resolve(undefined);
                    if (incoming.statusCode !== 200) {
                        return reject(
                            new Error(
                                `${method} ${path} of the MiniStack extension answered ${incoming.statusCode}: ${text.slice(0, 500)}`,
                            ),
                        );
                    }
                    try {
                        resolve(text === "" ? undefined : JSON.parse(text));
                    } catch (error) {
                        reject(error as Error);
                    }
                });
            },
        );
        outgoing.on("error", reject);
        outgoing.end(payload);
    });
}
