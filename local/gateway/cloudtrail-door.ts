import { type Answer, errorAnswer, jsonAnswer } from "./answer";
import type { ApiRequest } from "./api-request";
import { decisionOf } from "./decisions";
import type { Gateway } from "./gateway";
import { parseJsonObject } from "./json-body";
import type { Call } from "./operation";
import { type Refusal, isRefusal, refusal } from "./refusal";
import { isReadOnly } from "./trail/event-kind";
import { type LookupInput, lookupEvents } from "./trail/lookup";
import { isTrailOperation, trailOperation, trailResource } from "./trail/trail-api";

/** CloudTrail lives here, where the records are; who may use it, MiniStack's evaluator says. */
export async function serveCloudTrail(gateway: Gateway, call: Call, request: ApiRequest): Promise<Answer> {
    const input = parseJsonObject(request.body);
    if (!isTrailOperation(call.operation) && call.operation !== "LookupEvents") {
        return errorAnswer(
            refusal("UnknownOperationException", `CloudTrail has no operation ${call.operation} here`),
            "json",
            call.service,
            request.id,
        );
    }
    const identity = await gateway.identities.of(request, { ...call, accessKeyId: call.accessKeyId ?? "" });
    const place = { accountId: identity?.accountId ?? "", region: call.region };
    const question = {
        action: `cloudtrail:${call.operation}`,
        resource: trailResource("aws", place, call.operation, input),
    };
    const judged = await gateway.extension.authorize(request, question);
    gateway.decisions.note(request.id, decisionOf(question, judged));
    const caller = judged.authenticated ? judged.caller : undefined;
    const result = !caller
        ? (judged.error ??
          refusal("UnrecognizedClientException", "The security token included in the request is invalid."))
        : judged.allowed
          ? perform(gateway, call, { ...place, accountId: caller.accountId }, input)
          : refusal("AccessDeniedException", denied(caller.arn, question, judged.decision));
    const error = isRefusal(result)
        ? { code: result.code.replace(/^AccessDeniedException$/, "AccessDenied"), message: result.message }
        : undefined;
    gateway.record({
        call,
        request,
        ...(caller ? { caller } : {}),
        ...(error ? { error } : {}),
        ...(isRefusal(result) || isReadOnly(call.operation) ? {} : { response: result }),
    });
    return isRefusal(result) ? errorAnswer(result, "json", call.service, request.id) : jsonAnswer(200, result);
}

function perform(
    gateway: Gateway,
    call: Call,
    place: { accountId: string; region: string },
    input: Readonly<Record<string, unknown>>,
): object | Refusal {
    if (call.operation === "LookupEvents")
        return lookupEvents(gateway.store, place.accountId, place.region, input as LookupInput);
    return trailOperation(gateway.trails, { ...place, now: Math.floor(Date.now() / 1000) }, call.operation, input);
}

function denied(arn: string, { action, resource }: { action: string; resource: string }, decision: string): string {
    const why =
        decision === "explicitDeny"
            ? "with an explicit deny in an identity-based policy"
            : `because no identity-based policy allows the ${action} action`;
    return `User: ${arn} is not authorized to perform: ${action} on resource: ${resource} ${why}`;
}
