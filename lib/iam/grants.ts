import { foldCase, intersects } from "./glob";
import { reachOf } from "./principal-match";
import { awsEntry } from "./principal-parser";
import type { Target } from "./statement";
import type { Grant, Principal, Scope } from "./types";

/**
 * Whether a grant may serve a caller (KMS Developer Guide, "Grants in AWS KMS"). Constraints and tokens only narrow, so they are ignored.
 *
 * @param target the key, or all that it may be
 */
export function mayGrant(
    { key, operations, grantee }: Grant,
    target: Target,
    action: string,
    scope: Scope,
    caller: Principal,
): boolean {
    // An unknown grantee may be anyone.
    const meant = grantee === undefined || caller.name === grantee || mayBeGrantee(grantee, caller);
    const operation = foldCase(action.slice(action.indexOf(":") + 1));
    if (!meant || (operations !== undefined && !operations.some((one) => foldCase(one) === operation))) return false;
    if (key === undefined || target.resource === undefined) return true;
    const { partition, region, accountId } = scope;
    return intersects(
        key.startsWith("arn:") ? key : `arn:${partition}:kms:${region}:${accountId}:key/${key}`,
        target.resource,
    );
}

/** Grants name accounts, users, roles, sessions and federated users as a Principal element does; an account stands for all of its callers. */
function mayBeGrantee(grantee: string, caller: Principal): boolean {
    const entry = awsEntry(grantee, "");
    if (entry === undefined) return false;
    const { self, account } = reachOf({ negated: false, entries: [entry], at: "" }, caller);
    return self !== "no" || account !== "no";
}
