import type { Grant, Key } from "./store";
import type { Caller } from "./types";

export interface GrantUse {
    readonly action: string;
    readonly encryptionContext?: Record<string, string>;
}

/** A grant of this key under which the caller may do this. https://docs.aws.amazon.com/kms/latest/developerguide/grants.html */
export function findGrant(key: Key, { action, encryptionContext = {} }: GrantUse, caller: Caller): Grant | undefined {
    const operation = action.slice("kms:".length);
    return [...key.grants.values()].find(
        (grant) =>
            isPrincipal(grant.grantee, caller) &&
            grant.operations.includes(operation) &&
            (!isCryptographic(operation) || fitsContext(grant, encryptionContext)),
    );
}

/** A role is named by its ARN, a session by its own, an account by its root. */
export function isPrincipal(named: string, caller: Caller): boolean {
    return [caller.arn, caller.principalArn, `arn:aws:iam::${caller.accountId}:root`].includes(named);
}

/** Encryption context constrains operations that have one. */
const isCryptographic = (operation: string): boolean =>
    /^(?:Encrypt|Decrypt|GenerateDataKey|ReEncrypt)/.test(operation);

function fitsContext({ contextEquals, contextSubset }: Grant, given: Record<string, string>): boolean {
    const contains = (wanted: Record<string, string>): boolean =>
        Object.entries(wanted).every(([name, value]) => given[name] === value);
    if (contextSubset && !contains(contextSubset)) return false;
    return (
        !contextEquals || (contains(contextEquals) && Object.keys(given).length === Object.keys(contextEquals).length)
    );
}
