import type { PolicyConfigJSONSchema } from "@pulumi/policy/schema";
import { SETTINGS_SCHEMA, type Settings } from "./settings";

/**
 * What is wrong with settings, as sentences; empty if they follow the schema. The engine checks the configuration that it is given, and
 * this is for files that people write.
 */
export function settingsProblems(value: unknown): string[] {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return ["settings are no JSON object"];
    return Object.entries(value).flatMap(([key, member]) =>
        Object.hasOwn(SETTINGS_SCHEMA, key)
            ? problems(member, SETTINGS_SCHEMA[key as keyof Settings], key)
            : [`${key} is no setting, expected one of ${Object.keys(SETTINGS_SCHEMA).join(", ")}`],
    );
}

function problems(value: unknown, schema: PolicyConfigJSONSchema, at: string): string[] {
    if (Array.isArray(schema.type)) {
        const found = schema.type.map((type) => problems(value, { ...schema, type }, at));
        return found.some((one) => one.length === 0) ? [] : [`${at} is none of ${schema.type.join(", ")}`];
    }
    switch (schema.type) {
        case "string":
            return textProblems(value, schema, at);
        case "boolean":
            return typeof value === "boolean" ? [] : [`${at} is no boolean`];
        case "array":
            if (!Array.isArray(value)) return [`${at} is no list`];
            return value.flatMap((item, i) => problems(item, schema.items as PolicyConfigJSONSchema, `${at}[${i}]`));
        default:
            return objectProblems(value, schema, at);
    }
}

function textProblems(value: unknown, { minLength = 0, pattern }: PolicyConfigJSONSchema, at: string): string[] {
    if (typeof value !== "string") return [`${at} is no text`];
    if (value.length < minLength) return [`${at} is empty`];
    return pattern === undefined || new RegExp(pattern).test(value) ? [] : [`${at} does not match ${pattern}`];
}

function objectProblems(value: unknown, schema: PolicyConfigJSONSchema, at: string): string[] {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return [`${at} is no object`];
    const { properties = {}, required = [], additionalProperties } = schema;
    const known = properties as Record<string, PolicyConfigJSONSchema>;
    return [
        ...required.filter((name) => !Object.hasOwn(value, name)).map((name) => `${at}.${name} is missing`),
        ...Object.entries(value).flatMap(([name, member]) => {
            if (Object.hasOwn(known, name)) return problems(member, known[name]!, `${at}.${name}`);
            return additionalProperties === false ? [`${at}.${name} is no member of it`] : [];
        }),
    ];
}
