import { parse } from "yaml";
import { Usage } from "./inputs";

/** Configuration of a stack, as `Pulumi.STACK.yaml` holds it. */
export interface StackConfig {
    /** Every value by its full key, as it stands there. */
    readonly values: Readonly<Record<string, unknown>>;
    /** @throws Usage where it is no text */
    text(key: string): string | undefined;
    /** A value with structure: written as such, or as the JSON text that `pulumi config set` leaves. @throws Usage where it is no list */
    list(key: string): readonly unknown[] | undefined;
}

/**
 * @param text of the file
 * @param file its name, for messages
 * @param project whose keys are asked for
 * @throws Error for no YAML, and for a file without configuration
 */
export function stackConfig(text: string, file: string, project: string): StackConfig {
    const { config } = (parse(text) ?? {}) as { config?: unknown };
    if (typeof config !== "object" || config === null || Array.isArray(config)) throw new Error("no config in it");
    const values = config as Record<string, unknown>;
    const value = (key: string): unknown => {
        const found = values[`${project}:${key}`];
        if (typeof found === "object" && found !== null && "secure" in found)
            throw new Usage(`${file}: ${project}:${key} is encrypted, expected plain text: settings are public`);
        return found;
    };
    return {
        values,
        text: (key) => {
            const found = value(key);
            if (found === undefined || typeof found === "string" || typeof found === "number") return shown(found);
            throw new Usage(`${file}: ${project}:${key} is no text`);
        },
        list: (key) => {
            const found = opened(value(key));
            if (found === undefined || Array.isArray(found)) return found as readonly unknown[] | undefined;
            throw new Usage(`${file}: ${project}:${key} is no list`);
        },
    };
}

function shown(value: string | number | undefined): string | undefined {
    return value === undefined ? undefined : String(value);
}

function opened(value: unknown): unknown {
    if (typeof value !== "string") return value;
    try {
        return JSON.parse(value) as unknown;
    } catch {
        return value;
    }
}

/** Names in Pulumi's own order of keys: what is asked for but not there may be under another project's name. */
export function otherProjects(values: Readonly<Record<string, unknown>>, project: string): readonly string[] {
    const names = Object.keys(values).map((key) => key.split(":", 1)[0]!);
    return [...new Set(names)].filter((name) => name !== project && /^[\w.-]{1,100}$/.test(name));
}
