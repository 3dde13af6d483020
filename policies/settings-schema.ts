import type { PolicyConfigJSONSchema } from "@pulumi/policy/schema";

/** Pieces of the settings' JSON schema. Nothing is optional inside an entry: what is left out was not reviewed. */

export const text: PolicyConfigJSONSchema = { type: "string", minLength: 1 };
export const strings: PolicyConfigJSONSchema = { type: "array", items: text };
/** Checked by the code that reads it. */
export const record: PolicyConfigJSONSchema = { type: "object" };

export function list(items: PolicyConfigJSONSchema): PolicyConfigJSONSchema {
    return { type: "array", items };
}

export function exact(properties: Record<string, PolicyConfigJSONSchema>): PolicyConfigJSONSchema {
    return { type: "object", properties, required: Object.keys(properties), additionalProperties: false };
}
