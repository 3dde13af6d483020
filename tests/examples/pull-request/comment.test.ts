import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MARKER, render } from "../../../policies/judge/render";
import { type FakeForge, type ForgeName, ME, startForge } from "./forges";

const SCRIPT = join(__dirname, "../../../examples/pull-request/comment.mjs");
const CLEAN = render("markdown", [], "114 resources judged");
const BAD = render(
    "markdown",
    [
        {
            rule: "kms-sign-only-signer",
            level: "mandatory",
            severity: "critical",
            resource: "files-v1",
            principal: "",
            action: "",
            target: "",
            at: "policy Statement[2]",
            path: "role/a -> kms:Sign -> files-v1",
            threat: "",
            saw: "role/a may sign",
            fix: "take it out",
        },
    ],
    "114 resources judged",
);

let folder: string;
let verdict: string;
let forge: FakeForge;

beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "comment-"));
    verdict = join(folder, "verdict.md");
});
afterEach(async () => {
    await forge?.stop();
    rmSync(folder, { recursive: true });
});

interface Ended {
    readonly status: number;
    readonly out: string;
    readonly err: string;
}

/** @param change of the environment; undefined takes a variable out */
async function post(
    text: string | undefined,
    status: string,
    change: Record<string, string | undefined> = {},
): Promise<Ended> {
    if (text === undefined) rmSync(verdict, { force: true });
    else writeFileSync(verdict, text);
    const env = Object.fromEntries(
        Object.entries({ ...forge.environment, POLICY_STATUS: status, ...change }).filter(
            (entry): entry is [string, string] => entry[1] !== undefined,
        ),
    );
    return new Promise((done) =>
        execFile(process.execPath, [SCRIPT, verdict], { env, timeout: 15_000 }, (error, out, err) =>
            done({ status: error === null ? 0 : Number(error.code), out, err }),
        ),
    );
}

