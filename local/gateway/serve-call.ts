import type { IncomingMessage } from "node:http";

import { type Answer, errorAnswer, jsonAnswer, requestIdHeaders } from "./answer";
import type { ApiRequest } from "./api-request";
import { decisionOf } from "./decisions";
import type { Gateway } from "./gateway";
import { serveKms } from "./kms-door";
import { observe } from "./observe";
import type { Call } from "./operation";
import { serveProxied } from "./proxy-door";
import { refusal } from "./refusal";
import { type LookupInput, lookupEvents } from "./trail/lookup";

/** A call's answer, not sent yet; its record is written. */
export interface ServedCall {
    readonly status: number;
    readonly headers: string[];
    readonly body: Buffer | IncomingMessage;
    readonly requestId: string;
}

/** Does the call and records it. What the caller is told may still be something else: a fault. */
export async function serveCall(gateway: Gateway, call: Call, request: ApiRequest): Promise<ServedCall> {
    const { accessKeyId } = call;
    if (call.service === "kms" && accessKeyId !== undefined) {
        const { answer, finished } = await serveKms(gateway, request, { ...call, accessKeyId });
        gateway.append(finished);
        return own(answer, request.id);
    }
    if (call.service === "cloudtrail" && call.operation === "LookupEvents")
        return own(await serveLookup(gateway, call, request), request.id);
    const proxied = await serveProxied(gateway.upstream, gateway.secretHeaders, request, call);
    if (proxied.reported) gateway.decisions.note(proxied.requestId, proxied.reported);
    gateway.identities.learn(proxied.finished.caller);
    gateway.append(proxied.finished);
    if (!proxied.finished.error) await observe(gateway, call, request, proxied);
    return proxied;
}

function own(answer: Answer, requestId: string): ServedCall {
    const body = Buffer.from(answer.body);
    const headers = Object.entries({
        ...answer.headers,
        ...requestIdHeaders(requestId),
        "content-length": String(body.length),
    });
    return { status: answer.status, headers: headers.flat(), body, requestId };
}

/** The records live here, so their search does too. */
async function serveLookup(gateway: Gateway, call: Call, request: ApiRequest): Promise<Answer> {
    const question = { action: "cloudtrail:LookupEvents", resource: "*" };
    const judged = await gateway.extension.authorize(request, question);
    gateway.decisions.note(request.id, decisionOf(question, judged));
    const caller = judged.authenticated ? judged.caller : undefined;
    const denied = `User: ${caller?.arn} is not authorized to perform: ${question.action} because no identity-based policy allows the ${question.action} action`;
    const result = !caller
        ? (judged.error ??
          refusal("UnrecognizedClientException", "The security token included in the request is invalid."))
        : judged.allowed
          ? lookupEvents(gateway.store, caller.accountId, call.region, parsed(request.body) as LookupInput)
          : refusal("AccessDeniedException", denied);
    const error = "code" in result ? { code: result.code, message: result.message } : undefined;
    gateway.record({ call, request, ...(caller ? { caller } : {}), ...(error ? { error } : {}) });
    return error ? errorAnswer(error, "json", "cloudtrail", request.id) : jsonAnswer(200, result);
}

export function parsed(body: Buffer): unknown {
    try {
        const value: unknown = JSON.parse(body.toString("utf8"));
        return typeof value === "object" && value !== null ? value : {};
    } catch {
        return {};
    }
}
