import { codedError } from "../../errors";
import { toHex } from "../../encoding";
import { sha256 } from "../../hash";
import { cursorOver } from "./cursor";

/** Raw elements of a certificate (RFC 5280 section 4.1). */
export interface NamedCertificate {
    readonly serial: Uint8Array;
    readonly issuer: Uint8Array;
    readonly spki: Uint8Array;
}

/** @throws BadDer for what is not a version 3 certificate */
export function nameCertificate(der: Uint8Array): NamedCertificate {
    const outer = cursorOver(der);
    const certificate = outer.enter(0x30, "certificate");
    outer.end("the certificate");
    const tbs = certificate.enter(0x30, "TBSCertificate");
    tbs.exactly("a003020102", "certificate version");
    const serial = tbs.whole(0x02, "serial number");
    tbs.take(0x30, "signature algorithm");
    const issuer = tbs.whole(0x30, "issuer");
    tbs.take(0x30, "validity");
    tbs.take(0x30, "subject");
    return { serial, issuer, spki: tbs.whole(0x30, "subjectPublicKeyInfo") };
}

/** @throws CertificateNotOfKey */
export function checkCertificateKey(certificate: Uint8Array, spki: Uint8Array): void {
    const saw = toHex(sha256(nameCertificate(certificate).spki));
    const expected = toHex(sha256(spki));
    if (saw !== expected) {
        throw codedError(
            "CertificateNotOfKey",
            `certificate is over key ${saw}, expected the signing key's, ${expected}`,
        );
    }
}
