import { arnFields } from "./arn";
import { type Facts, judgeConditions } from "./condition";
import { arnGlob, compileGlob, covers, foldCase, type Glob, intersects, literalGlob } from "./glob";
import { type Reach, reachOf } from "./principal-match";
import type { Context, Negatable, ParsedPolicy, Pattern, Principal, Statement, Tri } from "./types";
import { variableValue } from "./variables";

/** What is asked for: one action on one resource, or on all that match a glob. */
export interface Target {
    /** Lower case. */
    readonly action: Glob;
    /** Undefined: the action has no resource, so only `*` surely names it. */
    readonly resource?: Glob;
    /** The six fields of the resource's ARN. */
    readonly fields?: readonly Glob[];
}

/** @param resource an ARN, a glob over ARNs, or undefined for actions without resource */
export function targetOf(action: string, resource?: string | { glob: Glob; fields: readonly Glob[] }): Target {
    const name = compileGlob(foldCase(action));
    if (resource === undefined) return { action: name };
    if (typeof resource !== "string") return { action: name, resource: resource.glob, fields: resource.fields };
    const fields = arnFields(resource);
    if (fields === undefined) return { action: name, resource: compileGlob(resource) };
    return { action: name, resource: arnGlob(fields), fields: fields.map((field) => compileGlob(field)) };
}

/** A statement that may speak of the target, judged as far as no caller is needed. */
export interface Hit {
    readonly statement: Statement;
    /** Its place in the document. */
    readonly index: number;
    /** It surely speaks of all of the target: what a Deny needs. */
    readonly surely: boolean;
    /** Of the action's pattern; of the resource's if the action is matched by exclusion. */
    readonly at: string;
}

/**
 * The statements of a document that may speak of the target.
 *
 * @param resourceHits by place of the statement, filled here: questions of several actions on one resource share it
 */
export function hitsOf(
    policy: ParsedPolicy,
    target: Target,
    context?: Context,
    resourceHits?: (ElementHit | undefined)[],
): Hit[] {
    const hits: Hit[] = [];
    const { statements } = policy.document;
    for (let index = 0; index < statements.length; index++) {
        const statement = statements[index] as Statement;
        const actions = elementHit(statement.actions, target.action);
        if (!actions.may) continue;
        const resources = resourceHits?.[index] ?? resourceHit(statement, target, context);
        if (resourceHits !== undefined) resourceHits[index] = resources;
        if (resources.may) hits.push({ statement, index, surely: actions.must && resources.must, at: actions.at });
    }
    return hits;
}

export interface ElementHit {
    readonly may: boolean;
    readonly must: boolean;
    readonly at: string;
}

const ALWAYS: ElementHit = { may: true, must: true, at: "" };

function elementHit({ negated, entries, at }: Negatable<Pattern>, target: Glob): ElementHit {
    let touching: Pattern | undefined;
    let covering: Pattern | undefined;
    for (const entry of entries) {
        if (!intersects(entry.glob, target)) continue;
        touching ??= entry;
        if (!covers(entry.glob, target)) continue;
        covering = entry;
        break;
    }
    if (negated) return { may: covering === undefined, must: touching === undefined, at };
    return { may: touching !== undefined, must: covering !== undefined, at: (covering ?? touching)?.at ?? at };
}

function resourceHit({ resources }: Statement, target: Target, context: Context | undefined): ElementHit {
    if (resources === undefined) return ALWAYS;
    const resolved = context === undefined ? resources : withVariables(resources, context);
    if (target.resource === undefined) {
        const everything = resolved.entries.some(({ text }) => text === "*");
        return resolved.negated
            ? { may: !everything, must: false, at: resolved.at }
            : { may: true, must: everything, at: resolved.at };
    }
    const hit = elementHit(resolved, target.resource);
    // Exact questions have one resource and AWS's whole-string reading; a Deny over a glob must hold field by field, too.
    if (context !== undefined || resolved.negated || !hit.must) return hit;
    return { ...hit, must: resolved.entries.some((pattern) => coversFields(pattern, target)) };
}

function coversFields({ text, glob }: Pattern, { resource, fields }: Target): boolean {
    if (text === "*") return true;
    if (resource === undefined || !covers(glob, resource)) return false;
    const own = arnFields(text);
    return own !== undefined && fields !== undefined && own.every((field, i) => covers(field, fields[i] as Glob));
}

/** Variables put in from a complete context; one without a value matches nothing. */
function withVariables(patterns: Negatable<Pattern>, context: Context): Negatable<Pattern> {
    if (patterns.entries.every(({ glob }) => !glob.variable)) return patterns;
    const entries = patterns.entries.flatMap((pattern) => {
        const glob = compileGlob(pattern.text, { variables: true, resolve: (name) => variableValue(name, context) });
        return glob.variable ? [] : [{ ...pattern, glob }];
    });
    return { ...patterns, entries };
}

/** A statement, judged for one caller, whatever is asked. */
export interface Standing {
    readonly reach: Reach;
    readonly conditions: Tri;
    /** An Allow that does not surely miss, a Deny that surely hits. */
    readonly counts: boolean;
}

/** A hit, judged for one caller. */
export interface Verdict extends Standing {
    readonly hit: Hit;
}

const ATTACHED: Reach = { self: "must", account: "no", at: "", byRole: false };

export function judge(hit: Hit, caller: Principal, facts: Facts): Verdict {
    const { reach, conditions, counts } = judgeCaller(hit.statement, caller, facts);
    return { hit, reach, conditions, counts };
}

/** @param principals those of the statement, perhaps without entries that surely do not mean the caller */
export function judgeCaller(
    { effect, principals: all, conditions }: Statement,
    caller: Principal,
    facts: Facts,
    principals = all,
): Standing {
    const reach = principals === undefined ? ATTACHED : reachOf(principals, caller);
    const isMissed = reach.self === "no" && reach.account === "no";
    const holds = isMissed ? "false" : judgeConditions(conditions, facts);
    // A Deny that names the account covers all its principals.
    const isNamed = reach.self === "must" || reach.account === "must";
    const counts = effect === "Allow" ? holds !== "false" && !isMissed : holds === "true" && isNamed;
    return { reach, conditions: holds, counts };
}

export function mayAllow({ hit, counts }: Verdict): boolean {
    return counts && hit.statement.effect === "Allow";
}

/** A Deny counts only if it surely speaks of all of the target, too. */
export function mustDeny({ hit, counts }: Verdict): boolean {
    return counts && hit.statement.effect === "Deny" && hit.surely;
}

/** The Allow leaves nothing open. */
export function isCertain({ hit, reach, conditions }: Verdict): boolean {
    return (
        !hit.statement.opaque &&
        hit.surely &&
        conditions === "true" &&
        (reach.self === "must" || reach.account === "must")
    );
}

/** For targets that are one literal ARN. */
export function literalTarget(action: string, resource: string): Target {
    return { action: literalGlob(foldCase(action)), resource: literalGlob(resource) };
}
