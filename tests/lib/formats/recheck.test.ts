import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { concat, fromHex, toHex, toUtf8 } from "../../../lib/encoding";
import { KMOD_MAGIC, KMOD_TRAILER_PREFIX } from "../../../lib/formats/constants";
import { appendSignature, kmod } from "../../../lib/formats/kmod";
import { raw } from "../../../lib/formats/raw";
import { derive } from "../../../lib/formats/recheck/derive";
import { readModuleSignature } from "../../../lib/formats/recheck/signed-module";
import { type AssembledInput, verifyAssembled, verifyFile } from "../../../lib/formats/recheck/verify";
import { certificate, rsaKey, signDigest } from "../../support/certificates";
import { randomFrom } from "../../support/random";
import { inPieces, module } from "./fixtures";

/** Proves what the second implementation accepts of files that the first made. Proves nothing about the log. */

const PKCS1 = "RSASSA_PKCS1_V1_5_SHA_256";
const key = rsaKey();
const ours = certificate({ key });
const unsigned = module();
const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash("sha256").update(bytes).digest());
const signature = signDigest(key, sha256(unsigned));
const signed = kmod.assemble(unsigned, { signingAlgorithm: PKCS1, certificate: ours }, [signature]);
const message = { signingAlgorithm: PKCS1, messageType: "DIGEST", message: sha256(unsigned) } as const;
const artifact = { size: unsigned.length, sha256: toHex(sha256(unsigned)) };

const rejects = async (code: string, input: AssembledInput): Promise<void> => {
    await expect(verifyAssembled(input)).rejects.toMatchObject({ code });
};

describe("derive", () => {
    it("refuses a format it does not know", async () => {
        await expect(derive("zip", PKCS1, inPieces(unsigned))).rejects.toMatchObject({ code: "FormatUnknown" });
    });
});

describe("verifyAssembled: kmod", () => {
    const input = (file: Uint8Array, over: Partial<AssembledInput> = {}): AssembledInput => ({
        format: "kmod",
        chunks: inPieces(file),
        artifact,
        messages: [message],
        signatures: [signature],
        spki: key.spki,
        certificate: ours,
        ...over,
    });

    it("accepts what assemble made, and gives its hash", async () => {
        expect(await verifyAssembled(input(signed))).toBe(toHex(sha256(signed)));
        expect(await verifyAssembled(input(signed, { chunks: inPieces(signed, 99) }))).toBe(toHex(sha256(signed)));
    });

    it("refuses an unsigned module, a cut one, and one with bytes behind it", async () => {
        await rejects("NotSigned", input(unsigned));
        await rejects("FileChanged", input(signed.subarray(0, 100)));
        await rejects("NotSigned", input(concat(signed, toUtf8("\n"))));
        await rejects("FileTooLarge", input(concat(signed, new Uint8Array(70_000))));
    });

    it("refuses another module under the same signature", async () => {
        const other = signed.slice();
        other[100] = (other[100] ?? 0) ^ 1;
        await rejects("FileChanged", input(other));
    });

    it("refuses bytes between module and signature", async () => {
        const padded = concat(unsigned, Uint8Array.of(0), signed.subarray(unsigned.length));
        await rejects("BadTrailer", input(padded));
    });

    it("refuses a signature by another key, or another recorded one", async () => {
        await rejects("SignatureMismatch", input(signed, { spki: rsaKey().spki }));
        const second = signDigest(key, sha256(toUtf8("other")));
        await rejects("SignatureMismatch", input(signed, { signatures: [second] }));
        const swapped = appendSignature(unsigned, ours, "sha256", second);
        await rejects("SignatureMismatch", input(swapped));
    });

    it("refuses a signature that names another certificate, or none to compare with", async () => {
        const other = certificate({ key, serial: "2b" });
        await rejects("CertificateNotOfKey", input(signed, { certificate: other }));
        await rejects("NoCertificate", input(signed, { certificate: undefined }));
    });

    it("refuses another digest algorithm in the file than in the request", async () => {
        await rejects("SignatureMismatch", input(appendSignature(unsigned, ours, "sha512", signature)));
    });

    it("refuses a missing signature or message, and unknown formats", async () => {
        await rejects("SignatureMismatch", input(signed, { signatures: [] }));
        await rejects("SignatureMismatch", input(signed, { messages: [] }));
        await rejects("FormatUnknown", input(signed, { format: "zip" }));
    });

    it("refuses every one of 1,500 seeded flips", async () => {
        const random = randomFrom(42);
        for (let i = 0; i < 1500; i++) {
            const damaged = signed.slice();
            // Half of them in the signature, which is small beside the module.
            const at =
                i % 2 ? random.below(damaged.length) : unsigned.length + random.below(damaged.length - unsigned.length);
            damaged[at] = (damaged[at] ?? 0) ^ (1 << random.below(8));
            await expect(verifyAssembled(input(damaged)), `byte ${at}`).rejects.toMatchObject({
                code: expect.stringMatching(
                    /^(SignatureMismatch|FileChanged|CertificateNotOfKey|NotSigned|BadTrailer|BadDer)$/,
                ),
            });
        }
    });
});

