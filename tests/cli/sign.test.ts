// Proves what `sign` sends, waits for, checks and writes. The stack is played by a bucket server: that the deployed one
// answers so is shown by the local run.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { toUtf8 } from "../../lib/encoding";
import {
    bundleCli,
    flipped,
    makeLog,
    registered,
    runCli,
    serve,
    serveObjects,
    signModule,
    signRaw,
    testKey,
    type Run,
    type Served,
} from "./support";

const key = testKey();
const content = toUtf8("release\n");
const module = toUtf8("\x7fELF driver");
const raw = signRaw(key, content);
const kmod = signModule(key, module);
const log = makeLog(
    key,
    new Map([
        [0, registered(key)],
        [2, raw.leaf],
        [3, kmod.leaf],
    ]),
    5,
);

interface Upload {
    readonly key: string;
    readonly body: Buffer;
}

/** Two buckets; `release` decides what the stack makes of an upload, undefined as long as nothing is there. */
let release: (upload: Upload) => Record<string, unknown> | undefined;
let signed: Uint8Array;
const uploads: Upload[] = [];

let cli: { path: string; remove(): void };
let buckets: Served;
let logServer: Served;
let folder: string;
let objects: Map<string, Uint8Array>;
beforeAll(async () => {
    cli = await bundleCli();
    logServer = await serveObjects(() => objects);
    buckets = await serve((request, response) => {
        const [, bucket, ...rest] = decodeURIComponent((request.url ?? "").split("?")[0]!).split("/");
        const path = rest.join("/");
        const chunks: Buffer[] = [];
        request.on("data", (chunk: Buffer) => chunks.push(chunk));
        request.on("end", () => {
            if (request.method === "PUT" && bucket === "uploads") {
                uploads.push({ key: path, body: Buffer.concat(chunks) });
                return response.writeHead(200, { "x-amz-version-id": "v1" }).end();
            }
            const upload = uploads.find(({ key: name }) => path.startsWith(`released/${name}/v1/`));
            const result = bucket === "results" && upload ? release(upload) : undefined;
            if (!result)
                return response.writeHead(403).end("<Error><Code>AccessDenied</Code><Message>no</Message></Error>");
            if (path.endsWith("/result.json")) return response.end(JSON.stringify(result));
            return response.end(Buffer.from(signed));
        });
    });
}, 60_000);
beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "countersign-sign-"));
    objects = new Map(log.objects);
    uploads.length = 0;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
afterAll(async () => {
    cli.remove();
    await Promise.all([buckets.stop(), logServer.stop()]);
});

const signedResult = (upload: Upload, index: number, hash: string): Record<string, unknown> => ({
    version: 1,
    status: "signed",
    request_id: "ab".repeat(32),
    tenant: "build",
    format: "raw",
    key_name: "files",
    output: `released/${upload.key}/v1/signed`,
    artifact_sha256: raw.artifact,
    records: [{ record_hash: hash, log_index: index }],
});

