import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { concat, equalBytes, fromHex, toHex, toUtf8 } from "../../../lib/encoding";
import { readSignedData } from "../../../lib/formats/cms";
import { KMOD_MAGIC, KMOD_TRAILER_PREFIX } from "../../../lib/formats/constants";
import { appendSignature, kmod, splitSignature, stripSignatures } from "../../../lib/formats/kmod";
import { derive } from "../../../lib/formats/recheck/derive";
import { certificate, rsaKey, signDigest } from "../../support/certificates";
import { randomFrom } from "../../support/random";
import { inPieces, module } from "./fixtures";

/** Proves the form of a signed module against itself. That kernels and openssl agree is native.test.ts's to prove. */

const PKCS1 = "RSASSA_PKCS1_V1_5_SHA_256";
const key = rsaKey();
const options = { signingAlgorithm: PKCS1, certificate: certificate({ key }) } as const;
const unsigned = module();
const digest = new Uint8Array(createHash("sha256").update(unsigned).digest());
const signature = signDigest(key, digest);
const signed = kmod.assemble(unsigned, options, [signature]);

const coded = (code: string): unknown => expect.objectContaining({ code });

/** The module, some bytes in place of a signature, and a trailer of our making. */
const withTrailer = (prefix: string, length: string, cms = "00".repeat(100)): Uint8Array =>
    concat(unsigned, fromHex(cms), fromHex(prefix), fromHex(length), fromHex(KMOD_MAGIC));

describe("kmod: prepare", () => {
    it("signs the hash of the module, by both implementations", async () => {
        const messages = kmod.prepare(unsigned, options);
        expect(messages).toEqual([{ signingAlgorithm: PKCS1, messageType: "DIGEST", message: digest }]);
        expect(await derive("kmod", PKCS1, inPieces(unsigned))).toEqual({
            messages,
            size: unsigned.length,
            artifactSha256: toHex(digest),
        });
    });

    it.each([
        ["nothing", new Uint8Array()],
        ["a script", toUtf8("#!/bin/sh\n")],
        ["three bytes of the magic", fromHex("7f454c")],
        ["a module within gzip", fromHex("1f8b0800")],
    ])("refuses %s, by both", async (_what, file) => {
        expect(() => kmod.prepare(file, options)).toThrow(coded("NotAKernelModule"));
        await expect(derive("kmod", PKCS1, inPieces(file))).rejects.toMatchObject({ code: "NotAKernelModule" });
    });

    it.each([
        ["gzip", "1f8b0800"],
        ["xz", "fd377a585a00"],
        ["zstd", "28b52ffd"],
    ])("says that %s comes after signing", (name, hex) => {
        expect(() => kmod.inspect(fromHex(hex))).toThrow(`looks like ${name}: sign before compressing`);
    });

    it("refuses a signed module, by both", async () => {
        expect(() => kmod.prepare(signed, options)).toThrow(coded("AlreadySigned"));
        await expect(derive("kmod", PKCS1, inPieces(signed))).rejects.toMatchObject({ code: "AlreadySigned" });
    });

    it("refuses a key without certificate", () => {
        expect(() => kmod.prepare(unsigned, { signingAlgorithm: PKCS1 })).toThrow(coded("NoCertificate"));
    });

    it.each(["RSASSA_PKCS1_V1_5_SHA_512", "RSASSA_PSS_SHA_256", "ECDSA_SHA_256"] as const)(
        "refuses %s, by both",
        async (algorithm) => {
            expect(() => kmod.prepare(unsigned, { ...options, signingAlgorithm: algorithm })).toThrow(
                coded("BadSigningAlgorithm"),
            );
            await expect(derive("kmod", algorithm, inPieces(unsigned))).rejects.toMatchObject({
                code: "BadSigningAlgorithm",
            });
        },
    );

    it("is found at the end however the stream is cut", async () => {
        for (let seed = 0; seed < 50; seed++) {
            await expect(derive("kmod", PKCS1, inPieces(signed, seed))).rejects.toMatchObject({
                code: "AlreadySigned",
            });
        }
    });
});

