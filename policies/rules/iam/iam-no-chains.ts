import { IDENTITY_TYPES, identityDocuments } from "../../documents";
import { chainPowers } from "../../identity-powers";
import { NO_SCOPE, scopeOf } from "../../place";
import { NIST_LEAST_PRIVILEGE, type Rule } from "../../rule";
import { policyExample } from "../example";

export const iamNoChains: Rule = {
    id: "iam-no-chains",
    description:
        "nobody in the stack becomes, makes or strengthens a principal that no rule sees, or writes what such are made from",
    severity: "critical",
    framework: NIST_LEAST_PRIVILEGE,
    threats: ["T51", "T60", "T62", "T65"],
    types: IDENTITY_TYPES,
    fix: "take the action out, name the one bucket, repository or secret, or list the one role that is assumed in serviceRoles, or with a reason in outsideRoles",
    reads: [
        "accountId",
        "orgId",
        "regions",
        "signers",
        "serviceRoles",
        "outsideRoles",
        "deployRole",
        "breakGlass",
        "boundaryPolicies",
    ],
    good: policyExample({
        Action: "sts:AssumeRole",
        Resource: "arn:aws:iam::111122223333:role/countersign-dev-signing",
    }),
    bad: policyExample({ Action: "sts:AssumeRole", Resource: "arn:aws:iam::111122223333:role/administrator" }),
    check: (resource, settings) => {
        const documents = identityDocuments(resource, settings.boundaryPolicies);
        if (documents.length === 0) return [];
        const scope = scopeOf(resource, settings);
        if (scope === undefined) return [NO_SCOPE];
        return documents.flatMap((document) => chainPowers(document, settings, scope));
    },
};