describe("verifyAssembled: raw", () => {
    const input = (file: Uint8Array): AssembledInput => ({
        format: "raw",
        chunks: inPieces(file),
        artifact,
        messages: [message],
        signatures: [signature],
        spki: key.spki,
    });

    it("accepts the recorded signature and nothing else", async () => {
        expect(await verifyAssembled(input(raw.assemble(unsigned, { signingAlgorithm: PKCS1 }, [signature])))).toBe(
            toHex(sha256(signature)),
        );
        await rejects("SignatureMismatch", input(signature.subarray(1)));
        await rejects("FileTooLarge", input(concat(signature, Uint8Array.of(0))));
        await rejects("SignatureMismatch", input(new Uint8Array()));
    });
});

describe("readModuleSignature", () => {
    const tail = (cms: string, length = cms.length / 2): Uint8Array =>
        fromHex(`${cms}${KMOD_TRAILER_PREFIX}${length.toString(16).padStart(8, "0")}${KMOD_MAGIC}`);

    it.each([
        ["a length beyond the bytes", tail("3000", 3)],
        ["no signature", tail("")],
        ["no trailer", fromHex(KMOD_MAGIC)],
    ])("refuses %s", (_what, bytes) => {
        expect(() => readModuleSignature(bytes)).toThrow(expect.objectContaining({ code: "BadTrailer" }));
    });

    it("refuses an unknown digest algorithm", () => {
        const cms = toHex(signed.subarray(unsigned.length, -40)).replaceAll(
            "0609608648016503040201",
            "0609608648016503040204",
        );
        expect(() => readModuleSignature(tail(cms))).toThrow(expect.objectContaining({ code: "BadDer" }));
    });

    it("refuses digest algorithms that differ", () => {
        const cms = toHex(signed.subarray(unsigned.length, -40)).replace(
            "0609608648016503040201",
            "0609608648016503040203",
        );
        expect(() => readModuleSignature(tail(cms))).toThrow(expect.objectContaining({ code: "BadDer" }));
    });
});

describe("verifyFile", () => {
    const options = { spki: key.spki, signingAlgorithm: PKCS1 } as const;

    it("accepts a signed module, with its certificate or without", () => {
        const verified = verifyFile("kmod", signed, options);
        expect(verified).toEqual({ digest: sha256(unsigned), signature, artifactSha256: artifact.sha256 });
        expect(verifyFile("kmod", signed, { ...options, certificate: ours })).toEqual(verified);
    });

    it("accepts a file with its detached signature", () => {
        expect(verifyFile("raw", unsigned, { ...options, signature })).toEqual({
            digest: sha256(unsigned),
            signature,
            artifactSha256: artifact.sha256,
        });
    });

    it.each(["kmod", "raw"])("refuses tampered files, other keys and missing signatures: %s", (format) => {
        const file = format === "kmod" ? signed : unsigned;
        const beside = format === "raw" ? { signature } : {};
        const tampered = file.slice();
        tampered[50] = (tampered[50] ?? 0) ^ 1;
        const mismatch = expect.objectContaining({ code: "SignatureMismatch" });
        expect(() => verifyFile(format, tampered, { ...options, ...beside })).toThrow(mismatch);
        expect(() => verifyFile(format, file, { ...options, ...beside, spki: rsaKey().spki })).toThrow(mismatch);
        expect(() => verifyFile(format, unsigned, options)).toThrow(expect.objectContaining({ code: "NotSigned" }));
    });

    it("refuses another certificate, algorithm and format", () => {
        const other = certificate({ key, serial: "2b" });
        expect(() => verifyFile("kmod", signed, { ...options, certificate: other })).toThrow(
            expect.objectContaining({ code: "CertificateNotOfKey" }),
        );
        expect(() => verifyFile("kmod", signed, { ...options, signingAlgorithm: "RSASSA_PKCS1_V1_5_SHA_512" })).toThrow(
            expect.objectContaining({ code: "SignatureMismatch" }),
        );
        expect(() =>
            verifyFile("raw", unsigned, { ...options, signature, signingAlgorithm: "ML_DSA_SHAKE_256" }),
        ).toThrow(expect.objectContaining({ code: "BadSigningAlgorithm" }));
        expect(() => verifyFile("zip", signed, options)).toThrow(expect.objectContaining({ code: "FormatUnknown" }));
    });
});
