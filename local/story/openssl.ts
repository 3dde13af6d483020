import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * The second opinion: OpenSSL, which shares no code with us, judged by its exit code. Each question is asked twice, the
 * second time about a changed file, because a verifier that accepts everything would be worthless.
 */
export interface Opinion {
    readonly command: string;
    /** Undefined: there is no `openssl` here, so nothing was shown. */
    readonly verified: boolean | undefined;
    readonly refusedChanged: boolean | undefined;
}

/** A detached RSA PKCS#1 v1.5 signature over the file's SHA-256. */
export async function opinionOnRaw(file: Uint8Array, signature: Uint8Array, spki: Uint8Array): Promise<Opinion> {
    return ask("openssl dgst -sha256 -verify", file, async (folder, content) => {
        const pem = `-----BEGIN PUBLIC KEY-----\n${Buffer.from(spki)
            .toString("base64")
            .match(/.{1,64}/g)!
            .join("\n")}\n-----END PUBLIC KEY-----\n`;
        const at = await save(folder, { content, signature, pub: Buffer.from(pem) });
        return ["dgst", "-sha256", "-verify", at.pub, "-signature", at.signature, at.content];
    });
}

/**
 * The detached CMS of a kernel module. `-binary` and `-purpose any` are needed: without the first OpenSSL canonicalizes
 * line ends, and a code-signing certificate has no S/MIME purpose.
 */
export async function opinionOnModule(
    module: Uint8Array,
    cms: Uint8Array,
    certificate: string,
    authority: string,
): Promise<Opinion> {
    return ask("openssl cms -verify -binary", module, async (folder, content) => {
        const at = await save(folder, { content, cms, leaf: Buffer.from(certificate), ca: Buffer.from(authority) });
        const input = ["-inform", "DER", "-in", at.cms, "-content", at.content];
        const trust = ["-certfile", at.leaf, "-CAfile", at.ca, "-purpose", "any"];
        return ["cms", "-verify", "-binary", ...input, ...trust, "-out", join(folder, "out")];
    });
}

async function ask(
    command: string,
    content: Uint8Array,
    args: (folder: string, content: Uint8Array) => Promise<string[]>,
): Promise<Opinion> {
    const folder = await mkdtemp(join(tmpdir(), "countersign-openssl-"));
    try {
        const changed = Uint8Array.from(content);
        changed[changed.length >> 1]! ^= 1;
        const verified = await exitCode(await args(folder, content));
        const onChanged = await exitCode(await args(folder, changed));
        return {
            command,
            verified: verified === undefined ? undefined : verified === 0,
            refusedChanged: onChanged === undefined ? undefined : onChanged !== 0,
        };
    } finally {
        await rm(folder, { recursive: true, force: true });
    }
}

async function save<K extends string>(folder: string, files: Record<K, Uint8Array>): Promise<Record<K, string>> {
    const paths = Object.fromEntries(Object.keys(files).map((name) => [name, join(folder, name)])) as Record<K, string>;
    await Promise.all(Object.entries<Uint8Array>(files).map(([name, bytes]) => writeFile(paths[name as K], bytes)));
    return paths;
}

/** Undefined if there is no such program. */
function exitCode(args: string[]): Promise<number | undefined> {
    return new Promise((done, failed) => {
        const child = spawn("openssl", args, { stdio: "ignore" });
        child.once("error", (error: NodeJS.ErrnoException) =>
            error.code === "ENOENT" ? done(undefined) : failed(error),
        );
        child.once("close", (code) => done(code ?? 1));
    });
}
