import { algorithmsOf } from "../../../lib/kms/specs";
import { isSigningUsage, isOurs, KEY_TYPES } from "../../keys";
import { documentsOf, parseOnce } from "../../documents";
import { foreignGrants } from "../../foreign-grants";
import { read, type Read, valueOf } from "../../read";
import { type Finding, NIST_KEY_MANAGEMENT, type ResourceView, type Rule } from "../../rule";
import type { Settings } from "../../settings";
import { signConditionFindings } from "../../sign-condition";

export const kmsSigningKeyShape: Rule = {
    id: "kms-signing-key-shape",
    description: "signing keys are made in KMS, stay in one region, and sign with one algorithm",
    severity: "high",
    framework: NIST_KEY_MANAGEMENT,
    threats: ["T07", "T29", "T30"],
    types: KEY_TYPES,
    fix: "use aws.kms.Key with keyUsage SIGN_VERIFY, a signing spec, one algorithm in the policy's Allow, and no custom key store",
    reads: ["nonSigningKeys", "accountId", "orgId", "regions", "externalAccounts"],
    good: { props: { keyUsage: "SIGN_VERIFY", customerMasterKeySpec: "RSA_4096" } },
    bad: { props: { keyUsage: "SIGN_VERIFY", customerMasterKeySpec: "RSA_4096", multiRegion: true } },
    check: (resource, settings) => {
        if (resource.type !== "aws:kms/key:Key") {
            return [
                {
                    at: "type",
                    saw: `${resource.type}: the private key exists outside this key, expected aws:kms/key:Key`,
                },
            ];
        }
        return isSigningUsage(resource) && isOurs(resource, settings)
            ? shapeFindings(resource)
            : rotationFindings(resource, settings);
    },
};

function shapeFindings(resource: ResourceView): Finding[] {
    const { props } = resource;
    return [
        ...usageFinding(read<string>(() => props.keyUsage)),
        ...specFinding(read<string>(() => props.customerMasterKeySpec)),
        ...algorithmFindings(resource),
        ...mustBeOff(
            "multiRegion",
            read<boolean>(() => props.multiRegion),
        ),
        ...mustBeAbsent(
            "customKeyStoreId",
            read<string>(() => props.customKeyStoreId),
        ),
        ...mustBeAbsent(
            "xksKeyId",
            read<string>(() => props.xksKeyId),
        ),
        ...mustBeOff(
            "bypassPolicyLockoutSafetyCheck",
            read<boolean>(() => props.bypassPolicyLockoutSafetyCheck),
        ),
        ...mustBeOff(
            "enableKeyRotation",
            read<boolean>(() => props.enableKeyRotation),
        ),
    ];
}

/** A symmetric key of the stack rotates, which an asymmetric one cannot; it stays in its region and under its policy like any. */
function rotationFindings(resource: ResourceView, settings: Settings): Finding[] {
    if (isSigningUsage(resource) || !isOurs(resource, settings)) return [];
    const { props } = resource;
    const rotation = read<boolean>(() => props.enableKeyRotation);
    const rotates = rotation.kind === "known" && rotation.value;
    return [
        ...foreignGrants(resource, settings),
        ...everyone(resource),
        ...(rotates ? [] : [{ at: "enableKeyRotation", saw: `${shown(rotation)}, expected true on a symmetric key` }]),
        ...mustBeOff(
            "multiRegion",
            read<boolean>(() => props.multiRegion),
        ),
        ...mustBeOff(
            "bypassPolicyLockoutSafetyCheck",
            read<boolean>(() => props.bypassPolicyLockoutSafetyCheck),
        ),
    ];
}

function usageFinding(usage: Read<string>): Finding[] {
    if (usage.kind === "known" && usage.value === "SIGN_VERIFY") return [];
    const saw = usage.kind === "known" ? "another usage" : usage.kind;
    return [{ at: "keyUsage", saw: `${saw}, expected SIGN_VERIFY` }];
}

function specFinding(spec: Read<string>): Finding[] {
    const at = "customerMasterKeySpec";
    if (spec.kind !== "known") return [{ at, saw: `${shown(spec)}, expected a spec that signs` }];
    try {
        algorithmsOf(spec.value);
        return [];
    } catch (error) {
        return [{ at, saw: (error as Error).message }];
    }
}

/** A policy that is absent or unknown is kms-sign-exclusive's. */
function algorithmFindings(resource: ResourceView): Finding[] {
    const text = documentsOf(resource).find(({ kind }) => kind === "key")?.text;
    if (text?.kind !== "known") return [];
    const spec = valueOf(read<string>(() => resource.props.customerMasterKeySpec));
    return signConditionFindings(parseOnce(text.value, "key"), spec).map((finding) => ({ ...finding, threat: "T07" }));
}

function mustBeOff(at: string, property: Read<boolean>): Finding[] {
    return property.kind === "absent" || (property.kind === "known" && property.value === false)
        ? []
        : [{ at, saw: `${shown(property)}, expected false or absent` }];
}

function mustBeAbsent(at: string, property: Read<unknown>): Finding[] {
    return property.kind === "absent"
        ? []
        : [{ at, saw: `${property.kind === "known" ? "set" : "unknown"}, expected absent` }];
}

function shown(property: Read<unknown>): string {
    return property.kind === "known" ? String(property.value) : property.kind;
}

/** What the stack keeps is read, and kept for ever unread, by whoever has this key: everyone, if nothing says who. */
function everyone(resource: ResourceView): Finding[] {
    return documentsOf(resource).flatMap(({ at, text }) =>
        text.kind !== "known"
            ? []
            : parseOnce(text.value, "key")
                  .document.statements.filter(
                      ({ effect, opaque, principals, conditions }) =>
                          effect === "Allow" &&
                          (opaque ||
                              principals?.negated !== false ||
                              (conditions.length === 0 && principals.entries.some(({ kind }) => kind === "everyone"))),
                  )
                  .map((statement) => ({ at: `${at} ${statement.at}`, saw: "an Allow to everyone", threat: "T07" })),
    );
}
