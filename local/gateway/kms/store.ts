import type { KeyPair } from "./crypto/key-pair";
import type { Secret } from "./crypto/symmetric";
import { kmsError, noSuchAlias, noSuchKey } from "./errors";
import type { AnyKeySpec, KeyUsage } from "./key-specs";
import type { StoredPolicy } from "./policy/document";

export type KeyState = "Enabled" | "Disabled" | "PendingDeletion" | "PendingImport";

export interface LastUsage {
    readonly operation: string;
    readonly at: Date;
    readonly eventId: string;
    readonly requestId: string;
}

export interface Grant {
    readonly id: string;
    readonly token: string;
    readonly createdAt: Date;
    readonly issuingAccount: string;
    readonly grantee: string;
    readonly retiring?: string;
    readonly operations: readonly string[];
    readonly name?: string;
    readonly contextEquals?: Record<string, string>;
    readonly contextSubset?: Record<string, string>;
}

export interface Key {
    readonly id: string;
    readonly arn: string;
    readonly accountId: string;
    readonly region: string;
    readonly spec: AnyKeySpec;
    readonly usage: KeyUsage;
    readonly origin: "AWS_KMS" | "EXTERNAL";
    readonly multiRegion: boolean;
    readonly createdAt: Date;
    /** One of both, or neither while material is awaited. */
    readonly pair?: KeyPair;
    readonly secret?: Secret;
    readonly tags: Map<string, string>;
    readonly grants: Map<string, Grant>;
    state: KeyState;
    description: string;
    policy: StoredPolicy;
    deletionDate?: Date;
    rotation?: { periodDays: number; since: Date };
    lastUsage?: LastUsage;
}

export interface Alias {
    readonly name: string;
    readonly arn: string;
    readonly accountId: string;
    readonly region: string;
    readonly createdAt: Date;
    targetKeyId: string;
    updatedAt: Date;
}

/** Where a name is looked up: KMS knows one region, and bare names belong to the caller's account. */
export interface Place {
    readonly partition: string;
    readonly region: string;
    readonly accountId: string;
}

export interface Store {
    readonly keys: Map<string, Key>;
    readonly aliases: Map<string, Alias>;
}

export const createStore = (): Store => ({ keys: new Map(), aliases: new Map() });

export const keyArn = (place: Place, id: string): string =>
    `arn:${place.partition}:kms:${place.region}:${place.accountId}:key/${id}`;
export const aliasArn = (place: Place, name: string): string =>
    `arn:${place.partition}:kms:${place.region}:${place.accountId}:${name}`;

/** What a caller-controlled KeyId means. `key` is undefined if no such key exists, which only the allowed are told. */
export interface Resolved {
    readonly arn: string;
    readonly key: Key | undefined;
    /** `alias/NAME`, if the caller named one: kms:RequestAlias. */
    readonly alias?: string;
}

/**
 * Key id, key ARN, alias name or alias ARN.
 *
 * @throws NotFoundException for a malformed id, a foreign region, an alias that does not exist
 */
export function resolveKey(store: Store, place: Place, text: string, options: { aliases: boolean }): Resolved {
    const named = /^arn:[^:]*:kms:/.test(text) ? parseArn(place, text) : { ...place, resource: bareResource(text) };
    if (named.resource.startsWith("alias/")) {
        if (!options.aliases) throw invalidKeyId(text);
        const arn = aliasArn(named, named.resource);
        const alias = store.aliases.get(arn);
        if (!alias) throw noSuchAlias(arn);
        const target = keyArn(named, alias.targetKeyId);
        return { arn: target, key: store.keys.get(target), alias: alias.name };
    }
    const id = named.resource.slice("key/".length);
    if (!/^(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|mrk-[0-9a-f]{32})$/.test(id)) throw invalidKeyId(text);
    const arn = keyArn(named, id);
    return { arn, key: store.keys.get(arn) };
}

export function aliasNamesOf(store: Store, key: Key): string[] {
    const aliases = [...store.aliases.values()];
    return aliases.filter((alias) => alias.targetKeyId === key.id && sameHome(alias, key)).map((alias) => alias.name);
}

/** Keys whose waiting period is over are gone, with their aliases. */
export function removeExpired(store: Store, now: Date): void {
    for (const [arn, key] of store.keys) {
        if (key.state !== "PendingDeletion" || !key.deletionDate || key.deletionDate > now) continue;
        for (const name of aliasNamesOf(store, key)) store.aliases.delete(arn.replace(/key\/.*/, name));
        store.keys.delete(arn);
    }
}

/** A key that the caller was allowed to ask for. */
export function existing({ arn, key }: Resolved): Key {
    if (!key) throw noSuchKey(arn);
    return key;
}

function parseArn(place: Place, text: string): Place & { resource: string } {
    const [, partition, , region, accountId, resource = "", ...rest] = text.split(":");
    if (partition !== place.partition || rest.length > 0 || !/^(?:key|alias)\/./.test(resource)) throw invalidArn(text);
    if (region !== place.region) throw kmsError("NotFoundException", `Invalid arn ${String(region)}`);
    if (!/^\d{12}$/.test(accountId ?? "")) throw invalidArn(text);
    return { partition: place.partition, region: place.region, accountId: accountId!, resource };
}

const bareResource = (text: string): string => (text.startsWith("alias/") ? text : `key/${text}`);
const sameHome = (a: Place | Alias, b: Key): boolean => a.accountId === b.accountId && a.region === b.region;
const invalidKeyId = (text: string): Error => kmsError("NotFoundException", `Invalid keyId '${text}'`);
const invalidArn = (text: string): Error => kmsError("InvalidArnException", `Invalid arn ${text}`);
