import { codedError } from "../lib/errors";
import type { Decision } from "./gateway/decisions";
import type { DistributionUrl } from "./gateway/distributions";
import type { FaultRule } from "./gateway/faults";
import type { TrailRecord } from "./gateway/trail/record";

export type { Decision, DistributionUrl, FaultRule, TrailRecord };

/** The run's own window into its cloud: what was decided, what was recorded, which calls are to fail. */
export interface ControlClient {
    health(): Promise<{ readonly ok: boolean; readonly ministack: unknown }>;
    /** Undefined where the call was refused before the evaluator, or if there was none of this id. */
    decision(requestId: string): Promise<Decision | undefined>;
    /** Every record from position `after` on, once the events of them all were handed to EventBridge. */
    trail(after?: number): Promise<{ readonly records: TrailRecord[]; readonly next: number }>;
    addFault(rule: FaultRule): Promise<number>;
    /** Takes all rules back. @returns how many calls failed by them */
    clearFaults(): Promise<number>;
    distributions(): Promise<DistributionUrl[]>;
}

/** @param token opens the control API; whoever has it can see and break everything in this cloud */
export function createControlClient(endpoint: string, token: string): ControlClient {
    const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
        const response = await fetch(`${endpoint}/_countersign/${path}`, {
            method,
            headers: { "x-countersign-control": token },
            ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        const text = await response.text();
        if (response.status === 404) return undefined;
        if (!response.ok)
            throw codedError("BadConfig", `${method} ${path} of the control API answered ${response.status}: ${text}`);
        return JSON.parse(text) as unknown;
    };
    return {
        health: async () => (await call("GET", "health")) as { ok: boolean; ministack: unknown },
        decision: async (requestId) =>
            (await call("GET", `decision/${encodeURIComponent(requestId)}`)) as Decision | undefined,
        trail: async (after = 0) =>
            (await call("GET", `trail?after=${after}`)) as { records: TrailRecord[]; next: number },
        addFault: async (rule) => ((await call("POST", "faults", rule)) as { id: number }).id,
        clearFaults: async () => ((await call("DELETE", "faults")) as { failed: number }).failed,
        distributions: async () => (await call("GET", "distributions")) as DistributionUrl[],
    };
}
