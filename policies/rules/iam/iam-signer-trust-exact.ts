import { entitlementOf } from "../../../lib/iam/subjects";
import { checkTrust } from "../../../lib/iam/trust";
import { documentsOf, parseOnce } from "../../documents";
import { NO_SCOPE, scopeOf } from "../../place";
import { read, readList, valueOf } from "../../read";
import { type Finding, NIST_KEY_MANAGEMENT, type ResourceView, type Rule } from "../../rule";
import type { Settings } from "../../settings";
import { signerExample } from "../example";

const ROLE = "aws:iam/role:Role";

export const iamSignerTrustExact: Rule = {
    id: "iam-signer-trust-exact",
    description: "only Lambda becomes a signer, which is the role that the settings name",
    severity: "critical",
    framework: NIST_KEY_MANAGEMENT,
    threats: ["T40", "T41", "T42", "T43", "T44", "T45", "T47", "T48", "T49", "T50", "T91"],
    types: [ROLE],
    fix: "let components/signing-key.ts make the role: path /signing/, trust in lambda.amazonaws.com alone, no managed policies",
    reads: ["accountId", "orgId", "regions", "signers", "directMode", "subjects", "oidcProviders"],
    good: signerExample(),
    bad: signerExample({ Principal: { Service: ["lambda.amazonaws.com", "states.amazonaws.com"] } }),
    check: (resource, settings) => {
        const identity = identityFindings(resource, settings);
        if (!isSigner(resource, settings)) return identity;
        const scope = scopeOf(resource, settings);
        if (scope === undefined) return [NO_SCOPE];
        const trust = documentsOf(resource).find(({ kind }) => kind === "trust");
        if (trust?.text.kind !== "known") return identity; // iam-policy-doc-known reports it
        const entitlements = settings.directMode
            ? settings.subjects.flatMap((subject) =>
                  settings.oidcProviders.flatMap(({ audiences }) =>
                      audiences.map((one) => entitlementOf(subject, one)),
                  ),
              )
            : [];
        const findings = checkTrust(parseOnce(trust.text.value, "trust"), {
            scope,
            services: [{ name: "lambda.amazonaws.com", sendsSource: false }],
            awsPrincipals: [],
            entitlements,
            tagSession: false,
        });
        return [
            ...identity,
            ...findings
                .filter(({ level }) => level === "violation")
                .map(({ at, code, saw }) => ({ at: `assumeRolePolicy ${at}`.trim(), saw: `${code}: ${saw}` })),
        ];
    },
};

/** By name or by path: a role under /signing/ that is no signer would be one as soon as somebody tags a key. */
export function isSigner({ props }: ResourceView, { signers }: Settings): boolean {
    const name = read<string>(() => props.name);
    const path = valueOf(read<string>(() => props.path));
    return path === "/signing/" || name.kind === "unknown" || signers.some(({ role }) => role === valueOf(name));
}

function identityFindings({ props }: ResourceView, { signers }: Settings): Finding[] {
    const name = read<string>(() => props.name);
    const path = read<string>(() => props.path);
    if (name.kind !== "known") return [{ at: "name", saw: `${name.kind}, expected an explicit name`, threat: "T91" }];
    if (path.kind === "unknown") return [{ at: "path", saw: "unknown, expected an explicit path", threat: "T91" }];
    const isListed = signers.some(({ role }) => role === name.value);
    const isUnder = path.kind === "known" && path.value.toLowerCase().startsWith("/signing");
    if (isListed && valueOf(path) !== "/signing/") return [{ at: "path", saw: "a signer outside the path /signing/" }];
    if (isUnder && !isListed) return [{ at: "path", saw: "a role under /signing/ that is no signer in the settings" }];
    if (!isListed) return [];
    const managed = readList<string>(() => props.managedPolicyArns);
    return managed.kind === "absent" || (managed.kind === "known" && managed.value.length === 0)
        ? []
        : [{ at: "managedPolicyArns", saw: "set, expected none: others may change a managed policy" }];
}
