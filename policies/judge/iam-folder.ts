import type { ResourceView, Rule } from "../rule";
import { RULES } from "../rules";
import type { Settings } from "../settings";
import { checkTop, directories, files } from "./folder-entries";
import { Undecidable } from "./stack-export";
import type { Judged } from "./violations";

/**
 * A folder of IAM JSON:
 *
 * - `key-policies/KEY.json`: policy of a signing key, under the name that the settings' signers have for it
 * - `identity-policies/ROLE/POLICY.json`: what is attached to a role, inline or managed
 * - `user-policies/USER/POLICY.json`, `group-policies/GROUP/POLICY.json`: the same of a user, of a group
 * - `trust-policies/ROLE.json`
 * - `managed-policies/POLICY.json`: attached to nobody, and judged as if anybody had it
 * - `settings.json`: the settings, unless the command names others
 *
 * Permissions boundaries and policies of the organisation have no place: they only take away, and are read as if there were none.
 */
const FOLDERS = [
    "key-policies",
    "identity-policies",
    "user-policies",
    "group-policies",
    "trust-policies",
    "managed-policies",
] as const;

/** Rules that documents alone decide. */
export const DOCUMENT_RULES: readonly Rule[] = RULES.filter(({ id }) =>
    [
        "kms-sign-exclusive",
        "kms-sign-explicit-deny",
        "kms-no-iam-delegation-of-sign",
        "kms-key-admin-allowlist",
        "kms-alias-target",
        "iam-sign-identity-docs",
        "iam-policy-doc-known",
        "iam-policy-doc-strict-json",
        "iam-signer-trust-exact",
        "iam-oidc-conditions",
        "iam-trust-no-wildcard",
        "iam-signer-least-privilege",
        "iam-signer-takeover",
        "iam-passrole-scoped",
        "iam-no-chains",
        "iam-known-actions",
        "iam-admin-star",
        "control-tables",
    ].includes(id),
).map((rule) => (rule.id === "kms-alias-target" ? { ...rule, checkStack: undefined } : rule) as Rule);

/** @throws Undecidable for a folder without documents, or with what has no place in the layout */
export function readFolder(folder: string, settings: Settings): readonly Judged[] {
    checkTop(folder, [...FOLDERS, "settings.json"]);
    const found = [
        ...files(folder, "key-policies").map(({ name, text }) => keyView(name, text, settings)),
        ...roles(folder, settings),
        ...attached(folder, "identity-policies", (name, role, policy) =>
            view("aws:iam/rolePolicy:RolePolicy", `${role} ${name}`, { name, role, policy }),
        ),
        ...attached(folder, "user-policies", (name, user, policy) =>
            view("aws:iam/userPolicy:UserPolicy", `user ${user} ${name}`, { name, user, policy }),
        ),
        ...attached(folder, "group-policies", (name, group, policy) =>
            view("aws:iam/groupPolicy:GroupPolicy", `group ${group} ${name}`, { name, group, policy }),
        ),
        ...files(folder, "managed-policies").map(({ name, text }) =>
            view("aws:iam/policy:Policy", name, { name, policy: text }),
        ),
    ];
    if (found.length === 0) throw new Undecidable("no document in the folder, so nothing was judged");
    return found.map((one) => ({ view: one, outputs: {}, holder: holderOf(one), unsigned: unsigned(one, settings) }));
}

/** Rules speak of the tag that the key of a program has; whoever has a folder has the settings. */
function unsigned({ type, name }: ResourceView, { signers }: Settings): string | undefined {
    const keys = signers.flatMap((one) => one.keys);
    if (type !== "aws:kms/key:Key" || keys.includes(name)) return undefined;
    return `no signer of the settings has key ${name}, expected one of ${keys.join(", ") || "none, as there is no signer"}`;
}

function holderOf({ props }: ResourceView): string | undefined {
    if (typeof props.user === "string") return `user/${props.user}`;
    return typeof props.group === "string" ? `group/${props.group}` : undefined;
}

function attached(
    folder: string,
    kind: string,
    make: (name: string, owner: string, text: string) => ResourceView,
): ResourceView[] {
    return directories(folder, kind).flatMap((owner) =>
        files(folder, kind, owner).map(({ name, text }) => make(name, owner, text)),
    );
}

function keyView(key: string, policy: string, { signers, signerTag }: Settings): ResourceView {
    const signer = signers.find(({ keys }) => keys.includes(key));
    const tags = signer === undefined ? {} : { [signerTag]: signer.role };
    return view("aws:kms/key:Key", key, { keyUsage: "SIGN_VERIFY", policy, tags });
}

function roles(folder: string, { signers }: Settings): ResourceView[] {
    return files(folder, "trust-policies").map(({ name, text }) =>
        view("aws:iam/role:Role", name, {
            name,
            path: signers.some(({ role }) => role === name) ? "/signing/" : "/",
            assumeRolePolicy: text,
        }),
    );
}

function view(type: string, name: string, props: Record<string, unknown>): ResourceView {
    return { type, name, urn: `${type}::${name}`, props, opts: { protect: true, ignoreChanges: [] }, dependencies: {} };
}
