/**
 * Every code we throw, closed. Adding one is an API change: commands print it, state machines branch on it.
 * One line a code, sorted.
 */
export type ErrorCode =
    | "AlreadyLogged"
    | "AlreadySigned"
    | "BadBase64"
    | "BadCertificate"
    | "BadCheckpoint"
    | "BadConfig"
    | "BadDer"
    | "BadDigest"
    | "BadEntry"
    | "BadEvent"
    | "BadHex"
    | "BadJson"
    | "BadKeySpec"
    | "BadLeaf"
    | "BadMessage"
    | "BadMessageType"
    | "BadName"
    | "BadNote"
    | "BadNumber"
    | "BadPath"
    | "BadProof"
    | "BadRequestId"
    | "BadSignature"
    | "BadSigningAlgorithm"
    | "BadTile"
    | "BadTrailer"
    | "BadUtf8"
    | "BadVkey"
    | "BadWire"
    | "Busy"
    | "CertificateExpired"
    | "CertificateNotOfKey"
    | "ClaimLost"
    | "DeployFailed"
    | "DuplicateUse"
    | "EmulatorFailed"
    | "Equivocation"
    | "FileChanged"
    | "FileTooLarge"
    | "FormatNotOfKey"
    | "FormatNotOfTenant"
    | "FormatUnknown"
    | "HeadRolledBack"
    | "InlineCodeFromNodeModules"
    | "IntakeRefused"
    | "KeyMismatch"
    | "KmsFailed"
    | "KmsUnavailable"
    | "LeafMismatch"
    | "LogNotEmpty"
    | "NoCertificate"
    | "NoEmulator"
    | "NoEngine"
    | "NoSuchKey"
    | "NoSuchRequest"
    | "NotAKernelModule"
    | "NotApproved"
    | "NotLocal"
    | "NotLogged"
    | "NotReady"
    | "NotRechecked"
    | "NotSigned"
    | "NotSupported"
    | "OutsideTenant"
    | "RealCredentials"
    | "RecheckMismatch"
    | "RequestEdited"
    | "RequestExpired"
    | "RootMismatch"
    | "SdkTooOld"
    | "SignatureMismatch"
    | "UnknownKey"
    | "UnknownOutcome"
    | "VersionMissing";

export type CodedError = Error & { readonly code: ErrorCode };

/**
 * An error with a code of ours.
 *
 * No subclass: `class E extends Error` loses its message when Pulumi serializes it into a function.
 *
 * @param message lower case, no period: what was seen (through `JSON.stringify`), what was expected, what to change
 */
export function codedError(code: ErrorCode, message: string, cause?: unknown): CodedError {
    return Object.assign(new Error(message), { name: code, code, cause });
}

export function isCodedError(error: unknown): error is CodedError {
    return error instanceof Error && typeof (error as Partial<CodedError>).code === "string";
}
