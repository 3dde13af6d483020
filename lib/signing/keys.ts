import { quote, toHex } from "../encoding";
import { codedError } from "../errors";
import type { SigningOptions } from "../formats/format";
import { checkFormatAlgorithm } from "../formats/registry";
import { certificateFromPem } from "../formats/x509";
import { sha256 } from "../hash";
import type { SigningAlgorithm } from "../kms/specs";
import type { SigningRequest } from "./request";

/** A signing key as the functions around the signer know it: plain data, compiled into their code. */
export interface PipelineKey {
    readonly name: string;
    readonly formats: readonly string[];
    readonly spec: string;
    readonly algorithm: string;
    readonly messageType: string;
    readonly certificatePem?: string;
}

/** @throws NoSuchKey, or BadConfig if two keys sign one format: which of them it is must not depend on their order */
export function keyOfFormat(keys: readonly PipelineKey[], format: string): PipelineKey {
    const found = keys.filter(({ formats }) => formats.includes(format));
    const [key] = found;
    if (!key) throw codedError("NoSuchKey", `no key signs format ${quote(format)}`);
    if (found.length > 1)
        throw codedError(
            "BadConfig",
            `format ${quote(format)} has keys ${found.map(({ name }) => name).join(", ")}, expected one`,
        );
    return key;
}

/** @throws UnknownKey, FormatNotOfKey */
export function keyOfRequest(keys: readonly PipelineKey[], { key_name, format }: SigningRequest): PipelineKey {
    const key = keys.find(({ name }) => name === key_name);
    if (!key) throw codedError("UnknownKey", `key ${quote(key_name)} is not configured`);
    if (!key.formats.includes(format)) {
        throw codedError(
            "FormatNotOfKey",
            `format ${quote(format)} is not signed by key ${key_name}, which signs ${key.formats.join(", ")}`,
        );
    }
    return key;
}

/** @throws BadSigningAlgorithm, FormatUnknown, BadCertificate */
export function signingOptions(key: PipelineKey, format: string): SigningOptions {
    checkFormatAlgorithm(format, key.algorithm);
    const signingAlgorithm = key.algorithm as SigningAlgorithm;
    if (key.certificatePem === undefined) return { signingAlgorithm };
    return { signingAlgorithm, certificate: certificateFromPem(key.certificatePem) };
}

/**
 * The options of a request made earlier.
 *
 * @throws as `signingOptions`, or BadCertificate if another certificate was configured since
 */
export function optionsOfRequest(key: PipelineKey, request: SigningRequest): SigningOptions {
    const options = signingOptions(key, request.format);
    const saw = options.certificate ? toHex(sha256(options.certificate)) : undefined;
    if (saw !== request.certificate_sha256) {
        throw codedError(
            "BadCertificate",
            `certificate of key ${key.name} is now ${saw ?? "none"}, the request is for ${request.certificate_sha256 ?? "none"}: upload the file again`,
        );
    }
    return options;
}
