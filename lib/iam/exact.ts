import { type Facts } from "./condition";
import { hitsOf, judge, literalTarget, mayAllow, mustDeny, type Target, type Verdict } from "./statement";
import { known } from "./principal";
import type { AttachedPolicy, Cause, Context, ParsedPolicy, Principal } from "./types";

/** One concrete request, with everything known. What is in no `context` entry is absent. */
export interface ExactRequest {
    readonly caller: Principal;
    readonly action: string;
    readonly resource: string;
    /** Account of the resource: same or another decides whether one of two policies is enough. */
    readonly resourceAccount: string;
    readonly resourcePolicy?: ParsedPolicy;
    readonly identity: readonly AttachedPolicy[];
    readonly boundary?: ParsedPolicy;
    readonly session?: ParsedPolicy;
    readonly context: Readonly<Record<string, string | readonly string[]>>;
    /** KMS: identity policies count only if the key's policy delegates to the account. */
    readonly requiresDelegation: boolean;
}

export interface ExactAnswer {
    readonly decision: "allow" | "explicitDeny" | "implicitDeny";
    readonly cause?: Cause;
}

/**
 * The decision of AWS on a complete context: no unknowns (IAM User Guide, "Policy evaluation logic"). For differential tests
 * against other evaluators; grants are the caller's to add, after an implicit deny only.
 */
export function decideExactly(request: ExactRequest): ExactAnswer {
    const facts: Facts = { context: completeContext(request.context), exact: true };
    const target = literalTarget(request.action, request.resource);
    const caller = withUniqueId(request.caller, facts.context);
    const ask = (name: string, policy: ParsedPolicy): Named[] => verdictsOf(name, policy, target, caller, facts);

    const resource = request.resourcePolicy === undefined ? [] : ask("resource policy", request.resourcePolicy);
    const identity = request.identity.flatMap(({ name, policy }) => ask(name, policy));
    const boundary = request.boundary === undefined ? undefined : ask("boundary", request.boundary);
    const session = request.session === undefined ? undefined : ask("session policy", request.session);
    const isDeny = ({ verdict }: Named): boolean => mustDeny(verdict);
    const deny = resource.find(isDeny) ?? identity.find(isDeny) ?? boundary?.find(isDeny) ?? session?.find(isDeny);
    if (deny !== undefined) return { decision: "explicitDeny", cause: causeOf(deny) };

    const limits = [boundary, session].filter((limit) => limit !== undefined);
    const isWithin = limits.every((limit) => limit.some(({ verdict }) => mayAllow(verdict)));
    const allows = resource.filter(({ verdict }) => mayAllow(verdict));
    // Named as a session, a user or everyone, a caller is beyond boundary and session policy; named as a role it is not.
    const direct = allows.find(({ verdict: { reach } }) => reach.self !== "no" && (!reach.byRole || isWithin));
    const own = isWithin ? identity.find(({ verdict }) => mayAllow(verdict)) : undefined;
    const delegation = allows.find(({ verdict: { reach } }) => reach.account !== "no");
    const isForeign = request.caller.accountId !== request.resourceAccount;

    const needsOwn = isForeign && request.caller.accountId !== undefined && request.caller.kind !== "root";
    const first = direct ?? (isForeign || request.requiresDelegation ? delegation : undefined);
    if (direct !== undefined && !needsOwn) return { decision: "allow", cause: causeOf(direct) };
    const isOpen = first !== undefined || (!isForeign && !request.requiresDelegation);
    if (isOpen && request.caller.kind === "root")
        return { decision: "allow", ...(first !== undefined && { cause: causeOf(first) }) };
    return isOpen && own !== undefined ? { decision: "allow", cause: causeOf(own) } : { decision: "implicitDeny" };
}

/** With everything known, nobody has an id, or asked for a token, that is not told. */
function withUniqueId(caller: Principal, context: Context): Principal {
    const held = context("aws:userid");
    const uniqueId = held.kind === "known" ? (held.values[0]?.split(":")[0] ?? "") : "";
    return { uniqueId, issuer: "", ...caller };
}

interface Named {
    readonly name: string;
    readonly verdict: Verdict;
}

/** What does not count is left out. */
function verdictsOf(name: string, policy: ParsedPolicy, target: Target, caller: Principal, facts: Facts): Named[] {
    const found: Named[] = [];
    for (const hit of hitsOf(policy, target, facts.context)) {
        const verdict = judge(hit, caller, facts);
        if (verdict.counts) found.push({ name, verdict });
    }
    return found;
}

function causeOf({ name, verdict: { hit } }: Named): Cause {
    const { statement, at } = hit;
    return {
        policy: name,
        at,
        ...(statement.sid !== undefined && { sid: statement.sid }),
        effect: statement.effect,
        certain: true,
    };
}

function completeContext(context: ExactRequest["context"]): Context {
    const values = new Map(Object.entries(context).map(([key, value]) => [key.toLowerCase(), value]));
    return (key) => {
        const value = values.get(key);
        if (value === undefined) return { kind: "absent" };
        return typeof value === "string" ? known(value) : known(...value);
    };
}
