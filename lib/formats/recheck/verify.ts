import { createHash, type Hash } from "node:crypto";
import { concat, equalBytes, toHex } from "../../encoding";
import { codedError } from "../../errors";
import { hash } from "../../hash";
import type { SigningAlgorithm } from "../../kms/specs";
import { verifySignature } from "../../record/signature";
import { KMOD_MAX_CMS } from "../constants";
import type { Message } from "../format";
import { checkSignerName, readModuleSignature } from "./signed-module";

/** Verification by code that made neither the messages nor the file. */
export interface AssembledInput {
    readonly format: string;
    /** The assembled file. */
    readonly chunks: AsyncIterable<Uint8Array>;
    /** What was submitted, as `derive` saw it. */
    readonly artifact: { readonly size: number; readonly sha256: string };
    readonly messages: readonly Message[];
    /** As recorded, one for each message. */
    readonly signatures: readonly Uint8Array[];
    /** Pinned SubjectPublicKeyInfo, DER. */
    readonly spki: Uint8Array;
    /** DER; formats that name their signer. */
    readonly certificate?: Uint8Array;
}

/**
 * The file is the submitted one and the recorded signature, and nothing else, and the signature verifies under the pinned key.
 *
 * @returns SHA-256 of the assembled file, hex
 * @throws SignatureMismatch, FileChanged, FormatUnknown, NoCertificate, CertificateNotOfKey, NotSigned, BadTrailer, BadDer
 */
export async function verifyAssembled(input: AssembledInput): Promise<string> {
    const signature = checkSignatures(input);
    switch (input.format) {
        case "raw":
            return verifyRawOutput(input, signature);
        case "kmod":
            return verifyModuleOutput(input, signature);
        default:
            throw codedError(
                "FormatUnknown",
                `format ${JSON.stringify(input.format)} is unknown, expected raw or kmod`,
            );
    }
}

/** Both formats have one message. */
function checkSignatures({ messages, signatures, spki }: AssembledInput): Uint8Array {
    const [message] = messages;
    const [signature] = signatures;
    if (!message || !signature || messages.length !== 1 || signatures.length !== 1) {
        throw codedError(
            "SignatureMismatch",
            `${signatures.length} signatures over ${messages.length} messages, expected one each`,
        );
    }
    const { signingAlgorithm: algorithm, messageType } = message;
    verifySignature({ spki, algorithm, messageType, message: message.message, signature });
    return signature;
}

async function verifyRawOutput({ chunks }: AssembledInput, signature: Uint8Array): Promise<string> {
    const { tail, whole } = await splitAt(chunks, 0, signature.length);
    if (!equalBytes(tail, signature))
        throw codedError("SignatureMismatch", "assembled file is not the recorded signature");
    return digestHex(whole);
}

async function verifyModuleOutput(input: AssembledInput, signature: Uint8Array): Promise<string> {
    if (!input.certificate)
        throw codedError("NoCertificate", "a module's signature names a certificate, none is pinned");
    const { head, tail, whole } = await splitAt(input.chunks, input.artifact.size, KMOD_MAX_CMS + 40);
    if (digestHex(head) !== input.artifact.sha256) {
        throw codedError("FileChanged", "assembled module does not start with the submitted one");
    }
    const found = readModuleSignature(tail);
    if (found.unsignedSize !== 0) {
        throw codedError("BadTrailer", `${found.unsignedSize} bytes stand between module and signature, expected none`);
    }
    checkModuleSigner(found, input.messages[0]?.signingAlgorithm, input.certificate);
    if (!equalBytes(found.signature, signature)) {
        throw codedError("SignatureMismatch", "signature in the assembled module is not the recorded one");
    }
    return digestHex(whole);
}

function checkModuleSigner(
    found: ReturnType<typeof readModuleSignature>,
    algorithm: SigningAlgorithm | undefined,
    certificate: Uint8Array | undefined,
): void {
    const expected = `RSASSA_PKCS1_V1_5_SHA_${found.digest.slice(3)}`;
    if (algorithm !== expected)
        throw codedError("SignatureMismatch", `module says ${expected}, the request ${algorithm}`);
    if (certificate) checkSignerName(found, certificate);
}

interface Split {
    readonly head: Hash;
    readonly tail: Uint8Array;
    readonly whole: Hash;
}

/** One pass: hash of the first `size` bytes, the rest itself, hash of all. @throws FileTooLarge if the rest is above `maxTail` */
async function splitAt(chunks: AsyncIterable<Uint8Array>, size: number, maxTail: number): Promise<Split> {
    const head = createHash("sha256");
    const whole = createHash("sha256");
    const rest: Uint8Array[] = [];
    let at = 0;
    for await (const chunk of chunks) {
        const cut = Math.min(Math.max(size - at, 0), chunk.length);
        head.update(chunk.subarray(0, cut));
        whole.update(chunk);
        at += chunk.length;
        if (at - size > maxTail)
            throw codedError("FileTooLarge", `more than ${maxTail} bytes follow the ${size} that were submitted`);
        if (cut < chunk.length) rest.push(chunk.subarray(cut));
    }
    return { head, tail: concat(...rest), whole };
}

function digestHex(hasher: Hash): string {
    return hasher.digest("hex");
}

/** What a file in hand is checked against, without the request it came from. */
export interface VerifyFileOptions {
    /** Pinned SubjectPublicKeyInfo, DER. */
    readonly spki: Uint8Array;
    readonly signingAlgorithm: SigningAlgorithm;
    /** The detached signature of format raw. */
    readonly signature?: Uint8Array;
    /** If given, the signature must name it. */
    readonly certificate?: Uint8Array;
}

export interface VerifiedFile {
    /** What the key signed. */
    readonly digest: Uint8Array;
    readonly signature: Uint8Array;
    /** Of the file before signing, hex. */
    readonly artifactSha256: string;
}

/**
 * For whoever holds a signed file and pins a key: `countersign verify`. Of a module signed twice it judges the outer signature.
 *
 * @throws SignatureMismatch, FormatUnknown, NotSigned, BadTrailer, BadDer, KeyMismatch, CertificateNotOfKey
 */
export function verifyFile(format: string, file: Uint8Array, options: VerifyFileOptions): VerifiedFile {
    const { spki, signingAlgorithm, certificate } = options;
    const { unsigned, signature } = openFile(format, file, options);
    const bits = /_SHA_(256|384|512)$/.exec(signingAlgorithm)?.[1];
    if (!bits) throw codedError("BadSigningAlgorithm", `${JSON.stringify(signingAlgorithm)} signs no hash of a file`);
    const digest = hash(`sha${bits}` as "sha256", unsigned);
    verifySignature({ spki, algorithm: signingAlgorithm, messageType: "DIGEST", message: digest, signature });
    if (format === "kmod") checkModuleSigner(readModuleSignature(file), signingAlgorithm, certificate);
    return { digest, signature, artifactSha256: toHex(bits === "256" ? digest : hash("sha256", unsigned)) };
}

function openFile(
    format: string,
    file: Uint8Array,
    { signature }: VerifyFileOptions,
): { unsigned: Uint8Array; signature: Uint8Array } {
    switch (format) {
        case "raw":
            if (!signature)
                throw codedError("NotSigned", "format raw keeps its signature in a file of its own, none was given");
            return { unsigned: file, signature };
        case "kmod": {
            const found = readModuleSignature(file);
            return { unsigned: file.subarray(0, found.unsignedSize), signature: found.signature };
        }
        default:
            throw codedError("FormatUnknown", `format ${JSON.stringify(format)} is unknown, expected raw or kmod`);
    }
}
