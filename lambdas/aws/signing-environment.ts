import { codedError } from "../../lib/errors";
import { environment } from "./environment";

/** @throws BadConfig unless it is a JSON object of strings */
export function environmentMap(name: string): Readonly<Record<string, string>> {
    const value = parse(name);
    if (typeof value === "object" && value !== null && Object.values(value).every((item) => typeof item === "string")) {
        return value as Record<string, string>;
    }
    throw codedError("BadConfig", `environment variable ${name} is not a JSON object of strings`);
}

function parse(name: string): unknown {
    try {
        return JSON.parse(environment(name)) as unknown;
    } catch (error) {
        throw codedError("BadConfig", `environment variable ${name} is missing or not JSON`, error);
    }
}
