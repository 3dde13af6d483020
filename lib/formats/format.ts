import type { MessageType, SigningAlgorithm } from "../kms/specs";

/** Names of transparency-log records; a record's `format` is one of these. */
export type FormatName = "raw" | "kmod";

/** What one KMS request signs. */
export interface Message {
    readonly signingAlgorithm: SigningAlgorithm;
    readonly messageType: MessageType;
    readonly message: Uint8Array;
}

/** Fixed when the request is accepted. */
export interface SigningOptions {
    readonly signingAlgorithm: SigningAlgorithm;
    /** DER of the certificate over the signing key, for formats that name their signer. */
    readonly certificate?: Uint8Array;
}

export interface Facts {
    readonly type: "bytes" | "elf";
    /** Bytes. */
    readonly size: number;
    /** Signatures that the file holds already. */
    readonly signatures: number;
}

/** One signature of a file, as the log records it. */
export interface RecoveredSignature {
    readonly format: FormatName;
    readonly signingAlgorithm: SigningAlgorithm;
    readonly messageType: MessageType;
    /** What the key signed. */
    readonly digest: Uint8Array;
    /** As KMS gave it. */
    readonly signature: Uint8Array;
    /** The file this signature covers: a view, not a copy. */
    readonly unsigned: Uint8Array;
}

/** A signature that travels beside its file. It does not say how it was made, so the caller must. */
export interface DetachedSignature {
    readonly signature: Uint8Array;
    readonly signingAlgorithm: SigningAlgorithm;
}

/**
 * A signature format in its steps. All are pure and synchronous, over a file in memory; verification is other code, in recheck/.
 * What assembly needs between `prepare` and `assemble` is the file and the options themselves: nothing has to be kept or trusted.
 */
export interface Format {
    readonly name: FormatName;
    /** The only algorithms in this format; ECDSA is absent: the log cannot hold an unbounded message, and without it the pair proves nothing. */
    readonly algorithms: readonly SigningAlgorithm[];
    readonly needsCertificate: boolean;
    /** True if the output is the signature alone. */
    readonly detached: boolean;
    /** @throws a refusal with its reason: nothing may be signed then */
    inspect(file: Uint8Array): Facts;
    /** Inspects, then derives what the key must sign. @throws as inspect, or BadSigningAlgorithm, NoCertificate */
    prepare(file: Uint8Array, options: SigningOptions): readonly Message[];
    /** @param signatures one for each message, in order @throws as prepare, or BadSignature */
    assemble(file: Uint8Array, options: SigningOptions, signatures: readonly Uint8Array[]): Uint8Array;
    /** Innermost last. @throws NotSigned if there is none, or BadTrailer, BadDer */
    recover(file: Uint8Array, detached?: DetachedSignature): readonly RecoveredSignature[];
}
