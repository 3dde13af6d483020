import { lastPart, parseIamArn } from "./arn";
import { compileGlob, intersects } from "./glob";
import { roleNameOf } from "./principal";
import type { Negatable, Principal, PrincipalEntry } from "./types";

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

/** IAM User Guide, "AWS JSON policy elements: Principal" and "NotPrincipal". */
export function reachOf(principals: Negatable<PrincipalEntry>, caller: Principal): Reach {
    const entries = principals.entries.map((entry) => ({ entry, ...entryReach(entry, caller) }));
    if (principals.negated) return reachOfOthers(principals, entries);
    const best = (side: "self" | "account"): "no" | "may" | "must" =>
        entries.some((one) => one[side] === "must")
            ? "must"
            : entries.some((one) => one[side] === "may")
              ? "may"
              : "no";
    const [self, account] = [best("self"), best("account")];
    const decider =
        entries.find((one) => self !== "no" && one.self === self) ??
        entries.find((one) => account !== "no" && one.account === account);
    // Named by anything but its role ARN as well, it is not limited.
    const byRole =
        self !== "no" &&
        entries.every((one) => one.self === "no" || (caller.kind === "role" && one.entry.text === caller.arn));
    return { self, account, at: decider?.entry.at ?? principals.at, byRole };
}

/**
 * NotPrincipal: everyone who is not literally listed may be meant; surely meant is only who is neither listed nor in a
 * listed account.
 */
function reachOfOthers(
    { at }: Negatable<PrincipalEntry>,
    entries: readonly { self: string; account: string }[],
): Reach {
    const listed = entries.some((one) => one.self === "must");
    const perhapsListed = entries.some((one) => one.self !== "no" || one.account !== "no");
    return { self: listed ? "no" : perhapsListed ? "may" : "must", account: "no", at, byRole: false };
}

function entryReach(
    entry: PrincipalEntry,
    caller: Principal,
): { self: "no" | "may" | "must"; account: "no" | "may" | "must" } {
    const self = (reach: "no" | "may" | "must"): { self: typeof reach; account: "no" } => ({
        self: reach,
        account: "no",
    });
    switch (entry.kind) {
        case "everyone":
            return self("must");
        case "account":
            return { self: "no", account: accountReach(entry.text, caller) };
        case "arn":
            return self(arnReach(entry, caller));
        case "unique-id":
            return self(caller.uniqueId === entry.text ? "must" : "no");
        case "service":
        case "federated":
        case "canonical":
            if (caller.kind !== entry.kind) return self("no");
            if (entry.glob.literal !== undefined) return self(caller.name === entry.text ? "must" : "no");
            return self(intersects(entry.glob, caller.name) ? "may" : "no");
    }
}

function accountReach(account: string, { accountId, kind, except }: Principal): "no" | "may" | "must" {
    if (accountId === account) return "must";
    if (accountId === undefined) return kind === "unique-id" || kind === "canonical" ? "may" : "no";
    return accountId.includes("?") && !except.includes(account) && intersects(compileGlob(accountId), account)
        ? "may"
        : "no";
}

function arnReach({ text, glob }: PrincipalEntry, caller: Principal): "no" | "may" | "must" {
    if (glob.literal === undefined) return wildcardReach(text, caller);
    if (!caller.isClass && (caller.arn ?? caller.name) === text) return "must";
    const session = parseIamArn(text);
    if (session?.service === "sts" && session.type === "assumed-role")
        return sessionReach(session.accountId, session.name, caller);
    return caller.isClass && caller.arn !== undefined && !caller.except.includes(text) && intersects(caller.arn, glob)
        ? "may"
        : "no";
}

/** @param name `ROLE/SESSION`: these ARNs drop the role's path */
function sessionReach(account: string, name: string, caller: Principal): "no" | "may" | "must" {
    const roleName = roleNameOf(caller);
    const [role, session] = [name.slice(0, name.indexOf("/")), lastPart(name)];
    if (caller.accountId !== account || roleName !== role) return "no";
    return caller.sessionName === undefined ? "may" : caller.sessionName === session ? "must" : "no";
}

/** AWS refuses wildcards here, so they never surely match; a session's ARN may be meant as well as the role's. */
function wildcardReach(pattern: string, caller: Principal): "no" | "may" {
    const { arn, accountId } = caller;
    if (caller.kind === "service" || caller.kind === "anonymous") return "no";
    if (arn === undefined || intersects(arn, pattern)) return "may";
    const partition = parseIamArn(arn)?.partition ?? "*";
    const sessions = `arn:${partition}:sts::${accountId ?? "*"}:assumed-role/${roleNameOf(caller) ?? "*"}/${caller.sessionName ?? "*"}`;
    return caller.kind === "role" && intersects(sessions, pattern) ? "may" : "no";
}
