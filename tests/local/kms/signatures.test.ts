// Proves that signatures made from digests verify with code that did not make them. Proves nothing about AWS's own
// randomness, hedging or salt choice beyond what its documentation says.
import { spawnSync } from "node:child_process";
import { constants, createHash, createPublicKey, verify, type KeyObject } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bench } from "./support";

// `npm test` needs npm packages only.
const HAS_OPENSSL = spawnSync("openssl", ["version"]).status === 0;
const MESSAGE = Buffer.from("countersign signs this\n");
const OTHER = Buffer.from("countersign signs thiS\n");

interface Case {
    readonly spec: string;
    readonly algorithm: string;
    readonly hash?: string;
    /** Arguments of `openssl` before the file of the message; absent where OpenSSL 3.0 cannot verify. */
    readonly openssl?: readonly string[];
}

const dgst = (hash: string, ...options: string[]): string[] => [
    "dgst",
    `-${hash}`,
    ...options,
    "-verify",
    "PUB",
    "-signature",
    "SIG",
];
const PSS = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"];
const pkeyutl = ["pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", "PUB", "-sigfile", "SIG", "-in"];

const CASES: readonly Case[] = [
    { spec: "RSA_4096", algorithm: "RSASSA_PKCS1_V1_5_SHA_256", hash: "sha256", openssl: dgst("sha256") },
    { spec: "RSA_4096", algorithm: "RSASSA_PKCS1_V1_5_SHA_512", hash: "sha512", openssl: dgst("sha512") },
    { spec: "RSA_4096", algorithm: "RSASSA_PSS_SHA_256", hash: "sha256", openssl: dgst("sha256", ...PSS) },
    { spec: "RSA_4096", algorithm: "RSASSA_PSS_SHA_384", hash: "sha384", openssl: dgst("sha384", ...PSS) },
    { spec: "RSA_2048", algorithm: "RSASSA_PSS_SHA_512", hash: "sha512", openssl: dgst("sha512", ...PSS) },
    { spec: "ECC_NIST_P256", algorithm: "ECDSA_SHA_256", hash: "sha256", openssl: dgst("sha256") },
    { spec: "ECC_NIST_P384", algorithm: "ECDSA_SHA_384", hash: "sha384", openssl: dgst("sha384") },
    { spec: "ECC_NIST_P521", algorithm: "ECDSA_SHA_512", hash: "sha512", openssl: dgst("sha512") },
    { spec: "ECC_SECG_P256K1", algorithm: "ECDSA_SHA_256", hash: "sha256", openssl: dgst("sha256") },
    { spec: "ECC_NIST_EDWARDS25519", algorithm: "ED25519_SHA_512", openssl: pkeyutl },
    { spec: "ML_DSA_44", algorithm: "ML_DSA_SHAKE_256" },
    { spec: "ML_DSA_65", algorithm: "ML_DSA_SHAKE_256" },
];

const kms = bench({ pool: { RSA_4096: 1 } });
const keys = new Map<string, { id: string; arn: string; key: KeyObject }>();
const folder = mkdtempSync(join(tmpdir(), "countersign-kms-"));

