import { aliasNamesOf, type Key, type Store } from "./store";

/**
 * Condition keys that KMS itself puts into a request.
 * https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
 */
export type Context = Record<string, string | string[]>;

/** Of every request on an existing key. */
export function keyContext(store: Store, key: Key, callerAccount: string, alias: string | undefined): Context {
    const aliases = aliasNamesOf(store, key);
    return {
        "kms:CallerAccount": callerAccount,
        "kms:KeySpec": key.spec,
        "kms:KeyUsage": key.usage,
        "kms:KeyOrigin": key.origin,
        "kms:MultiRegion": String(key.multiRegion),
        ...(key.multiRegion ? { "kms:MultiRegionKeyType": "PRIMARY" } : {}),
        ...(aliases.length > 0 ? { "kms:ResourceAliases": aliases } : {}),
        ...(alias === undefined ? {} : { "kms:RequestAlias": alias }),
        ...Object.fromEntries([...key.tags].map(([name, value]) => [`aws:ResourceTag/${name}`, value])),
    };
}

export function requestTagContext(tags: readonly { TagKey: string; TagValue: string }[]): Context {
    if (tags.length === 0) return {};
    return {
        ...Object.fromEntries(tags.map(({ TagKey, TagValue }) => [`aws:RequestTag/${TagKey}`, TagValue])),
        "aws:TagKeys": tags.map(({ TagKey }) => TagKey),
    };
}

export function encryptionContextKeys(context: Record<string, string>): Context {
    const entries = Object.entries(context);
    if (entries.length === 0) return {};
    return {
        ...Object.fromEntries(entries.map(([name, value]) => [`kms:EncryptionContext:${name}`, value])),
        "kms:EncryptionContextKeys": entries.map(([name]) => name),
    };
}

/** Members that are absent from a request are absent from its context. */
export function present(context: Record<string, string | string[] | undefined>): Context {
    return Object.fromEntries(
        Object.entries(context).filter((entry): entry is [string, string | string[]] => entry[1] !== undefined),
    );
}

/** kms:TrailingDaysWithoutKeyUsage: whole days since the last use, or since the key was made. */
export function idleDays(key: Key, now: Date): string {
    const since = key.lastUsage?.at ?? key.createdAt;
    return String(Math.max(0, Math.floor((now.getTime() - since.getTime()) / 86_400_000)));
}
