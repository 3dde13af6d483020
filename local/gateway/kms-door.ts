import { randomUUID } from "node:crypto";

import { type Answer, errorAnswer, jsonAnswer } from "./answer";
import type { ApiRequest } from "./api-request";
import { type Decisions, decisionOf } from "./decisions";
import type { Extension, Judgement, Question } from "./extension";
import type { Identities } from "./identities";
import type { Authorize, AuthorizeAnswer, Caller, Kms } from "./kms/types";
import type { Call } from "./operation";
import type { Refusal } from "./refusal";
import type { FinishedCall } from "./trail/record";

export interface KmsDoorDeps {
    readonly kms: Kms;
    readonly extension: Pick<Extension, "authorize">;
    readonly identities: Identities;
    readonly decisions: Decisions;
}

export interface Served {
    readonly answer: Answer;
    readonly finished: FinishedCall;
}

/**
 * One KMS call: keys and cryptography in the core, who may do what from MiniStack's evaluator, on the original request.
 *
 * @param call signed: anonymous requests do not get this far
 */
export async function serveKms(
    deps: KmsDoorDeps,
    request: ApiRequest,
    call: Call & { accessKeyId: string },
): Promise<Served> {
    const eventId = randomUUID();
    const asked: { caller?: Caller; failure?: Refusal } = {};
    const judge = async (question: Question): Promise<Judgement> => {
        const judged = await deps.extension.authorize(request, question);
        deps.decisions.note(request.id, decisionOf(question, judged));
        if (judged.authenticated && judged.caller) asked.caller = judged.caller;
        else asked.failure = judged.error ?? INVALID_TOKEN;
        return judged;
    };
    const identity = await deps.identities.of(request, call);
    const response =
        identity &&
        (await deps.kms.handle({
            operation: call.operation,
            input: parseInput(request.body),
            region: call.region,
            accountId: identity.accountId,
            authorize: authorizer(judge),
            requestId: request.id,
            eventId,
        }));
    // What was refused before any question (a malformed argument) still needs to know whether the signature is good.
    if (!asked.caller && !asked.failure) await judge({ action: `kms:${call.operation}`, resource: "*" });
    if (!response || asked.failure) {
        const error = asked.failure ?? INVALID_TOKEN;
        const nothing = { requestParameters: null, responseElements: null, readOnly: true, resources: [] };
        return {
            answer: errorAnswer(error, "json", "kms", request.id),
            finished: finished(request, call, undefined, { ...nothing, eventId, error }),
        };
    }
    const error = response.error && {
        code: response.trail.errorCode ?? response.error.code,
        message: response.error.message,
    };
    return {
        answer: jsonAnswer(response.status, response.body, response.headers),
        finished: finished(request, call, asked.caller, { ...response.trail, eventId, ...(error ? { error } : {}) }),
    };
}

const INVALID_TOKEN = {
    code: "UnrecognizedClientException",
    message: "The security token included in the request is invalid.",
};

/** Stands in for a caller that is not authenticated: the core must not proceed, and its answer is thrown away. */
const NOBODY: Caller = { type: "Unknown", arn: "", accountId: "", principalId: "", principalArn: "" };

function authorizer(judge: (question: Question) => Promise<Judgement>): Authorize {
    return async (ask): Promise<AuthorizeAnswer> => {
        const question = {
            action: ask.action,
            resource: ask.resource,
            ...(ask.keyPolicy === undefined ? {} : { resourcePolicy: ask.keyPolicy }),
            context: ask.context,
        };
        const judged = await judge(question);
        const { caller } = judged;
        if (!judged.authenticated || !caller) {
            return { allowed: false, decision: "implicitDeny", caller: NOBODY, error: judged.error ?? INVALID_TOKEN };
        }
        return {
            allowed: judged.allowed,
            decision: judged.decision,
            caller,
            ...(judged.statement ? { statement: judged.statement } : {}),
            ...(judged.allowed ? {} : { message: deniedMessage(question, judged, caller) }),
        };
    };
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html */
export function deniedMessage(question: Question, judged: Judgement, caller: Caller): string {
    const start = `User: ${caller.arn} is not authorized to perform: ${question.action}`;
    const on = question.resource === "*" ? start : `${start} on resource: ${question.resource}`;
    const kind = policyKind(judged.statement?.policy, question.resourcePolicy !== undefined);
    return judged.decision === "explicitDeny"
        ? `${on} with an explicit deny in ${/^[aeiou]/.test(kind) ? "an" : "a"} ${kind}`
        : `${on} because no ${kind} allows the ${question.action} action`;
}

/** `policy` is the extension's name for where the statement stands. */
function policyKind(policy: string | undefined, hasKeyPolicy: boolean): string {
    if (/^(identity|managed)/.test(policy ?? "")) return "identity-based policy";
    if (/^session/.test(policy ?? "")) return "session policy";
    if (/^permissions/.test(policy ?? "")) return "permissions boundary";
    return hasKeyPolicy ? "resource-based policy" : "identity-based policy";
}

function parseInput(body: Buffer): unknown {
    try {
        return body.length === 0 ? {} : JSON.parse(body.toString("utf8"));
    } catch {
        return undefined;
    }
}

type Rest = Pick<
    FinishedCall,
    "requestParameters" | "responseElements" | "readOnly" | "resources" | "eventId" | "error"
>;

function finished(request: ApiRequest, call: Call, caller: Caller | undefined, rest: Rest): FinishedCall {
    return {
        service: "kms",
        eventName: call.operation,
        region: call.region,
        caller,
        accessKeyId: call.accessKeyId,
        anonymous: false,
        userAgent: request.headers["user-agent"] ?? "",
        requestId: request.id,
        managementEvent: true,
        at: new Date(),
        ...rest,
    };
}
