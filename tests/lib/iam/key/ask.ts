import { type KeyWorld, parsePolicy, waysToKey } from "../../../../lib/iam";
import { ACCOUNT, ADMIN, canonicalStatements, documentOf, type Json, ROOT, SCOPE, SIGNER } from "../canonical";

/** The canonical key policy with statements more or less, and everyone who may sign with the key. */

export const ADMIN_DOCUMENT = parsePolicy(documentOf([{ Effect: "Allow", Action: "*", Resource: "*" }]), "identity");
export const RUNNER = `arn:aws:iam::${ACCOUNT}:role/runner`;

export function world(statements: readonly Json[], more: Partial<KeyWorld> = {}): KeyWorld {
    const keyPolicy = parsePolicy(documentOf(statements), "key");
    const principals = [
        { arn: SIGNER, policies: [], complete: true },
        { arn: RUNNER, policies: [], complete: true },
        { arn: ADMIN, policies: [{ name: "admin", policy: ADMIN_DOCUMENT }], complete: true },
    ];
    return { scope: SCOPE, keyPolicy, principals, grants: [], ...more };
}

export function who(value: KeyWorld, action = "kms:Sign"): string[] {
    return waysToKey(value, action).map(({ principal, route }) => `${route} ${principal.name}`);
}

export const without = (...sids: string[]): Json[] =>
    canonicalStatements().filter(({ Sid }) => !sids.includes(Sid as string));
export const rootStar: Json = {
    Sid: "Enable IAM User Permissions",
    Effect: "Allow",
    Principal: { AWS: ROOT },
    Action: "kms:*",
    Resource: "*",
};
export const allowSign = (principal: unknown, condition?: Json): Json => ({
    Effect: "Allow",
    Principal: principal,
    Action: "kms:Sign",
    Resource: "*",
    ...(condition && { Condition: condition }),
});
