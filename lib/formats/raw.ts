import { quote } from "../encoding";
import { codedError } from "../errors";
import { hash } from "../hash";
import { ALGORITHMS, type SigningAlgorithm } from "../kms/specs";
import type { DetachedSignature, Facts, Format, Message, RecoveredSignature, SigningOptions } from "./format";

/** RSA alone: an ECDSA pair over a digest whose message the log cannot hold proves nothing. */
const RAW_ALGORITHMS: readonly SigningAlgorithm[] = [
    "RSASSA_PKCS1_V1_5_SHA_256",
    "RSASSA_PKCS1_V1_5_SHA_384",
    "RSASSA_PKCS1_V1_5_SHA_512",
    "RSASSA_PSS_SHA_256",
    "RSASSA_PSS_SHA_384",
    "RSASSA_PSS_SHA_512",
];

/**
 * A signature over the file's own hash, kept beside the file.
 *
 * The submitter chooses every byte that is hashed, so a key with this format can be made to sign any other format: it has no other
 * format and no certificate, ever.
 */
export const raw: Format = {
    name: "raw",
    algorithms: RAW_ALGORITHMS,
    needsCertificate: false,
    detached: true,
    inspect,
    prepare,
    assemble,
    recover,
};

function inspect(file: Uint8Array): Facts {
    return { type: "bytes", size: file.length, signatures: 0 };
}

function prepare(file: Uint8Array, { signingAlgorithm, certificate }: SigningOptions): Message[] {
    if (certificate)
        throw codedError("BadConfig", "a key of format raw must have no certificate, remove it from the configuration");
    return [{ signingAlgorithm, messageType: "DIGEST", message: digestOf(file, signingAlgorithm) }];
}

function assemble(_file: Uint8Array, _options: SigningOptions, signatures: readonly Uint8Array[]): Uint8Array {
    const [signature] = signatures;
    if (!signature || signatures.length !== 1) {
        throw codedError("BadSignature", `got ${signatures.length} signatures, format raw takes exactly 1`);
    }
    return signature;
}

function recover(file: Uint8Array, detached?: DetachedSignature): RecoveredSignature[] {
    if (!detached) throw codedError("NotSigned", "format raw keeps its signature in a file of its own, none was given");
    const { signature, signingAlgorithm } = detached;
    const digest = digestOf(file, signingAlgorithm);
    return [{ format: "raw", signingAlgorithm, messageType: "DIGEST", digest, signature, unsigned: file }];
}

function digestOf(file: Uint8Array, algorithm: SigningAlgorithm): Uint8Array {
    const name = ALGORITHMS[algorithm].digest;
    if (!name || !RAW_ALGORITHMS.includes(algorithm)) {
        throw codedError(
            "BadSigningAlgorithm",
            `format raw takes ${RAW_ALGORITHMS.join(", ")}, not ${quote(algorithm)}`,
        );
    }
    return hash(name, file);
}
