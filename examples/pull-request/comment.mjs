#!/usr/bin/env node
// Posts the policy pack's verdict on a pull request: one comment, made once and updated from then on.
//
//     node comment.mjs VERDICT.md
//
// VERDICT.md is what `npm run policy -- ... --format markdown` printed. Ends with POLICY_STATUS, so that the job fails as the policy
// did; with 70 if the comment could not be posted though the policy passed, and with 64 if it was called wrongly.
//
//     COMMENT_FORGE       github, gitlab or forgejo
//     COMMENT_API_URL     https://api.github.com, https://gitlab.com/api/v4, https://forge.example/api/v1
//     COMMENT_REPOSITORY  OWNER/REPO; for GitLab the project's path or number
//     COMMENT_NUMBER      of the pull or merge request
//     COMMENT_TOKEN       may comment, and nothing else
//     COMMENT_AUTHOR      login that the token comments as; without it, the forge is asked (GitHub: github-actions[bot])
//     POLICY_STATUS       exit status of the policy: 0 clean, 1 violations, 2 usage, 3 undecidable
//
// Plain Node from 20 on, nothing to install: it runs beside a token, where no dependency should.
import { readFileSync } from "node:fs";

const MARKER = "<!-- countersign policy pack -->";
const PAGE_SIZE = 100;
/** With these a thread has 2,000 comments: beyond, someone is flooding it. */
const MAX_PAGES = 20;
/** GitHub takes 65,536 characters, the others more. */
const MAX_CHARACTERS = 60_000;
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
const TIMEOUT_MS = 20_000;

class Usage extends Error {}

/** Where each forge keeps comments, and how it names their authors. `token` is sent as a header, never in an URL. */
const FORGES = {
    github: {
        list: ({ repository, number }) => `/repos/${repository}/issues/${number}/comments`,
        one: ({ repository }, id) => `/repos/${repository}/issues/comments/${id}`,
        update: "PATCH",
        headers: (token) => ({ authorization: `Bearer ${token}`, accept: "application/vnd.github+json" }),
        pages: (page) => `?per_page=${PAGE_SIZE}&page=${page}`,
        author: ({ user }) => user?.login,
        // An installation's token may not ask who it is.
        defaultAuthor: "github-actions[bot]",
    },
    forgejo: {
        list: ({ repository, number }) => `/repos/${repository}/issues/${number}/comments`,
        one: ({ repository }, id) => `/repos/${repository}/issues/comments/${id}`,
        update: "PATCH",
        headers: (token) => ({ authorization: `token ${token}`, accept: "application/json" }),
        // Forgejo gives the whole thread, whatever page is asked for.
        pages: undefined,
        author: ({ user }) => user?.login,
        whoami: { path: "/user", login: ({ login }) => login },
    },
    gitlab: {
        list: ({ repository, number }) => `/projects/${repository}/merge_requests/${number}/notes`,
        one: ({ repository, number }, id) => `/projects/${repository}/merge_requests/${number}/notes/${id}`,
        update: "PUT",
        headers: (token) => ({ "private-token": token, accept: "application/json" }),
        pages: (page) => `?per_page=${PAGE_SIZE}&page=${page}&sort=asc&order_by=created_at`,
        author: ({ author }) => author?.username,
        whoami: { path: "/user", login: ({ username }) => username },
    },
};

