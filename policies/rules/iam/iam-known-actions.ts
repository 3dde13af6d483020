import { IDENTITY_TYPES, identityDocuments } from "../../documents";
import { isExempt } from "../../identity-powers";
import { unknownActions } from "../../known-actions";
import { NO_SCOPE, scopeOf } from "../../place";
import { NIST_LEAST_PRIVILEGE, type Rule } from "../../rule";
import { policyExample } from "../example";

export const iamKnownActions: Rule = {
    id: "iam-known-actions",
    description: "documents allow actions only whose every effect the pack can judge",
    severity: "critical",
    framework: NIST_LEAST_PRIVILEGE,
    threats: ["T60", "T63", "T64"],
    types: IDENTITY_TYPES,
    fix: "name an action that the pack knows; another goes into extraActions with a reason, if it makes, becomes or commands nothing that runs as a role",
    reads: ["accountId", "orgId", "regions", "deployRole", "breakGlass", "boundaryPolicies", "extraActions"],
    good: policyExample({ Action: ["dynamodb:Query", "s3:GetObject*"], Resource: "*" }),
    bad: policyExample({ Action: "airflow:CreateCliToken", Resource: "*" }),
    check: (resource, settings) => {
        const documents = identityDocuments(resource, settings.boundaryPolicies);
        if (documents.length === 0) return [];
        const scope = scopeOf(resource, settings);
        if (scope === undefined) return [NO_SCOPE];
        return documents.flatMap(({ at, owner, policy }) => {
            if (owner.kind === "known" && isExempt(owner.value, settings, scope)) return [];
            return unknownActions(policy, settings).map((finding) => ({ ...finding, at: `${at} ${finding.at}` }));
        });
    },
};
