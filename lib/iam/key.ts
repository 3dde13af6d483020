import { arnFields } from "./arn";
import { parsePolicy } from "./document";
import { compileGlob, keyIdGlob } from "./glob";
import { mayGrant } from "./grants";
import { type Attachment, identityRoute } from "./identity";
import { type Panel, panelOf, workOf } from "./panel";
import { contextOf, principalWithoutArn } from "./principal";
import { type PlacedStanding, standingsOf } from "./standing";
import {
    type ElementHit,
    type Hit,
    hitsOf,
    isCertain,
    judge,
    mayAllow,
    mustDeny,
    type Target,
    targetOf,
    type Verdict,
} from "./statement";
import type { Cause, DeclaredPrincipal, KeyWorld, ParsedPolicy, Principal, Route, Scope, Way } from "./types";

/** What AWS gives a key without a policy: the account decides by identity policies alone. */
export function defaultKeyPolicy({ partition, accountId }: Scope): ParsedPolicy {
    const statement = {
        Effect: "Allow",
        Principal: { AWS: `arn:${partition}:iam::${accountId}:root` },
        Action: "kms:*",
        Resource: "*",
    };
    return parsePolicy(JSON.stringify({ Version: "2012-10-17", Statement: [statement] }), "key");
}

/** The key's ARN if known; else every key id that a single-region key of the account and region can get. */
export function keyTarget(action: string, scope: Scope, keyArn?: string): Target {
    if (keyArn !== undefined) return targetOf(action, keyArn);
    const prefix = `arn:${scope.partition}:kms:${scope.region}:${scope.accountId}:key/`;
    const head = (arnFields(prefix) as string[]).slice(0, 5).map((field) => compileGlob(field));
    return targetOf(action, { glob: keyIdGlob(prefix), fields: [...head, keyIdGlob("key/")] });
}

/** One action on one key, with everything read from the documents that no caller changes. */
export interface KeyQuestion {
    readonly world: KeyWorld;
    readonly action: string;
    readonly target: Target;
    readonly keyHits: readonly Hit[];
    readonly declared: ReadonlyMap<string, DeclaredPrincipal>;
    /** Of declared principals, read once. */
    readonly attached: Map<string, readonly Attachment[]>;
    /** What the key's policy says of the panel's members, which every question of one panel shares. */
    readonly standings: PanelStandings | undefined;
}

export function keyQuestion(world: KeyWorld, action: string, standings?: PanelStandings): KeyQuestion {
    const target =
        standings === undefined
            ? keyTarget(action, world.scope, world.keyArn)
            : { ...standings.target, action: compileGlob(action, { fold: true }) };
    const policy = standings?.policy ?? world.keyPolicy ?? defaultKeyPolicy(world.scope);
    return {
        world,
        action,
        target,
        keyHits: hitsOf(policy, target, undefined, standings?.resourceHits),
        standings,
        declared: declaredBy(world.principals),
        attached: new Map(),
    };
}

/** Of two that go by one name it is not known whose documents count: then somebody holds Allow everything. */
function declaredBy(principals: readonly DeclaredPrincipal[]): Map<string, DeclaredPrincipal> {
    const byArn = new Map<string, DeclaredPrincipal>();
    for (const one of principals) {
        const { arn } = one;
        byArn.set(arn, byArn.has(arn) ? { arn, policies: [], complete: false } : one);
    }
    return byArn;
}

/** Everyone whom the key's policy, the declarations and the grants tell apart. */
export function keyPanel(world: KeyWorld): Panel {
    const grantees = world.grants.flatMap(({ grantee }) => (grantee?.startsWith("arn:") ? [grantee] : []));
    const policies = world.keyPolicy === undefined ? [] : [world.keyPolicy];
    return panelOf(world.scope, policies, [...world.principals.map(({ arn }) => arn), ...grantees]);
}

/** What the key's policy alone says of a caller. */
export interface KeyPolicyVerdict {
    /** A Deny that surely hits. */
    readonly denied?: Cause;
    /** Allows that may name the caller, its session or everyone; surest first. */
    readonly direct: readonly Cause[];
    /** Allows that may name the caller's account, and leave the rest to identity policies. */
    readonly delegated: readonly Cause[];
}

export function judgeKeyPolicy({ keyHits, standings }: KeyQuestion, caller: Principal): KeyPolicyVerdict {
    const verdicts = verdictsOf(keyHits, caller, standings);
    const allows = verdicts.filter(mayAllow).sort((a, b) => Number(isCertain(b)) - Number(isCertain(a)));
    const deny = verdicts.find(mustDeny);
    return {
        ...(deny !== undefined && { denied: causeOf(deny) }),
        direct: allows.filter(({ reach }) => reach.self !== "no").map(causeOf),
        delegated: allows.filter(({ reach }) => reach.account !== "no").map(causeOf),
    };
}

