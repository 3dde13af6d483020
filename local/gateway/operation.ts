import { quote } from "../../lib/encoding";
import type { ApiRequest } from "./api-request";
import { type Refusal, isRefusal, refusal } from "./refusal";
import { restOperation } from "./rest-operations";
import { s3Operation } from "./s3-operations";
import { type Protocol, type Service, findService, serviceNames } from "./services";
import type { Signature } from "./sigv4";

/** What a request asks for: decided once, here, so that no later step can read the same bytes differently. */
export interface Call {
    readonly service: string;
    readonly operation: string;
    readonly protocol: Protocol;
    readonly region: string;
    /** Undefined for anonymous calls. */
    readonly accessKeyId: string | undefined;
}

/**
 * Names service, protocol and operation.
 *
 * Strict where AWS is lax, because MiniStack routes by X-Amz-Target before the SigV4 scope, authorizes by an `Action`
 * query parameter before the path, and passes what it cannot name without asking its evaluator: a request that has
 * two spellings would be judged as one call and served as another.
 */
export function readCall(request: ApiRequest, signature: Signature | undefined, region: string): Call | Refusal {
    const protocol = protocolOf(request);
    const service = signature ? findService(signature.service) : anonymousService(request);
    if (!service) {
        const seen = quote(signature?.service ?? request.headers["x-amz-target"]);
        return refusal(
            "UnknownService",
            `service ${seen} is not in the local cloud, expected one of ${serviceNames().join(", ")}`,
            400,
        );
    }
    const spelled = service.protocols.find(
        (p) => p === protocol || (protocol === "rest" && p !== "json" && p !== "query"),
    );
    if (!spelled) return refusal("InvalidRequest", `${service.name} does not speak the ${protocol} protocol`, 400);
    const operation = operationOf(request, service, spelled);
    if (isRefusal(operation)) return operation;
    return {
        service: service.name,
        operation,
        protocol: spelled,
        region: signature?.region ?? region,
        accessKeyId: signature?.accessKeyId,
    };
}

/** How errors must be spelled even where the request was refused before its service was known. */
export function protocolOf(request: ApiRequest): "json" | "query" | "rest" {
    if (request.headers["x-amz-target"] !== undefined) return "json";
    if (isForm(request) || request.query.has("Action")) return "query";
    return "rest";
}

function isForm(request: ApiRequest): boolean {
    return (request.headers["content-type"] ?? "").toLowerCase().startsWith("application/x-www-form-urlencoded");
}

function anonymousService(request: ApiRequest): Service | undefined {
    const target = request.headers["x-amz-target"];
    if (target === undefined) return protocolOf(request) === "rest" ? findService("s3") : findService("sts");
    const prefix = target.slice(0, target.lastIndexOf("."));
    return serviceNames()
        .map((name) => findService(name))
        .find((service) => service?.targets?.includes(prefix));
}

function operationOf(request: ApiRequest, service: Service, protocol: Protocol): string | Refusal {
    switch (protocol) {
        case "json":
            return targetOperation(request, service);
        case "query":
            return queryOperation(request);
        case "s3":
            return (
                s3Operation(request.method, request.path, request.query, request.headers) ?? unknown(request, service)
            );
        case "rest-json":
        case "rest-xml":
            return (
                restOperation(service.name, request.method, request.path, request.query) ?? unknown(request, service)
            );
    }
}

function targetOperation(request: ApiRequest, service: Service): string | Refusal {
    const target = request.headers["x-amz-target"] ?? "";
    const dot = target.lastIndexOf(".");
    const operation = target.slice(dot + 1);
    if (!service.targets?.includes(target.slice(0, Math.max(dot, 0))) || !/^[A-Za-z][A-Za-z0-9]*$/.test(operation)) {
        return refusal(
            "UnknownOperationException",
            `X-Amz-Target ${quote(target)} is not an operation of ${service.name}`,
            400,
        );
    }
    if (request.method !== "POST" || request.path !== "/" || request.query.has("Action") || isForm(request)) {
        return refusal("InvalidRequest", `${target} is called by POST to / with a JSON body`, 400);
    }
    return operation;
}

function queryOperation(request: ApiRequest): string | Refusal {
    const inBody = isForm(request) ? new URLSearchParams(request.body.toString("utf8")).getAll("Action") : [];
    const actions = [...request.query.getAll("Action"), ...inBody];
    const action = actions[0] ?? "";
    if (actions.length !== 1 || !/^[A-Za-z][A-Za-z0-9]*$/.test(action)) {
        return refusal("InvalidAction", `expected one Action parameter, saw ${quote(actions)}`, 400);
    }
    // Parameters in both places: MiniStack lets the query string win, AWS the body.
    if (inBody.length === 1 && [...request.query.keys()].some((name) => !/^x-amz-/i.test(name))) {
        return refusal("InvalidRequest", "parameters stand in the body or in the query string, not in both", 400);
    }
    return action;
}

function unknown(request: ApiRequest, service: Service): Refusal {
    const seen = quote(`${request.method} ${request.target}`);
    return refusal(
        "UnknownOperationException",
        `${seen} is not an operation of ${service.name} that the local cloud knows`,
        404,
    );
}
