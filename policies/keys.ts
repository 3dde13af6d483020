import { read } from "./read";
import type { ResourceView } from "./rule";
import type { Settings } from "./settings";

/** What makes a resource a signing key, for every rule the same. */

export const KEY_TYPES = [
    "aws:kms/key:Key",
    "aws:kms/externalKey:ExternalKey",
    "aws:kms/replicaKey:ReplicaKey",
    "aws:kms/replicaExternalKey:ReplicaExternalKey",
] as const;

const SYMMETRIC_SPECS = ["SYMMETRIC_DEFAULT", "HMAC_224", "HMAC_256", "HMAC_384", "HMAC_512"];

/**
 * True unless the key surely cannot sign. Usage decides; where it is unknown, the key counts as a signing key, and where it
 * is absent AWS's default is ENCRYPT_DECRYPT, unless the spec is asymmetric.
 */
export function isSigningUsage(resource: ResourceView): boolean {
    if (resource.type !== "aws:kms/key:Key") return true;
    const usage = read<string>(() => resource.props.keyUsage);
    if (usage.kind === "known") return usage.value !== "ENCRYPT_DECRYPT" && usage.value !== "GENERATE_VERIFY_MAC";
    if (usage.kind === "unknown") return true;
    const spec = read<string>(() => resource.props.customerMasterKeySpec);
    return spec.kind === "unknown" || (spec.kind === "known" && !SYMMETRIC_SPECS.includes(spec.value));
}

/** False only for keys that the settings name, with a reason, as signing nothing of ours. */
export function isOurs(resource: ResourceView, settings: Settings): boolean {
    return !settings.nonSigningKeys.some(({ name, reason }) => name === resource.name && reason !== "");
}
