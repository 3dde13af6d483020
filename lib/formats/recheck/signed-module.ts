import { equalBytes, toHex } from "../../encoding";
import { codedError } from "../../errors";
import type { HashName } from "../../hash";
import {
    HASH_OIDS,
    KMOD_MAGIC,
    KMOD_MAX_CMS,
    KMOD_TRAILER_PREFIX,
    OID_DATA,
    OID_RSA_ENCRYPTION,
    OID_SIGNED_DATA,
} from "../constants";
import { nameCertificate } from "./certificate";
import { cursorOver } from "./cursor";

/** What stands behind a signed kernel module. */
export interface ModuleSignature {
    /** Bytes of the file before the CMS. */
    readonly unsignedSize: number;
    /** Whole Name and INTEGER elements. */
    readonly issuer: Uint8Array;
    readonly serial: Uint8Array;
    readonly digest: HashName;
    readonly signature: Uint8Array;
}

/** Magic, and the 12 bytes before it. */
const END_LENGTH = 40;

/**
 * @param bytes a signed module, or its last bytes
 * @throws NotSigned, BadTrailer, BadDer
 */
export function readModuleSignature(bytes: Uint8Array): ModuleSignature {
    const end = toHex(bytes.subarray(-END_LENGTH));
    if (!end.endsWith(KMOD_MAGIC))
        throw codedError("NotSigned", "file does not end with the magic of a module signature");
    const trailer = end.slice(0, -KMOD_MAGIC.length);
    const match = /^([0-9a-f]{16})([0-9a-f]{8})$/.exec(trailer);
    const length = parseInt(match?.[2] ?? "0", 16);
    const cmsEnd = bytes.length - END_LENGTH;
    if (match?.[1] !== KMOD_TRAILER_PREFIX || length < 1 || length > Math.min(KMOD_MAX_CMS, cmsEnd)) {
        throw codedError(
            "BadTrailer",
            `trailer is ${trailer}, expected ${KMOD_TRAILER_PREFIX} and a length of at most ${cmsEnd}`,
        );
    }
    return { unsignedSize: cmsEnd - length, ...walkCms(bytes.subarray(cmsEnd - length, cmsEnd)) };
}

/** Every element of the one form that is written; whatever else CMS could hold is refused. */
function walkCms(cms: Uint8Array): Omit<ModuleSignature, "unsignedSize"> {
    const outer = cursorOver(cms);
    const contentInfo = outer.enter(0x30, "ContentInfo");
    outer.end("the signature");
    contentInfo.exactly(OID_SIGNED_DATA, "content type");
    const wrapper = contentInfo.enter(0xa0, "content");
    contentInfo.end("the content");
    const signedData = wrapper.enter(0x30, "SignedData");
    wrapper.end("SignedData");
    signedData.exactly("020101", "SignedData version");
    const digestAlgorithms = toHex(signedData.take(0x31, "digest algorithms"));
    const contentType = signedData.enter(0x30, "encapsulated content");
    contentType.exactly(OID_DATA, "encapsulated content type");
    contentType.end("the encapsulated content type: the content must be detached");
    const signers = signedData.enter(0x31, "signers");
    signedData.end("the signers");
    const signer = signers.enter(0x30, "signer");
    signers.end("the one signer");

    signer.exactly("020101", "signer version");
    const identifier = signer.enter(0x30, "signer identifier");
    const issuer = identifier.whole(0x30, "issuer");
    const serial = identifier.whole(0x02, "serial number");
    identifier.end("the serial number");
    const digestAlgorithm = toHex(signer.whole(0x30, "digest algorithm"));
    if (digestAlgorithm !== digestAlgorithms) {
        throw codedError("BadDer", `digest algorithms are ${digestAlgorithms}, the signer's is ${digestAlgorithm}`);
    }
    signer.exactly(`300d${OID_RSA_ENCRYPTION}0500`, "signature algorithm");
    const signature = signer.take(0x04, "signature");
    signer.end("the signature octets: there must be no attributes");
    return { issuer, serial, digest: digestNamed(digestAlgorithm), signature };
}

function digestNamed(algorithm: string): HashName {
    for (const name of ["sha256", "sha384", "sha512"] as const) {
        if (algorithm === `300b${HASH_OIDS[name]}`) return name;
    }
    throw codedError(
        "BadDer",
        `digest algorithm is ${algorithm}, expected SHA-256, SHA-384 or SHA-512 without parameters`,
    );
}

/** @throws CertificateNotOfKey unless the signature names this certificate, by which the kernel finds the key */
export function checkSignerName(signature: ModuleSignature, certificate: Uint8Array): void {
    const { issuer, serial } = nameCertificate(certificate);
    if (!equalBytes(signature.issuer, issuer) || !equalBytes(signature.serial, serial)) {
        throw codedError(
            "CertificateNotOfKey",
            `signature names serial ${toHex(signature.serial)}, expected the certificate's issuer and serial ${toHex(serial)}`,
        );
    }
}
