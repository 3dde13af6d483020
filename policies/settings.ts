import type { PolicyConfigJSONSchema } from "@pulumi/policy/schema";

/**
 * What the pack is told, the same for every rule: who may do what. The file that holds it is trusted base, reviewed like
 * code. Defaults are applied here because `configSchema` defaults are applied by the engine only.
 */
export interface Settings {
    /** Tag on a signing key that holds the name of its signer role (path /signing/). */
    readonly signerTag: string;
    /** Account that everything belongs to. Empty: the one of the provider's `allowedAccountIds`. */
    readonly accountId: string;
    /** Exact role ARNs that may change key policies and lifecycle. */
    readonly keyAdmins: readonly string[];
    /** Exact role ARN that applies the program; exempt from takeover rules, as the threat model says. Empty: none. */
    readonly deployRole: string;
    /** Keys with usage SIGN_VERIFY that sign nothing of ours (DNSSEC, say), by resource name, each with a reason. */
    readonly nonSigningKeys: readonly { readonly name: string; readonly reason: string }[];
    /** Regions that resources may be in. Empty: the provider's. */
    readonly regions: readonly string[];
    /** Endpoints that a provider may name; for a local cloud, loopback only. */
    readonly loopbackEndpoints: readonly string[];
}

export const DEFAULT_SETTINGS: Settings = {
    signerTag: "countersign:signer",
    accountId: "",
    keyAdmins: [],
    deployRole: "",
    nonSigningKeys: [],
    regions: [],
    loopbackEndpoints: [],
};

const strings: PolicyConfigJSONSchema = { type: "array", items: { type: "string" } };
const named: PolicyConfigJSONSchema = {
    type: "array",
    items: {
        type: "object",
        properties: { name: { type: "string", minLength: 1 }, reason: { type: "string", minLength: 1 } },
        required: ["name", "reason"],
        additionalProperties: false,
    },
};

/** JSON schema of each setting; a rule announces those it reads. */
export const SETTINGS_SCHEMA: Readonly<Record<keyof Settings, PolicyConfigJSONSchema>> = {
    signerTag: { type: "string", minLength: 1, default: DEFAULT_SETTINGS.signerTag },
    accountId: { type: "string", pattern: "^([0-9]{12})?$", default: "" },
    keyAdmins: strings,
    deployRole: { type: "string", default: "" },
    nonSigningKeys: named,
    regions: strings,
    loopbackEndpoints: strings,
};

export function settingsOf(config: Partial<Settings> | undefined): Settings {
    return { ...DEFAULT_SETTINGS, ...config };
}
