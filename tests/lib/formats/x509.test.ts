import { X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../../lib/encoding";
import { explicit, sequence } from "../../../lib/formats/der/writer";
import { readDer } from "../../../lib/formats/der/reader";
import { checkCertificateKey, nameCertificate } from "../../../lib/formats/recheck/certificate";
import { certificateFromPem, checkCertificate, readCertificate } from "../../../lib/formats/x509";
import { sha256 } from "../../../lib/hash";
import { certificate, CODE_SIGNING, pem, rsaKey, SERVER_AUTH } from "../../support/certificates";
import { randomFrom } from "../../support/random";

/** Proves field extraction against node:crypto. Proves no chain: nothing here judges who issued a certificate. */

const key = rsaKey();
const pin = toHex(sha256(key.spki));
const AT = "2026-11-21T08:00:00Z";

describe("readCertificate", () => {
    const der = certificate({
        key,
        serial: "00c0ffee",
        extendedKeyUsages: [CODE_SIGNING],
        notAfter: "20501231235959Z",
    });
    const fields = readCertificate(der);
    const native = new X509Certificate(der);

    it("reads what node:crypto reads", () => {
        expect(toHex(fields.serial)).toBe(`0204${"00c0ffee"}`);
        expect(native.serialNumber).toBe("C0FFEE");
        expect(toHex(fields.spki)).toBe(native.publicKey.export({ format: "der", type: "spki" }).toString("hex"));
        expect(fields.sha256).toBe(native.fingerprint256.replaceAll(":", "").toLowerCase());
        expect([fields.notBefore, fields.notAfter]).toEqual([native.validFrom, native.validTo].map((t) => toIso(t)));
        expect(native.verify(native.publicKey)).toBe(true);
    });

    it("takes names as they stand", () => {
        expect(toHex(fields.issuer)).toContain(Buffer.from("countersign test").toString("hex"));
        expect(toHex(fields.issuer)).toBe(toHex(fields.subject));
    });

    it("agrees with the second implementation", () => {
        const { serial, issuer, spki } = nameCertificate(der);
        expect([serial, issuer, spki].map(toHex)).toEqual([fields.serial, fields.issuer, fields.spki].map(toHex));
    });

    it("refuses SHA-1", () => {
        expect(() => readCertificate(certificate({ key, hash: "sha1" }))).toThrow(
            expect.objectContaining({ code: "BadCertificate" }),
        );
    });

    it("refuses other versions", () => {
        const v1 = toHex(certificate({ key })).replace("a003020102", "a003020101");
        expect(() => readCertificate(fromHex(v1))).toThrow(expect.objectContaining({ code: "BadCertificate" }));
        expect(() => nameCertificate(fromHex(v1))).toThrow(expect.objectContaining({ code: "BadDer" }));
    });

    it.each(["2601010000Z00", "260101000000+"])("refuses %s as a time", (notBefore) => {
        expect(() => readCertificate(certificate({ key, notBefore }))).toThrow(
            expect.objectContaining({ code: "BadCertificate" }),
        );
    });

    it("refuses two extended key usages", () => {
        const [tbs, ...rest] = readDer(certificate({ key, extendedKeyUsages: [CODE_SIGNING] })).children;
        const extensions = (tbs?.children[7]?.children[0]?.children ?? []).map(({ raw }) => raw);
        const doubled = explicit(3, sequence(...extensions, ...extensions.slice(1)));
        const fields = (tbs?.children.slice(0, 7) ?? []).map(({ raw }) => raw);
        const twice = sequence(sequence(...fields, doubled), ...rest.map(({ raw }) => raw));
        expect(() => readCertificate(twice)).toThrow(expect.objectContaining({ code: "BadCertificate" }));
    });

    it("gives fields or a refusal for any damage", () => {
        const random = randomFrom(509);
        for (let i = 0; i < 3000; i++) {
            const damaged = der.slice();
            damaged[random.below(damaged.length)] = random.below(256);
            try {
                readCertificate(random.below(4) ? damaged : damaged.subarray(0, random.below(damaged.length)));
            } catch (error) {
                expect((error as { code: string }).code).toMatch(/^(BadDer|BadCertificate|BadUtf8)$/);
            }
        }
    });
});

describe("checkCertificate", () => {
    const check = (args: Partial<Parameters<typeof certificate>[0]>, at = AT, fingerprint = pin): void =>
        checkCertificate(readCertificate(certificate({ key, ...args })), fingerprint, at);

    it("accepts the key's own certificate, with the usage or without the extension", () => {
        check({});
        check({ extendedKeyUsages: [SERVER_AUTH, CODE_SIGNING] });
    });

    it("refuses another key's", () => {
        expect(() => check({ key: rsaKey() })).toThrow(expect.objectContaining({ code: "CertificateNotOfKey" }));
        expect(() => checkCertificateKey(certificate({ key: rsaKey() }), key.spki)).toThrow(
            expect.objectContaining({ code: "CertificateNotOfKey" }),
        );
        checkCertificateKey(certificate({ key }), key.spki);
    });

    it("takes both ends of the validity and nothing beyond", () => {
        const dates = { notBefore: "261121080000Z", notAfter: "261122080000Z" };
        check(dates, "2026-11-21T08:00:00Z");
        check(dates, "2026-11-22T08:00:00Z");
        expect(() => check(dates, "2026-11-21T07:59:59Z")).toThrow(
            expect.objectContaining({ code: "CertificateExpired" }),
        );
        expect(() => check(dates, "2026-11-22T08:00:01Z")).toThrow(
            expect.objectContaining({ code: "CertificateExpired" }),
        );
    });

    it("refuses usages without code signing", () => {
        expect(() => check({ extendedKeyUsages: [SERVER_AUTH] })).toThrow(
            expect.objectContaining({ code: "BadCertificate" }),
        );
    });
});

describe("certificateFromPem", () => {
    const der = certificate({ key });

    it("reads what openssl and our configuration write", () => {
        expect(toHex(certificateFromPem(pem(der)))).toBe(toHex(der));
        expect(toHex(certificateFromPem(pem(der).replaceAll("\n", "\r\n")))).toBe(toHex(der));
    });

    it.each([
        ["text before", `x\n${pem(der)}`],
        ["another label", pem(der, "PUBLIC KEY")],
        ["two of them", pem(der) + pem(der)],
        ["nothing", ""],
    ])("refuses %s", (_what, text) => {
        expect(() => certificateFromPem(text)).toThrow(
            expect.objectContaining({ code: expect.stringMatching(/BadCertificate|BadBase64/) }),
        );
    });
});

function toIso(text: string): string {
    return new Date(text).toISOString().replace(".000Z", "Z");
}
