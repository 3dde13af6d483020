import type { Tri } from "./types";

/** Kleene's logic: unknown is neither, until the other side decides. */

export function tri(value: boolean): Tri {
    return value ? "true" : "false";
}

export function not(value: Tri): Tri {
    return value === "unknown" ? "unknown" : tri(value === "false");
}

/** True on the empty list. */
export function all(values: readonly Tri[]): Tri {
    if (values.includes("false")) return "false";
    return values.includes("unknown") ? "unknown" : "true";
}

/** False on the empty list. */
export function any(values: readonly Tri[]): Tri {
    return not(all(values.map(not)));
}
