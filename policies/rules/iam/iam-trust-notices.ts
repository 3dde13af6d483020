import { checkTrust } from "../../../lib/iam/trust";
import { documentsOf, parseOnce } from "../../documents";
import { entitlementsOf } from "../../entitlements";
import { scopeOf } from "../../place";
import { type Finding, NIST_LEAST_PRIVILEGE, type Rule } from "../../rule";
import { LAMBDA_TRUST, roleExample } from "../example";
import { isSigner } from "./iam-signer-trust-exact";

const KEY = "token.actions.githubusercontent.com";

export const iamTrustNotices: Rule = {
    id: "iam-trust-notices",
    description: "says what reviewers should know about a trust that is not wrong",
    level: "advisory",
    severity: "low",
    framework: NIST_LEAST_PRIVILEGE,
    threats: ["T44", "T46"],
    types: ["aws:iam/role:Role"],
    fix: "check that this is meant",
    reads: ["accountId", "orgId", "regions", "signers", "subjects", "oidcProviders", "directMode"],
    good: roleExample(LAMBDA_TRUST),
    bad: roleExample({
        Principal: { Federated: `arn:aws:iam::111122223333:oidc-provider/${KEY}` },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: { StringEquals: { [`${KEY}:sub`]: "repo:example/*", [`${KEY}:aud`]: "sts.amazonaws.com" } },
    }),
    check: (resource, settings) => {
        const trust = documentsOf(resource).find(({ kind }) => kind === "trust");
        const scope = scopeOf(resource, settings);
        if (trust?.text.kind !== "known" || scope === undefined) return [];
        const policy = parseOnce(trust.text.value, "trust");
        const entitlements = entitlementsOf(settings);
        const notices = checkTrust(policy, { scope, services: [], awsPrincipals: [], entitlements, tagSession: false })
            .filter(({ level }) => level === "notice")
            .map(({ at, saw }): Finding => ({ at: `assumeRolePolicy ${at}`, saw, threat: "T44" }));
        return [...notices, ...movable(policy.document.statements), ...direct(resource, settings)];

        function direct(...[role, { directMode }]: Parameters<typeof isSigner>): Finding[] {
            const isFederated = policy.document.statements.some(({ principals }) =>
                principals?.entries.some(({ kind }) => kind === "federated"),
            );
            return isFederated && isSigner(role, settings)
                ? [{ at: "assumeRolePolicy", saw: `a signer that a CI job becomes (directMode ${String(directMode)})` }]
                : [];
        }
    },
};

/** A workflow pinned to a branch or tag changes with it; an environment protects as far as the forge's settings say. */
function movable(statements: ReturnType<typeof parseOnce>["document"]["statements"]): Finding[] {
    return statements.flatMap(({ conditions }) =>
        conditions.flatMap(({ key, values }) =>
            values.flatMap(({ text, at }): Finding[] => {
                if (key.endsWith(":job_workflow_ref") && !/@[0-9a-f]{40}$/.test(text))
                    return [{ at: `assumeRolePolicy ${at}`, saw: "a workflow at a ref that can move", threat: "T46" }];
                if (key.endsWith(":sub") && text.includes(":environment:"))
                    return [
                        {
                            at: `assumeRolePolicy ${at}`,
                            saw: "an environment: its protection is the forge's",
                            threat: "T46",
                        },
                    ];
                return [];
            }),
        ),
    );
}