beforeAll(async () => {
    for (const spec of new Set(CASES.map((c) => c.spec))) {
        const made = await kms.createKey(spec);
        const { PublicKey } = (await kms.must("GetPublicKey", { KeyId: made.id })) as unknown as { PublicKey: string };
        const key = createPublicKey({ key: Buffer.from(PublicKey, "base64"), format: "der", type: "spki" });
        writeFileSync(join(folder, `${spec}.pem`), key.export({ format: "pem", type: "spki" }));
        keys.set(spec, { ...made, key });
    }
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(CASES)("$spec with $algorithm", (c) => {
    const types = c.hash === undefined ? ["RAW"] : ["DIGEST", "RAW"];

    it.each(types)("verifies with node:crypto when signed as %s, and not over another message", async (type) => {
        const signature = await signAs(c, type, MESSAGE);
        expect(nodeVerifies(c, MESSAGE, signature)).toBe(true);
        expect(nodeVerifies(c, OTHER, signature)).toBe(false);
    });

    it.runIf(c.openssl && HAS_OPENSSL).each(types)(
        "verifies with openssl when signed as %s, and not over another message",
        async (type) => {
            const signature = await signAs(c, type, MESSAGE);
            expect(opensslExit(c, MESSAGE, signature)).toBe(0);
            expect(opensslExit(c, OTHER, signature)).toBe(1);
        },
    );

    it("answers Verify alike for RAW and DIGEST, and refuses a changed signature by name", async () => {
        const signature = await signAs(c, types[0]!, MESSAGE);
        for (const type of types) {
            expect(await verifyAs(c, type, signature)).toMatchObject({ status: 200, body: { SignatureValid: true } });
        }
        const changed = Buffer.from(signature);
        changed[changed.length - 1]! ^= 1;
        expect((await verifyAs(c, types[0]!, changed)).error?.code).toBe("KMSInvalidSignatureException");
    });
});

it("repeats deterministic signatures and no others", async () => {
    const repeats = async (spec: string, algorithm: string, type: string): Promise<boolean> => {
        const c = { spec, algorithm, hash: "sha256" };
        return (await signAs(c, type, MESSAGE)).equals(await signAs(c, type, MESSAGE));
    };
    expect(await repeats("RSA_4096", "RSASSA_PKCS1_V1_5_SHA_256", "DIGEST")).toBe(true);
    expect(await repeats("ECC_NIST_EDWARDS25519", "ED25519_SHA_512", "RAW")).toBe(true);
    expect(await repeats("RSA_4096", "RSASSA_PSS_SHA_256", "DIGEST")).toBe(false);
    expect(await repeats("ECC_NIST_P256", "ECDSA_SHA_256", "DIGEST")).toBe(false);
    expect(await repeats("ML_DSA_65", "ML_DSA_SHAKE_256", "RAW")).toBe(false);
});

it("makes ECDSA signatures that are DER and do not hide a low s", async () => {
    const c = { spec: "ECC_NIST_P256", algorithm: "ECDSA_SHA_256", hash: "sha256" };
    const halves = new Set<boolean>();
    for (let i = 0; i < 64 && halves.size < 2; i++) {
        const signature = await signAs(c, "DIGEST", MESSAGE);
        expect(signature[0]).toBe(0x30);
        const s = signature.subarray(4 + signature[3]! + 2);
        halves.add(
            BigInt(`0x${s.toString("hex")}`) > 0x7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8n,
        );
    }
    expect(halves.size).toBe(2);
});

it("signs Ed25519ph over the digest, which no plain Ed25519 verifier accepts", async () => {
    const { id, key } = keys.get("ECC_NIST_EDWARDS25519")!;
    const digest = createHash("sha512").update(MESSAGE).digest();
    const request = {
        KeyId: id,
        MessageType: "DIGEST",
        SigningAlgorithm: "ED25519_PH_SHA_512",
        Message: digest.toString("base64"),
    };
    const { Signature } = (await kms.must("Sign", request)) as unknown as { Signature: string };
    expect(verify(null, digest, key, Buffer.from(Signature, "base64"))).toBe(false);
    expect(verify(null, MESSAGE, key, Buffer.from(Signature, "base64"))).toBe(false);
    expect(await kms.call("Verify", { ...request, Signature })).toMatchObject({ body: { SignatureValid: true } });
});

function messageOf({ hash }: Case, type: string, message: Buffer): string {
    return (type === "DIGEST" ? createHash(hash!).update(message).digest() : message).toString("base64");
}

async function signAs(c: Case, type: string, message: Buffer): Promise<Buffer> {
    const request = {
        KeyId: keys.get(c.spec)!.arn,
        MessageType: type,
        SigningAlgorithm: c.algorithm,
        Message: messageOf(c, type, message),
    };
    const body = (await kms.must("Sign", request)) as unknown as { Signature: string };
    return Buffer.from(body.Signature, "base64");
}

function verifyAs(c: Case, type: string, signature: Buffer): ReturnType<typeof kms.call> {
    return kms.call("Verify", {
        KeyId: keys.get(c.spec)!.id,
        MessageType: type,
        SigningAlgorithm: c.algorithm,
        Message: messageOf(c, type, MESSAGE),
        Signature: signature.toString("base64"),
    });
}

function nodeVerifies(c: Case, message: Buffer, signature: Buffer): boolean {
    const key = keys.get(c.spec)!.key;
    if (!c.algorithm.startsWith("RSASSA_PSS_")) return verify(c.hash ?? null, message, key, signature);
    const padding = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
    return verify(c.hash, message, { key, ...padding }, signature);
}

/** The verdict is the exit code; what it prints is not read. */
function opensslExit(c: Case, message: Buffer, signature: Buffer): number | null {
    writeFileSync(join(folder, "message"), message);
    writeFileSync(join(folder, "signature"), signature);
    const files: Record<string, string> = { PUB: `${c.spec}.pem`, SIG: "signature" };
    const args = [...c.openssl!.map((arg) => files[arg] ?? arg), "message"];
    return spawnSync("openssl", args, { cwd: folder }).status;
}
