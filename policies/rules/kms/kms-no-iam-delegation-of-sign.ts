import { keyPanel, waysToKey } from "../../../lib/iam/key";
import { isOurs, isSigningUsage, KEY_TYPES, keyWorld, wayFinding, withoutDenies } from "../../keys";
import { NIST_KEY_MANAGEMENT, type Rule } from "../../rule";
import { CANONICAL_KEY, spoiled } from "./example";

/** What an identity policy somewhere in the account must not be able to give. */
const NEVER_DELEGATED = ["kms:Sign", "kms:CreateGrant", "kms:PutKeyPolicy"];

export const kmsNoIamDelegationOfSign: Rule = {
    id: "kms-no-iam-delegation-of-sign",
    description: "the account's identity policies cannot give anyone Sign, grants or the key policy",
    severity: "critical",
    framework: NIST_KEY_MANAGEMENT,
    threats: ["T20", "T21"],
    types: KEY_TYPES,
    fix: "delegate reading verbs only to the account root; bind other verbs to the root user by aws:PrincipalArn",
    reads: ["signerTag", "signers", "accountId", "orgId", "regions", "nonSigningKeys"],
    good: CANONICAL_KEY,
    bad: spoiled((policy) => ({
        ...policy,
        Statement: [
            ...policy.Statement,
            {
                Sid: "Account",
                Effect: "Allow",
                Principal: { AWS: "arn:aws:iam::111122223333:root" },
                Action: "kms:*",
                Resource: "*",
            },
        ],
    })),
    check: (resource, settings) => {
        if (!isSigningUsage(resource) || !isOurs(resource, settings)) return [];
        const judged = keyWorld(resource, settings);
        if (judged.kind === "findings") return judged.findings;
        const world = withoutDenies(judged.world);
        const panel = keyPanel(world);
        return NEVER_DELEGATED.flatMap((action) => {
            // The root user holds no identity policy: what it may do, it may as the root user.
            const [way] = waysToKey(world, action, panel).filter(
                ({ route, principal }) => route === "undecided" || (route === "delegated" && principal.kind !== "root"),
            );
            return way === undefined
                ? []
                : [wayFinding(way, `${action} is delegated to identity policies of the account`)];
        });
    },
};
