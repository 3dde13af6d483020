import { codedError } from "../../lib/errors";

/** @throws BadConfig if the function was deployed without it */
export function environment(name: string): string {
    const value = process.env[name];
    if (!value) throw codedError("BadConfig", `environment variable ${name} is not set`);
    return value;
}

/** @throws BadConfig unless it is a JSON object of strings */
export function environmentMap(name: string): Readonly<Record<string, string>> {
    const text = environment(name);
    try {
        const value: unknown = JSON.parse(text);
        if (
            typeof value === "object" &&
            value !== null &&
            Object.values(value).every((item) => typeof item === "string")
        ) {
            return value as Record<string, string>;
        }
    } catch (error) {
        throw codedError("BadConfig", `environment variable ${name} is not JSON`, error);
    }
    throw codedError("BadConfig", `environment variable ${name} is not a JSON object of strings`);
}
