import { contextOf, type Person, type RawPolicy } from "../oracle";
import { ACCOUNT } from "./names";
import { FREE_KEYS } from "./request-conditions";

type Context = Record<string, string | string[]>;

/** Of accounts that the world says nothing about. */
const ORGS: readonly (string | undefined)[] = [undefined, "o-own", "o-other"];

/** The keys of a policy that a caller may choose: of conditions, and within variables. */
export function freeKeysOf(policies: readonly RawPolicy[]): string[] {
    const text = JSON.stringify(policies).toLowerCase();
    return Object.keys(FREE_KEYS).filter((key) => text.includes(`"${key}"`) || text.includes(`\${${key}`));
}

/** Every context in which a person may make a request, as far as the documents can tell contexts apart. */
export function contexts(who: Person, keys: readonly string[], needsOrg: boolean, knowsOrg = true): Context[] {
    const isOwn = who.account === ACCOUNT;
    const orgs = isOwn && knowsOrg ? ["o-own"] : who.account !== undefined && needsOrg ? ORGS : [undefined];
    let all: Context[] = orgs.map((org) => ({
        ...(contextOf(who) as Context),
        ...(org !== undefined && { "aws:principalorgid": org }),
    }));
    for (const key of keys) {
        all = all.flatMap((context) =>
            (FREE_KEYS[key] ?? []).map((value) => (value === undefined ? context : { ...context, [key]: value })),
        );
    }
    return all;
}
