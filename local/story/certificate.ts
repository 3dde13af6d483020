import "reflect-metadata"; // @peculiar/x509 looks its parts up by it
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

/** Purposes of a module-signing certificate: code signing, and the one that Debian's kernels look for. */
const CODE_SIGNING = "1.3.6.1.5.5.7.3.3";
const MODULE_SIGNING = "1.3.6.1.4.1.2312.16.1.2";
const DAY = 86_400_000;

export interface Issued {
    /** PEM of the certificate over the signing key's public key. */
    readonly certificate: string;
    /** PEM of the certification authority, which verifiers pin. */
    readonly authority: string;
}

/**
 * A throwaway certification authority issues one certificate over a KMS key's public key. Its private key lives in this
 * call only: nobody can issue another.
 *
 * @param spki DER of the SubjectPublicKeyInfo, as `kms:GetPublicKey` gives it
 */
export async function issueCertificate(spki: Uint8Array, commonName: string, now: Date): Promise<Issued> {
    x509.cryptoProvider.set(webcrypto as never);
    const algorithm = {
        name: "RSASSA-PKCS1-v1_5",
        hash: "SHA-256",
        publicExponent: new Uint8Array([1, 0, 1]),
        modulusLength: 2048,
    };
    const keys = (await webcrypto.subtle.generateKey(algorithm, false, ["sign", "verify"])) as webcrypto.CryptoKeyPair;
    const validity = { notBefore: new Date(now.getTime() - DAY / 24), notAfter: new Date(now.getTime() + DAY) };
    const authority = await x509.X509CertificateGenerator.createSelfSigned({
        serialNumber: "01",
        name: "CN=throwaway authority of a local run",
        keys,
        signingAlgorithm: algorithm,
        ...validity,
        extensions: [
            new x509.BasicConstraintsExtension(true, 0, true),
            new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
            await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
        ],
    });
    const publicKey = new x509.PublicKey(spki as Uint8Array<ArrayBuffer>);
    const certificate = await x509.X509CertificateGenerator.create({
        serialNumber: "02",
        issuer: authority.subject,
        subject: `CN=${commonName}`,
        publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: algorithm,
        ...validity,
        extensions: [
            new x509.BasicConstraintsExtension(false, undefined, true),
            new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
            new x509.ExtendedKeyUsageExtension([CODE_SIGNING, MODULE_SIGNING]),
            await x509.SubjectKeyIdentifierExtension.create(publicKey),
            await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
        ],
    });
    return { certificate: certificate.toString("pem"), authority: authority.toString("pem") };
}