/** @throws Usage for what is missing or misshapen */
function readEnvironment(env) {
    const need = (name, shape, expected) => {
        const value = env[name] ?? "";
        if (!shape.test(value))
            throw new Usage(`${name} is ${value === "" ? "missing" : "misshapen"}, expected ${expected}`);
        return value;
    };
    const forge = need("COMMENT_FORGE", /^(github|gitlab|forgejo)$/, "github, gitlab or forgejo");
    const api = need("COMMENT_API_URL", /^https?:\/\/[^\s?#@]+$/, "the URL of the forge's API").replace(/\/+$/, "");
    // A token in plain text over the network is anybody's.
    if (!api.startsWith("https://") && !["127.0.0.1", "localhost", "[::1]"].includes(new URL(api).hostname))
        throw new Usage("COMMENT_API_URL is not https");
    const path = need("COMMENT_REPOSITORY", /^[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*$/, "OWNER/REPO");
    if (
        path.split("/").some((part) => part === "." || part === "..") ||
        (forge !== "gitlab" && !/^[^/]+\/[^/]+$/.test(path))
    )
        throw new Usage("COMMENT_REPOSITORY is misshapen, expected OWNER/REPO");
    return {
        forge: FORGES[forge],
        api,
        repository: forge === "gitlab" ? encodeURIComponent(path) : path,
        number: need("COMMENT_NUMBER", /^[1-9][0-9]{0,9}$/, "the request's number"),
        token: need("COMMENT_TOKEN", /^[!-~]{1,4096}$/, "a token that may comment"),
        author: env.COMMENT_AUTHOR || undefined,
        status: Number(need("POLICY_STATUS", /^([0-9]{1,2}|1[0-9]{2}|2[0-4][0-9]|25[0-5])$/, "an exit status")),
    };
}

/** The verdict, or that there is none: else the last verdict would stand as if it were this one's. */
function readVerdict(file, status) {
    let text = "";
    try {
        text = readFileSync(file, "utf8");
    } catch (error) {
        if (error.code !== "ENOENT") throw new Usage(`${file} cannot be read: ${error.code}`);
    }
    if (status > 1 || text.trim() === "")
        return {
            text: `${MARKER}\n**Policy pack: not decided** (exit status ${status}): the job's log says why.\n`,
            decided: false,
        };
    if (!text.startsWith(MARKER)) throw new Usage(`${file} does not start with ${MARKER}: use --format markdown`);
    if (text.length <= MAX_CHARACTERS) return { text, decided: true };
    const cut = text.lastIndexOf("\n", MAX_CHARACTERS);
    return {
        text: `${text.slice(0, cut < MARKER.length ? MAX_CHARACTERS : cut)}\n\nToo long for a comment: the rest is in the job's log.\n`,
        decided: true,
    };
}

/** One request; never retried, since a comment that was perhaps posted would be posted twice. */
async function ask({ api, forge, token }, method, path, body) {
    const what = `${method} ${path.split("?")[0]}`;
    let response;
    try {
        response = await fetch(`${api}${path}`, {
            method,
            headers: {
                ...forge.headers(token),
                "user-agent": "countersign",
                ...(body && { "content-type": "application/json" }),
            },
            body: body && JSON.stringify(body),
            // A redirect would take the token, or make a GET of what should write.
            redirect: "error",
            signal: AbortSignal.timeout(TIMEOUT_MS),
        });
        const text = await bounded(response);
        if (!response.ok) throw new Error(`answered ${response.status}${hint(response.status)}: ${short(text)}`);
        return JSON.parse(text);
    } catch (error) {
        throw new Error(`${what}: ${error.cause?.message ?? error.message}`);
    }
}

async function bounded(response) {
    const chunks = [];
    let size = 0;
    for await (const chunk of response.body ?? []) {
        size += chunk.length;
        if (size > MAX_ANSWER_BYTES) throw new Error("the answer is too long");
        chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString("utf8");
}

function hint(status) {
    if (status === 401) return " (COMMENT_TOKEN is not accepted)";
    if (status === 403) return " (COMMENT_TOKEN may not comment here)";
    if (status === 404) return " (no such request, or COMMENT_TOKEN may not see it)";
    return "";
}

/** For a log: one line, no control characters, since a log line may be a command to the runner. */
function short(text) {
    const message = /"(?:message|error)"\s*:\s*"([^"]{1,200})"/.exec(text)?.[1] ?? text.slice(0, 200);
    return message.replace(/[^ -~]+/g, " ").replace(/::/g, ": :");
}

async function authorOf(settings) {
    const { forge } = settings;
    const author =
        settings.author ?? forge.defaultAuthor ?? forge.whoami.login(await ask(settings, "GET", forge.whoami.path));
    if (typeof author !== "string" || author === "")
        throw new Error("the forge does not say whose token this is: set COMMENT_AUTHOR");
    return author;
}

/** The oldest comment that starts with the marker and is our own: anybody may write the marker. */
async function findOwn(settings, author) {
    const { forge } = settings;
    for (let page = 1; page <= (forge.pages ? MAX_PAGES : 1); page++) {
        const comments = await ask(settings, "GET", `${forge.list(settings)}${forge.pages?.(page) ?? ""}`);
        if (!Array.isArray(comments)) throw new Error("the forge's answer is no list of comments");
        const own = comments.find(
            (one) => typeof one?.body === "string" && one.body.startsWith(MARKER) && forge.author(one) === author,
        );
        if (own !== undefined) {
            if (!Number.isSafeInteger(own.id)) throw new Error("the forge's comment has no number");
            return own;
        }
        if (!forge.pages || comments.length < PAGE_SIZE) return undefined;
    }
    throw new Error(`none of ours among ${MAX_PAGES * PAGE_SIZE} comments: not adding another`);
}

/** Under another name the next run would not find it, and post again. */
function checkAuthor({ forge }, author, posted) {
    const seen = forge.author(posted);
    if (seen === author) return;
    const shown = typeof seen === "string" ? short(JSON.stringify(seen)) : "nobody";
    throw new Error(`the comment was posted, but as ${shown} where ${short(author)} was expected: set COMMENT_AUTHOR`);
}

async function main() {
    const [file, ...rest] = process.argv.slice(2);
    if (file === undefined || rest.length > 0) throw new Usage("usage: node comment.mjs VERDICT.md");
    const settings = readEnvironment(process.env);
    const { text, decided } = readVerdict(file, settings.status);
    // A status of 0 without a verdict is no pass.
    const status = settings.status === 0 && !decided ? 3 : settings.status;
    process.exitCode = status || 70;
    const { forge } = settings;
    const author = await authorOf(settings);
    const own = await findOwn(settings, author);
    if (own === undefined)
        checkAuthor(settings, author, await ask(settings, "POST", forge.list(settings), { body: text }));
    // Some forges trim the end of a comment.
    else if (own.body.trimEnd() !== text.trimEnd())
        await ask(settings, forge.update, forge.one(settings, own.id), { body: text });
    process.exitCode = status;
    console.log(`comment ${own === undefined ? "posted" : "up to date"}; policy status ${status}`);
}

main().catch((error) => {
    console.error(`comment: ${error.message}`);
    if (error instanceof Usage) process.exitCode = 64;
});
