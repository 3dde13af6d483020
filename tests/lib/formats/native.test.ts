import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { concat, equalBytes } from "../../../lib/encoding";
import { appendSignature, kmod, splitSignature } from "../../../lib/formats/kmod";
import { raw } from "../../../lib/formats/raw";
import type { HashName } from "../../../lib/hash";
import { certificate, pem, rsaKey, signDigest, type TestKey } from "../../support/certificates";
import { nativeTool, statusOf } from "../../support/native-tools";
import { module } from "./fixtures";

/**
 * Proves that programs of others make and accept the same bytes: the kernel's sign-file, openssl. Verdicts are exit codes, each beside an
 * unsigned, a tampered and a wrong-key input that must fail. Proves nothing about a running kernel.
 */

const openssl = nativeTool("openssl");
const signFile = nativeTool("sign-file", signFileCandidates(), "Debian package linux-kbuild-*");

const dir = mkdtempSync(join(tmpdir(), "countersign-formats-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const key = rsaKey();
const ca = rsaKey();
const issuer = { key: ca, name: "countersign test CA" };
const ours = certificate({ key, issuer, name: "modules", serial: "00f00dcafe" });
const theirKey = rsaKey();
const theirs = certificate({ key: theirKey, issuer, name: "other", serial: "07" });
const options = { signingAlgorithm: "RSASSA_PKCS1_V1_5_SHA_256", certificate: ours } as const;

const write = (name: string, content: Uint8Array | string): string => {
    const path = join(dir, name);
    writeFileSync(path, content);
    return path;
};
const digestOf = (bytes: Uint8Array, name: HashName = "sha256"): Uint8Array =>
    new Uint8Array(createHash(name).update(bytes).digest());
const publicPem = (of: TestKey, name: string): string => write(name, pem(of.spki, "PUBLIC KEY"));

describe.skipIf(!signFile)("sign-file", () => {
    const keyPem = write("key.pem", key.privateKey.export({ format: "pem", type: "pkcs8" }) as string);
    const selfSigned = certificate({
        key,
        name: "a longer name, so that the signature needs other length bytes".repeat(3),
    });

    it.each(
        [ours, selfSigned].flatMap((cert, c) =>
            (["sha256", "sha384", "sha512"] as const).flatMap((name) =>
                [1, 2].map((seed) => [name, c, seed, cert] as const),
            ),
        ),
    )("writes the same bytes: %s, certificate %i, module %i", (name, _c, seed, cert) => {
        const file = module(seed, 3000 * seed + 1);
        const input = write("in.ko", file);
        const output = join(dir, "out.ko");
        expect(statusOf(signFile as string, [name, keyPem, write("cert.der", cert), input, output])).toBe(0);
        const signature = signDigest(key, digestOf(file, name));
        expect(equalBytes(appendSignature(file, cert, name, signature), new Uint8Array(readFileSync(output)))).toBe(
            true,
        );
    });

    it("is read by recover, by issuer and serial or by key identifier", () => {
        const file = module(3);
        const input = write("recover.ko", file);
        for (const flags of [[], ["-k"]]) {
            const output = join(dir, `recovered${flags.length}.ko`);
            const cert = withKeyIdentifier(selfSigned);
            expect(statusOf(signFile as string, [...flags, "sha256", keyPem, cert, input, output])).toBe(0);
            const [found] = kmod.recover(new Uint8Array(readFileSync(output)));
            expect(equalBytes(found?.signature ?? new Uint8Array(), signDigest(key, digestOf(file)))).toBe(true);
            expect(equalBytes(found?.unsigned ?? new Uint8Array(), file)).toBe(true);
        }
    });

    /** sign-file -k wants the extension; openssl adds it. */
    function withKeyIdentifier(plain: Uint8Array): string {
        const from = write("plain.pem", pem(plain));
        const extensions = write("ski.cnf", "subjectKeyIdentifier=hash\n");
        const to = join(dir, "ski.pem");
        const args = [
            "x509",
            "-in",
            from,
            "-signkey",
            keyPem,
            "-extfile",
            extensions,
            "-days",
            "30",
            "-clrext",
            "-out",
            to,
        ];
        expect(statusOf(openssl ?? "openssl", args)).toBe(0);
        return to;
    }
});

describe.skipIf(!openssl)("openssl cms -verify", () => {
    const verify = (signed: Uint8Array, cert: Uint8Array): number | null => {
        const split = splitSignature(signed);
        const args = [
            "cms",
            "-verify",
            "-binary",
            "-inform",
            "DER",
            "-in",
            write("k.p7", split?.cms ?? new Uint8Array()),
        ];
        const content = write("k.ko", split?.module ?? signed);
        const certfile = write("k.pem", pem(cert));
        const caFile = write("ca.pem", pem(certificate({ key: ca, name: issuer.name, authority: true })));
        args.push(
            "-content",
            content,
            "-certfile",
            certfile,
            "-CAfile",
            caFile,
            "-purpose",
            "any",
            "-out",
            "/dev/null",
        );
        return statusOf(openssl as string, args);
    };
    const file = module(4);
    const signed = kmod.assemble(file, options, [signDigest(key, digestOf(file))]);

    it("accepts our module", () => {
        expect(verify(signed, ours)).toBe(0);
    });

    it("refuses an unsigned, a tampered and a wrong-key module", () => {
        expect(verify(file, ours)).not.toBe(0);
        const tampered = signed.slice();
        tampered[99] = (tampered[99] ?? 0) ^ 1;
        expect(verify(tampered, ours)).not.toBe(0);
        const wrongKey = kmod.assemble(file, options, [signDigest(theirKey, digestOf(file))]);
        expect(verify(wrongKey, ours)).not.toBe(0);
        expect(verify(signed, theirs)).not.toBe(0);
    });
});

describe.skipIf(!openssl)("openssl dgst and pkeyutl", () => {
    const file = module(5);
    const pub = publicPem(key, "pub.pem");
    const otherPub = publicPem(theirKey, "other.pem");
    const input = write("file", file);
    const tampered = write("tampered", concat(file, Uint8Array.of(0)));

    it.each(["sha256", "sha384", "sha512"] as const)(
        "accept our raw signature over %s, and no other pairing",
        (name) => {
            const signingAlgorithm = `RSASSA_PKCS1_V1_5_SHA_${name.slice(3)}` as "RSASSA_PKCS1_V1_5_SHA_256";
            const [message] = raw.prepare(file, { signingAlgorithm });
            const digest = message?.message ?? new Uint8Array();
            const signature = raw.assemble(file, { signingAlgorithm }, [signDigest(key, digest)]);
            const sig = write("sig", signature);
            const dgst = (publicKey: string, sigFile: string, of: string): number | null =>
                statusOf(openssl as string, ["dgst", `-${name}`, "-verify", publicKey, "-signature", sigFile, of]);
            expect(dgst(pub, sig, input)).toBe(0);
            expect(dgst(pub, sig, tampered)).not.toBe(0);
            expect(dgst(otherPub, sig, input)).not.toBe(0);
            expect(dgst(pub, write("none", ""), input)).not.toBe(0);
        },
    );

    it.each([
        [
            "a raw file's",
            () =>
                raw.recover(file, {
                    signature: signDigest(key, digestOf(file)),
                    signingAlgorithm: options.signingAlgorithm,
                }),
        ],
        ["a module's", () => kmod.recover(kmod.assemble(file, options, [signDigest(key, digestOf(file))]))],
    ])("accept %s recovered digest", (_what, recover) => {
        const [found] = recover();
        const sig = write("recovered.sig", found?.signature ?? new Uint8Array());
        const check = (publicKey: string, digest: Uint8Array): number | null =>
            statusOf(openssl as string, [
                ...["pkeyutl", "-verify", "-pubin", "-inkey", publicKey, "-in", write("digest", digest)],
                ...["-sigfile", sig, "-pkeyopt", "digest:sha256"],
            ]);
        const digest = found?.digest ?? new Uint8Array();
        expect(check(pub, digest)).toBe(0);
        expect(check(otherPub, digest)).not.toBe(0);
        expect(check(pub, digestOf(digest))).not.toBe(0);
    });
});

/** Where Debian and others put it. */
function signFileCandidates(): string[] {
    const roots = ["/usr/lib", "/usr/src"].flatMap((root) => {
        try {
            return readdirSync(root).map((name) => join(root, name));
        } catch {
            return [];
        }
    });
    return roots
        .filter((path) => /\/linux-(kbuild|headers)-/.test(path))
        .map((path) => join(path, "scripts/sign-file"));
}
