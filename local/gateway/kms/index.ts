import { randomUUID } from "node:crypto";
import type { Call, Operation } from "./call";
import { createKeyPool, type KeyPool } from "./crypto/pool";
import { isKmsError, kmsError, type KmsError } from "./errors";
import { OPERATIONS } from "./operations";
import { createStore, removeExpired, type Store } from "./store";
import type { Kms, KmsDeps, KmsRequest, KmsResponse } from "./types";

export type * from "./types";

/** A KMS in this process: keys live in its memory, and end with it. */
export function createKms(deps: KmsDeps = {}): Kms {
    const store = createStore();
    const pool = createKeyPool(deps.pool ?? {});
    return { handle: (request) => serve(request, deps, store, pool) };
}

async function serve(request: KmsRequest, deps: KmsDeps, store: Store, pool: KeyPool): Promise<KmsResponse> {
    const call = callOf(request, deps, store, pool);
    const operation = OPERATIONS.get(request.operation);
    if (!operation) {
        const error = kmsError(
            "UnknownOperationException",
            `KMS has no operation ${JSON.stringify(request.operation)}.`,
        );
        return refusal(error, call, undefined);
    }
    removeExpired(store, call.now);
    try {
        const body = await operation.run(call);
        return { status: 200, body, trail: { ...call.trail, readOnly: operation.readOnly } };
    } catch (error) {
        if (isKmsError(error)) return refusal(error, call, operation);
        // A defect of ours must not look like a refusal by policy; what it says is ours, the caller learns the name.
        const message = `internal error in ${request.operation}: ${error instanceof Error ? error.message : String(error)}`;
        return refusal(kmsError("KMSInternalException", message), call, operation);
    }
}

function callOf(request: KmsRequest, deps: KmsDeps, store: Store, pool: KeyPool): Call {
    return {
        request,
        place: { partition: deps.partition ?? "aws", region: request.region, accountId: request.accountId },
        store,
        pool,
        deps,
        now: deps.now?.() ?? new Date(),
        requestId: request.requestId ?? randomUUID(),
        eventId: request.eventId ?? randomUUID(),
        trail: { requestParameters: null, responseElements: null, resources: [] },
    };
}

function refusal(error: KmsError, call: Call, operation: Operation | undefined): KmsResponse {
    const { code, message, status } = error;
    const denied = code === "AccessDeniedException";
    return {
        status,
        body: { __type: code, message },
        headers: { "x-amzn-errortype": code },
        error: { code, message },
        trail: {
            // As CloudTrail: a denied caller's parameters are not recorded.
            requestParameters: denied ? null : call.trail.requestParameters,
            responseElements: null,
            readOnly: operation?.readOnly ?? false,
            resources: call.trail.resources,
            errorCode: denied ? "AccessDenied" : code,
        },
    };
}
