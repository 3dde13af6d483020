import { documentsOf, parseOnce } from "../../documents";
import { isOurs, isSigningUsage, KEY_TYPES } from "../../keys";
import { read, type Read, valueOf } from "../../read";
import { type Finding, NIST_KEY_MANAGEMENT, type ResourceView, type Rule, type StackFinding } from "../../rule";
import type { Settings } from "../../settings";
import { EXAMPLE_PROVIDER } from "../example";

const ALIAS = "aws:kms/alias:Alias";
const KEY = "aws:kms/key:Key";

/** Conditions that turn alias and tagging rights into signing rights. */
const INDIRECT = /^(kms:requestalias|kms:resourcealiases|aws:resourcetag\/.*|aws:principaltag\/.*|aws:requesttag\/.*)$/;

export const kmsAliasTarget: Rule = {
    id: "kms-alias-target",
    description: "an alias names the key it was made for, once, and authorizes nothing",
    severity: "high",
    framework: NIST_KEY_MANAGEMENT,
    threats: ["T31", "T32"],
    types: [ALIAS, ...KEY_TYPES],
    fix: "give each key one alias whose targetKeyId is the key's own id; never condition Sign on aliases or tags",
    reads: ["signers", "nonSigningKeys"],
    good: {
        provider: EXAMPLE_PROVIDER,
        props: { name: "alias/countersign-dev-modules-v1", targetKeyId: "1234abcd-12ab-34cd-56ef-1234567890ab" },
    },
    bad: {
        provider: EXAMPLE_PROVIDER,
        props: { name: "alias/countersign-dev-modules-v1", targetKeyId: "alias/another" },
    },
    check: (resource, settings) => {
        if (resource.type === ALIAS) return aliasFindings(resource);
        return isSigningUsage(resource) && isOurs(resource, settings) ? indirect(resource) : [];
    },
    checkStack: (resources, settings) => {
        const aliases = resources.filter(({ type }) => type === ALIAS);
        return aliases.flatMap((alias) => targetFindings(alias, aliases, resources, settings));
    },
};

function aliasFindings({ props }: ResourceView): Finding[] {
    const name = read<string>(() => props.name);
    const target = read<string>(() => props.targetKeyId);
    return [
        ...(name.kind === "known" && name.value.startsWith("alias/")
            ? []
            : [
                  {
                      at: "name",
                      saw: `${name.kind === "known" ? "no alias" : name.kind}, expected an explicit alias/NAME`,
                  },
              ]),
        ...(target.kind === "absent" || (target.kind === "known" && /(^|:)alias\//.test(target.value))
            ? [{ at: "targetKeyId", saw: "no key, expected a key's own id" }]
            : []),
    ];
}

function indirect(resource: ResourceView): Finding[] {
    return documentsOf(resource).flatMap(({ at, kind, text }) => {
        if (kind !== "key" || text.kind !== "known") return [];
        return parseOnce(text.value, "key").document.statements.flatMap(({ effect, conditions }) =>
            effect === "Deny"
                ? []
                : conditions
                      .filter(({ key }) => INDIRECT.test(key))
                      .map(({ key, at: place }) => ({
                          at: `${at} ${place}`,
                          saw: `${key.slice(0, 40)} authorizes, and whoever may change aliases or tags would decide`,
                          threat: key.startsWith("kms:") ? "T31" : "T32",
                      })),
        );
    });
}

function targetFindings(
    alias: ResourceView,
    aliases: readonly ResourceView[],
    resources: readonly ResourceView[],
    settings: Settings,
): StackFinding[] {
    const from = alias.dependencies?.targetKeyId ?? [];
    const keys = resources.filter(({ urn, type }) => type === KEY && from.includes(urn));
    const at = "targetKeyId";
    const [key] = keys;
    if (key === undefined || keys.length > 1)
        return [{ resource: alias, at, saw: `depends on ${keys.length} keys of this stack, expected one` }];
    const name = read<string>(() => alias.props.name);
    const owner = settings.signers.find(({ aliases: own }) => name.kind === "known" && own.includes(name.value));
    const signs = isSigningUsage(key) && isOurs(key, settings);
    const twin = aliases.find((other) => other !== alias && (other.dependencies?.targetKeyId ?? []).includes(key.urn));
    return [
        ...(isOf(
            key,
            read<string>(() => alias.props.targetKeyId),
        )
            ? []
            : [{ resource: alias, at, saw: `another key than ${key.name}, which it depends on` }]),
        ...(owner !== undefined && !owner.keys.includes(key.name)
            ? [{ resource: alias, at, saw: `names key ${key.name}, expected ${owner.keys.join(" or ")}` }]
            : []),
        ...(signs && owner === undefined
            ? [{ resource: alias, at: "name", saw: "an alias of a signing key that its signer's settings do not list" }]
            : []),
        ...(signs && twin !== undefined
            ? [{ resource: alias, at, saw: `key ${key.name} has another alias, ${twin.name}` }]
            : []),
    ];
}

/** A dependency says where a value was made, not what was made of it: one that is known is the key's own. */
function isOf({ props }: ResourceView, target: Read<string>): boolean {
    const names = ["keyId", "arn"].flatMap((at) => valueOf(read<string>(() => props[at])) ?? []);
    return target.kind !== "known" || names.includes(target.value);
}
