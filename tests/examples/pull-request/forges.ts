import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export type ForgeName = "github" | "gitlab" | "forgejo";

export interface Comment {
    readonly id: number;
    readonly author: string;
    body: string;
}

/** A forge on loopback: the comments of request 7, as its API gives and takes them. */
export interface FakeForge {
    /** The environment that comment.mjs needs. */
    readonly environment: Readonly<Record<string, string>>;
    readonly comments: Comment[];
    /** Each request as `METHOD path`. */
    readonly seen: string[];
    /** Answers everything from now on. */
    answer?: { readonly status: number; readonly body: string; readonly location?: string };
    stop(): Promise<void>;
}

/** The user whose token it takes. */
export const ME: Readonly<Record<ForgeName, string>> = {
    github: "github-actions[bot]",
    gitlab: "project_7_bot",
    forgejo: "countersign-bot",
};

const TOKEN = "t0ken";
const PATHS = {
    github: { thread: "/repos/acme/app/issues/7/comments", one: /^\/repos\/acme\/app\/issues\/comments\/(\d+)$/ },
    forgejo: { thread: "/repos/acme/app/issues/7/comments", one: /^\/repos\/acme\/app\/issues\/comments\/(\d+)$/ },
    gitlab: {
        thread: "/projects/acme%2Fapp/merge_requests/7/notes",
        one: /^\/projects\/acme%2Fapp\/merge_requests\/7\/notes\/(\d+)$/,
    },
};
const HEADERS = {
    github: ["authorization", `Bearer ${TOKEN}`],
    forgejo: ["authorization", `token ${TOKEN}`],
    gitlab: ["private-token", TOKEN],
} as const;

export async function startForge(name: ForgeName): Promise<FakeForge> {
    const comments: Comment[] = [];
    const seen: string[] = [];
    let nextId = 1000;
    const shown = ({ id, author, body }: Comment) =>
        name === "gitlab" ? { id, body, author: { username: author } } : { id, body, user: { login: author } };

    const reply = async (request: IncomingMessage): Promise<[number, unknown]> => {
        const url = new URL(request.url ?? "/", "http://127.0.0.1");
        seen.push(`${request.method} ${url.pathname}`);
        const [header, expected] = HEADERS[name];
        if (request.headers[header] !== expected) return [401, { message: "bad token" }];
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        const body =
            chunks.length === 0 ? undefined : (JSON.parse(Buffer.concat(chunks).toString()) as { body: string });
        if (request.method === "GET" && url.pathname === "/user" && name !== "github")
            return [200, name === "gitlab" ? { username: ME[name] } : { login: ME[name] }];
        if (url.pathname === PATHS[name].thread) {
            if (request.method === "GET") {
                if (name === "forgejo") return [200, comments.map(shown)];
                const size = Number(url.searchParams.get("per_page") ?? 20);
                const from = (Number(url.searchParams.get("page") ?? 1) - 1) * size;
                return [200, comments.slice(from, from + size).map(shown)];
            }
            if (request.method === "POST" && body !== undefined) {
                const made = { id: nextId++, author: ME[name], body: body.body };
                comments.push(made);
                return [201, shown(made)];
            }
        }
        const id = Number(PATHS[name].one.exec(url.pathname)?.[1]);
        const found = comments.find((one) => one.id === id);
        const update = name === "gitlab" ? "PUT" : "PATCH";
        if (found !== undefined && body !== undefined && request.method === update) {
            found.body = body.body;
            return [200, shown(found)];
        }
        return [404, { message: "not here" }];
    };

    const server = createServer((request, response) => {
        void reply(request).then(([status, body]) => {
            const { answer } = forge;
            response.writeHead(answer?.status ?? status, answer?.location ? { location: answer.location } : {});
            response.end(answer?.body ?? JSON.stringify(body));
        });
    });
    const port = await listen(server);
    const forge: FakeForge = {
        environment: {
            COMMENT_FORGE: name,
            COMMENT_API_URL: `http://127.0.0.1:${port}`,
            COMMENT_REPOSITORY: "acme/app",
            COMMENT_NUMBER: "7",
            COMMENT_TOKEN: TOKEN,
        },
        comments,
        seen,
        stop: () => new Promise((done) => server.close(() => done())),
    };
    return forge;
}

function listen(server: Server): Promise<number> {
    return new Promise((done) => server.listen(0, "127.0.0.1", () => done((server.address() as AddressInfo).port)));
}