describe("kmod: assemble", () => {
    it("leaves the module as it was and says how long the signature is", () => {
        expect(equalBytes(signed.subarray(0, unsigned.length), unsigned)).toBe(true);
        const end = toHex(signed.subarray(-40));
        const length = signed.length - unsigned.length - 40;
        expect(end).toBe(`${KMOD_TRAILER_PREFIX}${length.toString(16).padStart(8, "0")}${KMOD_MAGIC}`);
    });

    it("gives the same bytes again", () => {
        expect(equalBytes(kmod.assemble(unsigned, options, [signature]), signed)).toBe(true);
    });

    it.each([0, 2])("refuses %i signatures", (count) => {
        const signatures = Array.from({ length: count }, () => signature);
        expect(() => kmod.assemble(unsigned, options, signatures)).toThrow(coded("BadSignature"));
    });
});

describe("kmod: recover", () => {
    it("gives back what was signed", () => {
        expect(kmod.inspect(signed)).toEqual({ type: "elf", size: signed.length, signatures: 1 });
        const [found] = kmod.recover(signed);
        expect(found).toMatchObject({ format: "kmod", signingAlgorithm: PKCS1, messageType: "DIGEST" });
        expect(toHex(found?.digest ?? new Uint8Array())).toBe(toHex(digest));
        expect(toHex(found?.signature ?? new Uint8Array())).toBe(toHex(signature));
        expect(equalBytes(found?.unsigned ?? new Uint8Array(), unsigned)).toBe(true);
    });

    it("finds both signatures of a module signed twice, and strips them", () => {
        const outer = signDigest(key, new Uint8Array(createHash("sha512").update(signed).digest()));
        const twice = appendSignature(signed, options.certificate, "sha512", outer);
        expect(kmod.recover(twice).map(({ signingAlgorithm }) => signingAlgorithm)).toEqual([
            "RSASSA_PKCS1_V1_5_SHA_512",
            PKCS1,
        ]);
        expect(equalBytes(stripSignatures(twice), unsigned)).toBe(true);
        expect(equalBytes(stripSignatures(unsigned), unsigned)).toBe(true);
    });

    it("has nothing to recover from an unsigned module, nor behind a newline", () => {
        expect(() => kmod.recover(unsigned)).toThrow(coded("NotSigned"));
        expect(() => kmod.recover(concat(signed, toUtf8("\n")))).toThrow(coded("NotSigned"));
    });

    it.each([
        ["a trailer cut off", fromHex(`7f454c46${KMOD_MAGIC}`)],
        ["id_type 1", withTrailer("0000010000000000", "00000064")],
        ["a hash number", withTrailer("0004020000000000", "00000064")],
        ["a signer length", withTrailer("0000020100000000", "00000064")],
        ["padding", withTrailer("0000020000000001", "00000064")],
        ["no length", withTrailer(KMOD_TRAILER_PREFIX, "00000000")],
        ["a length beyond the file", withTrailer(KMOD_TRAILER_PREFIX, "0000ffff")],
        ["a length above 2^31", withTrailer(KMOD_TRAILER_PREFIX, "ffffffff")],
    ])("refuses %s", (_what, file) => {
        expect(() => kmod.prepare(file, options)).toThrow(coded("BadTrailer"));
        expect(() => kmod.recover(file)).toThrow(coded("BadTrailer"));
        expect(() => splitSignature(file)).toThrow(coded("BadTrailer"));
    });

    it("refuses a trailer over something that is no signature", () => {
        expect(() => kmod.recover(withTrailer(KMOD_TRAILER_PREFIX, "00000064"))).toThrow(coded("BadDer"));
    });
});

