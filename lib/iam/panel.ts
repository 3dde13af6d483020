import { parseIamArn } from "./arn";
import { countWildcards, globLength } from "./glob";
import { mentionArn, type Mentions, mentionsOf } from "./mentions";
import { isBound, known, principalOfArn, principalWithoutArn, roleNameOf } from "./principal";
import { freshText, remainders, witnessOf } from "./witness";
import type { ContextValue, ParsedPolicy, Principal, Scope } from "./types";

/**
 * The finite set over which "everyone" is decided. IAM matches callers by equality and glob alone, so callers that the
 * documents do not tell apart are one member: whoever is named, one fresh caller that no pattern matches for each kind and account,
 * and for each pattern the class of all unnamed callers that match it. A class is judged with three values, so what holds
 * for it holds for each of its callers.
 */
export interface Panel {
    readonly members: readonly Principal[];
    /** Too many to be judged: whoever asks must then assume that somebody may. */
    readonly overflow: boolean;
    /** What has been found out about the members in a world, by that world: several questions share it. */
    readonly standings: Map<object, unknown>;
}

/** More members come from no document that a person wrote. */
const MAX_MEMBERS = 500;

/** @param named ARNs of declared principals and of others to be judged by name */
export function panelOf(scope: Scope, policies: readonly ParsedPolicy[], named: readonly string[] = []): Panel {
    const mentions = mentionsOf(policies);
    for (const arn of named) mentionArn(mentions, arn);
    if (isTooLarge(mentions)) return { members: [], overflow: true, standings: new Map() };

    const members = [...namedMembers(mentions, scope, named), ...unnamedMembers(mentions, scope)];
    return members.length > MAX_MEMBERS
        ? { members: [], overflow: true, standings: new Map() }
        : { members, overflow: false, standings: new Map() };
}

/** Before any work is done: hostile documents are refused as quickly as others are read. */
function isTooLarge({ arns, patterns, accounts, services, uniqueIds }: Mentions): boolean {
    const wild = [...patterns].filter(
        (pattern) => countWildcards(pattern) > MAX_WILDCARDS || pattern.length > MAX_PATTERN,
    );
    const unnamed = (accounts.size + 1) * (patterns.size + 1) * 3;
    return wild.length > 0 || arns.size + services.size + uniqueIds.size + unnamed > MAX_MEMBERS;
}

/** An ARN with every digit of an account and a few characters more as `?`. */
const MAX_WILDCARDS = 20;
const MAX_PATTERN = 2_048;

function namedMembers(mentions: Mentions, scope: Scope, named: readonly string[]): Principal[] {
    const arns = [...mentions.arns];
    const concrete = arns
        .filter((arn) => parseIamArn(arn)?.type !== "assumed-role")
        .map((arn) => principalOfArn(arn, scope))
        // Not a caller's ARN, so nobody knows whose it is; none of those who are named.
        .map((one) => (one.kind === "canonical" ? { ...one, except: [...arns, ...mentions.accounts] } : one));
    const existing = concrete.filter(({ name }) => named.includes(name));
    const except = [...arns, ...mentions.accounts];
    return [
        ...concrete,
        ...arns.flatMap((arn) => foreignSession(arn, existing, scope, except)),
        ...[...mentions.uniqueIds].map((id) => ({ ...principalWithoutArn("unique-id", id), uniqueId: id, except })),
        ...[...mentions.services, "unnamed.amazonaws.com"].map((name) => principalWithoutArn("service", name)),
        ...[...mentions.federated].map((name) => principalWithoutArn("federated", name)),
        ...[...mentions.canonical].map((name) => ({ ...principalWithoutArn("canonical", name), except })),
        principalWithoutArn("anonymous", "anonymous"),
    ];
}

/**
 * A role that is known only by its session's ARN, so its path is not. Role names are unique in an account: the session of a name that
 * exists is that role's; one that a policy merely mentions need not exist.
 */
function foreignSession(
    arn: string,
    existing: readonly Principal[],
    scope: Scope,
    except: readonly string[],
): Principal[] {
    const parsed = parseIamArn(arn);
    if (parsed?.service !== "sts" || parsed.type !== "assumed-role") return [];
    const roleName = parsed.name.split("/")[0] ?? "";
    if (existing.some((one) => one.accountId === parsed.accountId && roleNameOf(one) === roleName)) return [];
    const role = `arn:${parsed.partition}:iam::${parsed.accountId}:role/*${roleName}`;
    return [
        {
            ...principalOfArn(`arn:${parsed.partition}:iam::${parsed.accountId}:role/${roleName}`, scope),
            arn: role,
            name: arn,
            isClass: true,
            except,
            roleName,
        },
    ];
}

interface Frame {
    readonly accountId: string;
    readonly org: ContextValue | undefined;
}

