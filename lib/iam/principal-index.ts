import { roleNameOf } from "./principal";
import type { Negatable, Principal, PrincipalEntry } from "./types";

/** A Principal element with its entries by what they name, so that a caller meets only those that may mean it. */
export interface EntryIndex {
    readonly principals: Negatable<PrincipalEntry>;
    /** Undefined for a short list, which is walked. */
    readonly byName: ReadonlyMap<string, readonly PrincipalEntry[]> | undefined;
    /** Everything, and globs. */
    readonly rest: readonly PrincipalEntry[];
    readonly accounts: readonly PrincipalEntry[];
    readonly arns: readonly PrincipalEntry[];
}

const SHORT = 8;

export function indexEntries(principals: Negatable<PrincipalEntry>): EntryIndex {
    if (principals.entries.length <= SHORT)
        return { principals, byName: undefined, rest: principals.entries, accounts: [], arns: [] };
    const byName = new Map<string, PrincipalEntry[]>();
    const [rest, accounts, arns]: PrincipalEntry[][] = [[], [], []];
    for (const entry of principals.entries) {
        const name = nameOf(entry);
        if (name === undefined) {
            rest!.push(entry);
            continue;
        }
        const named = byName.get(name);
        if (named === undefined) byName.set(name, [entry]);
        else named.push(entry);
        if (entry.session !== undefined) {
            // A session's ARN is also a name that a caller may be known by.
            const role = sessionKey(entry.session.accountId, entry.session.role);
            byName.set(role, [...(byName.get(role) ?? []), entry]);
        } else if (entry.kind === "arn") arns!.push(entry);
        if (entry.kind === "account") accounts!.push(entry);
    }
    return { principals, byName, rest: rest!, accounts: accounts!, arns: arns! };
}

/** What a caller must be called to be meant; undefined for entries that mean many. */
function nameOf({ kind, text, glob }: PrincipalEntry): string | undefined {
    return kind === "everyone" || glob.literal === undefined ? undefined : `${kind} ${text}`;
}

function sessionKey(accountId: string, role: string): string {
    return `session ${accountId} ${role}`;
}

/** The same element with the entries left out that surely do not mean the caller. */
export function entriesFor(index: EntryIndex, caller: Principal): Negatable<PrincipalEntry> {
    const { principals, byName, rest, accounts, arns } = index;
    if (byName === undefined) return principals;
    const { kind, name, arn, accountId, isClass, uniqueId } = caller;
    const named = (key: string): readonly PrincipalEntry[] => byName.get(key) ?? [];
    const role = roleNameOf(caller);
    // Classes of accounts or of ARNs may hold any that is named.
    const isAnyAccount = accountId === undefined || accountId.includes("?");
    const entries = [
        ...rest,
        ...(isAnyAccount ? accounts : named(`account ${accountId}`)),
        ...(isClass ? arns : named(`arn ${arn ?? name}`)),
        ...(role === undefined || accountId === undefined ? [] : named(sessionKey(accountId, role))),
        ...(uniqueId === undefined ? [] : named(`unique-id ${uniqueId}`)),
        ...(kind === "service" || kind === "federated" || kind === "canonical" ? named(`${kind} ${name}`) : []),
    ];
    return { ...principals, entries };
}
