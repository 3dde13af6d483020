import { quote } from "../encoding";
import { codedError } from "../errors";
import type { SigningAlgorithm } from "../kms/specs";
import type { Format } from "./format";
import { kmod } from "./kmod";
import { raw } from "./raw";

/** Every format there is. */
export const FORMATS: readonly Format[] = [raw, kmod];

/** @throws FormatUnknown */
export function formatNamed(name: string): Format {
    const format = FORMATS.find((candidate) => candidate.name === name);
    if (!format) {
        throw codedError(
            "FormatUnknown",
            `format ${quote(name)} is unknown, expected one of ${FORMATS.map((f) => f.name).join(", ")}`,
        );
    }
    return format;
}

/** @throws FormatUnknown, or BadSigningAlgorithm for one that the format cannot use */
export function checkFormatAlgorithm(name: string, algorithm: string): void {
    const { algorithms } = formatNamed(name);
    if (!algorithms.includes(algorithm as SigningAlgorithm)) {
        throw codedError(
            "BadSigningAlgorithm",
            `format ${name} takes ${algorithms.join(", ")}, not ${quote(algorithm)}`,
        );
    }
}
