import type { Facts } from "./condition";
import { contextOf, principalOfArn } from "./principal";
import { type Hit, hitsOf, isCertain, judge, mayAllow, mustDeny, type Target } from "./statement";
import type { AttachedPolicy, Cause, DeclaredPrincipal, Principal, Scope } from "./types";

/** The statements of one attached document that may speak of a target. */
export interface Attachment {
    readonly name: string;
    readonly hits: readonly Hit[];
}

/** What a caller's own documents say. */
export interface IdentityRoute {
    /** A sure Deny. */
    readonly denied: boolean;
    /** The statement that may allow; empty if the caller's documents are not known, and therefore assumed to allow everything. */
    readonly way: readonly Cause[] | undefined;
}

/**
 * Judges the documents attached to a declared principal. Whoever is not declared is assumed to hold Allow everything.
 * A boundary grants nothing; declared and known, it narrows.
 *
 * @param cache by ARN, filled here: hits depend on documents and target only
 */
export function identityRoute(
    declared: DeclaredPrincipal | undefined,
    target: Target,
    facts: Facts,
    caller: Principal,
    cache: Map<string, readonly Attachment[]> = new Map(),
): IdentityRoute {
    if (declared === undefined) return { denied: false, way: [] };
    const attachments = cached(cache, declared, target);
    const verdicts = attachments.flatMap(({ name, hits }) =>
        hits.map((hit) => ({ name, verdict: judge(hit, caller, facts) })),
    );
    if (verdicts.some(({ verdict }) => mustDeny(verdict))) return { denied: true, way: undefined };
    if (declared.boundary !== undefined && !boundaryMayAllow(declared.boundary, target, facts, caller))
        return { denied: false, way: undefined };
    if (!declared.complete) return { denied: false, way: [] };
    const allows = verdicts.filter(({ verdict }) => mayAllow(verdict));
    const best = allows.find(({ verdict }) => isCertain(verdict)) ?? allows[0];
    if (best === undefined) return { denied: false, way: undefined };
    const { statement, at } = best.verdict.hit;
    const sid = statement.sid === undefined ? {} : { sid: statement.sid };
    return {
        denied: false,
        way: [{ policy: best.name, at, ...sid, effect: "Allow", certain: isCertain(best.verdict) }],
    };
}

function cached(
    cache: Map<string, readonly Attachment[]>,
    { arn, policies }: DeclaredPrincipal,
    target: Target,
): readonly Attachment[] {
    const found = cache.get(arn);
    if (found !== undefined) return found;
    const attachments = policies.map(({ name, policy }) => ({ name, hits: hitsOf(policy, target) }));
    cache.set(arn, attachments);
    return attachments;
}

function boundaryMayAllow(boundary: AttachedPolicy, target: Target, facts: Facts, caller: Principal): boolean {
    const verdicts = hitsOf(boundary.policy, target).map((hit) => judge(hit, caller, facts));
    return verdicts.some(mayAllow) && !verdicts.some(mustDeny);
}

/**
 * The statement by which whoever gets a document may be allowed something, for documents whose holder is not known. Nothing is known of the
 * caller, so only an unconditional Deny counts.
 */
export function documentMay(attached: AttachedPolicy, target: Target, scope: Scope): Cause | undefined {
    const holder = { arn: attached.name, policies: [attached], complete: true };
    const caller = principalOfArn(attached.name, scope);
    const route = identityRoute(holder, target, { context: contextOf(caller), exact: false }, caller);
    return route.denied ? undefined : route.way?.[0];
}
