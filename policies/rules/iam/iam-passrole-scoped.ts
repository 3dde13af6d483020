import { hitsOf, targetOf } from "../../../lib/iam/statement";
import { isPositive } from "../../../lib/iam/trust-claims";
import { IDENTITY_TYPES, identityDocuments } from "../../documents";
import { type Finding, NIST_LEAST_PRIVILEGE, type Rule } from "../../rule";
import { policyExample } from "../example";

const ROLE = "arn:aws:iam::111122223333:role/countersign-dev-prepare";

export const iamPassroleScoped: Rule = {
    id: "iam-passrole-scoped",
    description: "PassRole names its roles and the services that get them",
    severity: "high",
    framework: NIST_LEAST_PRIVILEGE,
    threats: ["T63"],
    types: IDENTITY_TYPES,
    fix: "allow iam:PassRole on exact role ARNs, with StringEquals iam:PassedToService",
    reads: [],
    good: policyExample({
        Action: "iam:PassRole",
        Resource: ROLE,
        Condition: { StringEquals: { "iam:PassedToService": "lambda.amazonaws.com" } },
    }),
    bad: policyExample({ Action: "iam:PassRole", Resource: "*" }),
    check: (resource) =>
        identityDocuments(resource).flatMap(({ at, policy }) =>
            hitsOf(policy, targetOf("iam:PassRole", "*")).flatMap(({ statement, at: place }): Finding[] => {
                if (statement.effect !== "Allow") return [];
                const { resources, conditions } = statement;
                const where = `${at} ${place || statement.at}`;
                const isExact =
                    resources !== undefined &&
                    !resources.negated &&
                    resources.entries.every(({ glob, text }) => glob.literal !== undefined && text.includes(":role/"));
                const isBound = conditions.some(
                    (one) =>
                        one.key === "iam:passedtoservice" &&
                        isPositive(one) &&
                        one.values.every(({ glob }) => glob.literal !== undefined),
                );
                return [
                    ...(isExact ? [] : [{ at: where, saw: "iam:PassRole on a pattern, expected exact role ARNs" }]),
                    ...(isBound ? [] : [{ at: where, saw: "iam:PassRole without StringEquals iam:PassedToService" }]),
                ];
            }),
        ),
};
