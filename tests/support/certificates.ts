import { createPublicKey, generateKeyPairSync, type KeyObject, privateEncrypt, constants, sign } from "node:crypto";
import { concat, fromHex, toUtf8 } from "../../lib/encoding";
import { element, explicit, sequence, octetString } from "../../lib/formats/der/writer";

/** Keys and certificates of a test, without any library; node:crypto and openssl judge in the tests whether they are well made. */
export interface TestKey {
    readonly privateKey: KeyObject;
    /** SubjectPublicKeyInfo, DER. */
    readonly spki: Uint8Array;
}

export function rsaKey(modulusLength = 2048): TestKey {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength });
    const spki = createPublicKey(privateKey).export({ format: "der", type: "spki" });
    return { privateKey, spki: new Uint8Array(spki) };
}

/** RFC 8017 section 9.2, note 1. */
const DIGEST_INFO: Readonly<Record<number, string>> = {
    32: "3031300d060960864801650304020105000420",
    48: "3041300d060960864801650304020205000430",
    64: "3051300d060960864801650304020305000440",
};

/** RSASSA-PKCS1-v1_5 as KMS makes it with MessageType DIGEST. */
export function signDigest(key: TestKey, digest: Uint8Array): Uint8Array {
    const block = concat(fromHex(DIGEST_INFO[digest.length] ?? ""), digest);
    return new Uint8Array(privateEncrypt({ key: key.privateKey, padding: constants.RSA_PKCS1_PADDING }, block));
}

export interface CertificateArgs {
    readonly key: TestKey;
    /** Self-signed without. */
    readonly issuer?: { readonly key: TestKey; readonly name: string };
    readonly name?: string;
    /** Hex of the INTEGER's content. */
    readonly serial?: string;
    /** YYMMDDHHMMSSZ, or YYYYMMDDHHMMSSZ. */
    readonly notBefore?: string;
    readonly notAfter?: string;
    /** Hex of whole OBJECT IDENTIFIERs. */
    readonly extendedKeyUsages?: readonly string[];
    readonly hash?: "sha256" | "sha1";
    /** May issue others. */
    readonly authority?: boolean;
}

export const CODE_SIGNING = "06082b06010505070303";
export const SERVER_AUTH = "06082b06010505070301";

export function certificate(args: CertificateArgs): Uint8Array {
    const { key, name = "countersign test", issuer = { key, name }, serial = "2a", hash = "sha256" } = args;
    const { notBefore = "260101000000Z", notAfter = "360101000000Z" } = args;
    const algorithm = sequence(
        fromHex(hash === "sha256" ? "06092a864886f70d01010b" : "06092a864886f70d010105"),
        element(0x05),
    );
    const tbs = sequence(
        fromHex("a003020102"),
        element(0x02, fromHex(serial)),
        algorithm,
        commonName(issuer.name),
        sequence(time(notBefore), time(notAfter)),
        commonName(name),
        key.spki,
        explicit(3, sequence(...extensions(args))),
    );
    const signature = new Uint8Array(sign(hash, tbs, issuer.key.privateKey));
    return sequence(tbs, algorithm, element(0x03, Uint8Array.of(0), signature));
}

export function pem(der: Uint8Array, label = "CERTIFICATE"): string {
    const lines =
        Buffer.from(der)
            .toString("base64")
            .match(/.{1,64}/g) ?? [];
    return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}

function commonName(text: string): Uint8Array {
    return sequence(element(0x31, sequence(fromHex("0603550403"), element(0x0c, toUtf8(text)))));
}

function time(text: string): Uint8Array {
    return element(text.length === 13 ? 0x17 : 0x18, toUtf8(text));
}

function extensions({ extendedKeyUsages: usages, authority = false }: CertificateArgs): Uint8Array[] {
    const critical = (oidHex: string, valueHex: string): Uint8Array =>
        sequence(fromHex(oidHex), fromHex("0101ff"), octetString(fromHex(valueHex)));
    return [
        ...(authority ? [critical("0603551d13", "30030101ff")] : []),
        critical("0603551d0f", authority ? "03020106" : "03020780"),
        ...(usages
            ? [sequence(fromHex("0603551d25"), octetString(sequence(...usages.map((usage) => fromHex(usage)))))]
            : []),
    ];
}
