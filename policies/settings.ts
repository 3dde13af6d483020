import type { PolicyConfigJSONSchema } from "@pulumi/policy/schema";
import type { Subject } from "../lib/iam/subjects";
import { exact, list, record, strings, text } from "./settings-schema";

/**
 * What the pack is told, the same for every rule: who may do what. The file that holds it is trusted base, reviewed like
 * code. Defaults are applied here because `configSchema` defaults are applied by the engine only; all of them are closed.
 */
export interface Settings {
    /** Tag on a signing key that holds the name of its signer role (path /signing/). */
    readonly signerTag: string;
    /** Account that everything belongs to. Empty: the one of the provider's `allowedAccountIds`. */
    readonly accountId: string;
    /** Organisation of the account, where conditions on `aws:PrincipalOrgID` are to be decided. */
    readonly orgId: string;
    /** Other accounts that trust policies may name, with sts:ExternalId or aws:PrincipalOrgID. */
    readonly externalAccounts: readonly string[];
    /** Regions that resources may be in. Empty: the provider's. */
    readonly regions: readonly string[];
    /** Endpoints that a provider may name; for a local cloud, loopback only. */
    readonly loopbackEndpoints: readonly string[];

    /** The principals that may sign. A tag only names one; authority is this list. */
    readonly signers: readonly SignerSetting[];
    /** Functions whose word a signer takes for what it signs. Both together decide it, so their code is pinned like a signer's. */
    readonly checkers: readonly CheckerSetting[];
    /** Reason why signers' and checkers' code is not pinned by `codeSha256`. Empty: it has to be. */
    readonly unpinnedCode: string;
    /** Keys with usage SIGN_VERIFY that sign nothing of ours (DNSSEC, say), by resource name, each with a reason. */
    readonly nonSigningKeys: readonly NamedReason[];
    /** Exact role ARNs that may change key policies and lifecycle. */
    readonly keyAdmins: readonly string[];
    /** Exact role ARN that applies the program; exempt from takeover rules, as the threat model says. Empty: none. */
    readonly deployRole: string;
    /** Other principals that are exempt from takeover rules. */
    readonly breakGlass: readonly ArnReason[];
    /** What may name a signer, its function or its instance profile, beside its own key, role, policies, function and log. */
    readonly signerReferrers: readonly Referrer[];
    /** What may name a signing key, beside its alias and its signer's function. */
    readonly keyReferrers: readonly Referrer[];

    /** Names of the roles that this program declares and hands to services. */
    readonly serviceRoles: readonly string[];
    /** Roles of others that resources here may run as. */
    readonly outsideRoles: readonly ArnReason[];
    /** Customer managed policies of others that may be attached. */
    readonly outsidePolicies: readonly OutsidePolicy[];
    /** Names of the managed policies that this program declares and attaches. */
    readonly stackPolicies: readonly string[];
    /** Names of the managed policies that this program declares as permissions boundaries only: attached nowhere. */
    readonly boundaryPolicies: readonly string[];
    /** Tables whose items decide what is signed and logged: who may write them, by role name. */
    readonly controlTables: readonly ControlTable[];

    /** Issuers that trust policies may name. */
    readonly oidcProviders: readonly OidcProvider[];
    /** Who may become a submitter role, as places in a forge. Never free strings. */
    readonly subjects: readonly Subject[];
    /** A signer may be assumed by an OIDC subject directly. Always announced. */
    readonly directMode: boolean;

    /** Resource types beside those that the pack knows, each with a reason. */
    readonly extraTypes: readonly { readonly type: string; readonly reason: string }[];
    /** Actions that identity documents may allow beside those that the pack knows, `SERVICE:ACTION`, each with a reason. */
    readonly extraActions: readonly NamedReason[];
    /** Services that roles may trust beside those whose resources the pack judges, each with a reason. */
    readonly extraServices: readonly NamedReason[];
    /** Buckets without object lock, by bucket name: what they hold is not final. */
    readonly unlockedBuckets: readonly NamedReason[];
    /** Every role needs a permissions boundary. */
    readonly boundaryRequired: boolean;
}

export interface SignerSetting {
    /** Role name; its path is /signing/. */
    readonly role: string;
    /** Resource names of the keys that it signs with. */
    readonly keys: readonly string[];
    /** Aliases of these keys. */
    readonly aliases: readonly string[];
    /** Name of the one function that runs as it. */
    readonly function: string;
    /** SHA-256 of the function's one file, `__index.js`, hex; several while a release is under way. */
    readonly codeSha256: readonly string[];
    /** The function's environment variables, each with its value: tables, functions and buckets that its code believes. */
    readonly environment: Readonly<Record<string, string>>;
    /** Variables that hold the ARN of the signer's key or the SHA-256 of its public key, which no preview knows. */
    readonly keyEnvironment: readonly string[];
    /** Names of roles that may invoke the function. */
    readonly invokers: readonly string[];
    /** What it may do beside reading its key and writing its own log. */
    readonly grants: readonly { readonly actions: readonly string[]; readonly resources: readonly string[] }[];
}

