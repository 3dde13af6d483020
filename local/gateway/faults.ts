import { codedError } from "../../lib/errors";
import { quote } from "../../lib/encoding";
import type { ApiRequest } from "./api-request";
import type { Call } from "./operation";

/** Both report failure to the caller: a `lost` call did not happen, an `applied` one did. */
export type FaultMode = "lost" | "applied";

export interface FaultRule {
    /** Name in the SigV4 scope: `dynamodb`. */
    readonly service: string;
    /** As the SDK calls it: `PutItem`. */
    readonly operation: string;
    /** Must occur in the decoded path, the query or the body. */
    readonly match?: string;
    /** Matching calls that pass before the first fault. @default 0 */
    readonly skip?: number;
    /** How many matching calls then fail. An SDK that retries spends one for each attempt. @default 1 */
    readonly times?: number;
    readonly mode: FaultMode;
    /** `error` is a 500 answer, `reset` a broken connection. @default "error" */
    readonly answer?: "error" | "reset";
}

export interface Fault {
    readonly id: number;
    readonly mode: FaultMode;
    readonly answer: "error" | "reset";
}

export interface Faults {
    /** @throws BadConfig for a rule that could never match or is misspelt */
    add(rule: unknown): number;
    /** @returns how many calls failed since the last time: a test can tell that its fault happened */
    clear(): number;
    /** Counts the call against every rule; the first that is due decides. */
    take(call: Call, request: ApiRequest): Fault | undefined;
}

const MEMBERS = ["service", "operation", "match", "skip", "times", "mode", "answer"];

export function createFaults(): Faults {
    let rules: { id: number; rule: FaultRule; skip: number; times: number }[] = [];
    let lastId = 0;
    let taken = 0;
    return {
        add: (value) => {
            const rule = parseRule(value);
            lastId += 1;
            rules.push({ id: lastId, rule, skip: rule.skip ?? 0, times: rule.times ?? 1 });
            return lastId;
        },
        clear: () => {
            const failed = taken;
            rules = [];
            taken = 0;
            return failed;
        },
        take: (call, request) => {
            let due: Fault | undefined;
            for (const entry of rules) {
                if (!matches(entry.rule, call, request)) continue;
                if (entry.skip > 0) {
                    entry.skip -= 1;
                } else if (entry.times > 0 && !due) {
                    entry.times -= 1;
                    due = { id: entry.id, mode: entry.rule.mode, answer: entry.rule.answer ?? "error" };
                }
            }
            if (due) taken += 1;
            return due;
        },
    };
}

function matches(rule: FaultRule, call: Call, request: ApiRequest): boolean {
    if (rule.service !== call.service || rule.operation !== call.operation) return false;
    if (rule.match === undefined) return true;
    return decodedTarget(request).includes(rule.match) || request.body.includes(rule.match);
}

function decodedTarget(request: ApiRequest): string {
    try {
        return decodeURIComponent(request.target);
    } catch {
        return request.target;
    }
}

function parseRule(value: unknown): FaultRule {
    const rule = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
    const unknown = Object.keys(rule).filter((name) => !MEMBERS.includes(name));
    const count = (name: string): boolean =>
        rule[name] === undefined || (Number.isInteger(rule[name]) && Number(rule[name]) >= 0);
    const good =
        unknown.length === 0 &&
        typeof rule["service"] === "string" &&
        typeof rule["operation"] === "string" &&
        (rule["match"] === undefined || typeof rule["match"] === "string") &&
        (rule["mode"] === "lost" || rule["mode"] === "applied") &&
        (rule["answer"] === undefined || rule["answer"] === "error" || rule["answer"] === "reset") &&
        count("skip") &&
        count("times");
    if (!good) {
        throw codedError(
            "BadConfig",
            `fault ${quote(value)} is not one, expected { service, operation, match?, skip?, times?, mode: "lost" | "applied", answer?: "error" | "reset" }`,
        );
    }
    return rule as unknown as FaultRule;
}
