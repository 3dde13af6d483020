import { parsePolicy } from "../lib/iam/document";
import type { KeyWorld, Scope, Way } from "../lib/iam/types";
import { documentsOf } from "./documents";
import { read, valueOf, type Read } from "./read";
import type { Finding, ResourceView } from "./rule";
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

/** The account, region and partition that a key's documents speak of. Undefined if the pack cannot know them. */
export function scopeOf(resource: ResourceView, settings: Settings): Scope | undefined {
    const accountId = settings.accountId === "" ? onlyAccount(resource) : settings.accountId;
    const region =
        settings.regions.length === 1
            ? settings.regions[0]
            : valueOf(read<string>(() => resource.provider?.props.region));
    if (accountId === undefined || region === undefined) return undefined;
    return { partition: partitionOf(region), region, accountId };
}

function onlyAccount({ provider }: ResourceView): string | undefined {
    const text = valueOf(read<string | string[]>(() => provider?.props.allowedAccountIds));
    const digits = (typeof text === "string" ? text : (text ?? []).join(" ")).match(/[0-9]{12}/g) ?? [];
    return digits.length === 1 ? digits[0] : undefined;
}

function partitionOf(region: string): string {
    if (region.startsWith("cn-")) return "aws-cn";
    return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}

/** ARN of the one role that may sign with the key, by the name in its tag; the path is not open to choice. */
export function signerOf(resource: ResourceView, scope: Scope, settings: Settings): Read<string> {
    const name = read<string>(() => resource.props.tags?.[settings.signerTag]);
    if (name.kind !== "known") return name;
    return { kind: "known", value: `arn:${scope.partition}:iam::${scope.accountId}:role/signing/${name.value}` };
}

/** What is needed to judge one key's policy, or the findings that say why it cannot be judged. */
export type Judgeable =
    | { readonly kind: "world"; readonly world: KeyWorld; readonly signer: string }
    | { readonly kind: "findings"; readonly findings: readonly Finding[] };

/** The key with its policy, against everyone: principals but the signer, declared by nobody, are taken to hold `Allow *`. */
export function keyWorld(resource: ResourceView, settings: Settings): Judgeable {
    const scope = scopeOf(resource, settings);
    if (scope === undefined) {
        return refuse(
            "provider",
            "account or region not known, expected one in the provider or in the pack's settings",
        );
    }
    const signer = signerOf(resource, scope, settings);
    if (signer.kind !== "known") {
        return refuse(`tags.${settings.signerTag}`, `${signer.kind}, expected the name of the key's signer role`);
    }
    const text = documentsOf(resource).find(({ kind }) => kind === "key")?.text ?? { kind: "absent" };
    if (text.kind === "absent")
        return refuse("policy", "absent: AWS's default lets every identity policy of the account decide");
    if (text.kind === "unknown") return refuse("policy", "unknown at preview, so it cannot be judged");
    const keyPolicy = parsePolicy(text.value, "key");
    // Declared, or its own session would count as a stranger's. What its identity policies say is other rules' matter.
    const principals = [{ arn: signer.value, policies: [], complete: false }];
    return { kind: "world", signer: signer.value, world: { scope, keyPolicy, principals, grants: [] } };
}

function refuse(at: string, saw: string): Judgeable {
    return { kind: "findings", findings: [{ at, saw }] };
}

/** A way to an action on a key, as a finding that prints the way. */
export function wayFinding(way: Way, saw: string): Finding {
    const [cause] = way.causes;
    const at =
        cause === undefined || cause.at === ""
            ? "policy"
            : `policy ${cause.at}${cause.sid === undefined ? "" : ` (${cause.sid})`}`;
    return { at, saw, principal: way.principal.witness ?? way.principal.name, action: way.action, target: "the key" };
}
