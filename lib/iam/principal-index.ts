import { roleNameOf } from "./principal";
import type { Negatable, Principal, PrincipalEntry } from "./types";

/** A Principal element with its entries by what they name, so that a caller meets only those that may mean it. */
export interface EntryIndex {
    readonly principals: Negatable<PrincipalEntry>;
    readonly byName: ReadonlyMap<string, readonly PrincipalEntry[]>;
    /** Everyone, globs, unique ids. */
    readonly rest: readonly PrincipalEntry[];
    /** May mean callers whom it does not name. */
    readonly isBroad: boolean;
}

export function indexEntries(principals: Negatable<PrincipalEntry>): EntryIndex {
    const byName = new Map<string, PrincipalEntry[]>();
    const rest: PrincipalEntry[] = [];
    for (const entry of principals.entries) {
        const names = namesOf(entry);
        if (names.length === 0) rest.push(entry);
        for (const name of names) {
            const named = byName.get(name);
            if (named === undefined) byName.set(name, [entry]);
            else named.push(entry);
        }
    }
    return { principals, byName, rest, isBroad: principals.negated || rest.length > 0 };
}

/** What a caller may be called to be meant; none for entries that mean many, or somebody whose name is not known. */
function namesOf({ kind, text, glob, session }: PrincipalEntry): string[] {
    if (kind === "everyone" || kind === "unique-id" || glob.literal === undefined) return [];
    const own = `${kind} ${text}`;
    // What is meant for a user may be meant for its federated users, too.
    if (text.includes(":user/")) return [own, federatedName(text.split(":")[4])];
    return session === undefined ? [own] : [own, sessionName(session.accountId, session.role)];
}

function sessionName(accountId: string, role: string): string {
    return `session ${accountId} ${role}`;
}

function federatedName(accountId: string | undefined): string {
    return `federated user of ${accountId}`;
}

/** Undefined for a caller whom an entry may mean that is called otherwise: a class, or somebody of an unknown account. */
export function callerNames(caller: Principal): readonly string[] | undefined {
    const { kind, name, arn, accountId, isClass } = caller;
    const hasNoAccount = kind === "service" || kind === "federated" || kind === "anonymous";
    if (isClass || (accountId === undefined && !hasNoAccount) || accountId?.includes("?")) return undefined;
    const role = roleNameOf(caller);
    return [
        `arn ${arn ?? name}`,
        `${kind} ${name}`,
        ...(accountId === undefined ? [] : [`account ${accountId}`]),
        ...(kind === "federated-user" ? [federatedName(accountId)] : []),
        ...(role === undefined || accountId === undefined ? [] : [sessionName(accountId, role)]),
    ];
}

const SHORT = 4;

/** The same element with the entries left out that surely do not mean the caller. */
export function entriesFor({ principals, byName, rest }: EntryIndex, caller: Principal): Negatable<PrincipalEntry> {
    if (principals.entries.length <= SHORT) return principals;
    const names = callerNames(caller);
    if (names === undefined) return principals;
    return { ...principals, entries: [...rest, ...names.flatMap((name) => byName.get(name) ?? [])] };
}