/** What has been found of a caller is what may count; both lists are in the document's order. */
function verdictsOf(hits: readonly Hit[], caller: Principal, standings: PanelStandings | undefined): Verdict[] {
    const known = standings?.byMember.get(caller);
    if (known === undefined) {
        const facts = { context: contextOf(caller), exact: false };
        return hits.map((hit) => judge(hit, caller, facts));
    }
    const verdicts: Verdict[] = [];
    let next = 0;
    for (const hit of hits) {
        while (next < known.length && (known[next] as PlacedStanding).index < hit.index) next++;
        const standing = known[next];
        if (standing?.index === hit.index) verdicts.push({ hit, ...standing });
    }
    return verdicts;
}

/** The same Deny as in `judgeKeyPolicy`, without the Allows, where many statements are known to count. */
function isKnownDenied({ keyHits, standings }: KeyQuestion, caller: Principal): boolean {
    const known = standings?.byMember.get(caller);
    if (known === undefined) return false;
    let next = 0;
    for (const { statement, surely, index } of keyHits) {
        if (statement.effect === "Allow" || !surely) continue;
        while (next < known.length && (known[next] as PlacedStanding).index < index) next++;
        if (known[next]?.index === index) return true;
    }
    return false;
}

/**
 * Whether a caller may be granted the action on the key (KMS Developer Guide, "Troubleshooting key access").
 *
 * Allow is over-approximated and Deny under-approximated: undefined means that the caller surely is not granted it.
 */
export function mayKey(question: KeyQuestion, caller: Principal): Way | undefined {
    const { world, action } = question;
    if (isKnownDenied(question, caller)) return undefined;
    const policy = judgeKeyPolicy(question, caller);
    if (policy.denied !== undefined) return undefined;
    const facts = { context: contextOf(caller), exact: false };
    const declared = caller.arn === undefined ? undefined : question.declared.get(caller.arn);
    const identity = identityRoute(declared, question.target, facts, caller, question.attached);
    if (identity.denied) return undefined;

    const way = (route: Route, ...causes: Cause[]): Way => ({
        principal: caller,
        action,
        target: world.keyArn ?? "key",
        route,
        causes,
    });
    const isForeign = caller.accountId !== undefined && caller.accountId !== world.scope.accountId;
    const [direct, delegated] = [policy.direct[0], policy.delegated[0]];
    if (direct !== undefined) return way(isForeign ? "cross-account" : "direct", direct);
    if (delegated !== undefined && isForeign) return way("cross-account", delegated);
    if (delegated !== undefined && identity.way !== undefined) return way("delegated", delegated, ...identity.way);
    const grant = world.grants.find((one) => mayGrant(one, question.target, action, world.scope, caller));
    return grant && way("grant", { policy: `grant ${grant.name}`, at: "", effect: "Allow", certain: false });
}

function causeOf(verdict: Verdict): Cause {
    const { statement, at } = verdict.hit;
    return {
        policy: "key policy",
        at,
        ...(statement.sid !== undefined && { sid: statement.sid }),
        effect: statement.effect,
        certain: isCertain(verdict),
    };
}

/** Units of `workOf`: some milliseconds a question. The program's own key policies cost a few hundred. */
export const MAX_WORK = 90_000;

/**
 * All ways to the action, one a caller at most. A question too large to be judged gives one way of route `undecided`.
 *
 * @param panel of `keyPanel`, so that several questions share it
 */
export function waysToKey(world: KeyWorld, action: string, panel: Panel = keyPanel(world)): Way[] {
    const policy = world.keyPolicy ?? defaultKeyPolicy(world.scope);
    if (panel.overflow || workOf(panel, policy) > MAX_WORK) {
        const everyone = principalWithoutArn("anonymous", "*");
        const cause: Cause = { policy: "key policy", at: "", effect: "Allow", certain: false };
        return [{ principal: everyone, action, target: world.keyArn ?? "key", route: "undecided", causes: [cause] }];
    }
    const question = keyQuestion(world, action, panelStandings(panel, world));
    return [...panel.members, ...granteesWithoutArn(world)].flatMap((caller) => mayKey(question, caller) ?? []);
}

function granteesWithoutArn({ grants }: KeyWorld): Principal[] {
    return grants.flatMap(({ grantee }) =>
        grantee === undefined || grantee.startsWith("arn:") ? [] : [principalWithoutArn("service", grantee)],
    );
}

/** What the documents say of a panel, found once for all questions. */
export interface PanelStandings {
    readonly policy: ParsedPolicy;
    readonly target: Target;
    readonly resourceHits: (ElementHit | undefined)[];
    readonly byMember: ReadonlyMap<Principal, readonly PlacedStanding[]>;
}

function panelStandings(panel: Panel, world: KeyWorld): PanelStandings {
    const known = panel.standings.get(world) as PanelStandings | undefined;
    if (known !== undefined) return known;
    const policy = world.keyPolicy ?? defaultKeyPolicy(world.scope);
    const target = keyTarget("", world.scope, world.keyArn);
    const standings = { policy, target, resourceHits: [], byMember: standingsOf(policy, panel.members) };
    panel.standings.set(world, standings);
    return standings;
}
