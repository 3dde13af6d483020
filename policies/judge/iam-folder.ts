import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ResourceView, Rule } from "../rule";
import { RULES } from "../rules";
import type { Settings } from "../settings";
import { Undecidable } from "./stack-export";
import type { Judged } from "./violations";

/**
 * A folder of IAM JSON:
 *
 * - `key-policies/KEY.json`: policy of a signing key, under the name that the settings' signers have for it
 * - `identity-policies/ROLE/POLICY.json`: what is attached to a role, inline or managed
 * - `trust-policies/ROLE.json`
 * - `managed-policies/POLICY.json`: attached to nobody, and judged as if anybody had it
 * - `settings.json`: the settings, unless the command names others
 */
const FOLDERS = ["key-policies", "identity-policies", "trust-policies", "managed-policies"] as const;

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
        "iam-admin-star",
        "control-tables",
    ].includes(id),
).map((rule) => (rule.id === "kms-alias-target" ? { ...rule, checkStack: undefined } : rule) as Rule);

/** @throws Undecidable for a folder without documents, or with files that have no place in the layout */
export function readFolder(folder: string, settings: Settings): readonly Judged[] {
    const strange = readdirSync(folder).filter(
        (name) => !(FOLDERS as readonly string[]).includes(name) && name !== "settings.json",
    );
    if (strange.length > 0)
        throw new Undecidable(`${strange.join(", ")} has no place in the layout, expected ${FOLDERS.join(", ")}`);
    const found = [
        ...files(join(folder, "key-policies")).map(({ name, text }) => keyView(name, text, settings)),
        ...roles(folder, settings),
        ...directories(join(folder, "identity-policies")).flatMap((role) =>
            files(join(folder, "identity-policies", role)).map(({ name, text }) =>
                view("aws:iam/rolePolicy:RolePolicy", `${role} ${name}`, { name, role, policy: text }),
            ),
        ),
        ...files(join(folder, "managed-policies")).map(({ name, text }) =>
            view("aws:iam/policy:Policy", name, { name, policy: text }),
        ),
    ];
    if (found.length === 0) throw new Undecidable("no document in the folder, so nothing was judged");
    return found.map((one) => ({ view: one, outputs: {} }));
}

function keyView(key: string, policy: string, { signers, signerTag }: Settings): ResourceView {
    const signer = signers.find(({ keys }) => keys.includes(key));
    const tags = signer === undefined ? {} : { [signerTag]: signer.role };
    return view("aws:kms/key:Key", key, { keyUsage: "SIGN_VERIFY", policy, tags });
}

function roles(folder: string, { signers }: Settings): ResourceView[] {
    return files(join(folder, "trust-policies")).map(({ name, text }) =>
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

function files(folder: string): { name: string; text: string }[] {
    return entries(folder).map((entry) => {
        if (!entry.isFile() || !entry.name.endsWith(".json"))
            throw new Undecidable(`${join(folder, entry.name)} is no .json file`);
        return {
            name: entry.name.slice(0, -".json".length),
            text: readFileSync(join(folder, entry.name), "utf8"),
        };
    });
}

/** Anything passed over would count as clean. */
function directories(folder: string): string[] {
    return entries(folder).map((entry) => {
        if (!entry.isDirectory())
            throw new Undecidable(`${join(folder, entry.name)} is no folder, expected one for each role`);
        return entry.name;
    });
}

function entries(folder: string) {
    try {
        return readdirSync(folder, { withFileTypes: true });
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
        throw error;
    }
}
