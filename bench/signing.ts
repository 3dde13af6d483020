import { createPrivateKey, createPublicKey, randomBytes } from "node:crypto";
import { globSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { certificateFromPem } from "../lib/formats/x509";
import { kmod, splitSignature } from "../lib/formats/kmod";
import { verifyFile } from "../lib/formats/recheck/verify";
import { rsaSign } from "../local/gateway/kms/crypto/rsa";
import { compare, has, timed, timedProcess, type Comparison, type Missing } from "./measure";

const ALGORITHM = "RSASSA_PKCS1_V1_5_SHA_256";

/**
 * One 1 MB kernel module under one RSA 4096 key and certificate: signed by us (derive, sign, append) beside the kernel's
 * own tool, verified by us beside OpenSSL. They are processes and we are a function, so the process alone is shown too.
 */
export async function benchSigning(): Promise<(Comparison | Missing)[]> {
    if (!has("openssl", "version")) return [{ what: "sign and verify a kernel module", missing: "openssl" }];
    const folder = await mkdtemp(join(tmpdir(), "countersign-bench-"));
    try {
        const subject = await makeSubject(folder);
        return [await signModule(subject), await verifyModule(subject), await bareProcess()];
    } finally {
        await rm(folder, { recursive: true, force: true });
    }
}

interface Subject {
    readonly folder: string;
    readonly module: Uint8Array;
    readonly key: string;
    readonly certificate: Uint8Array;
}

async function makeSubject(folder: string): Promise<Subject> {
    const subject = ["-subj", "/CN=bench", "-days", "1", "-nodes", "-addext", "extendedKeyUsage=codeSigning"];
    const files = ["-keyout", join(folder, "key.pem"), "-out", join(folder, "cert.pem")];
    await timedProcess("openssl", ["req", "-x509", "-newkey", "rsa:4096", "-sha256", ...subject, ...files]);
    const module = new Uint8Array(1 << 20);
    module.set([0x7f, 0x45, 0x4c, 0x46]);
    module.set(randomBytes(module.length - 4), 4);
    await writeFile(join(folder, "module.ko"), module);
    const pem = await readFile(join(folder, "cert.pem"), "utf8");
    return {
        folder,
        module,
        key: await readFile(join(folder, "key.pem"), "utf8"),
        certificate: certificateFromPem(pem),
    };
}

/** As KMS does it: over the digest that it is given, not over the module. */
function signOurs({ module, key, certificate }: Subject): Uint8Array {
    const options = { signingAlgorithm: ALGORITHM, certificate } as const;
    const signatures = kmod
        .prepare(module, options)
        .map(({ message }) => rsaSign(createPrivateKey(key), "pkcs1", "sha256", message));
    return kmod.assemble(module, options, signatures);
}

async function signModule(subject: Subject): Promise<Comparison | Missing> {
    const what = "sign a 1 MB kernel module, RSA 4096";
    const [tool] = globSync("/usr/lib/linux-kbuild-*/scripts/sign-file");
    if (tool === undefined) return { what, missing: "the kernel's sign-file (Debian: linux-kbuild-6.1)" };
    const { folder } = subject;
    const args = [
        "sha256",
        join(folder, "key.pem"),
        join(folder, "cert.pem"),
        join(folder, "module.ko"),
        join(folder, "theirs.ko"),
    ];
    return compare(
        what,
        () => timed(5, () => signOurs(subject)),
        "the kernel's sign-file (a process)",
        () => timedProcess(tool, args),
    );
}

async function verifyModule(subject: Subject): Promise<Comparison> {
    const { folder, module, key } = subject;
    const signed = signOurs(subject);
    const spki = new Uint8Array(createPublicKey(key).export({ type: "spki", format: "der" }));
    await writeFile(join(folder, "module.p7s"), splitSignature(signed)!.cms);
    await writeFile(join(folder, "plain.ko"), module);
    const trust = ["-certfile", join(folder, "cert.pem"), "-CAfile", join(folder, "cert.pem"), "-purpose", "any"];
    const input = [
        "-inform",
        "DER",
        "-in",
        join(folder, "module.p7s"),
        "-content",
        join(folder, "plain.ko"),
        "-out",
        "/dev/null",
    ];
    const options = { spki, signingAlgorithm: ALGORITHM } as const;
    return compare(
        "verify that module",
        () => timed(5, () => verifyFile("kmod", signed, options)),
        "openssl cms -verify (a process)",
        () => timedProcess("openssl", ["cms", "-verify", "-binary", ...input, ...trust]),
    );
}

async function bareProcess(): Promise<Comparison> {
    return compare(
        "start node",
        () => timedProcess(process.execPath, ["-e", "0"]),
        "start openssl",
        () => timedProcess("openssl", ["version"]),
    );
}
