import { contextOf } from "./principal";
import { entriesFor, indexEntries } from "./principal-index";
import { judgeCaller, type Standing } from "./statement";
import type { ParsedPolicy, Principal } from "./types";

/** A statement that may count for a caller, by its place in the document. */
export interface PlacedStanding extends Standing {
    readonly index: number;
}

/**
 * What a document says of each caller, whatever is asked: actions and resources are another matter, so one walk over
 * statements and callers serves every question. An Allow that surely misses, and a Deny that does not surely hit, are left out.
 */
export function standingsOf(policy: ParsedPolicy, callers: readonly Principal[]): Map<Principal, PlacedStanding[]> {
    const statements = policy.document.statements.map((statement, index) => ({
        statement,
        index,
        entries: statement.principals && indexEntries(statement.principals),
    }));
    return new Map(
        callers.map((caller) => {
            const facts = { context: contextOf(caller), exact: false };
            const standings: PlacedStanding[] = [];
            for (const { statement, index, entries } of statements) {
                const standing = judgeCaller(statement, caller, facts, entries && entriesFor(entries, caller));
                if (standing.counts) standings.push({ ...standing, index });
            }
            return [caller, standings];
        }),
    );
}
