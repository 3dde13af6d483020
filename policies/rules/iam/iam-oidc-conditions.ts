import { checkTrust } from "../../../lib/iam/trust";
import { isPositive, oidcWeaknesses } from "../../../lib/iam/trust-claims";
import type { Statement } from "../../../lib/iam/types";
import { documentsOf, parseOnce } from "../../documents";
import { entitlementsOf } from "../../entitlements";
import { NO_SCOPE, scopeOf } from "../../place";
import { type Finding, NIST_LEAST_PRIVILEGE, type Rule } from "../../rule";
import { LAMBDA_TRUST, roleExample } from "../example";

const PROVIDER = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com";
const KEY = "token.actions.githubusercontent.com";

export const iamOidcConditions: Rule = {
    id: "iam-oidc-conditions",
    description: "a token admits only from a configured place of a forge, by literal audience and subject",
    severity: "critical",
    framework: NIST_LEAST_PRIVILEGE,
    threats: ["T42", "T43", "T45", "T47", "T48", "T49"],
    types: ["aws:iam/role:Role"],
    fix: "list the place in the settings' subjects and require its audience, subject and workflow by StringEquals",
    reads: ["accountId", "orgId", "regions", "subjects", "oidcProviders"],
    good: roleExample(LAMBDA_TRUST),
    bad: roleExample({
        Principal: { Federated: PROVIDER },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: { StringLike: { [`${KEY}:sub`]: "repo:example*" } },
    }),
    check: (resource, settings) => {
        const trust = documentsOf(resource).find(({ kind }) => kind === "trust");
        if (trust?.text.kind !== "known") return [];
        const policy = parseOnce(trust.text.value, "trust");
        const entries = policy.document.statements.flatMap(({ effect, principals }) =>
            effect === "Allow" ? (principals?.entries ?? []) : [],
        );
        if (!entries.some(({ kind }) => kind === "federated")) return [];
        const scope = scopeOf(resource, settings);
        if (scope === undefined) return [NO_SCOPE];
        const entitlements = entitlementsOf(settings);
        const services = entries.filter(({ kind }) => kind === "service").map(({ text }) => text);
        const findings = checkTrust(policy, {
            scope,
            services: services.map((name) => ({ name, sendsSource: false })),
            awsPrincipals: [],
            entitlements,
            tagSession: false,
        });
        return [
            ...policy.document.statements.flatMap(pullRequests),
            // A tag pattern is accepted with its Deny, and is no literal.
            ...(findings.some(({ level }) => level === "violation") ? oidcWeaknesses(policy) : []),
            ...findings
                .filter(
                    ({ level, code }) => level === "violation" && code !== "AwsPrincipal" && code !== "CrossAccount",
                )
                .map(({ at, code, saw }) => ({ at, saw: `${code}: ${saw}` })),
        ].map((finding: Finding) => ({ ...finding, at: `assumeRolePolicy ${finding.at}`.trim() }));
    },
};

/**
 * How the forges' subjects end, or which ref they name, where a request's own code runs. Whatever is configured, none of them becomes a role
 * of the program: what previews requests is a role of another program, with settings of its own.
 */
const REQUESTS = [/:pull_request(_target)?$/i, /:ref:(refs\/)?(pull|merge-requests)\//i, /:ref_type:merge_request:/i];

function pullRequests({ effect, conditions }: Statement): Finding[] {
    if (effect !== "Allow") return [];
    return conditions.flatMap((one) =>
        isPositive(one) && one.key.endsWith(":sub")
            ? one.values
                  .filter(({ text }) => REQUESTS.some((request) => request.test(text)))
                  .map(({ at }): Finding => ({ at, saw: "a pull or merge request, expected none", threat: "T43" }))
            : [],
    );
}
