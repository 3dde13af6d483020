import { type Json, object, shown } from "./model";

/** What a job may be given at most. A job that becomes a role writes nothing. */
const RIGHTS: Readonly<Record<string, readonly string[]>> = {
    contents: ["read", "none"],
    "id-token": ["write", "none"],
    "pull-requests": ["read", "write", "none"],
};

export interface Rights {
    readonly given: Json;
    readonly problems: readonly string[];
}

/** @param value of `permissions` */
export function rights(value: unknown, whose: string): Rights {
    if (typeof value === "string")
        return {
            given: value === "write-all" ? { contents: "write", "id-token": "write" } : {},
            problems: [`${shown(value)} of the ${whose}`],
        };
    const given = object(value);
    const problems = Object.entries(given)
        .filter(([right, level]) => !(Object.hasOwn(RIGHTS, right) && RIGHTS[right]!.includes(String(level))))
        .map(([right, level]) => `permission ${shown(right)}: ${shown(String(level))} of the ${whose}`);
    return { given, problems };
}
