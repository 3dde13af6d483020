import { quote, toHex } from "../encoding";
import { codedError } from "../errors";
import type { HashName } from "../hash";
import { HASH_OIDS, OID_DATA, OID_RSA_ENCRYPTION, OID_SIGNED_DATA } from "./constants";
import { expectChild, expectNode, readDer, smallInteger, type DerNode } from "./der/reader";
import { explicit, nullElement, octetString, oid, sequence, setOfOne, smallIntegerOf } from "./der/writer";

/** Detached CMS SignedData (RFC 5652 section 5) with one signer, no certificates and no attributes: what the kernel reads. */
export interface SignedDataArgs {
    /** Whole elements, as they stand in the certificate. */
    readonly issuer: Uint8Array;
    readonly serial: Uint8Array;
    readonly digest: HashName;
    /** RSASSA-PKCS1-v1_5 */
    readonly signature: Uint8Array;
}

export function writeSignedData({ issuer, serial, digest, signature }: SignedDataArgs): Uint8Array {
    // Without NULL, unlike Authenticode: sign-file's OpenSSL leaves the parameters out (measured).
    const digestAlgorithm = sequence(oid(HASH_OIDS[digest]));
    const signerInfo = sequence(
        smallIntegerOf(1),
        sequence(issuer, serial),
        digestAlgorithm,
        sequence(oid(OID_RSA_ENCRYPTION), nullElement()),
        octetString(signature),
    );
    const signedData = sequence(
        smallIntegerOf(1),
        setOfOne(digestAlgorithm),
        sequence(oid(OID_DATA)),
        setOfOne(signerInfo),
    );
    return sequence(oid(OID_SIGNED_DATA), explicit(0, signedData));
}

export interface SignedDataFields {
    /** Whole issuerAndSerialNumber element, or the key identifier's bytes. */
    readonly signer: { readonly issuerAndSerial: Uint8Array } | { readonly keyId: Uint8Array };
    readonly digest: HashName;
    readonly signature: Uint8Array;
}

/**
 * The one signature of a detached CMS as sign-file writes it, by issuer and serial (version 1) or by key identifier (version 3).
 *
 * @throws BadDer for any other shape: certificates, attributes, encapsulated content, more signers
 */
export function readSignedData(cms: Uint8Array): SignedDataFields {
    const contentInfo = expectNode(readDer(cms), 0x30, 2, "ContentInfo");
    expectOid(expectChild(contentInfo, 0, 0x06, "content type"), OID_SIGNED_DATA, "content type");
    const wrapper = expectNode(expectChild(contentInfo, 1, 0xa0, "content"), 0xa0, 1, "content");
    const signedData = expectNode(expectChild(wrapper, 0, 0x30, "SignedData"), 0x30, 4, "SignedData");
    const digests = expectNode(expectChild(signedData, 1, 0x31, "digest algorithms"), 0x31, 1, "digest algorithms");
    const content = expectNode(
        expectChild(signedData, 2, 0x30, "encapsulated content"),
        0x30,
        1,
        "encapsulated content",
    );
    expectOid(expectChild(content, 0, 0x06, "encapsulated content type"), OID_DATA, "encapsulated content type");
    const signers = expectNode(expectChild(signedData, 3, 0x31, "signer infos"), 0x31, 1, "signer infos");
    const signerInfo = expectNode(expectChild(signers, 0, 0x30, "SignerInfo"), 0x30, 5, "SignerInfo");

    const signer = readSigner(signerInfo);
    const version = "keyId" in signer ? 3 : 1;
    for (const [node, what] of [
        [signedData, "SignedData version"],
        [signerInfo, "SignerInfo version"],
    ] as const) {
        const saw = smallInteger(expectChild(node, 0, 0x02, what), what);
        if (saw !== version)
            throw codedError("BadDer", `${what} is ${saw}, expected ${version} for this kind of signer`);
    }
    const digest = readDigestAlgorithm(expectChild(digests, 0, 0x30, "digest algorithm"));
    if (readDigestAlgorithm(expectChild(signerInfo, 2, 0x30, "signer's digest algorithm")) !== digest) {
        throw codedError("BadDer", "the signer's digest algorithm is not the one announced");
    }
    readRsaEncryption(expectChild(signerInfo, 3, 0x30, "signature algorithm"));
    return { signer, digest, signature: expectChild(signerInfo, 4, 0x04, "signature").content };
}

function readSigner(signerInfo: DerNode): SignedDataFields["signer"] {
    const identifier = signerInfo.children[1];
    if (identifier?.tag === 0x80) return { keyId: identifier.content };
    return {
        issuerAndSerial: expectNode(expectChild(signerInfo, 1, 0x30, "signer identifier"), 0x30, 2, "signer identifier")
            .raw,
    };
}

function readDigestAlgorithm(node: DerNode): HashName {
    const saw = toHex(expectNode(node, 0x30, 1, "digest algorithm").children[0]?.raw ?? new Uint8Array());
    const name = (Object.keys(HASH_OIDS) as HashName[]).find((candidate) => HASH_OIDS[candidate] === saw);
    if (!name) throw codedError("BadDer", `digest algorithm ${quote(saw)} is not SHA-256, SHA-384 or SHA-512`);
    return name;
}

function readRsaEncryption(node: DerNode): void {
    expectNode(node, 0x30, 2, "signature algorithm");
    expectOid(expectChild(node, 0, 0x06, "signature algorithm"), OID_RSA_ENCRYPTION, "signature algorithm");
    if (expectChild(node, 1, 0x05, "signature parameters").content.length !== 0) {
        throw codedError("BadDer", "signature parameters are a NULL with content");
    }
}

function expectOid(node: DerNode, expected: string, what: string): void {
    const saw = toHex(node.raw);
    if (saw !== expected) throw codedError("BadDer", `${what} is ${quote(saw)}, expected ${expected}`);
}
