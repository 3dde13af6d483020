import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { toHex, toUtf8 } from "../../../lib/encoding";
import { derive } from "../../../lib/formats/recheck/derive";
import { raw } from "../../../lib/formats/raw";
import { inPieces } from "./fixtures";
import { certificate, rsaKey } from "../../support/certificates";

/** Proves what is signed for an ordinary file, by both implementations. Proves nothing about the signature: native.test.ts does. */

const PKCS1 = "RSASSA_PKCS1_V1_5_SHA_256";

describe("raw", () => {
    it.each([
        ["nothing", ""],
        ["a line", "hello\n"],
        ["10,000 bytes", "x".repeat(10_000)],
    ])("signs the hash of %s, by both implementations", async (_what, text) => {
        for (const algorithm of raw.algorithms) {
            const digest = createHash(`sha${algorithm.slice(-3)}`)
                .update(text)
                .digest("hex");
            const [message] = raw.prepare(toUtf8(text), { signingAlgorithm: algorithm });
            expect(toHex(message?.message ?? new Uint8Array())).toBe(digest);
            const derived = await derive("raw", algorithm, inPieces(toUtf8(text)));
            expect(derived.messages).toEqual([message]);
            expect(derived.size).toBe(text.length);
            expect(derived.artifactSha256).toBe(createHash("sha256").update(text).digest("hex"));
        }
    });

    it("says what a file is", () => {
        expect(raw.inspect(toUtf8("abc"))).toEqual({ type: "bytes", size: 3, signatures: 0 });
    });

    it("gives the signature alone", () => {
        const signature = Uint8Array.of(1, 2, 3);
        expect(raw.assemble(toUtf8("abc"), { signingAlgorithm: PKCS1 }, [signature])).toBe(signature);
    });

    it.each([0, 2])("refuses %i signatures", (count) => {
        const signatures = Array.from({ length: count }, () => new Uint8Array(256));
        expect(() => raw.assemble(toUtf8("abc"), { signingAlgorithm: PKCS1 }, signatures)).toThrow(
            expect.objectContaining({ code: "BadSignature" }),
        );
    });

    it("refuses a certificate: the key would vouch for bytes that anybody chose", () => {
        const options = { signingAlgorithm: PKCS1, certificate: certificate({ key: rsaKey() }) } as const;
        expect(() => raw.prepare(toUtf8("abc"), options)).toThrow(expect.objectContaining({ code: "BadConfig" }));
    });

    it.each(["ECDSA_SHA_256", "ED25519_SHA_512", "ML_DSA_SHAKE_256"] as const)(
        "refuses %s, by both",
        async (algorithm) => {
            expect(() => raw.prepare(toUtf8("abc"), { signingAlgorithm: algorithm })).toThrow(
                expect.objectContaining({ code: "BadSigningAlgorithm" }),
            );
            await expect(derive("raw", algorithm, inPieces(toUtf8("abc")))).rejects.toMatchObject({
                code: "BadSigningAlgorithm",
            });
        },
    );

    it("recovers digest and signature from the pair", () => {
        const signature = Uint8Array.of(9);
        const [found] = raw.recover(toUtf8("abc"), { signature, signingAlgorithm: "RSASSA_PSS_SHA_512" });
        expect(found).toMatchObject({
            format: "raw",
            signingAlgorithm: "RSASSA_PSS_SHA_512",
            messageType: "DIGEST",
            signature,
        });
        expect(toHex(found?.digest ?? new Uint8Array())).toBe(createHash("sha512").update("abc").digest("hex"));
    });

    it("has nothing to recover from a file alone", () => {
        expect(() => raw.recover(toUtf8("abc"))).toThrow(expect.objectContaining({ code: "NotSigned" }));
    });
});
