import { hitsOf, targetOf } from "../../../lib/iam/statement";
import { isPositive } from "../../../lib/iam/trust-claims";
import type { Statement } from "../../../lib/iam/types";
import { IDENTITY_TYPES, identityDocuments } from "../../documents";
import { reachableRoles } from "../../identity-powers";
import { NO_SCOPE, scopeOf } from "../../place";
import { type Finding, NIST_LEAST_PRIVILEGE, type Rule } from "../../rule";
import { policyExample } from "../example";

const ROLE = "arn:aws:iam::111122223333:role/countersign-dev-prepare";

export const iamPassroleScoped: Rule = {
    id: "iam-passrole-scoped",
    description: "PassRole names roles of this program, or reviewed ones, and the services that get them",
    severity: "high",
    framework: NIST_LEAST_PRIVILEGE,
    threats: ["T63"],
    types: IDENTITY_TYPES,
    fix: "allow iam:PassRole on exact ARNs of service roles, with StringEquals iam:PassedToService",
    reads: ["accountId", "orgId", "regions", "serviceRoles", "outsideRoles", "boundaryPolicies"],
    good: policyExample({
        Action: "iam:PassRole",
        Resource: ROLE,
        Condition: { StringEquals: { "iam:PassedToService": "lambda.amazonaws.com" } },
    }),
    bad: policyExample({ Action: "iam:PassRole", Resource: "*" }),
    check: (resource, settings) => {
        const documents = identityDocuments(resource, settings.boundaryPolicies);
        if (documents.length === 0) return [];
        const scope = scopeOf(resource, settings);
        if (scope === undefined) return [NO_SCOPE];
        const allowed = reachableRoles(settings, scope);
        return documents.flatMap(({ at, policy }) =>
            hitsOf(policy, targetOf("iam:PassRole", "*")).flatMap(({ statement, at: place }): Finding[] => {
                if (statement.effect !== "Allow") return [];
                return statementFindings(statement, `${at} ${place || statement.at}`, allowed);
            }),
        );
    },
};

function statementFindings({ resources, conditions }: Statement, at: string, allowed: readonly string[]): Finding[] {
    const isExact =
        resources !== undefined &&
        !resources.negated &&
        resources.entries.every(({ glob, text }) => glob.literal !== undefined && text.includes(":role/"));
    const isOurs = isExact && resources.entries.every(({ text }) => allowed.includes(text));
    const isBound = conditions.some(
        (one) =>
            one.key === "iam:passedtoservice" &&
            isPositive(one) &&
            one.values.every(({ glob }) => glob.literal !== undefined),
    );
    return [
        ...(isExact ? [] : [{ at, saw: "iam:PassRole on a pattern, expected exact role ARNs" }]),
        ...(isExact && !isOurs
            ? [{ at, saw: "iam:PassRole of a role that is in neither serviceRoles nor outsideRoles" }]
            : []),
        ...(isBound ? [] : [{ at, saw: "iam:PassRole without StringEquals iam:PassedToService" }]),
    ];
}
