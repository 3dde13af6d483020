import { codedError } from "../../lib/errors";

/** @throws BadConfig naming the variable */
export function environment(name: string): string {
    const value = process.env[name];
    if (!value) throw codedError("BadConfig", `environment variable ${name} is not set, components/ sets it`);
    return value;
}
