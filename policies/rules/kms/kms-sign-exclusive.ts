import { waysToKey } from "../../../lib/iam/key";
import { isOurs, isSigningUsage, KEY_TYPES, keyWorld, wayFinding, withoutDenies } from "../../keys";
import { NIST_KEY_MANAGEMENT, type ResourceView, type Rule, type StackFinding } from "../../rule";
import { CANONICAL_KEY, spoiled } from "./example";

export const kmsSignExclusive: Rule = {
    id: "kms-sign-exclusive",
    description: "over everyone there could be, a key's policy allows kms:Sign to its signer only",
    severity: "critical",
    framework: NIST_KEY_MANAGEMENT,
    threats: ["T20", "T21", "T22", "T23", "T24", "T25", "T26", "T33", "T35"],
    types: KEY_TYPES,
    fix: "allow kms:Sign to the signer role alone, as components/iam/signing-key.ts does, with one inline policy",
    reads: ["signerTag", "signers", "accountId", "orgId", "regions", "nonSigningKeys"],
    good: CANONICAL_KEY,
    bad: spoiled((policy) => ({
        ...policy,
        Statement: [
            ...policy.Statement.filter(({ Sid }) => Sid !== "DenySignOthers"),
            {
                Sid: "Guest",
                Effect: "Allow",
                Principal: { AWS: "arn:aws:iam::111122223333:role/guest" },
                Action: "kms:S*",
                Resource: "*",
            },
        ],
    })),
    check: (resource, settings) => {
        if (!isSigningUsage(resource) || !isOurs(resource, settings)) return [];
        const judged = keyWorld(resource, settings);
        if (judged.kind === "findings") return judged.findings;
        // The Denies are another rule's, so that each of both halves holds alone.
        return waysToKey(withoutDenies(judged.world), "kms:Sign")
            .filter(({ principal }) => principal.isClass || principal.arn !== judged.signer)
            .map((way) => wayFinding(way, `may sign by the ${way.route} route, expected only ${judged.signer}`));
    },
    checkStack: (resources, settings) =>
        resources
            .filter((key) => key.type === "aws:kms/key:Key" && isSigningUsage(key) && isOurs(key, settings))
            .flatMap((key) => [...secondPolicies(key, resources), ...namesakes(key, resources)]),
};

/** The settings know keys by resource name; under another parent, there may be the same name once more. */
function namesakes(key: ResourceView, resources: readonly ResourceView[]): StackFinding[] {
    const first = resources.find(({ type, name }) => type === key.type && name === key.name);
    return first === undefined || first.urn === key.urn
        ? []
        : [
              {
                  resource: key,
                  at: "name",
                  saw: `another key is called ${key.name}, expected names that differ`,
                  threat: "T33",
              },
          ];
}

/** A KeyPolicy replaces the inline policy that was judged, and restores AWS's default when it is destroyed. */
function secondPolicies(key: ResourceView, resources: readonly ResourceView[]): StackFinding[] {
    return resources
        .filter(
            ({ type, dependencies }) =>
                type === "aws:kms/keyPolicy:KeyPolicy" && dependencies?.keyId?.includes(key.urn),
        )
        .map(({ name }) => ({
            resource: key,
            at: "policy",
            saw: `${name} is a second policy of this key, expected one, inline`,
            threat: "T33",
        }));
}
