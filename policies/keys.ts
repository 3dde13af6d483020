import type { KeyWorld, Scope, Way } from "../lib/iam/types";
import { documentsOf, parseOnce } from "./documents";
import { NO_SCOPE, scopeOf, signerArn } from "./place";
import { read, type Read } from "./read";
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

/**
 * ARN of the one role that may sign with the key. The tag names it; that this role may sign with this key is the settings'
 * word, or a tag that names another key's signer would hand the key over.
 */
export function signerOf(resource: ResourceView, scope: Scope, settings: Settings): Read<string> | Finding {
    const at = `tags.${settings.signerTag}`;
    const name = read<string>(() => resource.props.tags?.[settings.signerTag]);
    if (name.kind !== "known") return name;
    const signer = settings.signers.find(({ role }) => role === name.value);
    if (signer === undefined) {
        return { at, saw: "a role that is no signer in the pack's settings, expected one of `signers`" };
    }
    if (!signer.keys.includes(resource.name)) {
        return { at, saw: `${signer.role} is the signer of ${signer.keys.join(", ") || "no key"}, not of this key` };
    }
    return { kind: "known", value: signerArn(scope, signer) };
}

/** What is needed to judge one key's policy, or the findings that say why it cannot be judged. */
export type Judgeable =
    | { readonly kind: "world"; readonly world: KeyWorld; readonly signer: string }
    | { readonly kind: "findings"; readonly findings: readonly Finding[] };

/** The key with its policy, against everyone: principals but the signer, declared by nobody, are taken to hold `Allow *`. */
export function keyWorld(resource: ResourceView, settings: Settings): Judgeable {
    const scope = scopeOf(resource, settings);
    if (scope === undefined) return { kind: "findings", findings: [NO_SCOPE] };
    const signer = signerOf(resource, scope, settings);
    if ("at" in signer) return { kind: "findings", findings: [signer] };
    if (signer.kind !== "known") {
        return refuse(`tags.${settings.signerTag}`, `${signer.kind}, expected the name of the key's signer role`);
    }
    const text = documentsOf(resource).find(({ kind }) => kind === "key")?.text ?? { kind: "absent" };
    if (text.kind === "absent")
        return refuse("policy", "absent: AWS's default lets every identity policy of the account decide");
    if (text.kind === "unknown") return refuse("policy", "unknown at preview, so it cannot be judged");
    const keyPolicy = parseOnce(text.value, "key");
    // Declared, or its own session would count as a stranger's. What its identity policies say is other rules' matter.
    const principals = [{ arn: signer.value, policies: [], complete: false }];
    return { kind: "world", signer: signer.value, world: { scope, keyPolicy, principals, grants: [] } };
}

/** The same world without the policy's Denies: what an Allow gives is wrong even where a Deny happens to cover it today. */
export function withoutDenies(world: KeyWorld): KeyWorld {
    const statements = (world.keyPolicy?.document.statements ?? []).filter(({ effect }) => effect === "Allow");
    return { ...world, keyPolicy: { kind: "key", document: { statements }, problems: [] } };
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
    // Nobody in particular is meant: what is too large to be judged counts as open to anyone.
    const why = way.route === "undecided" ? ": too much work to decide" : "";
    return {
        at,
        saw: `${saw}${why}`,
        principal: way.principal.witness ?? way.principal.name,
        action: way.action,
        target: "the key",
    };
}
