import { contextOf, principalOfArn } from "../../../lib/iam/principal";
import { identityRoute } from "../../../lib/iam/identity";
import { keyTarget } from "../../../lib/iam/key";
import type { DeclaredPrincipal } from "../../../lib/iam/types";
import { IDENTITY_TYPES, identityDocuments } from "../../documents";
import { arnOfRole, NO_SCOPE, scopeOf } from "../../place";
import { type Finding, NIST_LEAST_PRIVILEGE, type Rule } from "../../rule";
import { policyExample } from "../example";

/** What no identity document may give over any key of the account, whatever the key's policy says. */
const FORBIDDEN = ["kms:Sign", "kms:CreateGrant", "kms:PutKeyPolicy"];

export const iamSignIdentityDocs: Rule = {
    id: "iam-sign-identity-docs",
    description: "no identity document may give Sign, grants or key policies on a key of this account",
    severity: "critical",
    framework: NIST_LEAST_PRIVILEGE,
    threats: ["T01", "T02", "T03", "T04", "T05", "T06", "T07", "T08", "T09", "T13"],
    types: IDENTITY_TYPES,
    fix: "name the KMS actions that are needed, never Sign, CreateGrant, PutKeyPolicy or a pattern that holds them",
    reads: ["accountId", "orgId", "regions", "signers"],
    good: policyExample({ Action: "kms:Decrypt", Resource: "arn:aws:kms:eu-west-1:111122223333:key/*" }),
    bad: policyExample({ Action: "kms:S*", Resource: "*" }),
    check: (resource, settings) => {
        const documents = identityDocuments(resource);
        if (documents.length === 0) return [];
        const scope = scopeOf(resource, settings);
        if (scope === undefined) return [NO_SCOPE];
        return documents.flatMap(({ at, owner, policy }) => {
            const name =
                owner.kind === "known" ? arnOfRole(scope, owner.value, settings) : "whoever holds the document";
            const principal: DeclaredPrincipal = { arn: name, policies: [{ name: at, policy }], complete: true };
            const caller = principalOfArn(name, scope);
            const facts = { context: contextOf(caller), exact: false };
            const isSigner = settings.signers.some(({ role }) => owner.kind === "known" && owner.value === role);
            return FORBIDDEN.flatMap((action): Finding[] => {
                if (isSigner && action === "kms:Sign") return []; // iam-signer-least-privilege
                const { denied, way } = identityRoute(principal, keyTarget(action, scope), facts, caller);
                if (denied || way === undefined) return [];
                const place = way[0]?.at ?? "";
                const saw = `may be granted ${action}, which only a key's own policy gives`;
                return [{ at: `${at} ${place}`.trim(), saw, principal: name, action, target: "keys of the account" }];
            });
        });
    },
};
