/** @returns an empty object for what is not a JSON object: every member of it is then missing */
export function parseJsonObject(body: Buffer): Readonly<Record<string, unknown>> {
    try {
        const value: unknown = JSON.parse(body.toString("utf8"));
        return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
    } catch {
        return {};
    }
}
