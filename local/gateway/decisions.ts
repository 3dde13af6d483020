import type { DecidingStatement, Judgement, Question } from "./extension";
import type { Caller } from "./kms/types";

/** Why a call was allowed or refused, for the story and the tests: AWS tells no caller this much. */
export interface Decision {
    readonly decision: Judgement["decision"];
    readonly action: string;
    readonly resource: string;
    /** Session or user ARN; `unknown` or `anonymous` if the request did not authenticate. */
    readonly principal: string;
    readonly statement?: DecidingStatement;
    readonly error?: { readonly code: string; readonly message: string };
}

/** The same, as MiniStack's extension reports it on every call that it served. */
export interface ReportedDecision extends Decision {
    readonly requestId: string;
    readonly caller?: Caller;
}

export interface Decisions {
    /** Of several about one call a refusal stands, else the first: the call's own action. */
    note(requestId: string, decision: Decision): void;
    find(requestId: string): Decision | undefined;
}

export function createDecisions(): Decisions {
    const all = new Map<string, Decision>();
    return {
        note: (requestId, decision) => {
            const { action, resource, principal, statement, error } = decision;
            const noted = all.get(requestId);
            if (noted && (noted.decision !== "allow" || decision.decision === "allow")) return;
            const kept = { decision: decision.decision, action, resource, principal };
            all.set(requestId, { ...kept, ...(statement ? { statement } : {}), ...(error ? { error } : {}) });
        },
        find: (requestId) => all.get(requestId),
    };
}

/** What the gateway asked itself, in the same words. */
export function decisionOf(question: Question, judged: Judgement): Decision {
    return {
        decision: judged.decision,
        action: question.action,
        resource: question.resource,
        principal: judged.authenticated ? (judged.caller?.arn ?? "unknown") : "unknown",
        ...(judged.statement ? { statement: judged.statement } : {}),
        ...(judged.error ? { error: judged.error } : {}),
    };
}

/** @returns undefined for a header that is absent or not the extension's */
export function readReported(header: string | string[] | undefined): ReportedDecision | undefined {
    if (typeof header !== "string") return undefined;
    try {
        return JSON.parse(header) as ReportedDecision;
    } catch {
        return undefined;
    }
}
