import { fromBase64, quote, toHex, fromUtf8 } from "../encoding";
import { codedError } from "../errors";
import { sha256 } from "../hash";
import { OID_CODE_SIGNING, OID_EXT_KEY_USAGE } from "./constants";
import { expectChild, expectNode, readDer, type DerNode } from "./der/reader";

/**
 * What a signature needs of a certificate (RFC 5280 section 4.1), as raw elements: a re-encoded name or serial might differ from the one
 * in the certificate, and then no verifier finds it.
 */
export interface CertificateFields {
    /** Whole INTEGER element. */
    readonly serial: Uint8Array;
    /** Whole Name elements. */
    readonly issuer: Uint8Array;
    readonly subject: Uint8Array;
    /** Whole SubjectPublicKeyInfo element. */
    readonly spki: Uint8Array;
    /** YYYY-MM-DDTHH:MM:SSZ, both inclusive. */
    readonly notBefore: string;
    readonly notAfter: string;
    /** Hex of whole OBJECT IDENTIFIER elements; undefined without the extension, which means any use. */
    readonly extendedKeyUsages: readonly string[] | undefined;
    /** Hex, of the whole certificate. */
    readonly sha256: string;
}

/** md2, md4, md5, sha1 with RSA; ecdsa-with-SHA1; dsa-with-sha1: hex of the elements. */
const REFUSED_SIGNATURES: readonly string[] = [
    "06092a864886f70d010102",
    "06092a864886f70d010103",
    "06092a864886f70d010104",
    "06092a864886f70d010105",
    "06072a8648ce3d0401",
    "06072a8648ce380403",
];

/** @throws BadDer, or BadCertificate for one that is not a version 3 certificate or is signed over a broken hash */
export function readCertificate(der: Uint8Array): CertificateFields {
    const certificate = expectNode(readDer(der), 0x30, 3, "certificate");
    const tbs = expectChild(certificate, 0, 0x30, "TBSCertificate");
    const version = tbs.children[0];
    if (!version || toHex(version.raw) !== "a003020102") {
        throw codedError("BadCertificate", "certificate is not of version 3");
    }
    const algorithm = expectChild(tbs, 2, 0x30, "signature algorithm");
    const algorithmOid = toHex(expectChild(algorithm, 0, 0x06, "signature algorithm").raw);
    if (REFUSED_SIGNATURES.includes(algorithmOid)) {
        throw codedError("BadCertificate", "certificate is signed over MD5 or SHA-1, expected SHA-256 or better");
    }
    const validity = expectNode(expectChild(tbs, 4, 0x30, "validity"), 0x30, 2, "validity");
    return {
        serial: expectChild(tbs, 1, 0x02, "serial number").raw,
        issuer: expectChild(tbs, 3, 0x30, "issuer").raw,
        subject: expectChild(tbs, 5, 0x30, "subject").raw,
        spki: expectChild(tbs, 6, 0x30, "subjectPublicKeyInfo").raw,
        notBefore: timeOf(validity.children[0]),
        notAfter: timeOf(validity.children[1]),
        extendedKeyUsages: extendedKeyUsages(tbs),
        sha256: toHex(sha256(der)),
    };
}

/**
 * All that must hold before a key signs under this certificate.
 *
 * @param spkiSha256 pinned, hex
 * @param at YYYY-MM-DDTHH:MM:SSZ, the request's time
 * @throws CertificateNotOfKey, CertificateExpired, or BadCertificate if its extended key usages lack code signing
 */
export function checkCertificate(certificate: CertificateFields, spkiSha256: string, at: string): void {
    const saw = toHex(sha256(certificate.spki));
    if (saw !== spkiSha256) {
        throw codedError(
            "CertificateNotOfKey",
            `certificate is over key ${saw}, expected the signing key's, ${spkiSha256}`,
        );
    }
    // Times of one fixed width compare as text.
    if (at < certificate.notBefore || at > certificate.notAfter) {
        throw codedError(
            "CertificateExpired",
            `certificate is valid from ${certificate.notBefore} to ${certificate.notAfter}, the request is of ${at}`,
        );
    }
    if (certificate.extendedKeyUsages && !certificate.extendedKeyUsages.includes(OID_CODE_SIGNING)) {
        throw codedError("BadCertificate", "certificate's extended key usages lack codeSigning (1.3.6.1.5.5.7.3.3)");
    }
}

/**
 * One certificate in PEM (RFC 7468), nothing before or after it.
 *
 * @throws BadCertificate, BadBase64
 */
export function certificateFromPem(pem: string): Uint8Array {
    const lines = pem.trimEnd().split(/\r?\n/);
    if (lines[0] !== "-----BEGIN CERTIFICATE-----" || lines[lines.length - 1] !== "-----END CERTIFICATE-----") {
        throw codedError(
            "BadCertificate",
            `${quote(pem.slice(0, 40))} is not one PEM certificate, expected BEGIN and END CERTIFICATE`,
        );
    }
    return fromBase64(lines.slice(1, -1).join(""));
}

function extendedKeyUsages(tbs: DerNode): string[] | undefined {
    const extensions = tbs.children.slice(7).find((child) => child.tag === 0xa3);
    if (!extensions) return undefined;
    const found = expectChild(extensions, 0, 0x30, "extensions").children.filter(
        (extension) => extension.children[0] && toHex(extension.children[0].raw) === OID_EXT_KEY_USAGE,
    );
    const extension = found[0];
    if (!extension) return undefined;
    if (found.length > 1) throw codedError("BadCertificate", "certificate has two extended key usage extensions");
    const value = extension.children[extension.children.length - 1];
    if (value?.tag !== 0x04) throw codedError("BadDer", "extension value is not an OCTET STRING");
    const usages = readDer(value.content);
    return expectNode(usages, 0x30, usages.children.length, "extended key usage").children.map((usage) =>
        toHex(usage.raw),
    );
}

/** UTCTime until 2049, else GeneralizedTime, both to the second and in Z (RFC 5280 section 4.1.2.5). */
function timeOf(node: DerNode | undefined): string {
    const text = node ? fromUtf8(node.content) : "";
    const utc = node?.tag === 0x17 ? /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text) : null;
    const general = node?.tag === 0x18 ? /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text) : null;
    const parts = utc ?? general;
    if (!parts) throw codedError("BadCertificate", `validity ${quote(text)} is not a time in seconds and Z`);
    const [, first = "", month, day, hour, minute, second] = parts;
    const year = utc ? (Number(first) < 50 ? `20${first}` : `19${first}`) : first;
    return `${year}-${month}-${day}T${hour}:${minute}:${second}Z`;
}
