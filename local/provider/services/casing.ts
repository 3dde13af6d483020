/** Nested arguments have the same names on both sides, in camelCase for Pulumi and in PascalCase for AWS. */

/** AWS's spelling where it is not PascalCase of ours, for example `{ id: "ID" }`. */
export type Spelling = Readonly<Record<string, string>>;

/** `{ noncurrentDays: 1 }` to `{ NoncurrentDays: 1 }`, at every depth. */
export function toAws<T>(value: unknown, spelling: Spelling = {}): T {
    return renamed(value, (name) => spelling[name] ?? name.charAt(0).toUpperCase() + name.slice(1)) as T;
}

/** The way back. */
export function fromAws<T>(value: unknown, spelling: Spelling = {}): T {
    const back = Object.fromEntries(Object.entries(spelling).map(([ours, aws]) => [aws, ours]));
    return renamed(value, (name) => back[name] ?? name.charAt(0).toLowerCase() + name.slice(1)) as T;
}

function renamed(value: unknown, rename: (name: string) => string): unknown {
    if (Array.isArray(value)) {
        return value.map((item) => renamed(item, rename));
    }
    if (typeof value !== "object" || value === null || value instanceof Date) {
        return value;
    }
    return Object.fromEntries(
        Object.entries(value)
            .filter(([, member]) => member !== undefined)
            .map(([name, member]) => [rename(name), renamed(member, rename)]),
    );
}
