import { type IncomingHttpHeaders, type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";

import type { Judgement } from "../../../local/gateway/extension";
import { type RunningGateway, startGateway } from "../../../local/gateway/gateway";
import type { Caller } from "../../../local/gateway/kms/types";

/** One call as it reached the emulator. */
export interface Forwarded {
    readonly method: string;
    readonly target: string;
    readonly headers: IncomingHttpHeaders;
    readonly body: string;
}

export interface Ask {
    readonly action: string;
    readonly resource: string;
    readonly resourcePolicy: string | null;
    readonly context: Record<string, unknown>;
}

/** Stands in for MiniStack and its extension: answers what the test says, and keeps what it was sent. */
export interface FakeMinistack {
    readonly url: string;
    readonly secret: string;
    readonly forwarded: Forwarded[];
    readonly asks: Ask[];
    /** Each is one request to the events endpoint. */
    readonly events: { Source: string; Detail: string; Account: string }[][];
    /** @default allows everything to `caller` */
    judge: (ask: Ask) => Judgement;
    answer: (call: Forwarded) => { status?: number; headers?: Record<string, string>; body?: string };
    /** Found in fault with whoever calls. */
    readonly broken: string[];
    close(): Promise<void>;
}

export const CALLER: Caller = {
    type: "AssumedRole",
    arn: "arn:aws:sts::111122223333:assumed-role/signer/session",
    accountId: "111122223333",
    principalId: "AROAEXAMPLE:session",
    principalArn: "arn:aws:iam::111122223333:role/signing/signer",
    accessKeyId: "ASIAEXAMPLE",
};

export const ALLOW: Judgement = { authenticated: true, allowed: true, decision: "allow", caller: CALLER };

const SECRET = "secret-of-the-extension";

export async function fakeMinistack(): Promise<FakeMinistack> {
    const server: Server = createServer((req, res) => {
        const chunks: Buffer[] = [];
        req.on("data", (chunk: Buffer) => chunks.push(chunk));
        req.on("end", () => {
            const body = Buffer.concat(chunks).toString("utf8");
            if (req.headers["x-countersign-extension"] !== SECRET)
                fake.broken.push(`${req.method} ${req.url}: no secret`);
            const json = (value: unknown): void => {
                res.writeHead(200, { "content-type": "application/json" });
                res.end(JSON.stringify(value));
            };
            if (req.url === "/_countersign/authorize") {
                const ask = JSON.parse(body) as Ask;
                fake.asks.push(ask);
                return json(fake.judge(ask));
            }
            if (req.url === "/_countersign/events") {
                fake.events.push((JSON.parse(body) as { entries: FakeMinistack["events"][number] }).entries);
                return json({});
            }
            if (req.url === "/_countersign/health") return json({ ok: true });
            const call = { method: req.method!, target: req.url!, headers: req.headers, body };
            fake.forwarded.push(call);
            const { status = 200, headers = {}, body: text = "" } = fake.answer(call);
            res.writeHead(status, { "x-amzn-requestid": "upstream-id", ...headers });
            res.end(req.method === "HEAD" ? undefined : text);
        });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const fake: FakeMinistack = {
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        secret: SECRET,
        forwarded: [],
        asks: [],
        events: [],
        broken: [],
        judge: () => ALLOW,
        answer: () => ({}),
        close: () =>
            new Promise((resolve) => {
                server.close(() => resolve());
                server.closeAllConnections();
            }),
    };
    return fake;
}

export const CONTROL = { "x-countersign-control": "token-of-the-control-api" };

export interface Harness {
    readonly fake: FakeMinistack;
    readonly gateway: RunningGateway;
    readonly url: string;
    readonly log: string[];
    control(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }>;
    /** Throws if the fake found fault with the gateway. */
    close(): Promise<void>;
}

/** A gateway in this process, in front of a fake. */
export async function startHarness(): Promise<Harness> {
    const fake = await fakeMinistack();
    const log: string[] = [];
    const config = {
        accountId: "111122223333",
        region: "eu-west-1",
        controlToken: CONTROL["x-countersign-control"],
        keyPool: {},
    };
    const gateway = await startGateway(config, (line) => void log.push(line));
    gateway.connect({ url: fake.url, secret: fake.secret });
    return {
        fake,
        gateway,
        url: gateway.url,
        log,
        control: async (method, path, body) => {
            const init = { method, headers: CONTROL, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
            const response = await fetch(`${gateway.url}/_countersign/${path}`, init);
            return { status: response.status, body: (await response.json()) as unknown };
        },
        close: async () => {
            await gateway.stop();
            await fake.close();
            if (fake.broken.length > 0) throw new Error(`the gateway broke its contract: ${fake.broken.join("; ")}`);
        },
    };
}

/** For the SDK's clients. */
export function client(url: string, accessKeyId = "ASIAEXAMPLE") {
    return {
        endpoint: url,
        region: "eu-west-1",
        maxAttempts: 1,
        credentials: { accessKeyId, secretAccessKey: "secret", sessionToken: "token" },
    };
}
