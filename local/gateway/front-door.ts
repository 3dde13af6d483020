import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";

import { quote } from "../../lib/encoding";
import { type Answer, errorAnswer, jsonAnswer, requestIdHeaders, send } from "./answer";
import { type ApiRequest, readApiRequest } from "./api-request";
import { checkBody } from "./body-check";
import { CONTROL_HEADER, CONTROL_PREFIX, hasToken, serveControl } from "./control";
import type { Fault } from "./faults";
import type { Gateway } from "./gateway";
import { type Call, protocolOf, readCall } from "./operation";
import { type Refusal, isRefusal, refusal } from "./refusal";
import { serveCall } from "./serve-call";
import { readSignature } from "./sigv4";

/**
 * One request, from the first byte to the record: who claims to call what, is the body the signed one, is it to fail on
 * purpose, then KMS here or MiniStack. Never throws: what goes wrong inside is a 500 with a request id.
 */
export async function handleRequest(gateway: Gateway, req: IncomingMessage, res: ServerResponse): Promise<void> {
    const id = randomUUID();
    try {
        const request = await readApiRequest(req, id);
        if (!request)
            return send(res, jsonAnswer(413, { message: "the body is larger than the local cloud takes" }), id);
        if (request.path.startsWith("/_")) return send(res, await underscore(gateway, request), id);
        await handleCall(gateway, request, res);
    } catch (error) {
        if (req.errored) return; // the caller went away
        gateway.log(`${req.method} ${req.url}: ${error instanceof Error ? error.stack : String(error)}`);
        if (res.headersSent) res.destroy();
        else
            send(
                res,
                jsonAnswer(500, { __type: "InternalFailure", message: "the local cloud failed; its log says why" }),
                id,
            );
    }
}

/** MiniStack's own pages are nobody's business; ours need the token. */
async function underscore(gateway: Gateway, request: ApiRequest): Promise<Answer> {
    if (!request.path.startsWith(CONTROL_PREFIX)) return jsonAnswer(403, { message: "not served" });
    if (!hasToken(request, gateway.config.controlToken))
        return jsonAnswer(403, { message: `header ${CONTROL_HEADER} is missing or wrong` });
    return serveControl(gateway.control, request);
}

async function handleCall(gateway: Gateway, request: ApiRequest, res: ServerResponse): Promise<void> {
    const signature = readSignature(request);
    const call = isRefusal(signature) ? signature : readCall(request, signature, gateway.config.region);
    const refused = isRefusal(call)
        ? call
        : (checkHost(gateway, request) ??
          checkAnonymous(call, request) ??
          (isRefusal(signature) ? signature : checkBody(request, call, signature)));
    if (isRefusal(call)) return send(res, errorAnswer(call, spelling(request), "", request.id), request.id);
    if (refused) {
        gateway.record(refusedCall(call, request, refused));
        return send(res, errorAnswer(refused, call.protocol, call.service, request.id), request.id);
    }
    if (!gateway.ready) {
        return send(
            res,
            errorAnswer(
                refusal("ServiceUnavailable", "the local cloud is still starting", 503),
                call.protocol,
                call.service,
                request.id,
            ),
            request.id,
        );
    }
    const fault = gateway.faults.take(call, request);
    if (fault?.mode === "lost") return fail(res, fault, call, request.id);
    const served = await serveCall(gateway, call, request);
    if (fault) {
        if (!Buffer.isBuffer(served.body)) served.body.destroy();
        return fail(res, fault, call, served.requestId);
    }
    if (request.headers[CONTROL_HEADER] !== undefined && hasToken(request, gateway.config.controlToken)) {
        served.headers.push("x-countersign-decision", JSON.stringify(gateway.decisions.find(served.requestId) ?? null));
    }
    res.writeHead(served.status, served.headers);
    if (Buffer.isBuffer(served.body)) return void res.end(served.body);
    // Ends both sides, whichever breaks off.
    await pipeline(served.body, res).catch(() => undefined);
}

/** MiniStack routes by Host to function URLs, distributions and APIs, some of them without asking its evaluator. */
function checkHost(gateway: Gateway, request: ApiRequest): Refusal | undefined {
    const host = request.headers["host"];
    if (host === gateway.host) return undefined;
    return refusal("InvalidRequest", `Host ${quote(host)} is not served here, use http://${gateway.host}`, 400);
}

/** Nobody may list the buckets or make one, whatever a policy says; elsewhere than in S3 nobody may do anything. */
function checkAnonymous(call: Call, request: ApiRequest): Refusal | undefined {
    if (call.accessKeyId !== undefined) return undefined;
    const open = call.service === "s3" && call.operation !== "ListBuckets" && call.operation !== "CreateBucket";
    if (open && request.headers["x-amz-security-token"] === undefined) return undefined;
    return call.service === "s3"
        ? refusal("AccessDenied", "Access Denied", 403)
        : refusal("MissingAuthenticationToken", "Request is missing Authentication Token");
}

function spelling(request: ApiRequest): "json" | "query" | "s3" {
    const protocol = protocolOf(request);
    return protocol === "rest" ? "s3" : protocol;
}

/** What the network does: the caller cannot tell whether the call took place. */
function fail(res: ServerResponse, fault: Fault, call: Call, requestId: string): void {
    if (fault.answer === "reset") return void res.destroy();
    const error = refusal("InternalFailure", "The request processing has failed because of an unknown error.", 500);
    const answer = errorAnswer(error, call.protocol, call.service, requestId);
    res.writeHead(answer.status, { ...answer.headers, ...requestIdHeaders(requestId) });
    res.end(answer.body);
}

function refusedCall(call: Call, request: ApiRequest, error: Refusal): Parameters<Gateway["record"]>[0] {
    return { call, request, error: { code: error.code, message: error.message } };
}