export interface CheckerSetting {
    /** Name of the function. */
    readonly function: string;
    /** Name of its role, at the root, under which nothing else runs. */
    readonly role: string;
    /** SHA-256 of the function's one file, `__index.js`, hex; several while a release is under way. */
    readonly codeSha256: readonly string[];
    /** Its environment variables, each with its value: another bucket or table is another word. */
    readonly environment: Readonly<Record<string, string>>;
    /** Variables that hold ARNs or public keys of `keys`, as JSON by the key's name, which no preview knows. */
    readonly keyEnvironment: readonly string[];
    /** Resource names of the keys that its environment is made of. */
    readonly keys: readonly string[];
}

export interface NamedReason {
    readonly name: string;
    readonly reason: string;
}

export interface ArnReason {
    readonly arn: string;
    readonly reason: string;
}

export interface OutsidePolicy {
    readonly arn: string;
    /** The policy's JSON as reviewed, as an object or as text. Judged as if anybody had it. */
    readonly document: Readonly<Record<string, unknown>> | string;
}

export interface Referrer {
    readonly type: string;
    /** Resource name. */
    readonly name: string;
}

export interface ControlTable {
    readonly table: string;
    readonly writers: readonly string[];
}

export interface OidcProvider {
    /** With https://. */
    readonly url: string;
    readonly audiences: readonly string[];
}

export const DEFAULT_SETTINGS: Settings = {
    signerTag: "countersign:signer",
    accountId: "",
    orgId: "",
    externalAccounts: [],
    regions: [],
    loopbackEndpoints: [],
    signers: [],
    checkers: [],
    unpinnedCode: "",
    nonSigningKeys: [],
    keyAdmins: [],
    deployRole: "",
    breakGlass: [],
    signerReferrers: [],
    keyReferrers: [],
    serviceRoles: [],
    outsideRoles: [],
    outsidePolicies: [],
    stackPolicies: [],
    boundaryPolicies: [],
    controlTables: [],
    oidcProviders: [],
    subjects: [],
    directMode: false,
    extraTypes: [],
    extraActions: [],
    extraServices: [],
    unlockedBuckets: [],
    boundaryRequired: false,
};

const named = list(exact({ name: text, reason: text }));
const arns = list(exact({ arn: text, reason: text }));
const referrers = list(exact({ type: text, name: text }));
const sha256: PolicyConfigJSONSchema = { type: "string", pattern: "^[0-9a-f]{64}$" };

/** JSON schema of each setting; a rule announces those it reads. */
export const SETTINGS_SCHEMA: Readonly<Record<keyof Settings, PolicyConfigJSONSchema>> = {
    signerTag: { type: "string", minLength: 1, default: DEFAULT_SETTINGS.signerTag },
    accountId: { type: "string", pattern: "^([0-9]{12})?$", default: "" },
    orgId: { type: "string", pattern: "^(o-[a-z0-9]{10,32})?$", default: "" },
    externalAccounts: list({ type: "string", pattern: "^[0-9]{12}$" }),
    regions: strings,
    loopbackEndpoints: list({
        type: "string",
        pattern: "^https?://(127\\.0\\.0\\.1|\\[::1\\]|localhost)(:[0-9]+)?/?$",
    }),
    signers: list(
        exact({
            role: text,
            keys: strings,
            aliases: strings,
            function: text,
            codeSha256: list(sha256),
            environment: { type: "object", additionalProperties: { type: "string" } },
            keyEnvironment: strings,
            invokers: strings,
            grants: list(exact({ actions: strings, resources: strings })),
        }),
    ),
    checkers: list(
        exact({
            function: text,
            role: text,
            codeSha256: list(sha256),
            environment: { type: "object", additionalProperties: { type: "string" } },
            keyEnvironment: strings,
            keys: strings,
        }),
    ),
    unpinnedCode: { type: "string", default: "" },
    nonSigningKeys: named,
    keyAdmins: strings,
    deployRole: { type: "string", default: "" },
    breakGlass: arns,
    signerReferrers: referrers,
    keyReferrers: referrers,
    serviceRoles: strings,
    outsideRoles: arns,
    outsidePolicies: list(exact({ arn: text, document: { type: ["object", "string"] } })),
    stackPolicies: strings,
    boundaryPolicies: strings,
    controlTables: list(exact({ table: text, writers: strings })),
    oidcProviders: list(exact({ url: { type: "string", pattern: "^https://" }, audiences: strings })),
    subjects: list(record),
    directMode: { type: "boolean", default: false },
    extraTypes: list(exact({ type: text, reason: text })),
    extraActions: named,
    extraServices: named,
    unlockedBuckets: named,
    boundaryRequired: { type: "boolean", default: false },
};

export function settingsOf(config: Partial<Settings> | undefined): Settings {
    return { ...DEFAULT_SETTINGS, ...config };
}
