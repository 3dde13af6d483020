import { keyPanel, waysToKey } from "../../../lib/iam/key";
import type { Way } from "../../../lib/iam/types";
import { isOurs, isSigningUsage, KEY_TYPES, keyWorld, wayFinding } from "../../keys";
import { read } from "../../read";
import { type Finding, NIST_KEY_MANAGEMENT, type Rule } from "../../rule";
import type { Settings } from "../../settings";
import { CANONICAL_KEY, spoiled } from "./example";

/** Who may, beside the root user itself. Delegated routes count as somebody else: identity policies are not listed here. */
const ADMINISTRATORS = [
    "kms:EnableKey",
    "kms:DisableKey",
    "kms:ScheduleKeyDeletion",
    "kms:CancelKeyDeletion",
    "kms:DeleteImportedKeyMaterial",
];
const POLICY = ["kms:PutKeyPolicy"];
const DEPLOYER = ["kms:TagResource", "kms:UntagResource", "kms:CreateAlias"];
/** An alias that moves or goes would be another key under the same name. */
const NOBODY = ["kms:UpdateAlias", "kms:DeleteAlias"];

export const kmsKeyAdminAllowlist: Rule = {
    id: "kms-key-admin-allowlist",
    description: "key policy, life and name of a signing key are in the hands of the listed roles, which never sign",
    severity: "critical",
    framework: NIST_KEY_MANAGEMENT,
    threats: ["T28", "T31", "T36"],
    types: KEY_TYPES,
    fix: "list the roles in keyAdmins and deployRole, and let components/iam/signing-key.ts write the policy",
    reads: ["signerTag", "signers", "accountId", "orgId", "regions", "nonSigningKeys", "keyAdmins", "deployRole"],
    good: CANONICAL_KEY,
    bad: spoiled((policy) => ({
        ...policy,
        Statement: [
            ...policy.Statement.filter(({ Sid }) => Sid !== "DenyPolicyChange"),
            {
                Sid: "Helper",
                Effect: "Allow",
                Principal: { AWS: "arn:aws:iam::111122223333:role/helper" },
                Action: "kms:Put*",
                Resource: "*",
            },
        ],
    })),
    check: (resource, settings) => {
        if (!isSigningUsage(resource) || !isOurs(resource, settings)) return [];
        const bypass = read<boolean>(() => resource.props.bypassPolicyLockoutSafetyCheck);
        const judged = keyWorld(resource, settings);
        if (judged.kind === "findings") return judged.findings;
        const { world, signer } = judged;
        const panel = keyPanel(world);
        const strangers = (actions: readonly string[], allowed: readonly string[]): Finding[] =>
            actions.flatMap((action) => {
                const ways = waysToKey(world, action, panel).filter(
                    (way) => !isListed(way, allowed, world.scope.accountId),
                );
                return ways
                    .slice(0, 3)
                    .map((way) => wayFinding(way, `${action} by the ${way.route} route, expected the listed roles`));
            });
        return [
            ...bothHands(settings, signer),
            ...(bypass.kind === "absent" || (bypass.kind === "known" && !bypass.value)
                ? []
                : [{ at: "bypassPolicyLockoutSafetyCheck", saw: "set, expected false", threat: "T28" }]),
            ...strangers(ADMINISTRATORS, settings.keyAdmins),
            ...strangers(POLICY, [...settings.keyAdmins, settings.deployRole]),
            ...strangers(DEPLOYER, [...settings.keyAdmins, settings.deployRole]),
            ...strangers(NOBODY, []),
        ];
    },
};

function isListed({ principal, route }: Way, allowed: readonly string[], accountId: string): boolean {
    if (route !== "direct" && route !== "delegated") return false;
    if (principal.kind === "root") return principal.accountId === accountId && !principal.isClass;
    return !principal.isClass && principal.arn !== undefined && allowed.includes(principal.arn);
}

function bothHands({ keyAdmins, deployRole }: Settings, signer: string): Finding[] {
    const both = [...keyAdmins, deployRole].filter((arn) => arn === signer || arn.includes(":role/signing/"));
    return both.map((arn) => ({ at: "settings.keyAdmins", saw: `${arn} is a signer, expected roles that never sign` }));
}
