import { timingSafeEqual } from "node:crypto";

import { isCodedError } from "../../lib/errors";
import type { ApiRequest } from "./api-request";
import { type Answer, jsonAnswer } from "./answer";
import type { Decisions } from "./decisions";
import type { Distributions } from "./distributions";
import type { Extension } from "./extension";
import type { Faults } from "./faults";
import type { TrailStore } from "./trail/store";

export const CONTROL_PREFIX = "/_countersign/";
export const CONTROL_HEADER = "x-countersign-control";

export interface ControlDeps {
    readonly decisions: Decisions;
    readonly distributions: Distributions;
    readonly extension: Pick<Extension, "health">;
    readonly faults: Faults;
    readonly store: TrailStore;
    /** Resolves when the events of all recorded calls were handed to EventBridge. */
    readonly settled: () => Promise<void>;
}

/** Equal in constant time: whoever holds the token sees and breaks everything here. */
export function hasToken(request: ApiRequest, token: string): boolean {
    const given = Buffer.from(request.headers[CONTROL_HEADER] ?? "");
    const wanted = Buffer.from(token);
    return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** The run's own window: what was decided, what was recorded, which calls are to fail. Token already checked. */
export async function serveControl(deps: ControlDeps, request: ApiRequest): Promise<Answer> {
    const path = request.path.slice(CONTROL_PREFIX.length);
    const route = `${request.method} ${path.split("/")[0]}`;
    switch (route) {
        case "GET health":
            return jsonAnswer(200, { ok: true, ministack: (await deps.extension.health()) ?? null });
        case "GET decision": {
            const decision = deps.decisions.find(path.slice("decision/".length));
            return decision ? jsonAnswer(200, decision) : jsonAnswer(404, { message: "no such request" });
        }
        case "GET trail": {
            await deps.settled();
            const after = Number(request.query.get("after") ?? "0");
            const limit = Number(request.query.get("limit") ?? "10000");
            if (![after, limit].every((n) => Number.isSafeInteger(n) && n >= 0))
                return jsonAnswer(400, { message: "after and limit are whole numbers" });
            return jsonAnswer(200, deps.store.page(after, limit));
        }
        case "POST faults":
            return addFault(deps.faults, request);
        case "DELETE faults":
            return jsonAnswer(200, { failed: deps.faults.clear() });
        case "GET distributions":
            return jsonAnswer(200, deps.distributions.list());
        default:
            return jsonAnswer(404, { message: `${route} is not part of the control API` });
    }
}

function addFault(faults: Faults, request: ApiRequest): Answer {
    try {
        return jsonAnswer(200, { id: faults.add(JSON.parse(request.body.toString("utf8"))) });
    } catch (error) {
        const message = isCodedError(error) || error instanceof SyntaxError ? error.message : String(error);
        return jsonAnswer(400, { message });
    }
}
