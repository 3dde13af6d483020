import { checkTrust } from "../../../lib/iam/trust";
import { documentsOf, parseOnce } from "../../documents";
import { entitlementsOf } from "../../entitlements";
import { NO_SCOPE, scopeOf } from "../../place";
import { read, readList, valueOf } from "../../read";
import { type Finding, NIST_KEY_MANAGEMENT, type ResourceView, type Rule, type StackFinding } from "../../rule";
import type { Settings } from "../../settings";
import { signerExample } from "../example";

const ROLE = "aws:iam/role:Role";

export const iamSignerTrustExact: Rule = {
    id: "iam-signer-trust-exact",
    description: "only Lambda becomes a signer, which is the role that the settings name",
    severity: "critical",
    framework: NIST_KEY_MANAGEMENT,
    threats: ["T40", "T41", "T42", "T43", "T45", "T47", "T48", "T49", "T50", "T91"],
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
        const entitlements = settings.directMode ? entitlementsOf(settings) : [];
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
    checkStack: (resources, settings) => twins(resources, settings),
};

/** One name, two resources: the later registration decides what the role is, and each looks right by itself. */
function twins(resources: readonly ResourceView[], { signers }: Settings): StackFinding[] {
    const named = resources.flatMap((resource) => {
        const name = resource.type === ROLE ? valueOf(read<string>(() => resource.props.name)) : undefined;
        return name !== undefined && isSignerName(name, signers) ? [{ resource, name: name.toLowerCase() }] : [];
    });
    return named
        .filter(({ name }, i) => named.findIndex((one) => one.name === name) !== i)
        .map(({ resource }) => ({ resource, at: "name", saw: "another resource is the same role", threat: "T91" }));
}

/** AWS keeps role names unique whatever their case, so one in another case is no other role. */
export function isSignerName(name: string, signers: Settings["signers"]): boolean {
    return signers.some(({ role }) => role.toLowerCase() === name.toLowerCase());
}

/** By name or by path: a role under /signing/ that is no signer would be one as soon as somebody tags a key. */
export function isSigner({ props }: ResourceView, { signers }: Settings): boolean {
    const name = read<string>(() => props.name);
    const path = valueOf(read<string>(() => props.path));
    return (
        path === "/signing/" || name.kind === "unknown" || (name.kind === "known" && isSignerName(name.value, signers))
    );
}

function identityFindings({ props }: ResourceView, { signers }: Settings): Finding[] {
    const name = read<string>(() => props.name);
    const path = read<string>(() => props.path);
    if (name.kind !== "known") return [{ at: "name", saw: `${name.kind}, expected an explicit name`, threat: "T91" }];
    if (path.kind === "unknown") return [{ at: "path", saw: "unknown, expected an explicit path", threat: "T91" }];
    const isListed = signers.some(({ role }) => role === name.value);
    if (!isListed && isSignerName(name.value, signers))
        return [{ at: "name", saw: "a signer's name in another case", threat: "T91" }];
    const isUnder = path.kind === "known" && path.value.toLowerCase().startsWith("/signing");
    if (isListed && valueOf(path) !== "/signing/") return [{ at: "path", saw: "a signer outside the path /signing/" }];
    if (isUnder && !isListed) return [{ at: "path", saw: "a role under /signing/ that is no signer in the settings" }];
    if (!isListed) return [];
    const managed = readList<string>(() => props.managedPolicyArns);
    return managed.kind === "absent" || (managed.kind === "known" && managed.value.length === 0)
        ? []
        : [{ at: "managedPolicyArns", saw: "set, expected none: others may change a managed policy" }];
}
