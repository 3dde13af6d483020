import { fromBase64, quote } from "../encoding";
import { codedError } from "../errors";

/**
 * A schema: for each member what it must be. No member may be unknown, none missing but the optional ones.
 * An error names the member and what was expected of it.
 */
export interface Check {
    readonly expected: string;
    readonly test: (value: unknown) => boolean;
}

export interface Schema {
    readonly required: Readonly<Record<string, Check>>;
    readonly optional?: Readonly<Record<string, Check>>;
}

/** @throws BadLeaf, with the member's path */
export function checkSchema(value: unknown, schema: Schema, at: string): void {
    if (!isObject(value)) throw codedError("BadLeaf", `${at} is ${quote(value)}, expected an object`);
    for (const [name, member] of Object.entries(value)) {
        const check = own(schema.required, name) ?? own(schema.optional ?? {}, name);
        if (!check) throw codedError("BadLeaf", `${at} has an unknown member ${quote(name)}`);
        if (!check.test(member)) {
            throw codedError("BadLeaf", `${at}.${name} is ${quote(member)}, expected ${check.expected}`);
        }
    }
    const missing = Object.keys(schema.required).find((name) => !Object.hasOwn(value, name));
    if (missing) throw codedError("BadLeaf", `${at} lacks ${missing}, expected ${schema.required[missing]?.expected}`);
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Member names are caller-controlled: `constructor` is no check. */
function own(checks: Readonly<Record<string, Check>>, name: string): Check | undefined {
    return Object.hasOwn(checks, name) ? checks[name] : undefined;
}

export function matches(pattern: RegExp, expected: string): Check {
    return { expected, test: (value) => typeof value === "string" && pattern.test(value) };
}

export function oneOf(...values: readonly unknown[]): Check {
    return { expected: values.map((value) => quote(value)).join(" or "), test: (value) => values.includes(value) };
}

export function listOf(check: Check, expected: string): Check {
    return { expected, test: (value) => Array.isArray(value) && value.every((item) => check.test(item)) };
}

export function shaped(schema: Schema, expected: string): Check {
    return {
        expected,
        test: (value) =>
            isObject(value) &&
            Object.entries(value).every(([name, member]) => own(schema.required, name)?.test(member) ?? false) &&
            Object.keys(schema.required).every((name) => Object.hasOwn(value, name)),
    };
}

export function hexOf(bytes: number): Check {
    const pattern = new RegExp(`^[0-9a-f]{${2 * bytes}}$`);
    return matches(pattern, `${bytes} bytes in lowercase hex`);
}

/** @param max bytes decoded */
export function base64UpTo(max: number): Check {
    return {
        expected: `1 to ${max} bytes in padded base64`,
        test: (value) => typeof value === "string" && value.length > 0 && base64Length(value) <= max,
    };
}

function base64Length(text: string): number {
    try {
        return fromBase64(text).length;
    } catch {
        return Infinity;
    }
}

export const BOOLEAN: Check = { expected: "true or false", test: (value) => typeof value === "boolean" };

export const COUNT: Check = {
    expected: "an integer from 0 to 2^53-1",
    test: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
};

export const TIME: Check = {
    expected: "a time YYYY-MM-DDTHH:MM:SSZ",
    test: (value) => typeof value === "string" && isTime(value),
};

/** Refuses 30 February, which `Date` would turn into March. */
function isTime(text: string): boolean {
    if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text)) return false;
    const date = new Date(text);
    return !Number.isNaN(date.getTime()) && date.toISOString() === text.replace("Z", ".000Z");
}
