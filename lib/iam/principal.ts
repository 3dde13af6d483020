import { lastPart, parseIamArn } from "./arn";
import type { Context, ContextValue, Principal, PrincipalKind, Scope } from "./types";

/** Principals as callers: how one is made from its ARN, and which condition keys it cannot choose. */

const UNKNOWN: ContextValue = { kind: "unknown" };
const ABSENT: ContextValue = { kind: "absent" };

/** `aws:PrincipalOrgID` of an account, as far as the scope tells. */
export function orgOf(accountId: string, scope: Scope): ContextValue {
    return accountId === scope.accountId && scope.orgId !== undefined ? known(scope.orgId) : UNKNOWN;
}

export function known(...values: string[]): ContextValue {
    return { kind: "known", values };
}

/**
 * A role, user, root user or federated user, by its ARN; anything else is a caller of whom nothing is known. A role's session stands for a
 * class, since its ARN drops the role's path.
 */
export function principalOfArn(arn: string, scope: Scope, more: Partial<Principal> = {}): Principal {
    const parsed = parseIamArn(arn);
    if (parsed?.service === "sts" && parsed.type === "assumed-role") {
        const [roleName = "", sessionName] = parsed.name.split("/");
        const role = `arn:${parsed.partition}:iam::${parsed.accountId}:role/*${roleName}`;
        const named = { roleName, ...(sessionName !== undefined && { sessionName }) };
        return principalOfArn(role, scope, { name: arn, isClass: true, ...named, ...more });
    }
    const kind = parsed === undefined ? undefined : KINDS[`${parsed.service} ${parsed.type}`];
    const base = { name: arn, isClass: false, except: [] };
    if (parsed === undefined || kind === undefined) return { ...base, kind: "canonical", org: UNKNOWN, ...more };
    return { ...base, kind, arn, accountId: parsed.accountId, org: orgOf(parsed.accountId, scope), ...more };
}

const KINDS: Readonly<Record<string, PrincipalKind | undefined>> = {
    "iam role": "role",
    "iam user": "user",
    "iam root": "root",
    "sts federated-user": "federated-user",
};

/** Those who have no ARN. */
export function principalWithoutArn(
    kind: "service" | "federated" | "canonical" | "anonymous" | "unique-id",
    name: string,
): Principal {
    return { kind, name, isClass: false, except: [], org: kind === "anonymous" ? ABSENT : UNKNOWN };
}

/** The role's name, without path, as its sessions' ARNs show it. Undefined for a class of names. */
export function roleNameOf(principal: Principal): string | undefined {
    if (principal.kind !== "role") return undefined;
    return (
        principal.roleName ?? (principal.isClass || principal.arn === undefined ? undefined : lastPart(principal.arn))
    );
}

/**
 * The keys that are bound to a caller. Everything else the caller may choose, so it is unknown.
 * IAM User Guide, "AWS global condition context keys", "Properties of the principal".
 */
export function contextOf(principal: Principal): Context {
    return (key) => {
        switch (key) {
            case "aws:principalarn":
                return arnValue(principal);
            case "aws:principalaccount":
            case "kms:calleraccount":
                return accountValue(principal, key);
            case "aws:principalorgid":
                return principal.org;
            case "aws:principaltype":
                return typeValue(principal);
            case "aws:principalisawsservice":
                return isServiceValue(principal);
            case "aws:username":
                return usernameValue(principal);
            case "aws:userid":
                return userIdValue(principal);
            default:
                return UNKNOWN;
        }
    };
}

const BOUND = [
    "aws:principalarn",
    "aws:principalaccount",
    "kms:calleraccount",
    "aws:principalorgid",
    "aws:principaltype",
    "aws:principalisawsservice",
    "aws:username",
    "aws:userid",
];

/** Whether `contextOf` knows anything of a key. */
export function isBound(key: string): boolean {
    return BOUND.includes(key);
}

function arnValue({ kind, arn, isClass, except }: Principal): ContextValue {
    if (kind === "service" || kind === "anonymous") return ABSENT;
    // Somebody, but none of those who are named: a unique id is never the signer's, who is named by ARN.
    if (arn === undefined) return kind === "federated" ? UNKNOWN : { kind: "like", glob: "*", except };
    return isClass ? { kind: "like", glob: arn, except } : known(arn);
}

function accountValue({ kind, accountId, except }: Principal, key: string): ContextValue {
    if (kind === "anonymous") return key === "aws:principalaccount" ? known("anonymous") : UNKNOWN;
    if (accountId === undefined) return UNKNOWN;
    return accountId.includes("?") ? { kind: "like", glob: accountId, except } : known(accountId);
}

function typeValue({ kind }: Principal): ContextValue {
    const types: Partial<Record<PrincipalKind, string>> = {
        role: "AssumedRole",
        user: "User",
        root: "Account",
        "federated-user": "FederatedUser",
        anonymous: "Anonymous",
    };
    const type = types[kind];
    return type === undefined ? UNKNOWN : known(type);
}

/** Signed requests have it. */
function isServiceValue({ kind }: Principal): ContextValue {
    return kind === "anonymous" ? ABSENT : known(kind === "service" ? "true" : "false");
}

function usernameValue({ kind, arn, isClass }: Principal): ContextValue {
    if (kind === "user")
        return isClass || arn === undefined ? { kind: "like", glob: "*", except: [] } : known(lastPart(arn));
    return kind === "unique-id" || kind === "canonical" || kind === "federated" ? UNKNOWN : ABSENT;
}

/** `UNIQUEID:session` of a role, the unique id of a user, the account of its root. */
function userIdValue({ kind, accountId, uniqueId, isClass, sessionName }: Principal): ContextValue {
    const like = (glob: string): ContextValue => ({ kind: "like", glob, except: [] });
    if (kind === "root" && accountId !== undefined && !isClass) return known(accountId);
    if (kind === "user") return uniqueId === undefined ? like("*") : known(uniqueId);
    if (kind === "role" || kind === "unique-id") {
        if (uniqueId === undefined) return like("*:*");
        if (uniqueId.startsWith("AIDA")) return known(uniqueId);
        return sessionName === undefined ? like(`${uniqueId}:*`) : known(`${uniqueId}:${sessionName}`);
    }
    return UNKNOWN;
}
