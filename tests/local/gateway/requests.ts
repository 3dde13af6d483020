import type { ApiRequest } from "../../../local/gateway/api-request";

/** A request as the front door reads it. */
export function apiRequest(part: {
    method?: string;
    target?: string;
    headers?: Record<string, string>;
    body?: string | Buffer;
}): ApiRequest {
    const target = part.target ?? "/";
    const [path = "", query = ""] = target.split("?");
    const headers = Object.fromEntries(
        Object.entries(part.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
    );
    return {
        id: "id",
        method: part.method ?? "POST",
        target,
        path,
        query: new URLSearchParams(query),
        headers,
        rawHeaders: Object.entries(headers).flat(),
        body: Buffer.from(part.body ?? ""),
        receivedAt: new Date(0),
    };
}

export function authorization(service: string, more: { key?: string; signed?: string; date?: string } = {}): string {
    const { key = "AKIAEXAMPLE", signed = "host;x-amz-date", date = "20261124" } = more;
    return `AWS4-HMAC-SHA256 Credential=${key}/${date}/eu-west-1/${service}/aws4_request, SignedHeaders=${signed}, Signature=00ff`;
}
