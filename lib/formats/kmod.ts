import { concat, equalBytes, fromHex, quote, toHex } from "../encoding";
import { codedError } from "../errors";
import { hash, type HashName } from "../hash";
import { ALGORITHMS, type SigningAlgorithm } from "../kms/specs";
import { readSignedData, writeSignedData } from "./cms";
import { ELF_MAGIC, KMOD_MAGIC, KMOD_MAX_CMS, KMOD_TRAILER_LENGTH, KMOD_TRAILER_PREFIX } from "./constants";
import type { Facts, Format, Message, RecoveredSignature, SigningOptions } from "./format";
import { readCertificate } from "./x509";

/** What kernels load without further help; of others some want a hash module first, the rest is refused (measured, Debian 6.1). */
const KMOD_ALGORITHMS: readonly SigningAlgorithm[] = ["RSASSA_PKCS1_V1_5_SHA_256"];

/**
 * A Linux kernel module with its signature behind it, byte for byte as the kernel's scripts/sign-file writes it:
 *
 *     module || CMS || 00 00 02 00 00 00 00 00 || u32 big-endian length of CMS || "~Module signature appended~\n"
 *
 * https://docs.kernel.org/admin-guide/module-signing.html
 */
export const kmod: Format = {
    name: "kmod",
    algorithms: KMOD_ALGORITHMS,
    needsCertificate: true,
    detached: false,
    inspect,
    prepare,
    assemble,
    recover,
};

/** First bytes of what modules are often wrapped in; the kernel verifies what is inside. */
const COMPRESSED: Readonly<Record<string, string>> = { "1f8b": "gzip", fd37: "xz", "28b5": "zstd" };

function inspect(file: Uint8Array): Facts {
    const start = toHex(file.subarray(0, 4));
    if (start !== ELF_MAGIC) {
        const wrapper = COMPRESSED[start.slice(0, 4)];
        const advice = wrapper ? `, looks like ${wrapper}: sign before compressing` : "";
        throw codedError(
            "NotAKernelModule",
            `file starts with ${quote(start)}, expected the ELF magic ${ELF_MAGIC}${advice}`,
        );
    }
    let signatures = 0;
    for (let rest = file, split; (split = splitSignature(rest)); rest = split.module) signatures++;
    return { type: "elf", size: file.length, signatures };
}

function prepare(file: Uint8Array, options: SigningOptions): Message[] {
    const { name } = checkUnsigned(file, options);
    return [{ signingAlgorithm: options.signingAlgorithm, messageType: "DIGEST", message: hash(name, file) }];
}

function assemble(file: Uint8Array, options: SigningOptions, signatures: readonly Uint8Array[]): Uint8Array {
    const { name, certificate } = checkUnsigned(file, options);
    const [signature] = signatures;
    if (!signature || signatures.length !== 1) {
        throw codedError("BadSignature", `got ${signatures.length} signatures, format kmod takes exactly 1`);
    }
    return appendSignature(file, certificate, name, signature);
}

/** @throws NotAKernelModule, AlreadySigned, BadTrailer, NoCertificate, BadSigningAlgorithm */
function checkUnsigned(file: Uint8Array, options: SigningOptions): { name: HashName; certificate: Uint8Array } {
    const { signatures } = inspect(file);
    if (signatures > 0) {
        throw codedError("AlreadySigned", `module holds ${signatures} signatures, expected none: strip them first`);
    }
    const { certificate, signingAlgorithm } = options;
    if (!certificate)
        throw codedError("NoCertificate", "a module's signature names a certificate, but the key has none");
    return { name: hashOf(signingAlgorithm), certificate };
}

/** The bytes of sign-file for any of its hashes; which of them may be used is decided by `algorithms`. */
export function appendSignature(
    module: Uint8Array,
    certificate: Uint8Array,
    digest: HashName,
    signature: Uint8Array,
): Uint8Array {
    const { issuer, serial } = readCertificate(certificate);
    const cms = writeSignedData({ issuer, serial, digest, signature });
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, cms.length);
    return concat(module, cms, fromHex(KMOD_TRAILER_PREFIX), length, fromHex(KMOD_MAGIC));
}

function recover(file: Uint8Array): RecoveredSignature[] {
    const { signatures } = inspect(file);
    if (signatures === 0) throw codedError("NotSigned", "module ends without a signature");
    const found: RecoveredSignature[] = [];
    for (let rest = file, split; (split = splitSignature(rest)); rest = split.module) {
        const { digest: name, signature } = readSignedData(split.cms);
        const signingAlgorithm = ALGORITHM_OF[name];
        const digest = hash(name, split.module);
        found.push({
            format: "kmod",
            signingAlgorithm,
            messageType: "DIGEST",
            digest,
            signature,
            unsigned: split.module,
        });
    }
    return found;
}

/** The module without any signature. */
export function stripSignatures(file: Uint8Array): Uint8Array {
    let rest = file;
    for (let split; (split = splitSignature(rest));) rest = split.module;
    return rest;
}

/**
 * Takes the outermost signature off.
 *
 * @returns undefined for a file that does not end in the magic
 * @throws BadTrailer if it does, and what stands before is not a signature
 */
export function splitSignature(file: Uint8Array): { module: Uint8Array; cms: Uint8Array } | undefined {
    const magic = fromHex(KMOD_MAGIC);
    const magicAt = file.length - magic.length;
    if (magicAt < 0 || !equalBytes(file.subarray(magicAt), magic)) return undefined;
    const trailerAt = magicAt - KMOD_TRAILER_LENGTH;
    if (trailerAt < 0)
        throw codedError(
            "BadTrailer",
            `${magicAt} bytes stand before the magic, expected ${KMOD_TRAILER_LENGTH} or more`,
        );
    const trailer = file.subarray(trailerAt, magicAt);
    const prefix = toHex(trailer.subarray(0, 8));
    if (prefix !== KMOD_TRAILER_PREFIX) {
        throw codedError(
            "BadTrailer",
            `trailer starts with ${prefix}, expected ${KMOD_TRAILER_PREFIX} (id_type 2, all else zero)`,
        );
    }
    const length = new DataView(trailer.buffer, trailer.byteOffset + 8, 4).getUint32(0);
    if (length === 0 || length > KMOD_MAX_CMS || length > trailerAt) {
        throw codedError(
            "BadTrailer",
            `trailer announces ${length} bytes of signature, the file has ${trailerAt} before it`,
        );
    }
    const cmsAt = trailerAt - length;
    return { module: file.subarray(0, cmsAt), cms: file.subarray(cmsAt, trailerAt) };
}

const ALGORITHM_OF: Readonly<Record<HashName, SigningAlgorithm>> = {
    sha256: "RSASSA_PKCS1_V1_5_SHA_256",
    sha384: "RSASSA_PKCS1_V1_5_SHA_384",
    sha512: "RSASSA_PKCS1_V1_5_SHA_512",
};

function hashOf(algorithm: SigningAlgorithm): HashName {
    const name = ALGORITHMS[algorithm].digest;
    if (!name || !KMOD_ALGORITHMS.includes(algorithm)) {
        throw codedError(
            "BadSigningAlgorithm",
            `format kmod takes ${KMOD_ALGORITHMS.join(", ")}, not ${quote(algorithm)}`,
        );
    }
    return name;
}
