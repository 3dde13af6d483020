import { documentsOf } from "../../documents";
import { isOurs, isSigningUsage } from "../../keys";
import { read, valueOf } from "../../read";
import { NIST_KEY_MANAGEMENT, type ResourceView, type Rule, type StackFinding } from "../../rule";
import type { Settings } from "../../settings";
import { type Leaf, mentions, unescaped, walk } from "../../walk";
import { EXAMPLE_PROVIDER } from "../example";

const KEY = "aws:kms/key:Key";
const ALIAS = "aws:kms/alias:Alias";
const FUNCTION = "aws:lambda/function:Function";

/**
 * T71. By alias and by dependency this is exact. A key's ARN or id is known in `up` only, and does not tell a signing key from the data
 * key: there, the resource half refuses every key that is named elsewhere than in an input of encryption, which takes symmetric keys only
 * (KMS, "Symmetric encryption KMS keys"). Documents are left to their own rules, and to the stack half.
 */
export const signingKeyReferrersAllowlist: Rule = {
    id: "signing-key-referrers-allowlist",
    description: "whatever names a signing key is on the list",
    severity: "high",
    framework: NIST_KEY_MANAGEMENT,
    threats: ["T71"],
    types: "any",
    fix: "take the reference out, or list the resource by type and name in keyReferrers",
    limits: "a key's ARN and id are known in `up` only, and do not tell a signing key from the data key: a single resource is refused for any key that it names outside inputs of encryption, which take symmetric keys only, and outside documents, which the stack half judges at the end",
    reads: ["signers", "keyReferrers", "nonSigningKeys"],
    good: {
        type: FUNCTION,
        name: "prepare",
        provider: EXAMPLE_PROVIDER,
        props: { environment: { variables: { ALIAS: "alias/countersign-dev-modules-v1" } } },
    },
    bad: {
        type: "aws:route53/keySigningKey:KeySigningKey",
        name: "dnssec",
        provider: EXAMPLE_PROVIDER,
        props: { keyManagementServiceArn: "arn:aws:kms:us-east-1:111122223333:alias/countersign-dev-modules-v1" },
    },
    check: (resource, settings) => {
        if (isListed(resource, settings)) return [];
        const aliases = settings.signers.flatMap((signer) => signer.aliases);
        const { leaves, cut } = walk(resource.props, ["code"]);
        const leaf = leaves.find(({ value }) => aliases.some((alias) => mentions(value, alias)));
        const key = leaf === undefined ? keyLeaf(resource, leaves) : undefined;
        return [
            ...(leaf === undefined ? [] : [{ at: leaf.at, saw: "names a signing key's alias and is not on the list" }]),
            ...(key === undefined
                ? []
                : [{ at: key.at, saw: "names a KMS key, which may be a signing key, and is not on the list" }]),
            ...(cut ? [{ at: "props", saw: "too deep or too large to be looked at" }] : []),
        ];
    },
    checkStack: (resources, settings) => {
        const keys = resources.filter((one) => one.type === KEY && isSigningUsage(one) && isOurs(one, settings));
        return keys.flatMap((key) => referrersOf(key, resources, settings));
    },
};

const KEY_ARN = /arn:[a-z-]+:kms:[a-z0-9-]*:[0-9]*:key\/[0-9a-z-]+/i;
const KEY_ID = /^(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;
/** `kmsKeyId`, `serverSideEncryption.kmsKeyArn`, `kmsMasterKeyId`, `keyId` of a parameter. */
const ENCRYPTION = /(^|\.)(kms\w*|encryption\w*|keyId)$/i;

/** A key's ARN anywhere but where things are encrypted; a key's id where the name says that it is one. */
function keyLeaf(resource: ResourceView, leaves: readonly Leaf[]): Leaf | undefined {
    const { type } = resource;
    if (!type.startsWith("aws:") || type === ALIAS) return undefined; // kms-alias-target
    const documents = documentsOf(resource).map(({ at }) => at);
    return leaves.find(({ at, value, inside }) => {
        if (documents.some((one) => at === one || at.startsWith(`${one}.`))) return false;
        const isFree = inside || /^(environment|tags|tagsAll)\b/.test(at);
        if (!isFree && ENCRYPTION.test(at.replace(/\[[0-9]+\]/g, ""))) return false;
        return KEY_ARN.test(unescaped(value)) || (KEY_ID.test(value) && /key/i.test(at));
    });
}

/** The alias, and the function that signs, are judged by rules of their own. */
function isListed({ type, name, props }: ResourceView, { keyReferrers, signers }: Settings): boolean {
    const own = valueOf(read<string>(() => props.name));
    return (
        keyReferrers.some((one) => one.type === type && one.name === name) ||
        (type === ALIAS && own !== undefined && signers.some(({ aliases }) => aliases.includes(own))) ||
        (type === FUNCTION && own !== undefined && signers.some((signer) => signer.function === own))
    );
}

function referrersOf(key: ResourceView, resources: readonly ResourceView[], settings: Settings): StackFinding[] {
    const names = ["arn", "keyId"].flatMap((property) => valueOf(read<string>(() => key.props[property])) ?? []);
    return resources.flatMap((resource): StackFinding[] => {
        if (resource === key || resource.type === ALIAS || isListed(resource, settings)) return [];
        if (!resource.type.includes("/")) return []; // components and the stack only show outputs
        const by = Object.entries(resource.dependencies ?? {}).find(([, from]) => from.includes(key.urn))?.[0];
        const at =
            by ??
            walk(resource.props, ["code"]).leaves.find(({ value }) => names.some((name) => mentions(value, name)))?.at;
        return at === undefined
            ? []
            : [{ resource, at, saw: `refers to signing key ${key.name} and is not on the list` }];
    });
}
