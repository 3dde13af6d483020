import { parsePolicy } from "./document";
import table from "./managed-table.json";
import {
    COMPUTE_VERBS,
    FUNCTION_VERBS,
    MAKING_VERBS,
    MAPPING_VERBS,
    PASSED_TO,
    PROVIDER_VERBS,
    ROLE_VERBS,
    SUPPLY_VERBS,
    TABLE_VERBS,
} from "./takeover-catalogue";
import type { AttachedPolicy } from "./types";

/**
 * What AWS managed policies may do to a signer: a table that `scripts/generate-managed-policies.cjs` makes with this evaluator, from the
 * data that `MANAGED_SOURCE` names. Judged as if the account left everything to identity policies: a key's own policy may still refuse.
 */
export type ManagedCapability = SignerCapability | Assistance;

/** Over a signing key, `role/signing/*`, some function, some table. */
export type SignerCapability =
    | "kms:Sign"
    | "kms:CreateGrant"
    | "kms:PutKeyPolicy"
    | "iam:PassRole"
    | "T60"
    | "T61"
    | "T62"
    | "T64"
    | "T66"
    | "T67"
    | "T68";

/**
 * Half a move, or a move over roles that are no signers: one policy may hold one half and another the other. `make` is what makes or
 * strengthens other principals, or acts as one.
 */
export type Assistance =
    "assume" | "compute" | "create-role" | "delete-role" | "make" | "pass" | "retrust" | "start" | "supply";

export interface ManagedVerdict {
    readonly capability: ManagedCapability;
    /** False: under a condition, or on some resources only. */
    readonly certain: boolean;
}

export const MANAGED_SOURCE: { readonly package: string; readonly version: string; readonly license: string } =
    table.source;

/** @returns undefined for a policy that is not in the table: a violation */
export function managedVerdicts(arn: string): readonly ManagedVerdict[] | undefined {
    const name = /^arn:[a-z-]+:iam::aws:policy\/([A-Za-z0-9_+=,.@/-]+)$/.exec(arn)?.[1];
    if (name === undefined) return undefined;
    if (table.clean.includes(name)) return [];
    const found = Object.entries<readonly string[]>(table.capable).find(([path]) => path === name)?.[1];
    return found?.map(verdictOf);
}

/** True for a policy without verdict that allows nothing but actions which the pack knows. */
export function isKnownManaged(arn: string): boolean {
    const verdicts = managedVerdicts(arn);
    const path = arn.slice(arn.indexOf(":policy/") + ":policy/".length);
    return verdicts !== undefined && verdicts.length === 0 && table.known.includes(path);
}

function verdictOf(text: string): ManagedVerdict {
    return { capability: text.replace("?", "") as ManagedCapability, certain: !text.endsWith("?") };
}

/** The whole table, by path below `arn:aws:iam::aws:policy/`. */
export function managedPolicies(): readonly { readonly path: string; readonly verdicts: readonly ManagedVerdict[] }[] {
    return [
        ...table.clean.map((path) => ({ path, verdicts: [] })),
        ...Object.entries<readonly string[]>(table.capable).map(([path, texts]) => ({
            path,
            verdicts: texts.map(verdictOf),
        })),
    ];
}

/** True for ARNs in AWS's own namespace, known or not. */
export function isManagedArn(arn: string): boolean {
    return /^arn:[a-z-]+:iam::aws:policy\//.test(arn);
}

/** Lower-case names are halves of a move. */
export function isSignerCapability(capability: ManagedCapability): capability is SignerCapability {
    return /^[kiT]/.test(capability) && capability.length > 2;
}

/** A document that allows on everything what the verdicts name, to be judged in place of the real one. */
export function managedAttachment(arn: string): AttachedPolicy | undefined {
    const verdicts = managedVerdicts(arn);
    if (verdicts === undefined) return undefined;
    const actions = [...new Set(verdicts.flatMap(({ capability }) => CAPABILITY_ACTIONS[capability]))];
    const statement = {
        Effect: "Allow",
        Action: actions.length > 0 ? actions : ["iam:GetAccountSummary"],
        Resource: "*",
    };
    return { name: arn, policy: parsePolicy(JSON.stringify({ Version: "2012-10-17", Statement: [statement] }), "aws") };
}

/** What a capability is made of: one of these. */
export const CAPABILITY_ACTIONS: Readonly<Record<ManagedCapability, readonly string[]>> = {
    "kms:Sign": ["kms:Sign"],
    "kms:CreateGrant": ["kms:CreateGrant"],
    "kms:PutKeyPolicy": ["kms:PutKeyPolicy"],
    "iam:PassRole": ["iam:PassRole"],
    T60: ROLE_VERBS.map(({ action }) => action),
    T61: PROVIDER_VERBS,
    T62: ["sts:AssumeRole", "sts:AssumeRoot"],
    T64: COMPUTE_VERBS.lambda.on,
    T66: [
        "kms:ReplicateKey",
        "kms:ImportKeyMaterial",
        "kms:UpdatePrimaryRegion",
        "kms:CreateAlias",
        "kms:UpdateAlias",
        "kms:DeleteAlias",
        "kms:EnableKey",
    ],
    T67: [...FUNCTION_VERBS, ...MAPPING_VERBS],
    T68: TABLE_VERBS,
    assume: ["sts:AssumeRole"],
    compute: Object.values(COMPUTE_VERBS).flatMap(({ on, elsewhere }) => [...on, ...elsewhere]),
    "create-role": ["iam:CreateRole"],
    "delete-role": ["iam:DeleteRole"],
    // AssumeRoot is T62.
    make: Object.values(MAKING_VERBS)
        .flat()
        .filter((action) => !action.startsWith("sts:")),
    pass: ["iam:PassRole"],
    retrust: ["iam:UpdateAssumeRolePolicy"],
    start: PASSED_TO.flatMap(({ actions }) => actions),
    supply: Object.values(SUPPLY_VERBS).flat(),
};