describe.each<ForgeName>(["github", "gitlab", "forgejo"])("%s", (name) => {
    beforeEach(async () => {
        forge = await startForge(name);
    });

    test("one comment: made, left alone while the verdict is the same, then updated", async () => {
        expect(await post(BAD, "1")).toMatchObject({ status: 1, err: "" });
        expect(forge.comments.map(({ body }) => body)).toEqual([BAD]);
        forge.seen.length = 0;
        expect(await post(BAD, "1")).toMatchObject({ status: 1 });
        expect(forge.seen.filter((one) => !one.startsWith("GET "))).toEqual([]);
        expect(await post(CLEAN, "0")).toMatchObject({ status: 0, err: "" });
        expect(forge.comments.map(({ body }) => body)).toEqual([CLEAN]);
    });

    test("somebody else's comment with the marker is neither overwritten nor taken for ours", async () => {
        forge.comments.push({ id: 1, author: "mallory", body: `${MARKER}\nall fine` });
        expect(await post(BAD, "1")).toMatchObject({ status: 1, err: "" });
        expect(forge.comments.map(({ author, body }) => [author, body])).toEqual([
            ["mallory", `${MARKER}\nall fine`],
            [ME[name], BAD],
        ]);
        await post(CLEAN, "0");
        expect(forge.comments.map(({ body }) => body)).toEqual([`${MARKER}\nall fine`, CLEAN]);
    });

    test("our comments without the marker at their start are left alone", async () => {
        forge.comments.push({ id: 1, author: ME[name], body: `> ${MARKER}\nquoted` });
        await post(CLEAN, "0");
        expect(forge.comments.map(({ body }) => body)).toEqual([`> ${MARKER}\nquoted`, CLEAN]);
    });

    test("finds ours behind 250 others", async () => {
        for (let id = 1; id <= 250; id++) forge.comments.push({ id, author: "someone", body: "hm" });
        forge.comments.push({ id: 300, author: ME[name], body: `${MARKER}\nold` });
        expect(await post(CLEAN, "0")).toMatchObject({ status: 0 });
        expect(forge.comments).toHaveLength(251);
        expect(forge.comments.at(-1)?.body).toBe(CLEAN);
    });

    test("another author than expected is said: the next run would not find the comment", async () => {
        const ended = await post(CLEAN, "0", { COMMENT_AUTHOR: "some::one" });
        expect(ended).toMatchObject({ status: 70, out: "" });
        expect(ended.err).toContain(`posted, but as "${ME[name]}" where some: :one was expected: set COMMENT_AUTHOR`);
        expect(forge.comments.map(({ body }) => body)).toEqual([CLEAN]);
    });

    test("a bad token is said, not shown, and a pass becomes 70", async () => {
        const ended = await post(CLEAN, "0", { COMMENT_TOKEN: "wr0ng" });
        expect(ended).toMatchObject({ status: 70, out: "" });
        expect(ended.err).toMatch(/answered 401 \(COMMENT_TOKEN is not accepted\): bad token/);
        expect(ended.err).not.toContain("wr0ng");
        expect(forge.comments).toEqual([]);
    });

    test.each([
        [403, /answered 403 \(COMMENT_TOKEN may not comment here\)/],
        [404, /answered 404 \(no such request/],
        [500, /answered 500: /],
    ])("%i is reported, and violations stay violations", async (status, text) => {
        forge.answer = { status, body: "::add-mask::x\u001b[31m" };
        const ended = await post(BAD, "1");
        expect(ended.status).toBe(1);
        expect(ended.err).toMatch(text);
        expect(ended.err.trimEnd()).toMatch(/^[ -~]+$/); // one line, no control characters
        expect(ended.err).not.toContain("::");
    });
});

describe("whatever the forge", () => {
    beforeEach(async () => {
        forge = await startForge("github");
    });

    test.each(["2", "3"])("status %s replaces an older verdict by its absence", async (status) => {
        await post(CLEAN, "0");
        expect(await post(undefined, status)).toMatchObject({ status: Number(status) });
        expect(forge.comments.map(({ body }) => body)).toEqual([
            `${MARKER}\n**Policy pack: not decided** (exit status ${status}): the job's log says why.\n`,
        ]);
    });

    test("a pass without a verdict is none", async () => {
        expect(await post("", "0")).toMatchObject({ status: 3 });
        expect(forge.comments[0]?.body).toContain("not decided");
    });

    test("a long verdict is cut at a row", async () => {
        const row = `| ${"x".repeat(96)} |\n`;
        expect(await post(`${MARKER}\n${row.repeat(2000)}`, "1")).toMatchObject({ status: 1 });
        const body = forge.comments[0]?.body ?? "";
        expect(body.length).toBeLessThan(60_200);
        const [last, , note] = body.trimEnd().split("\n").slice(-3);
        expect(`${last}\n`).toBe(row);
        expect(note).toMatch(/^Too long for a comment/);
    });

    test("a flooded thread gets no second comment", async () => {
        for (let id = 1; id <= 2000; id++) forge.comments.push({ id, author: "someone", body: "hm" });
        const ended = await post(CLEAN, "0");
        expect(ended).toMatchObject({ status: 70 });
        expect(ended.err).toMatch(/none of ours among 2000 comments/);
        expect(forge.comments).toHaveLength(2000);
    });

    test.each([
        ["no JSON", { status: 200, body: "<html>" }, /JSON/],
        ["no list", { status: 200, body: "{}" }, /no list of comments/],
        ["no id", { status: 200, body: JSON.stringify([{ body: MARKER, user: { login: ME.github } }]) }, /no number/],
        ["a redirect", { status: 302, body: "", location: "/elsewhere" }, /redirect/],
    ])("an answer that is %s is reported", async (_, answer, text) => {
        forge.answer = answer;
        const ended = await post(CLEAN, "0");
        expect(ended.status).toBe(70);
        expect(ended.err).toMatch(text);
    });

    test.each<[string, Record<string, string | undefined>, RegExp]>([
        ["no forge", { COMMENT_FORGE: undefined }, /COMMENT_FORGE is missing/],
        ["an unknown forge", { COMMENT_FORGE: "constructor" }, /COMMENT_FORGE is misshapen/],
        ["plain http", { COMMENT_API_URL: "http://forge.example" }, /not https/],
        ["a path upwards", { COMMENT_REPOSITORY: "../admin" }, /COMMENT_REPOSITORY is misshapen/],
        ["no number", { COMMENT_NUMBER: "7/../8" }, /COMMENT_NUMBER is misshapen/],
        ["no token", { COMMENT_TOKEN: "" }, /COMMENT_TOKEN is missing/],
        ["a token of two lines", { COMMENT_TOKEN: "a\r\nb: c" }, /COMMENT_TOKEN is misshapen/],
        ["no status", { POLICY_STATUS: "" }, /POLICY_STATUS is missing/],
    ])("%s is wrong usage, and nothing is asked", async (_, change, text) => {
        const ended = await post(CLEAN, "0", change);
        expect(ended.status).toBe(64);
        expect(ended.err).toMatch(text);
        expect(forge.seen).toEqual([]);
    });

    test("a file without the marker is refused: it could not be found again", async () => {
        const ended = await post("all fine", "0");
        expect(ended.status).toBe(64);
        expect(ended.err).toMatch(/--format markdown/);
    });
});

test("a forge that does not say whose token this is needs COMMENT_AUTHOR", async () => {
    forge = await startForge("forgejo");
    forge.answer = { status: 200, body: "{}" };
    expect((await post(CLEAN, "0")).err).toMatch(/set COMMENT_AUTHOR/);
    forge.answer = undefined;
    forge.seen.length = 0;
    expect(await post(CLEAN, "0", { COMMENT_AUTHOR: ME.forgejo })).toMatchObject({ status: 0 });
    expect(forge.seen).not.toContain("GET /user");
});
