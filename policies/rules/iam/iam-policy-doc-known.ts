import { DOCUMENT_TYPES, documentsOf } from "../../documents";
import { type Finding, NIST_LEAST_PRIVILEGE, type Rule } from "../../rule";

export const iamPolicyDocKnown: Rule = {
    id: "iam-policy-doc-known",
    description: "every policy document is known before anything is created",
    severity: "critical",
    framework: NIST_LEAST_PRIVILEGE,
    threats: ["T80"],
    types: DOCUMENT_TYPES,
    fix: "build the document from partition, account, region and explicit names, never from the ARN of a new resource",
    reads: [],
    good: { type: "aws:iam/rolePolicy:RolePolicy", props: { policy: '{"Version":"2012-10-17","Statement":[]}' } },
    bad: { type: "aws:iam/rolePolicy:RolePolicy", props: {} },
    check: (resource) =>
        documentsOf(resource).flatMap(({ at, required, text }): Finding[] => {
            if (text.kind === "unknown") return [{ at, saw: "unknown at preview, so it cannot be judged" }];
            if (text.kind === "absent" && required) return [{ at, saw: "absent, expected a document" }];
            return [];
        }),
};
