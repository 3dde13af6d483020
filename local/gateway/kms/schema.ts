import { kmsError, validation } from "./errors";

/**
 * Constraints of the service model, checked before anything else, all at once, in the words of AWS's validator:
 * `2 validation errors detected: Value null at 'keyId' failed to satisfy constraint: Member must not be null; Value ...`.
 * A wrong JSON type is a SerializationException, as there the request does not even become an object.
 */
export interface Member<T> {
    /** `path` is the member's name with a small first letter; faults are appended. Undefined means absent. */
    read(value: unknown, path: string, faults: string[]): T;
}

type Fields = Readonly<Record<string, Member<unknown>>>;
export type Shape<F extends Fields> = { readonly [K in keyof F]: F[K] extends Member<infer T> ? T : never };

export function struct<F extends Fields>(fields: F): Member<Shape<F> | undefined> {
    return {
        read(value, path, faults) {
            if (value === undefined || value === null) return undefined;
            if (typeof value !== "object" || Array.isArray(value)) throw wrongType(path, "structure");
            const out: Record<string, unknown> = {};
            for (const [name, member] of Object.entries(fields)) {
                const at = path === "" ? lowerFirst(name) : `${path}.${lowerFirst(name)}`;
                out[name] = member.read((value as Record<string, unknown>)[name], at, faults);
            }
            return out as Shape<F>;
        },
    };
}

/** Unknown members are ignored, as AWS's JSON protocol does. */
export function parseInput<F extends Fields>(fields: F, input: unknown): Shape<F> {
    const faults: string[] = [];
    const value = struct(fields).read(input ?? {}, "", faults);
    if (faults.length > 0) {
        const count = faults.length === 1 ? "1 validation error" : `${faults.length} validation errors`;
        throw validation(`${count} detected: ${faults.join("; ")}`);
    }
    return value as Shape<F>;
}

export function required<T>(member: Member<T | undefined>): Member<T> {
    return {
        read(value, path, faults) {
            const read = member.read(value, path, faults);
            if (value === undefined || value === null) faults.push(fault("null", path, "Member must not be null"));
            return read as T;
        },
    };
}

export interface TextRules {
    readonly min?: number;
    readonly max: number;
    /** Anchored when it is applied. */
    readonly pattern?: string;
}

export function text({ min = 1, max, pattern }: TextRules): Member<string | undefined> {
    return scalar("string", (value: string, path, faults) => {
        if (value.length < min) faults.push(fault(`'${value}'`, path, atLeast("length", min)));
        if (value.length > max) faults.push(fault(`'${value}'`, path, atMost("length", max)));
        if (pattern && !new RegExp(`^(?:${pattern})$`, "u").test(value)) {
            faults.push(fault(`'${value}'`, path, `Member must satisfy regular expression pattern: ${pattern}`));
        }
        return value;
    });
}

export function oneOf<const V extends string>(values: readonly V[]): Member<V | undefined> {
    return scalar("string", (value: string, path, faults) => {
        if (!(values as readonly string[]).includes(value)) {
            faults.push(fault(`'${value}'`, path, `Member must satisfy enum value set: [${values.join(", ")}]`));
        }
        return value as V;
    });
}

export function whole({ min, max }: { min: number; max: number }): Member<number | undefined> {
    return scalar("number", (value: number, path, faults) => {
        if (!Number.isInteger(value)) throw wrongType(path, "integer");
        if (value < min) faults.push(fault(`'${value}'`, path, atLeast("value", min)));
        if (value > max) faults.push(fault(`'${value}'`, path, atMost("value", max)));
        return value;
    });
}

export function flag(): Member<boolean | undefined> {
    return scalar("boolean", (value: boolean) => value);
}

/** Base64 in JSON. AWS shows a blob as the Java buffer it is there. */
export function blob({ min = 1, max }: { min?: number; max: number }): Member<Buffer | undefined> {
    return scalar("string", (value: string, path, faults) => {
        const bytes = Buffer.from(value, "base64");
        if (bytes.toString("base64").replace(/=+$/, "") !== value.replace(/=+$/, "")) {
            throw kmsError("SerializationException", `${path}: not valid base64`);
        }
        const shown = `'java.nio.HeapByteBuffer[pos=0 lim=${bytes.length} cap=${bytes.length}]'`;
        if (bytes.length < min) faults.push(fault(shown, path, atLeast("length", min)));
        if (bytes.length > max) faults.push(fault(shown, path, atMost("length", max)));
        return bytes;
    });
}

export function list<T>(of: Member<T>, { min = 0, max }: { min?: number; max: number }): Member<T[] | undefined> {
    return {
        read(value, path, faults) {
            if (value === undefined || value === null) return undefined;
            if (!Array.isArray(value)) throw wrongType(path, "list");
            if (value.length < min) faults.push(fault(`'${JSON.stringify(value)}'`, path, atLeast("length", min)));
            if (value.length > max) faults.push(fault(`'${JSON.stringify(value)}'`, path, atMost("length", max)));
            return value.map((item, i) => of.read(item, `${path}.${i + 1}.member`, faults));
        },
    };
}

/** String to string, as an encryption context. */
export function textMap(): Member<Record<string, string> | undefined> {
    return {
        read(value, path) {
            if (value === undefined || value === null) return undefined;
            if (typeof value !== "object" || Array.isArray(value)) throw wrongType(path, "map");
            for (const entry of Object.values(value)) if (typeof entry !== "string") throw wrongType(path, "string");
            return { ...(value as Record<string, string>) };
        },
    };
}

function scalar<J, T>(
    type: "string" | "number" | "boolean",
    check: (value: J, path: string, faults: string[]) => T,
): Member<T | undefined> {
    return {
        read(value, path, faults) {
            if (value === undefined || value === null) return undefined;
            if (typeof value !== type) throw wrongType(path, type);
            return check(value as J, path, faults);
        },
    };
}

const fault = (shown: string, path: string, constraint: string): string =>
    `Value ${shown} at '${path}' failed to satisfy constraint: ${constraint}`;
const atLeast = (what: string, bound: number): string => `Member must have ${what} greater than or equal to ${bound}`;
const atMost = (what: string, bound: number): string => `Member must have ${what} less than or equal to ${bound}`;
const wrongType = (path: string, type: string): Error =>
    kmsError("SerializationException", `${path === "" ? "request" : path}: expected ${type}`);
const lowerFirst = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);
