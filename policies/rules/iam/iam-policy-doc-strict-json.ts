import { DOCUMENT_TYPES, documentsOf, IDENTITY_KINDS, parseOnce } from "../../documents";
import { type Finding, NIST_LEAST_PRIVILEGE, type Rule } from "../../rule";
import type { ParsedPolicy } from "../../../lib/iam/types";
import { EXAMPLE_PROVIDER, policyExample } from "../example";

export const iamPolicyDocStrictJson: Rule = {
    id: "iam-policy-doc-strict-json",
    description: "every policy document is one that IAM and a reader understand alike",
    severity: "high",
    framework: NIST_LEAST_PRIVILEGE,
    threats: ["T08", "T15", "T89", "T90"],
    types: DOCUMENT_TYPES,
    fix: "write the document by components/iam, without duplicate, unknown or oddly cased elements, within IAM's size",
    reads: [],
    good: policyExample({ Action: "s3:GetObject", Resource: "*" }),
    bad: {
        type: "aws:iam/rolePolicy:RolePolicy",
        provider: EXAMPLE_PROVIDER,
        props: {
            role: "countersign-dev-prepare",
            policy: '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Effect":"Allow","Action":"s3:*","Resource":"*"}}',
        },
    },
    check: (resource) =>
        documentsOf(resource).flatMap(({ at, kind, text }): Finding[] => {
            if (text.kind !== "known") return [];
            const policy = parseOnce(text.value, kind);
            const problems = policy.problems.map(({ at: place, code, saw }) => ({
                at: `${at} ${place}`.trim(),
                saw: `${code}: ${saw}`,
            }));
            return [
                ...problems,
                ...valueless(at, policy),
                ...(IDENTITY_KINDS.includes(kind) || kind === "key" ? vacuous(at, policy) : []),
            ];
        }),
};

/** `[]` is legal, and no page of AWS says what a negated operator makes of it: in a Deny it may mean nobody. */
function valueless(at: string, { document }: ParsedPolicy): Finding[] {
    return document.statements.flatMap(({ conditions }) =>
        conditions
            .filter(({ values }) => values.length === 0)
            .map(({ at: place }) => ({ at: `${at} ${place}`, saw: "a condition without values", threat: "T09" })),
    );
}

/** Operators that look like a restriction and are none: true on an absent key in an Allow, false in a Deny. */
function vacuous(at: string, { document }: ParsedPolicy): Finding[] {
    return document.statements.flatMap(({ effect, actions, conditions }) => {
        const ofKms = actions.negated || actions.entries.some(({ text }) => /^(\*|k[*]|kms:)/i.test(text));
        if (!ofKms) return [];
        return conditions.flatMap(({ operator, at: place }): Finding[] => {
            if (effect === "Allow" && operator?.quantifier === "ForAllValues")
                return [
                    { at: `${at} ${place}`, saw: "ForAllValues in an Allow holds on an absent key", threat: "T08" },
                ];
            if (effect === "Deny" && operator?.quantifier === "ForAnyValue")
                return [{ at: `${at} ${place}`, saw: "ForAnyValue in a Deny misses an absent key", threat: "T08" }];
            return [];
        });
    });
}
