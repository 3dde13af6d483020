import type { PolicyConfigJSONSchema } from "@pulumi/policy/schema";
import { nearest } from "./nearest";
import { SETTINGS_SCHEMA, type Settings } from "./settings";
import { issuerProblems, subjectProblems } from "./subject-check";

/**
 * Members of this name say something to people: the settings and their entries may hold them, and nothing reads them. They never reach the
 * engine, which would refuse them.
 */
const COMMENT = "//";

/**
 * What is wrong with settings, as sentences; empty if they follow the schema. The engine checks the configuration that it is given, and
 * this is for files that people write.
 */
export function settingsProblems(value: unknown): string[] {
    if (!isObject(value)) return ["settings are no JSON object"];
    const found = Object.entries(value).flatMap(([key, member]) => {
        if (isComment(key)) return [];
        if (!Object.hasOwn(SETTINGS_SCHEMA, key)) return [`${quoted(key)} is no setting, ${nearest(key, NAMES)}`];
        const wrong = problems(member, SETTINGS_SCHEMA[key as keyof Settings], key);
        return wrong.length > 0 || key !== "subjects" ? wrong : (member as unknown[]).flatMap(subjectProblems);
    });
    const { subjects = [], oidcProviders = [] } = value as Partial<Settings>;
    return found.length > 0 ? found : issuerProblems(subjects, oidcProviders);
}

const NAMES = Object.keys(SETTINGS_SCHEMA);

/** Without comments, which only people read. What is no settings stays as it is. */
export function withoutComments(value: unknown): unknown {
    return isObject(value)
        ? members(value, (key, member) => bare(member, SETTINGS_SCHEMA[key as keyof Settings]))
        : value;
}

/** The schema says where comments are comments: in a document or an environment every member is what it says. */
function bare(value: unknown, schema: PolicyConfigJSONSchema | undefined): unknown {
    if (Array.isArray(value)) return value.map((one) => bare(one, schema?.items as PolicyConfigJSONSchema | undefined));
    if (!isObject(value) || schema?.additionalProperties !== false) return value;
    const known = (schema.properties ?? {}) as Record<string, PolicyConfigJSONSchema>;
    return members(value, (key, member) => bare(member, known[key]));
}

function members(value: object, of: (key: string, member: unknown) => unknown): object {
    const kept = Object.entries(value).filter(([key]) => !isComment(key));
    return Object.fromEntries(kept.map(([key, member]) => [key, of(key, member)]));
}

export function isComment(key: string): boolean {
    return key.startsWith(COMMENT);
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
    if (!isObject(value)) return [`${at} is no object`];
    const { properties = {}, required = [], additionalProperties } = schema;
    const known = properties as Record<string, PolicyConfigJSONSchema>;
    return [
        ...required.filter((name) => !Object.hasOwn(value, name)).map((name) => `${at}.${name} is missing`),
        ...Object.entries(value).flatMap(([name, member]) => {
            if (Object.hasOwn(known, name)) return problems(member, known[name]!, `${at}.${name}`);
            if (typeof additionalProperties === "object")
                return problems(member, additionalProperties, `${at}.${quoted(name)}`);
            return additionalProperties === false && !isComment(name)
                ? [`${at}.${quoted(name)} is no member of it, ${nearest(name, Object.keys(known))}`]
                : [];
        }),
    ];
}

function isObject(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Names come from a file: one line, without control characters. */
function quoted(name: string): string {
    return /^[\w$.:/-]{1,64}$/.test(name) ? name : `a member of ${name.length} characters`;
}
