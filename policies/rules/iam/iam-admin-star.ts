import type { Statement } from "../../../lib/iam/types";
import { IDENTITY_TYPES, identityDocuments } from "../../documents";
import { type Finding, NIST_LEAST_PRIVILEGE, type Rule } from "../../rule";
import { policyExample } from "../example";

export const iamAdminStar: Rule = {
    id: "iam-admin-star",
    description: "no document allows everything, or a whole service on everything",
    severity: "high",
    framework: NIST_LEAST_PRIVILEGE,
    threats: ["T01", "T03", "T04"],
    types: IDENTITY_TYPES,
    fix: "name the actions and the resources that are needed",
    reads: ["boundaryPolicies"],
    good: policyExample({ Action: ["xray:PutTraceSegments"], Resource: "*" }),
    bad: policyExample({ Action: "s3:*", Resource: "*" }),
    check: (resource, { boundaryPolicies }) =>
        identityDocuments(resource, boundaryPolicies).flatMap(({ at, policy }) =>
            policy.document.statements.flatMap((statement) => findingsOf(at, statement)),
        ),
};

function findingsOf(at: string, { effect, actions, resources, at: place }: Statement): Finding[] {
    if (effect !== "Allow") return [];
    const everywhere =
        resources === undefined || resources.negated || resources.entries.some(({ text }) => isEverywhere(text));
    if (actions.negated) return [{ at: `${at} ${actions.at}`, saw: "NotAction allows all that it does not name" }];
    return actions.entries.flatMap(({ text, at: where }): Finding[] => {
        if (isAll(text) || /^[*?]+:[*?]+$/.test(text)) return [{ at: `${at} ${where}`, saw: "every action" }];
        const isService = /^[^:]*:[*?]*[*][*?]*$/.test(text) || /^[^:]*[*?][^:]*:/.test(text);
        if (!isService || !everywhere) return [];
        return [{ at: `${at} ${where || place}`, saw: `${text.slice(0, 64)} on every resource` }];
    });
}

/** `*`, and what IAM may read alike: `?*` misses nothing that has a name. */
function isAll(text: string): boolean {
    return /^[*?]*[*][*?]*$/.test(text);
}

/** Everything, or all of a service: `arn:*`, `arn:aws:*`, `arn:aws:s3:::*`. */
function isEverywhere(text: string): boolean {
    if (isAll(text)) return true;
    const fields = text.split(":");
    return fields[0] === "arn" && fields.length <= 6 && isAll(fields[fields.length - 1] ?? "");
}
