import type { ServerResponse } from "node:http";

import type { Refusal } from "./refusal";
import { type Protocol, findService } from "./services";

/** A whole answer of the gateway's own. */
export interface Answer {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string | Buffer;
}

export function send(res: ServerResponse, answer: Answer, requestId: string): void {
    const body = Buffer.from(answer.body);
    res.writeHead(answer.status, {
        ...answer.headers,
        ...requestIdHeaders(requestId),
        "content-length": String(body.length),
    });
    res.end(body);
}

/** Every answer has an id, refusals too: it is what joins a client's error with the trail. */
export function requestIdHeaders(requestId: string): Record<string, string> {
    return { "x-amzn-requestid": requestId, "x-amz-request-id": requestId };
}

export function jsonAnswer(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
    return {
        status,
        headers: { "content-type": "application/x-amz-json-1.1", ...headers },
        body: body === undefined ? "" : JSON.stringify(body),
    };
}

/** Names that only the JSON protocols use. https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html */
const JSON_NAMES: Readonly<Record<string, string>> = {
    AccessDenied: "AccessDeniedException",
    IncompleteSignature: "IncompleteSignatureException",
    InternalFailure: "InternalServerError",
    InvalidClientTokenId: "UnrecognizedClientException",
    MissingAuthenticationToken: "MissingAuthenticationTokenException",
    SignatureDoesNotMatch: "InvalidSignatureException",
};

/** An error as the SDK of that service expects it. */
export function errorAnswer(error: Refusal, protocol: Protocol, service: string, requestId: string): Answer {
    const { message } = error;
    if (protocol === "json" || protocol === "rest-json") {
        const code = JSON_NAMES[error.code] ?? error.code;
        const status = error.status ?? (protocol === "json" ? 400 : 403);
        return jsonAnswer(status, { __type: code, message }, { "x-amzn-errortype": code });
    }
    const headers = { "content-type": "text/xml" };
    const status = error.status ?? 403;
    if (protocol === "s3") {
        const code = error.code === "MissingAuthenticationToken" ? "AccessDenied" : error.code;
        const xml = `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${elements({ Code: code, Message: message, RequestId: requestId })}</Error>`;
        return { status, headers: { "content-type": "application/xml" }, body: xml };
    }
    const namespace = findService(service)?.namespace ?? "http://webservices.amazon.com/doc/2010-05-08/";
    const inner = elements({ Type: status >= 500 ? "Receiver" : "Sender", Code: error.code, Message: message });
    return {
        status,
        headers,
        body: `<ErrorResponse xmlns="${namespace}"><Error>${inner}</Error>${elements({ RequestId: requestId })}</ErrorResponse>`,
    };
}

function elements(values: Readonly<Record<string, string>>): string {
    return Object.entries(values)
        .map(([name, value]) => `<${name}>${escapeXml(value)}</${name}>`)
        .join("");
}

function escapeXml(text: string): string {
    return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}
