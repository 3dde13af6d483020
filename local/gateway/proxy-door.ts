import type { IncomingMessage } from "node:http";

import type { ApiRequest } from "./api-request";
import { type ReportedDecision, readReported } from "./decisions";
import { endToEnd } from "./hops";
import { s3Names } from "./s3-operations";
import type { Call } from "./operation";
import { eventName, isDataEvent, isReadOnly } from "./trail/event-kind";
import { requestParameters, responseElements } from "./trail/parameters";
import type { FinishedCall, RecordResource } from "./trail/record";
import type { Upstream } from "./upstream";

/** An answer of MiniStack's: read to the end unless it is the content of something, which is streamed. */
export interface Proxied {
    readonly status: number;
    readonly headers: string[];
    readonly body: Buffer | IncomingMessage;
    readonly requestId: string;
    readonly reported: ReportedDecision | undefined;
    readonly finished: FinishedCall;
}

const OURS = /^x-countersign-/i;

const NOT_AUTHENTICATED =
    /^(SignatureDoesNotMatch|InvalidSignatureException|InvalidAccessKeyId|InvalidClientTokenId|UnrecognizedClientException|ExpiredToken|InvalidToken|RequestTimeTooSkewed|IncompleteSignature|MissingAuthenticationToken|AuthorizationQueryParametersError)/;

/** @throws if MiniStack cannot be reached or breaks off */
export async function serveProxied(
    upstream: Upstream,
    secretHeaders: Readonly<Record<string, string>>,
    request: ApiRequest,
    call: Call,
): Promise<Proxied> {
    const incoming = await upstream.forward(request, secretHeaders);
    const status = incoming.statusCode ?? 502;
    const reported = readReported(incoming.headers["x-countersign-decision"]);
    const requestId =
        reported?.requestId ??
        String(incoming.headers["x-amzn-requestid"] ?? incoming.headers["x-amz-request-id"] ?? request.id);
    const dataEvent = isDataEvent(call.service, call.operation);
    const body = dataEvent && status < 300 ? incoming : await collect(incoming);
    const readOnly = isReadOnly(call.operation);
    const error = status >= 300 && status !== 304 ? readError(call, status, incoming, body as Buffer) : undefined;
    return {
        status,
        headers: named(incoming.rawHeaders, requestId),
        body,
        requestId,
        reported,
        finished: {
            service: call.service,
            eventName: eventName(call.service, call.operation),
            region: call.region,
            // S3 checks presigned queries after the policies: until then the caller is only claimed.
            caller: error && NOT_AUTHENTICATED.test(error.code) ? undefined : reported?.caller,
            accessKeyId: call.accessKeyId,
            anonymous: call.accessKeyId === undefined,
            userAgent: request.headers["user-agent"] ?? "",
            requestId,
            ...(error ? { error } : {}),
            requestParameters: requestParameters(call, request),
            responseElements:
                error || dataEvent || !Buffer.isBuffer(body) ? null : responseElements(call, readOnly, body),
            readOnly,
            managementEvent: !dataEvent,
            resources: resourcesOf(call, request, reported),
            at: new Date(),
        },
    };
}

/** One request id under both names, whatever MiniStack put there. */
function named(raw: readonly string[], requestId: string): string[] {
    const kept = endToEnd(raw);
    const out: string[] = ["x-amzn-requestid", requestId, "x-amz-request-id", requestId];
    for (let i = 0; i + 1 < kept.length; i += 2) {
        if (!OURS.test(kept[i]!) && !/^x-amzn?-request-?id$/i.test(kept[i]!)) out.push(kept[i]!, kept[i + 1]!);
    }
    return out;
}

async function collect(incoming: IncomingMessage): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}

/** CloudTrail says AccessDenied for what the JSON protocols call AccessDeniedException. */
function readError(
    call: Call,
    status: number,
    incoming: IncomingMessage,
    body: Buffer,
): { code: string; message: string } {
    const text = body.toString("utf8");
    let code: string | undefined;
    let message = "";
    if (call.protocol === "json" || call.protocol === "rest-json") {
        try {
            const parsed = JSON.parse(text) as Record<string, unknown>;
            code = String(parsed["__type"] ?? parsed["code"] ?? "") || undefined;
            message = String(parsed["message"] ?? parsed["Message"] ?? parsed["errorMessage"] ?? "");
        } catch {
            // No body to read: the header may name it.
        }
        code ??= incoming.headers["x-amzn-errortype"]?.toString();
    } else {
        code = /<Code>([^<]+)<\/Code>/.exec(text)?.[1];
        message = /<Message>([^<]*)<\/Message>/.exec(text)?.[1] ?? "";
    }
    const bare =
        code?.split("#").pop()?.split(":")[0] ??
        (status === 403 ? "AccessDenied" : status === 404 ? "NotFound" : `Http${status}`);
    return { code: bare === "AccessDeniedException" ? "AccessDenied" : bare, message };
}

/** What the evaluator was asked about, where that is one resource. */
function resourcesOf(call: Call, request: ApiRequest, reported: ReportedDecision | undefined): RecordResource[] {
    if (call.service === "s3") {
        const { bucket, key } = s3Names(request.path);
        const accountId = reported?.caller?.accountId;
        return [
            ...(key ? [{ type: "AWS::S3::Object", ARN: `arn:aws:s3:::${bucket}/${key}` }] : []),
            ...(bucket
                ? [{ ...(accountId ? { accountId } : {}), type: "AWS::S3::Bucket", ARN: `arn:aws:s3:::${bucket}` }]
                : []),
        ];
    }
    const arn = reported?.resource ?? "*";
    const account = arn.split(":")[4] ?? "";
    const type = TYPES[call.service];
    return type && /^\d{12}$/.test(account) ? [{ accountId: account, type, ARN: arn }] : [];
}

const TYPES: Readonly<Record<string, string>> = {
    dynamodb: "AWS::DynamoDB::Table",
    lambda: "AWS::Lambda::Function",
    sns: "AWS::SNS::Topic",
    sqs: "AWS::SQS::Queue",
    states: "AWS::StepFunctions::StateMachine",
    sts: "AWS::IAM::Role",
};
