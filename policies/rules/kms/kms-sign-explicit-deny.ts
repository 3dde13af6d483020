import { allowEverything } from "../../../lib/iam/document";
import { keyPanel, waysToKey } from "../../../lib/iam/key";
import type { KeyWorld, Way } from "../../../lib/iam/types";
import { isOurs, isSigningUsage, KEY_TYPES, keyWorld } from "../../keys";
import { type Finding, NIST_KEY_MANAGEMENT, type Rule } from "../../rule";
import { CANONICAL_KEY, spoiled } from "./example";

/** Actions that would let somebody sign, or hand the key to another policy or place; nobody needs them. */
const FORBIDDEN = ["kms:CreateGrant", "kms:ReplicateKey", "kms:UpdatePrimaryRegion", "kms:ImportKeyMaterial"];

export const kmsSignExplicitDeny: Rule = {
    id: "kms-sign-explicit-deny",
    description: "an explicit Deny keeps everyone but the signer from signing, and everyone from grants and replicas",
    severity: "critical",
    framework: NIST_KEY_MANAGEMENT,
    threats: ["T09", "T27", "T34"],
    types: KEY_TYPES,
    fix: "deny kms:Sign to * unless aws:PrincipalArn is the signer, and deny grants, replicas and imports to *",
    reads: ["signerTag", "signers", "accountId", "orgId", "regions", "nonSigningKeys"],
    good: CANONICAL_KEY,
    bad: spoiled((policy) => ({
        ...policy,
        Statement: policy.Statement.filter(({ Sid }) => Sid !== "DenySignOthers"),
    })),
    check: (resource, settings) => {
        if (!isSigningUsage(resource) || !isOurs(resource, settings)) return [];
        const judged = keyWorld(resource, settings);
        if (judged.kind === "findings") return judged.findings;
        const open = openedTo(judged.world);
        const panel = keyPanel(open);
        const signers = waysToKey(open, "kms:Sign", panel).filter(
            ({ principal }) => principal.isClass || principal.arn !== judged.signer,
        );
        return [
            ...oneFinding(signers, "kms:Sign", `is not denied to everyone but ${judged.signer}`),
            ...FORBIDDEN.flatMap((action) =>
                oneFinding(waysToKey(open, action, panel), action, "is not denied to everyone"),
            ),
        ];
    },
};

/** The same policy, if everything were allowed to everyone besides: then only its Denies are left to hold. */
function openedTo(world: KeyWorld): KeyWorld {
    const statements = [
        ...(world.keyPolicy?.document.statements ?? []),
        allowEverything("key", "everything allowed besides"),
    ];
    return { ...world, keyPolicy: { kind: "key", document: { statements }, problems: [] } };
}

/** One cause, one finding: a missing Deny lets in the whole panel. */
function oneFinding(ways: readonly Way[], action: string, saw: string): Finding[] {
    const [way] = ways;
    if (way === undefined) return [];
    const principal = way.principal.witness ?? way.principal.name;
    return [{ at: "policy", saw: `${action} ${saw}`, principal, action, target: "the key" }];
}