function unnamedMembers(mentions: Mentions, scope: Scope): Principal[] {
    const except = [...mentions.arns, ...mentions.accounts, scope.accountId];
    const fresh = freshText([...mentions.patterns, ...mentions.arns]);
    const frames = [
        ...[...new Set([scope.accountId, ...mentions.accounts])].map((accountId) => ({ accountId, org: undefined })),
        ...outsideFrames(mentions, scope),
    ];
    return frames.flatMap(({ accountId, org }) =>
        (["role", "user", "federated-user", "root"] as const).flatMap((kind) => {
            const service = kind === "federated-user" ? "sts" : "iam";
            const prefix = `arn:${scope.partition}:${service}::${accountId}:${kind}`;
            const more = { except, ...(org !== undefined && { org }) };
            if (kind === "root") return mentions.arns.has(prefix) ? [] : [member(prefix, accountId, scope, more)];
            const rests = [...new Set([...mentions.patterns].flatMap((pattern) => remainders(pattern, `${prefix}/`)))];
            // A fresh name must match no pattern; where patterns are all wildcards, or no character is left, the class of all stands in.
            const isOpen = fresh === undefined || rests.some((rest) => /^[*?]+$/.test(rest) && rest !== "*");
            const classes = [...new Set([...rests, ...(isOpen ? ["*"] : [])])].filter((rest) => /[*?]/.test(rest));
            // A pattern whose wildcards stand before the name (`arn:aws:iam::*:role/signer`) means one caller in each account.
            const singles = rests.filter((rest) => !/[*?]/.test(rest) && !mentions.arns.has(`${prefix}/${rest}`));
            return [
                ...(fresh === undefined
                    ? []
                    : [{ ...member(`${prefix}/${fresh}`, accountId, scope, more), name: `${prefix}/*` }]),
                ...singles.map((rest) => member(`${prefix}/${rest}`, accountId, scope, more)),
                ...classes.map((rest) => classMember(`${prefix}/`, rest, fresh, accountId, scope, more)),
            ];
        }),
    );
}

/** One account that nobody mentions, in each organisation that matters and in none; any account, if patterns look into its digits. */
function outsideFrames(mentions: Mentions, scope: Scope): Frame[] {
    const taken = new Set([scope.accountId, ...mentions.accounts]);
    const odd = [...mentions.patterns].some(
        (pattern) => !/^(?:[0-9]{12}|\*|\?{12})$/.test(parseIamArn(pattern)?.accountId ?? ""),
    );
    let digits = 999_999_999_999;
    while (taken.has(String(digits))) digits--;
    const orgs = [...new Set([...mentions.orgs, ...(scope.orgId === undefined ? [] : [scope.orgId])])];
    const values: ContextValue[] = [
        ...orgs.filter((org) => !/[*?$]/.test(org)).map((org) => known(org)),
        ...(orgs.some((org) => /[*?$]/.test(org)) ? [{ kind: "unknown" } as const] : []),
        { kind: "like", glob: "o-*", except: orgs },
        { kind: "absent" },
    ];
    return (odd ? [String(digits), "????????????"] : [String(digits)]).flatMap((accountId) =>
        values.map((org) => ({ accountId, org })),
    );
}

/** Concrete, unless its account is any. */
function member(arn: string, accountId: string, scope: Scope, more: Partial<Principal>): Principal {
    if (!accountId.includes("?")) return principalOfArn(arn, scope, { ...more, except: [] });
    return { ...principalOfArn(arn, scope, more), isClass: true };
}

function classMember(
    prefix: string,
    rest: string,
    fresh: string | undefined,
    accountId: string,
    scope: Scope,
    more: Partial<Principal>,
): Principal {
    const taken = (more.except ?? []).filter((arn) => arn.startsWith(prefix)).map((arn) => arn.slice(prefix.length));
    const base = principalOfArn(`${prefix}${rest}`, scope, more);
    return { ...base, accountId, isClass: true, witness: `${prefix}${witnessOf(rest, fresh, taken)}` };
}

/** Comparisons that members cost under a document's principals and conditions, estimated before any is made. */
export function workOf({ members }: Panel, { document }: ParsedPolicy): number {
    const classes = members.filter(({ isClass }) => isClass).length;
    let [each, perClass] = [0, 0];
    for (const { principals, conditions } of document.statements) {
        each += 1;
        for (const { glob } of principals?.entries ?? []) if (glob.literal === undefined) each += globLength(glob);
        for (const { key, values } of conditions) {
            if (!isBound(key)) continue;
            for (const { glob } of values) {
                each += 1;
                if (glob.literal !== undefined) continue;
                each += globLength(glob) >> 2;
                perClass += globLength(glob) * 4;
            }
        }
    }
    return members.length * each + classes * perClass;
}
