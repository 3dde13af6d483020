import type { ApiRequest } from "./api-request";
import type { Gateway } from "./gateway";
import type { Call } from "./operation";
import type { Proxied } from "./proxy-door";

/** Follows the successful calls whose effects the gateway must know of: principals, distributions. */
export async function observe(gateway: Gateway, call: Call, request: ApiRequest, proxied: Proxied): Promise<void> {
    const accountId = proxied.finished.caller?.accountId;
    if (accountId === undefined || !Buffer.isBuffer(proxied.body)) return;
    const answer = (): string => proxied.body.toString("utf8");
    switch (call.service) {
        case "iam":
            return gateway.principals.observe(accountId, call.operation, formOf(request), answer());
        case "cloudfront":
            return gateway.distributions.observe(call.operation, request.path.split("/")[3], answer());
    }
}

function formOf(request: ApiRequest): URLSearchParams {
    return request.method === "POST" ? new URLSearchParams(request.body.toString("utf8")) : request.query;
}
