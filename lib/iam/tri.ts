import type { Tri } from "./types";

/** Kleene's logic: unknown is neither, until the other side decides. */

export function tri(value: boolean): Tri {
    return value ? "true" : "false";
}

export function not(value: Tri): Tri {
    return value === "unknown" ? "unknown" : tri(value === "false");
}

/** Conjunction, as far as it takes to know. True on the empty list. */
export function every<T>(items: readonly T[], judge: (item: T) => Tri): Tri {
    let result: Tri = "true";
    for (const item of items) {
        const one = judge(item);
        if (one === "false") return one;
        if (one === "unknown") result = one;
    }
    return result;
}

/** Disjunction. False on the empty list. */
export function some<T>(items: readonly T[], judge: (item: T) => Tri): Tri {
    let result: Tri = "false";
    for (const item of items) {
        const one = judge(item);
        if (one === "true") return one;
        if (one === "unknown") result = one;
    }
    return result;
}
