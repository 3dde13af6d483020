import { arnFields } from "./arn";
import { type Facts, judgeConditions, variableValue } from "./condition";
import { arnGlob, compileGlob, covers, foldCase, type Glob, intersects, literalGlob } from "./glob";
import { type Reach, reachOf } from "./principal-match";
import type { Context, Negatable, ParsedPolicy, Pattern, Principal, Statement, Tri } from "./types";

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
    /** It surely speaks of all of the target: what a Deny needs. */
    readonly surely: boolean;
    /** Of the action's pattern; of the resource's if the action is matched by exclusion. */
    readonly at: string;
}

/** The statements of a document that may speak of the target. */
export function hitsOf(policy: ParsedPolicy, target: Target, context?: Context): Hit[] {
    return policy.document.statements.flatMap((statement): Hit[] => {
        const actions = elementHit(statement.actions, target.action);
        if (!actions.may) return [];
        const resources = statement.resources === undefined ? ALWAYS : resourceHit(statement, target, context);
        return resources.may ? [{ statement, surely: actions.must && resources.must, at: actions.at }] : [];
    });
}

interface ElementHit {
    readonly may: boolean;
    readonly must: boolean;
    readonly at: string;
}

const ALWAYS: ElementHit = { may: true, must: true, at: "" };

function elementHit({ negated, entries, at }: Negatable<Pattern>, target: Glob): ElementHit {
    const touching = entries.filter(({ glob }) => intersects(glob, target));
    const covering = touching.filter(({ glob }) => covers(glob, target));
    if (negated) return { may: covering.length === 0, must: touching.length === 0, at };
    return { may: touching.length > 0, must: covering.length > 0, at: (covering[0] ?? touching[0])?.at ?? at };
}

function resourceHit(statement: Statement, target: Target, context: Context | undefined): ElementHit {
    const resources = statement.resources as Negatable<Pattern>;
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

/** A hit, judged for one caller. */
export interface Verdict {
    readonly hit: Hit;
    readonly reach: Reach;
    readonly conditions: Tri;
}

const ATTACHED: Reach = { self: "must", account: "no", at: "", byRole: false };

export function judge(hit: Hit, caller: Principal, facts: Facts): Verdict {
    const reach = hit.statement.principals === undefined ? ATTACHED : reachOf(hit.statement.principals, caller);
    const missed = reach.self === "no" && reach.account === "no";
    return { hit, reach, conditions: missed ? "false" : judgeConditions(hit.statement.conditions, facts) };
}

/** An Allow counts unless it surely misses. */
export function mayAllow({ hit, reach, conditions }: Verdict): boolean {
    return (
        hit.statement.effect === "Allow" && conditions !== "false" && (reach.self !== "no" || reach.account !== "no")
    );
}

/** A Deny counts only if it surely hits; naming the account covers all its principals. */
export function mustDeny({ hit, reach, conditions }: Verdict): boolean {
    const named = reach.self === "must" || reach.account === "must";
    return hit.statement.effect === "Deny" && hit.surely && named && conditions === "true";
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
