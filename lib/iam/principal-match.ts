import { parseIamArn } from "./arn";
import { compileGlob, type Glob, intersects } from "./glob";
import { roleNameOf } from "./principal";
import type { Negatable, Principal, PrincipalEntry, SessionName } from "./types";

/** How a Principal element meets a caller. */
export interface Reach {
    /** By itself, its session or `*`. */
    readonly self: "no" | "may" | "must";
    /** Through its account: then the account's identity policies decide. */
    readonly account: "no" | "may" | "must";
    /** Of the entry that decides, or of the element. */
    readonly at: string;
    /** The caller is named as a role, so that boundary and session policy still limit it. */
    readonly byRole: boolean;
}

const NOBODY: Reach = { self: "no", account: "no", at: "", byRole: false };

/** IAM User Guide, "AWS JSON policy elements: Principal" and "NotPrincipal". */
export function reachOf({ negated, entries, at }: Negatable<PrincipalEntry>, caller: Principal): Reach {
    let [self, account]: ["no" | "may" | "must", "no" | "may" | "must"] = ["no", "no"];
    let [selfAt, accountAt] = [at, at];
    // Named by anything but its role ARN as well, it is not limited.
    let byRole = true;
    for (const entry of entries) {
        const one = entryReach(entry, caller);
        if (one.self !== "no") {
            if (self === "no" || (self === "may" && one.self === "must")) [self, selfAt] = [one.self, entry.at];
            byRole = byRole && caller.kind === "role" && entry.text === caller.arn;
        }
        if (one.account !== "no" && (account === "no" || (account === "may" && one.account === "must")))
            [account, accountAt] = [one.account, entry.at];
    }
    if (negated) return reachOfOthers(at, self, account, caller);
    if (self === "no" && account === "no") return NOBODY;
    return { self, account, at: self === "no" ? accountAt : selfAt, byRole: byRole && self !== "no" };
}

/**
 * NotPrincipal: surely meant is only who is neither listed nor in a listed account. Surely not meant is who is listed by all names under which
 * AWS may look for it: "AWS might validate the account first, then the role, and then the assumed-role user". A role's ARN alone leaves its
 * sessions in, a user's leaves the account in.
 */
function reachOfOthers(at: string, self: Reach["self"], account: Reach["account"], { kind }: Principal): Reach {
    const byAccount = account === "must" || kind === "service" || kind === "federated" || kind === "anonymous";
    const isListed = byAccount && (kind === "root" || (self === "must" && kind !== "role"));
    const reach = isListed ? "no" : self === "no" && account === "no" ? "must" : "may";
    return { self: reach, account: "no", at, byRole: false };
}

/** What one entry says: constants, since this is asked for every entry and caller. */
type EntryReach = Pick<Reach, "self" | "account">;
const BY_SELF: Readonly<Record<Reach["self"], EntryReach>> = {
    no: { self: "no", account: "no" },
    may: { self: "may", account: "no" },
    must: { self: "must", account: "no" },
};
const BY_ACCOUNT: Readonly<Record<Reach["self"], EntryReach>> = {
    no: { self: "no", account: "no" },
    may: { self: "no", account: "may" },
    must: { self: "no", account: "must" },
};

function entryReach(entry: PrincipalEntry, caller: Principal): EntryReach {
    switch (entry.kind) {
        case "everyone":
            return BY_SELF.must;
        case "account":
            return BY_ACCOUNT[accountReach(entry.text, caller)];
        case "arn":
            return BY_SELF[arnReach(entry, caller)];
        case "unique-id":
            return BY_SELF[uniqueIdReach(entry.text, caller)];
        case "service":
        case "federated":
        case "canonical":
            if (caller.kind !== entry.kind) return BY_SELF.no;
            if (entry.glob.literal !== undefined) return BY_SELF[caller.name === entry.text ? "must" : "no"];
            return BY_SELF[intersects(entry.glob, caller.name) ? "may" : "no"];
    }
}

/** Whoever is known by name alone may have the id; for those whom nobody names, a member of the panel's own has it. */
function uniqueIdReach(id: string, caller: Principal): "no" | "may" | "must" {
    const { kind, arn, name, isClass, uniqueId } = caller;
    if (kind === "federated-user") return caller.issuer === undefined && !id.startsWith("AROA") ? "may" : "no";
    if (uniqueId !== undefined) return uniqueId === id ? "must" : "no";
    if (isClass || arn === undefined || arn !== name) return "no";
    return (kind === "role" && !id.startsWith("AIDA")) || (kind === "user" && !id.startsWith("AROA")) ? "may" : "no";
}

function accountReach(account: string, { accountId, kind, except }: Principal): "no" | "may" | "must" {
    if (accountId === account) return "must";
    if (accountId === undefined) return kind === "unique-id" || kind === "canonical" ? "may" : "no";
    return accountId.includes("?") && !except.includes(account) && intersects(compileGlob(accountId), account)
        ? "may"
        : "no";
}

function arnReach({ text, glob, session }: PrincipalEntry, caller: Principal): "no" | "may" | "must" {
    if (glob.literal === undefined) return wildcardReach(glob, caller);
    if (!caller.isClass && (caller.arn ?? caller.name) === text) return "must";
    if (session !== undefined) return sessionReach(session, caller);
    if (caller.kind === "federated-user" && text.includes(":user/")) return issuerReach(text, caller);
    return caller.isClass && caller.arn !== undefined && intersects(caller.arn, glob) && !caller.except.includes(text)
        ? "may"
        : "no";
}

/**
 * What a resource's policy gives a user, federated users get whose tokens it asked for (IAM User Guide, "Session policies": added "before the
 * session is created").
 */
function issuerReach(user: string, { accountId, issuer }: Principal): "no" | "may" | "must" {
    if (issuer !== undefined) return issuer === user ? "must" : "no";
    return parseIamArn(user)?.accountId === accountId || accountId?.includes("?") === true ? "may" : "no";
}

function sessionReach({ accountId, role, session }: SessionName, caller: Principal): "no" | "may" | "must" {
    if (caller.accountId !== accountId || roleNameOf(caller) !== role) return "no";
    return caller.sessionName === undefined ? "may" : caller.sessionName === session ? "must" : "no";
}

/** AWS refuses wildcards here, so they never surely match; a session's ARN may be meant as well as the role's, and a federated user's user. */
function wildcardReach(pattern: Glob, caller: Principal): "no" | "may" {
    const { arn, accountId } = caller;
    if (caller.kind === "service" || caller.kind === "anonymous") return "no";
    if (arn === undefined || intersects(arn, pattern)) return "may";
    const partition = parseIamArn(arn)?.partition ?? "*";
    if (caller.kind === "federated-user") {
        const users = `arn:${partition}:iam::${accountId ?? "*"}:user/*`;
        return intersects(caller.issuer ?? users, pattern) ? "may" : "no";
    }
    const sessions = `arn:${partition}:sts::${accountId ?? "*"}:assumed-role/${roleNameOf(caller) ?? "*"}/${caller.sessionName ?? "*"}`;
    return caller.kind === "role" && intersects(sessions, pattern) ? "may" : "no";
}
