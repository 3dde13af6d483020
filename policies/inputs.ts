import { read, readKeys } from "./read";
import type { ResourceView } from "./rule";

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