describe("readSignedData", () => {
    const cms = toHex(splitSignature(signed)?.cms ?? new Uint8Array());
    const SHA256 = "300b0609608648016503040201";

    it("takes a signer named by key identifier, with the versions that go with it", () => {
        const { issuer, serial } = namesIn(cms);
        const byKeyId = rebuilt({ version: "03", signer: "8002beef" });
        expect(readSignedData(byKeyId)).toMatchObject({ signer: { keyId: fromHex("beef") }, digest: "sha256" });
        expect(readSignedData(fromHex(cms)).signer).toEqual({ issuerAndSerial: wrapped("30", issuer + serial) });
    });

    it.each([
        ["another content type", cms.replace("06092a864886f70d010702", "06092a864886f70d010703")],
        ["another encapsulated type", cms.replace("06092a864886f70d010701", "06092a864886f70d010703")],
        ["PSS", cms.replace("06092a864886f70d010101", "06092a864886f70d01010a")],
        ["SHA-1 lengths of oid", cms.replaceAll(SHA256, "300b0609608648016503040204")],
        ["two digest algorithms that differ", cms.replace(SHA256, "300b0609608648016503040203")],
        ["version 3 with issuer and serial", cms.replace("020101", "020103")],
        ["bytes behind it", `${cms}00`],
    ])("refuses %s", (_what, hex) => {
        expect(hex).not.toBe(cms);
        expect(() => readSignedData(fromHex(hex))).toThrow(coded("BadDer"));
    });

    it("refuses a key identifier under version 1", () => {
        expect(() => readSignedData(rebuilt({ version: "01", signer: "8002beef" }))).toThrow(coded("BadDer"));
    });

    it("refuses parameters that are a NULL with content", () => {
        expect(() => readSignedData(rebuilt({ parameters: "050100" }))).toThrow(coded("BadDer"));
    });

    it("refuses attributes, certificates and a second signer", () => {
        expect(() => readSignedData(rebuilt({ attributes: "a0023000" }))).toThrow(coded("BadDer"));
        expect(() => readSignedData(rebuilt({ certificates: "a0023000" }))).toThrow(coded("BadDer"));
        expect(() => readSignedData(rebuilt({ secondSigner: "3000" }))).toThrow(coded("BadDer"));
    });

    /** The signature written out by hand, with one part of it in another form. */
    function rebuilt(parts: {
        version?: string;
        signer?: string;
        parameters?: string;
        attributes?: string;
        certificates?: string;
        secondSigner?: string;
    }): Uint8Array {
        const {
            version = "01",
            signer = "3000",
            parameters = "0500",
            attributes = "",
            certificates = "",
            secondSigner = "",
        } = parts;
        const w = (tag: string, content: string): string => toHex(wrapped(tag, content));
        const rsa = w("30", `06092a864886f70d010101${parameters}`);
        const info = w("30", `0201${version}${signer}${SHA256}${rsa}0402abcd${attributes}`);
        const data = w("30", "06092a864886f70d010701");
        const signedData = w(
            "30",
            `0201${version}${w("31", SHA256)}${data}${certificates}${w("31", info + secondSigner)}`,
        );
        return wrapped("30", `06092a864886f70d010702${w("a0", signedData)}`);
    }
});

describe("damage", () => {
    it("never gives the recorded signature over the recorded digest, and only refuses by code", () => {
        const random = randomFrom(1970);
        for (let i = 0; i < 2000; i++) {
            const damaged = signed.slice();
            const at = random.below(damaged.length);
            damaged[at] = (damaged[at] ?? 0) ^ (1 << random.below(8));
            try {
                const [found] = kmod.recover(damaged);
                const same =
                    found && toHex(found.digest) === toHex(digest) && toHex(found.signature) === toHex(signature);
                // What is left are flips in names: recheck/verify compares those with the certificate.
                if (same) expect(at).toBeGreaterThan(unsigned.length);
            } catch (error) {
                expect((error as { code: string }).code).toMatch(/^(BadDer|BadTrailer|NotSigned|NotAKernelModule)$/);
            }
        }
    });
});

function wrapped(tag: string, content: string): Uint8Array {
    const length = content.length / 2;
    const prefix = length < 0x80 ? "" : length < 0x100 ? "81" : "82";
    return fromHex(`${tag}${prefix}${length.toString(16).padStart(prefix === "82" ? 4 : 2, "0")}${content}`);
}

function namesIn(cms: string): { issuer: string; serial: string } {
    const { signer } = readSignedData(fromHex(cms));
    const names = "issuerAndSerial" in signer ? toHex(signer.issuerAndSerial) : "";
    // Header of two bytes, serial 02 01 2a last: as support/certificates writes them.
    return { issuer: names.slice(4, -6), serial: names.slice(-6) };
}
