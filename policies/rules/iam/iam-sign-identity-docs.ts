import { IDENTITY_TYPES, identityDocuments } from "../../documents";
import { keyPowers } from "../../identity-powers";
import { NO_SCOPE, scopeOf } from "../../place";
import { NIST_LEAST_PRIVILEGE, type Rule } from "../../rule";
import { policyExample } from "../example";

export const iamSignIdentityDocs: Rule = {
    id: "iam-sign-identity-docs",
    description: "no identity document may give Sign, grants or key policies on a key of this account",
    severity: "critical",
    framework: NIST_LEAST_PRIVILEGE,
    threats: ["T01", "T02", "T03", "T04", "T05", "T06", "T07", "T08", "T09", "T13"],
    types: IDENTITY_TYPES,
    fix: "name the KMS actions that are needed, never Sign, CreateGrant, PutKeyPolicy or a pattern that holds them",
    reads: ["accountId", "orgId", "regions", "signers", "boundaryPolicies"],
    good: policyExample({ Action: "kms:Decrypt", Resource: "arn:aws:kms:eu-west-1:111122223333:key/*" }),
    bad: policyExample({ Action: "kms:S*", Resource: "*" }),
    check: (resource, settings) => {
        const documents = identityDocuments(resource, settings.boundaryPolicies);
        if (documents.length === 0) return [];
        const scope = scopeOf(resource, settings);
        if (scope === undefined) return [NO_SCOPE];
        return documents.flatMap((document) => keyPowers(document, settings, scope));
    },
};
