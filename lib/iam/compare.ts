import { isBase64Equal, isInRange } from "./compare-formats";
import { foldCase } from "./glob";
import type { OperatorBase } from "./operators";
import { tri } from "./tri";
import type { Tri } from "./types";

/** One value of the request against one of the policy. What cannot be read as a number, date or address does not match. */
export function compareConcrete(base: OperatorBase, value: string, wanted: string): Tri {
    switch (base) {
        case "StringEquals":
            return tri(value === wanted);
        case "StringEqualsIgnoreCase":
            return tri(foldCase(value) === foldCase(wanted));
        case "Bool":
            return tri(
                ["true", "false"].includes(wanted.toLowerCase()) && value.toLowerCase() === wanted.toLowerCase(),
            );
        case "BinaryEquals":
            return tri(isBase64Equal(value, wanted));
        case "IpAddress":
            return tri(isInRange(value, wanted));
        default:
            return compareOrdered(base, value, wanted);
    }
}

/** Beyond ASCII it is open which letters are one: is the Kelvin sign a `k`, the long `s` an `s`? */
export function hasOpenCase(...texts: readonly string[]): boolean {
    return texts.some((text) => /[^\0-\x7f]/.test(text));
}

function compareOrdered(base: OperatorBase, value: string, wanted: string): Tri {
    const read = base.startsWith("Date") ? parseDate : parseNumber;
    const [a, b] = [read(value), read(wanted)];
    if (a === undefined || b === undefined) return "false";
    switch (base.replace(/^(?:Date|Numeric)/, "")) {
        case "Equals":
            return tri(a === b);
        case "LessThan":
            return tri(a < b);
        case "LessThanEquals":
            return tri(a <= b);
        case "GreaterThan":
            return tri(a > b);
        case "GreaterThanEquals":
            return tri(a >= b);
        default:
            return "unknown";
    }
}

function parseNumber(text: string): number | undefined {
    return /^[+-]?[0-9]{1,30}(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,3})?$/.test(text) ? Number(text) : undefined;
}

/** @returns seconds since 1970, from ISO 8601 (a date alone is midnight UTC) or a count of seconds */
function parseDate(text: string): number | undefined {
    if (/^-?[0-9]{1,12}$/.test(text)) return Number(text);
    const iso =
        /^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2}))?$/;
    const millis = iso.test(text) ? Date.parse(text) : NaN;
    return Number.isNaN(millis) ? undefined : millis / 1000;
}
