import { contextOf } from "./principal";
import { callerNames, type EntryIndex, entriesFor, indexEntries } from "./principal-index";
import { judgeCaller, type Standing } from "./statement";
import type { Context, ContextValue, ParsedPolicy, Principal, Statement } from "./types";

/** A statement that may count for a caller, by its place in the document. */
export interface PlacedStanding extends Standing {
    readonly index: number;
}

interface Indexed {
    readonly statement: Statement;
    readonly index: number;
    readonly entries: EntryIndex | undefined;
}

/**
 * What a document says of each caller, whatever is asked: actions and resources are another matter, so one walk over
 * statements and callers serves every question. An Allow that surely misses, and a Deny that does not surely hit, are left out.
 */
export function standingsOf(policy: ParsedPolicy, callers: readonly Principal[]): Map<Principal, PlacedStanding[]> {
    const all = policy.document.statements.map((statement, index): Indexed => ({
        statement,
        index,
        entries: statement.principals && indexEntries(statement.principals),
    }));
    const meant = indexStatements(all);
    return new Map(
        callers.map((caller) => {
            const facts = { context: remembered(contextOf(caller)), exact: false };
            const standings: PlacedStanding[] = [];
            for (const { statement, index, entries } of meant(caller)) {
                const standing = judgeCaller(statement, caller, facts, entries && entriesFor(entries, caller));
                if (standing.counts) standings.push({ ...standing, index });
            }
            return [caller, standings];
        }),
    );
}

/** The statements that may mean a caller, in the document's order. */
function indexStatements(all: readonly Indexed[]): (caller: Principal) => readonly Indexed[] {
    const broad = all.filter(({ entries }) => entries === undefined || entries.isBroad);
    const byName = new Map<string, Indexed[]>();
    for (const one of all) {
        if (one.entries === undefined || one.entries.isBroad) continue;
        for (const name of one.entries.byName.keys()) {
            const named = byName.get(name);
            if (named === undefined) byName.set(name, [one]);
            else named.push(one);
        }
    }
    return (caller) => {
        const names = callerNames(caller);
        if (names === undefined) return all;
        const found = new Set(broad);
        for (const name of names) for (const one of byName.get(name) ?? []) found.add(one);
        return found.size === broad.length ? broad : [...found].sort((a, b) => a.index - b.index);
    };
}

/** Keys are few, conditions may be many. */
function remembered(context: Context): Context {
    const known = new Map<string, ContextValue>();
    return (key) => {
        const found = known.get(key);
        if (found !== undefined) return found;
        const value = context(key);
        if (known.size < 64) known.set(key, value);
        return value;
    };
}
