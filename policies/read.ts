import { UnknownValueError } from "./sdk-proxy";

/**
 * What a rule may know of a property. In a preview, touching an unknown value throws; the SDK swallows that and turns a
 * mandatory policy into an advisory (measured), so no rule touches a property but through `read`.
 */
export type Read<T> =
    { readonly kind: "known"; readonly value: T } | { readonly kind: "unknown" } | { readonly kind: "absent" };

/** Reads one leaf. `null` and `undefined` are absent. */
export function read<T>(get: () => T | null | undefined): Read<T> {
    try {
        const value = get();
        return value == null ? { kind: "absent" } : { kind: "known", value };
    } catch (error) {
        if (error instanceof UnknownValueError) return { kind: "unknown" };
        throw error;
    }
}

/** A list whose members are read one by one, because an array can be known and still hold unknown members. */
export function readList<T>(get: () => readonly T[] | null | undefined): Read<readonly Read<T>[]> {
    const list = read(get);
    if (list.kind !== "known") return list;
    if (!Array.isArray(list.value)) return { kind: "known", value: [{ kind: "known", value: list.value as T }] };
    const { length } = list.value;
    const members = Array.from({ length }, (_, i) => read<T>(() => list.value[i]));
    return { kind: "known", value: members };
}

/** Names of an object's members: `Object.keys` never throws on the SDK's proxy, even where the values are unknown. */
export function readKeys(get: () => object | null | undefined): Read<readonly string[]> {
    const object = read(get);
    return object.kind === "known" ? { kind: "known", value: Object.keys(object.value) } : object;
}

/** The value if it is known, for a branch that treats unknown and absent alike and says why. */
export function valueOf<T>(property: Read<T>): T | undefined {
    return property.kind === "known" ? property.value : undefined;
}
