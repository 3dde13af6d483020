import type { PolicyConfigJSONSchema } from "@pulumi/policy/schema";

/**
 * What the pack is told, the same for every rule: who may do what. The file that holds it is trusted base, reviewed like
 * code. Defaults are applied here because `configSchema` defaults are applied by the engine only. Empty means none, never all.
 */
export interface Settings {
    /** Tag on a signing key that holds the name of its signer role (path /signing/). */
    readonly signerTag: string;
    /** Account that everything belongs to. Empty: the one of the provider's `allowedAccountIds`. */
    readonly accountId: string;
    /** Organisation of the account, where conditions on `aws:PrincipalOrgID` are to be decided. */
    readonly orgId: string;
    /** Regions that resources may be in. Empty: the provider's. */
    readonly regions: readonly string[];
    /** The roles that may sign, each with what runs as it. */
    readonly signers: readonly Signer[];
    /** Exact role ARNs that may change key policies and lifecycle. */
    readonly keyAdmins: readonly string[];
    /** Exact role ARN that applies the program; exempt from takeover rules, as the threat model says. Empty: none. */
    readonly deployRole: string;
    /** Roles exempt from takeover rules besides, each with a reason. */
    readonly breakGlass: readonly Reasoned[];
    /** Keys with usage SIGN_VERIFY that sign nothing of ours (DNSSEC, say), by resource name. */
    readonly nonSigningKeys: readonly { readonly name: string; readonly reason: string }[];
    /** Resources that may refer to a signer role. */
    readonly signerReferrers: readonly Referrer[];
    /** Resources that may refer to a signing key. */
    readonly keyReferrers: readonly Referrer[];
    /** Tables that decide what is signed or logged, with the exact names of the roles that may write them. */
    readonly controlTables: readonly { readonly table: string; readonly writers: readonly string[] }[];
    /** Roles from outside the stack that resources may use. */
    readonly outsideRoles: readonly Reasoned[];
    /** Customer managed policies from outside the stack that roles may have. */
    readonly outsidePolicies: readonly { readonly arn: string; readonly sha256: string }[];
    readonly oidcProviders: readonly { readonly url: string; readonly audiences: readonly string[] }[];
    /** CI identities that a role's trust may name; structured, since a free string is too wide sooner or later. */
    readonly subjects: readonly Subject[];
    /** Signers may be assumed by a CI subject instead of run as a function only. Announced whenever it is on. */
    readonly directMode: boolean;
    /** Other accounts that may appear as principals, each with a reason. */
    readonly externalAccounts: readonly { readonly accountId: string; readonly reason: string }[];
    /** Endpoints that a provider may name; for a local cloud, loopback only. */
    readonly loopbackEndpoints: readonly string[];
    /** Exact type tokens allowed besides those that the rules know. */
    readonly extraTypes: readonly string[];
}

export interface Signer {
    /** Name of the role, under the path /signing/. */
    readonly role: string;
    /** Resource names of the keys that it signs with. */
    readonly keys: readonly string[];
    /** Name of the one function that runs as the role. */
    readonly function: string;
    /** Of the function's `__index.js`, hex. Empty where the code is not pinned (the log's sequencer, say, by decision). */
    readonly codeSha256: string;
    /** Names of environment variables that the function may have. */
    readonly environment: readonly string[];
    /** Names of roles that may invoke the function. */
    readonly invokers: readonly string[];
}

export interface Reasoned {
    readonly arn: string;
    readonly reason: string;
}

export interface Referrer {
    readonly type: string;
    readonly name: string;
}

export interface Subject {
    readonly forge: "github" | "gitlab" | "forgejo";
    readonly instance: string;
    readonly owner: string;
    readonly ownerId: string;
    readonly repo: string;
    readonly repoId: string;
    readonly ref?: string;
    readonly tag?: string;
    readonly environment?: string;
    readonly workflow?: string;
}

export const DEFAULT_SETTINGS: Settings = {
    signerTag: "countersign:signer",
    accountId: "",
    orgId: "",
    regions: [],
    signers: [],
    keyAdmins: [],
    deployRole: "",
    breakGlass: [],
    nonSigningKeys: [],
    signerReferrers: [],
    keyReferrers: [],
    controlTables: [],
    outsideRoles: [],
    outsidePolicies: [],
    oidcProviders: [],
    subjects: [],
    directMode: false,
    externalAccounts: [],
    loopbackEndpoints: [],
    extraTypes: [],
};

const text: PolicyConfigJSONSchema = { type: "string" };
const some: PolicyConfigJSONSchema = { type: "string", minLength: 1 };
const strings: PolicyConfigJSONSchema = listOf(some);
const reasoned: PolicyConfigJSONSchema = listOf(shape({ arn: some, reason: some }));
const referrers: PolicyConfigJSONSchema = listOf(shape({ type: some, name: some }));

/** JSON schema of each setting; a rule announces those it reads. */
export const SETTINGS_SCHEMA: Readonly<Record<keyof Settings, PolicyConfigJSONSchema>> = {
    signerTag: { ...some, default: DEFAULT_SETTINGS.signerTag },
    accountId: { type: "string", pattern: "^([0-9]{12})?$", default: "" },
    orgId: text,
    regions: strings,
    signers: listOf(
        shape({
            role: some,
            keys: strings,
            function: some,
            codeSha256: { type: "string", pattern: "^([0-9a-f]{64})?$" },
            environment: strings,
            invokers: strings,
        }),
    ),
    keyAdmins: strings,
    deployRole: { type: "string", default: "" },
    breakGlass: reasoned,
    nonSigningKeys: listOf(shape({ name: some, reason: some })),
    signerReferrers: referrers,
    keyReferrers: referrers,
    controlTables: listOf(shape({ table: some, writers: strings })),
    outsideRoles: reasoned,
    outsidePolicies: listOf(shape({ arn: some, sha256: { type: "string", pattern: "^[0-9a-f]{64}$" } })),
    oidcProviders: listOf(shape({ url: some, audiences: strings })),
    subjects: listOf(
        shape(
            {
                forge: { type: "string", enum: ["github", "gitlab", "forgejo"] },
                instance: some,
                owner: some,
                ownerId: some,
                repo: some,
                repoId: some,
            },
            { ref: some, tag: some, environment: some, workflow: some },
        ),
    ),
    directMode: { type: "boolean", default: false },
    externalAccounts: listOf(shape({ accountId: { type: "string", pattern: "^[0-9]{12}$" }, reason: some })),
    loopbackEndpoints: strings,
    extraTypes: strings,
};

/** Applies the defaults. */
export function settingsOf(config: Partial<Settings> | undefined): Settings {
    return { ...DEFAULT_SETTINGS, ...config };
}

function listOf(items: PolicyConfigJSONSchema): PolicyConfigJSONSchema {
    return { type: "array", items };
}

function shape(
    required: Record<string, PolicyConfigJSONSchema>,
    optional: Record<string, PolicyConfigJSONSchema> = {},
): PolicyConfigJSONSchema {
    return {
        type: "object",
        properties: { ...required, ...optional },
        required: Object.keys(required),
        additionalProperties: false,
    };
}
