import { read, readKeys } from "./read";
import type { ResourceView } from "./rule";

/**
 * Inputs of a function that are judged by those who ask, or cannot change what runs. Any other may bring code, run it another way (layers, files,
 * an image, versions, somebody's machines, their network), or move what it says of itself (its log, its failures).
 */
export const FUNCTION_INPUTS: readonly string[] = [
    "architectures",
    "code",
    "description",
    "environment",
    "ephemeralStorage",
    "handler",
    "memorySize",
    "name",
    "packageType",
    "region",
    "reservedConcurrentExecutions",
    "role",
    "runtime",
    "tags",
    "tagsAll",
    "timeout",
    "tracingConfig",
];

/**
 * Names of a resource's inputs that are set and not among those which a rule knows: what a rule has not thought of is refused, not passed.
 * Off counts as absent, since the provider writes its defaults out: false, empty texts and lists.
 */
export function otherInputs({ props }: Pick<ResourceView, "props">, known: readonly string[]): string[] {
    const names = readKeys(() => props);
    return (names.kind === "known" ? names.value : []).filter(
        (name) => !known.includes(name) && !name.startsWith("__") && isSet(() => props[name]),
    );
}

function isSet(get: () => unknown): boolean {
    const value = read(get);
    if (value.kind !== "known") return value.kind === "unknown";
    const isEmpty = Array.isArray(value.value) && value.value.length === 0;
    return value.value !== false && value.value !== "" && !isEmpty;
}
