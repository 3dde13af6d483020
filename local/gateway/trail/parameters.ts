import type { ApiRequest } from "../api-request";
import type { Call } from "../operation";
import { s3Names } from "../s3-operations";
import { isDataEvent } from "./event-kind";

/** Members that CloudTrail leaves out or blanks: code, environment, secrets, payloads. */
const HIDDEN =
    /^(zipfile|environment|secretstring|secretbinary|password|payload|messagebody|secretaccesskey|sessiontoken)$/i;
/** SecureString parameters and object contents must not reach the trail by way of a long member. */
const MAX_TEXT = 32_768;

/** `requestParameters` of a call that MiniStack served: what the caller sent, with the members' first letter in lower case. */
export function requestParameters(call: Call, request: ApiRequest): unknown {
    switch (call.protocol) {
        case "json":
        case "rest-json":
            if (isDataEvent(call.service, call.operation)) return dataParameters(call, request);
            return { ...pathParameters(call, request), ...asObject(camelCase(parsed(request.body))) };
        case "query":
            return formParameters(request);
        case "s3": {
            const { bucket, key } = s3Names(request.path);
            return {
                ...(bucket ? { bucketName: bucket } : {}),
                ...(key ? { key } : {}),
                ...queryParameters(request.query),
            };
        }
        case "rest-xml":
            return { ...pathParameters(call, request) };
    }
}

/** `responseElements`: only of calls that change something, and only where the answer is JSON or an STS session. */
export function responseElements(call: Call, readOnly: boolean, body: Buffer): unknown {
    if (call.operation.startsWith("AssumeRole")) return sessionElements(body.toString("utf8"));
    if (readOnly || (call.protocol !== "json" && call.protocol !== "rest-json")) return null;
    const value = asObject(camelCase(parsed(body)));
    return Object.keys(value).length === 0 ? null : value;
}

function sessionElements(xml: string): unknown {
    const text = (tag: string): string | undefined => new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(xml)?.[1];
    if (text("AccessKeyId") === undefined) return null;
    return {
        credentials: {
            accessKeyId: text("AccessKeyId"),
            expiration: text("Expiration"),
            sessionToken: "HIDDEN_DUE_TO_SECURITY_REASONS",
        },
        assumedRoleUser: { assumedRoleId: text("AssumedRoleId"), arn: text("Arn") },
    };
}

/** Of a data event what it was done to, never the data. */
function dataParameters(call: Call, request: ApiRequest): unknown {
    const input = asObject(parsed(request.body)) as Record<string, unknown>;
    const named = Object.fromEntries(
        Object.entries(input).filter(([name]) =>
            /^(TableName|IndexName|Key|QueueUrl|Namespace|LogGroupName|logGroupName|StreamArn)$/.test(name),
        ),
    );
    return { ...pathParameters(call, request), ...asObject(camelCase(named)) };
}

function pathParameters(call: Call, request: ApiRequest): Record<string, unknown> {
    const segments = request.path.split("/").map((part) => decodeURIComponent(part));
    if (call.service === "lambda") {
        const after = (word: string): string | undefined => segments[segments.indexOf(word) + 1] || undefined;
        if (segments.includes("functions") && after("functions")) return { functionName: after("functions") };
        if (segments.includes("event-source-mappings") && after("event-source-mappings"))
            return { uUID: after("event-source-mappings") };
        if (segments.includes("tags")) return { resource: after("tags") };
    }
    if (call.service === "cloudfront" && segments[3]) return { id: segments[3] };
    return {};
}

function formParameters(request: ApiRequest): Record<string, unknown> {
    const form = new URLSearchParams(request.method === "POST" ? request.body.toString("utf8") : request.query);
    const out: Record<string, unknown> = {};
    for (const [name, value] of form) {
        if (/^(Action|Version|X-Amz-.*)$/i.test(name)) continue;
        out[lowerFirst(name)] = HIDDEN.test(name) ? "HIDDEN_DUE_TO_SECURITY_REASONS" : shortened(value);
    }
    return out;
}

function queryParameters(query: URLSearchParams): Record<string, unknown> {
    return Object.fromEntries([...query].filter(([name]) => !/^x-(id$|amz-)/i.test(name)));
}

function parsed(body: Buffer): unknown {
    try {
        return JSON.parse(body.toString("utf8"));
    } catch {
        return undefined;
    }
}

/** Members with a small first letter, as CloudTrail writes them (`AWSAccountId` becomes `aWSAccountId`). */
export function camelCase(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(camelCase);
    if (typeof value === "string") return shortened(value);
    if (typeof value !== "object" || value === null) return value;
    const out: Record<string, unknown> = {};
    for (const [name, member] of Object.entries(value)) {
        if (!HIDDEN.test(name))
            Object.defineProperty(out, lowerFirst(name), { value: camelCase(member), enumerable: true });
    }
    return out;
}

function asObject(value: unknown): object {
    return typeof value === "object" && value !== null ? value : {};
}

function shortened(text: string): string {
    return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}...`;
}

function lowerFirst(name: string): string {
    return name.slice(0, 1).toLowerCase() + name.slice(1);
}
