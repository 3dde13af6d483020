import type { Settings } from "../settings";
import { isComment } from "../settings-check";
import { formerProposal } from "./former-settings";

/** What a file of settings becomes when a proposal is written over it. */
export interface Merged {
    readonly settings: Readonly<Record<string, unknown>>;
    /** What differs, a line for each. */
    readonly changes: readonly string[];
    /** Entries beside those of this program, which nobody but people writes: they stay. */
    readonly kept: readonly string[];
}

type Entry = Readonly<Record<string, unknown>>;

/** Lists whose entries have an identity: what is not proposed was added by somebody, and reviewed. */
const IDENTITY: Partial<Record<keyof Settings, (entry: Entry) => unknown>> = {
    signers: ({ role }) => role,
    checkers: (entry) => entry.function,
    signerReferrers: ({ type, name }) => `${String(type)} ${String(name)}`,
    keyReferrers: ({ type, name }) => `${String(type)} ${String(name)}`,
    serviceRoles: (entry) => entry,
    controlTables: ({ table }) => table,
    unlockedBuckets: ({ name }) => name,
};

/**
 * A proposal over what is in the file. Scalars, and entries of the program's own, are the proposal's; other entries, members and comments
 * stay. An entry keeps members that no proposal has, so that what nobody knows is refused later and not lost here.
 *
 * @param old as parsed
 */
export function mergeSettings(old: Entry, proposed: Partial<Settings>): Merged {
    const changes: string[] = [];
    const kept: string[] = [];
    const former = formerProposal(old);
    const settings = withPlaces(old, proposed);
    for (const [key, value] of Object.entries(proposed)) {
        const identity = IDENTITY[key as keyof Settings];
        const before = old[key];
        if (identity !== undefined && (before === undefined || Array.isArray(before))) {
            settings[key] = mergeList(key, before ?? [], value as readonly Entry[], identity, {
                changes,
                kept,
                former: (former[key as keyof Settings] ?? []) as readonly Entry[],
            });
            continue;
        }
        if (same(before, value)) continue;
        settings[key] = value;
        changes.push(...difference(key, before, value));
    }
    // What is pinned now needs no reason why it is not.
    if (proposed.unpinnedCode === undefined && typeof old.unpinnedCode === "string" && old.unpinnedCode !== "") {
        delete settings.unpinnedCode;
        changes.push("unpinnedCode: taken out, since code is pinned");
    }
    return { settings, changes, kept };
}

/** What is there in its order, and where a proposal adds a member, room for it after the one that it follows there. */
function withPlaces(old: Entry, proposed: object): Record<string, unknown> {
    const names = Object.keys(old);
    Object.keys(proposed).forEach((name, i, all) => {
        if (!names.includes(name)) names.splice(i === 0 ? names.length : names.indexOf(all[i - 1]!) + 1, 0, name);
    });
    return Object.fromEntries(names.map((name) => [name, old[name]]));
}

function mergeList(
    key: string,
    before: readonly unknown[],
    proposed: readonly Entry[],
    identity: (entry: Entry) => unknown,
    { changes, kept, former }: { changes: string[]; kept: string[]; former: readonly Entry[] },
): unknown[] {
    const of = (entry: unknown): unknown => (entry == null ? entry : identity(entry as Entry));
    const merged = proposed.map((entry) => {
        const at = `${key}[${String(identity(entry))}]`;
        const found = before.find((one) => of(one) === identity(entry));
        if (found === undefined) changes.push(`${at}: new`);
        if (!isObject(found) || !isObject(entry)) return entry;
        return mergeEntry(at, found, entry, changes);
    });
    const known = proposed.map(identity);
    const others = before.filter((one) => !known.includes(of(one)));
    const isOwn = (one: unknown): boolean => former.some((own) => same(unpinned(own), unpinned(one)));
    const at = (one: unknown): string => `${key}[${shown(of(one))}]`;
    changes.push(...others.filter(isOwn).map((one) => `${at(one)}: taken out, since the program has it no more`));
    kept.push(...others.filter((one) => !isOwn(one)).map(at));
    return [...merged, ...others.filter((one) => !isOwn(one))];
}

/** Whatever its code was. One with a comment of somebody's is somebody's. */
function unpinned(entry: unknown): unknown {
    if (!isObject(entry)) return entry;
    return Object.keys(entry).some(isComment) ? undefined : { ...entry, codeSha256: [] };
}

function mergeEntry(at: string, old: Entry, proposed: Entry, changes: string[]): Entry {
    const settings = withPlaces(old, proposed);
    for (const [name, value] of Object.entries(proposed)) {
        if (same(old[name], value)) continue;
        settings[name] = value;
        changes.push(...difference(`${at}.${name}`, old[name], value));
    }
    return settings;
}

/** Lists of text by what comes and goes, since that is what a reviewer asks; all else by before and after. */
function difference(at: string, before: unknown, after: unknown): string[] {
    if (before === undefined) return [`${at}: new, ${shown(after)}`];
    if (isObject(before) && isObject(after)) {
        const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((one) => !isComment(one));
        return names.flatMap((name) => {
            if (same(before[name], after[name])) return [];
            return after[name] === undefined
                ? [`${at}.${cut(name)}: taken out`]
                : difference(`${at}.${cut(name)}`, before[name], after[name]);
        });
    }
    if (!Array.isArray(before) || !Array.isArray(after)) return [`${at}: ${shown(before)} -> ${shown(after)}`];
    const [old, now] = [before.map(canonical), after.map(canonical)];
    const gone = before.filter((one) => !now.includes(canonical(one))).map((one) => `${at}: - ${shown(one)}`);
    const come = after.filter((one) => !old.includes(canonical(one))).map((one) => `${at}: + ${shown(one)}`);
    return gone.length + come.length === 0 ? [`${at}: another order`] : [...gone, ...come];
}

function same(a: unknown, b: unknown): boolean {
    return canonical(a) === canonical(b);
}

/** JSON whose members have one order; comments are nobody's value. */
function canonical(value: unknown): string {
    if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
    if (!isObject(value)) return JSON.stringify(value) ?? "nothing";
    const members = Object.entries(value).filter(([name]) => !isComment(name));
    return `{${members
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`)
        .join(",")}}`;
}

function shown(value: unknown): string {
    return cut(typeof value === "string" ? value : canonical(value));
}

function cut(text: string): string {
    return (text.length <= 160 ? text : `${text.slice(0, 157)}...`).replace(/[^\x20-\x7e]/g, "?");
}

function isObject(value: unknown): value is Entry {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