function run(files: readonly string[], ...more: string[]): Promise<Run> {
    const outputs = {
        logUrl: logServer.url,
        logVkey: log.vkey,
        logKeyArn: "arn:aws:kms:eu-west-1:111122223333:key/x",
        uploadsBucket: "uploads",
        resultsBucket: "results",
        keyNames: ["files"],
        filesSpkiSha256: log.fingerprint,
    };
    writeFileSync(join(folder, "stack.json"), JSON.stringify(outputs));
    const env = { AWS_ENDPOINT_URL: buckets.url, AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" };
    return runCli(
        cli.path,
        ["sign", ...files, "--stack-outputs", "stack.json", "--tenant", "build", ...more],
        env,
        folder,
    );
}

const save = (name: string, bytes: Uint8Array): void => writeFileSync(join(folder, name), bytes);

it("uploads under the tenant's prefix, waits, verifies, and writes the signature beside the file", async () => {
    save("release.txt", content);
    let asked = 0;
    release = (upload) => (++asked > 2 ? signedResult(upload, 2, raw.leaf.record_hash) : undefined);
    signed = raw.signature;
    const done = await run(["release.txt"], "--json");
    // Progress appears after two seconds, which a busy machine may take.
    expect([done.status, done.err.replace(/^release\.txt: signing .*\n/gm, "")]).toEqual([0, ""]);
    expect(done.json()).toMatchObject({
        verified: true,
        file: "release.txt",
        output: "release.txt.sig",
        index: 2,
        key_name: "files",
    });
    expect(uploads).toEqual([
        { key: expect.stringMatching(/^build\/raw\/[0-9a-f-]{36}\/release\.txt$/), body: Buffer.from(content) },
    ]);
    expect(readFileSync(join(folder, "release.txt.sig"))).toEqual(Buffer.from(raw.signature));
    expect(readFileSync(join(folder, "release.txt"))).toEqual(Buffer.from(content));
});

it("gives a module back under another name, and into another folder if asked", async () => {
    save("driver.ko", module);
    mkdirSync(join(folder, "out"));
    release = (upload) => signedResult(upload, 3, kmod.leaf.record_hash);
    signed = kmod.signed;
    expect((await run(["driver.ko"])).status).toBe(0);
    expect((await run(["driver.ko"], "--output-dir", "out")).status).toBe(0);
    expect(uploads[0]!.key).toMatch(/^build\/kmod\//);
    for (const path of ["driver.signed.ko", "out/driver.signed.ko"])
        expect(readFileSync(join(folder, path))).toEqual(Buffer.from(kmod.signed));
    expect(readFileSync(join(folder, "driver.ko"))).toEqual(Buffer.from(module));
});

describe("nothing is overwritten", () => {
    it.each(["release.txt.sig", "release.txt.sig.unverified"])(
        "if %s exists, nothing is even uploaded",
        async (name) => {
            save("release.txt", content);
            save(name, toUtf8("mine"));
            const refused = await run(["release.txt"]);
            expect([refused.status, refused.err]).toEqual([2, expect.stringContaining("exists already")]);
            expect([readFileSync(join(folder, name), "utf8"), uploads]).toEqual(["mine", []]);
        },
    );

    it("not by two files of one name", async () => {
        mkdirSync(join(folder, "a"));
        save("a/f", content);
        save("f", content);
        expect((await run(["f", "a/f"], "--output-dir", ".")).status).toBe(2);
        expect(uploads).toEqual([]);
    });
});

it.each([
    ["another file's signature", () => flipped(raw.signature, 9), "content"],
    ["no signature at all", () => toUtf8("x"), "content"],
])("keeps %s under a name that says it is not verified", async (_, bytes, failed) => {
    save("release.txt", content);
    release = (upload) => signedResult(upload, 2, raw.leaf.record_hash);
    signed = bytes();
    const done = await run(["release.txt"]);
    expect([done.status, done.err]).toEqual([1, expect.stringContaining(`check "${failed}" failed`)]);
    expect(existsSync(join(folder, "release.txt.sig"))).toBe(false);
    expect(readFileSync(join(folder, "release.txt.sig.unverified"))).toEqual(Buffer.from(signed));
});

it("keeps what is no signed module for a module under such a name too", async () => {
    save("driver.ko", module);
    release = (upload) => signedResult(upload, 3, kmod.leaf.record_hash);
    signed = module;
    const done = await run(["driver.ko"]);
    expect([done.status, done.err]).toEqual([1, expect.stringContaining('check "file" failed')]);
    expect(existsSync(join(folder, "driver.signed.ko"))).toBe(false);
    expect(readFileSync(join(folder, "driver.signed.ko.unverified"))).toEqual(Buffer.from(module));
});

it("does not take a signature that the log lacks, whatever the result says", async () => {
    save("release.txt", content);
    release = (upload) => signedResult(upload, 1, raw.leaf.record_hash);
    signed = raw.signature;
    expect((await run(["release.txt"])).status).toBe(1);
    expect(existsSync(join(folder, "release.txt.sig"))).toBe(false);
});

it("prints the stack's reason for a refusal, and signs the other files", async () => {
    save("bad.txt", toUtf8("bad"));
    save("release.txt", content);
    release = (upload) =>
        upload.key.endsWith("bad.txt")
            ? { version: 1, status: "refused", code: "FormatNotOfTenant", reason: "tenant build has no format raw" }
            : signedResult(upload, 2, raw.leaf.record_hash);
    signed = raw.signature;
    const done = await run(["bad.txt", "release.txt"]);
    expect([done.status, done.err]).toEqual([
        1,
        expect.stringContaining("bad.txt: FormatNotOfTenant: tenant build has no format raw"),
    ]);
    expect(existsSync(join(folder, "release.txt.sig"))).toBe(true);
});

it("could not tell: no result in time, a result of another version, no log", async () => {
    save("release.txt", content);
    signed = raw.signature;
    release = () => undefined;
    const late = await run(["release.txt"], "--timeout", "1");
    expect([late.status, late.err]).toEqual([3, expect.stringContaining("no result within 1 s")]);
    release = () => ({ version: 2, status: "signed" });
    expect((await run(["release.txt"])).status).toBe(3);
    release = (upload) => signedResult(upload, 2, raw.leaf.record_hash);
    const noLog = await run(["release.txt"], "--log-url", "http://127.0.0.1:1");
    expect([noLog.status, noLog.err]).toEqual([3, expect.stringContaining("release.txt.sig.unverified")]);
});

it.each([
    [["--tenant", "a/b"], "tenant"],
    [["--timeout", "0"], "--timeout"],
    [["--key", "1"], "--key"],
])("%j is wrong usage", async (more, text) => {
    save("release.txt", content);
    const done = await run(["release.txt"], ...more);
    expect([done.status, done.err]).toEqual([2, expect.stringContaining(text)]);
    expect(uploads).toEqual([]);
});
