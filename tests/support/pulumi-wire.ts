import { UNKNOWN } from "./rules";

/** How the SDK writes values that JSON does not have (`runtime/rpc.js` of @pulumi/pulumi). */

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
const RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e";

export type Plain = string | number | boolean | null | Plain[] | { [key: string]: Plain };

/** Secrets and output values unwrapped, references as ids, as providers and analyzers get them; assets stay as they are. */
export function plainValue(value: Plain | undefined): Plain {
    if (value === undefined) return UNKNOWN;
    if (Array.isArray(value)) return value.map(plainValue);
    if (value === null || typeof value !== "object") return value;
    switch (value[SIGNATURE]) {
        case SECRET:
        case OUTPUT:
            return plainValue(value.value);
        case RESOURCE:
            return value.id === "" || value.id === undefined ? UNKNOWN : value.id;
        default:
            return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plainValue(member)]));
    }
}
