import type { IncomingMessage } from "node:http";

import { type Answer, errorAnswer, requestIdHeaders } from "./answer";
import type { ApiRequest } from "./api-request";
import { serveCloudTrail } from "./cloudtrail-door";
import { checkDocuments } from "./documents";
import type { Gateway } from "./gateway";
import { serveKms } from "./kms-door";
import { observe } from "./observe";
import type { Call } from "./operation";
import { serveProxied } from "./proxy-door";
import { checkSession } from "./session-limits";

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
    if (call.service === "cloudtrail") return own(await serveCloudTrail(gateway, call, request), request.id);
    const malformed = checkDocuments(call, request) ?? checkSession(call, request, gateway.principals);
    if (malformed) {
        const caller =
            accessKeyId === undefined ? undefined : await gateway.identities.of(request, { ...call, accessKeyId });
        gateway.record({ call, request, ...(caller ? { caller } : {}), error: malformed });
        return own(errorAnswer(malformed, call.protocol, call.service, request.id), request.id);
    }
    const proxied = await serveProxied(gateway.upstream, gateway.secretHeaders, request, call);
    if (proxied.reported) gateway.decisions.note(proxied.requestId, proxied.reported);
    gateway.identities.learn(proxied.finished.caller);
    gateway.append(proxied.finished);
    if (!proxied.finished.error) await observe(gateway, call, request, proxied);
    return proxied;
}

function own(answer: Answer, requestId: string): ServedCall {
    const body = Buffer.from(answer.body);
    const headers = { ...answer.headers, ...requestIdHeaders(requestId), "content-length": String(body.length) };
    return { status: answer.status, headers: Object.entries(headers).flat(), body, requestId };
}
