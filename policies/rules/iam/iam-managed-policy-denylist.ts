import { isKnownManaged, isManagedArn, managedVerdicts } from "../../../lib/iam/managed";
import type { Scope } from "../../../lib/iam/types";
import { documentsOf, isBoundary } from "../../documents";
import { outsidePowers } from "../../identity-powers";
import { NO_SCOPE, scopeOf } from "../../place";
import { read, readList, type Read, valueOf } from "../../read";
import { type Finding, NIST_LEAST_PRIVILEGE, type ResourceView, type Rule, type StackFinding } from "../../rule";
import type { Settings } from "../../settings";
import { EXAMPLE_PROVIDER, LAMBDA_TRUST, roleExample } from "../example";

/** Where managed policies are attached; the value is a list or one. */
const ATTACHMENTS: Readonly<Record<string, string>> = {
    "aws:iam/role:Role": "managedPolicyArns",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": "policyArn",
    "aws:iam/userPolicyAttachment:UserPolicyAttachment": "policyArn",
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment": "policyArn",
    "aws:iam/policyAttachment:PolicyAttachment": "policyArn",
    "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive": "policyArns",
    "aws:iam/userPolicyAttachmentsExclusive:UserPolicyAttachmentsExclusive": "policyArns",
    "aws:iam/groupPolicyAttachmentsExclusive:GroupPolicyAttachmentsExclusive": "policyArns",
    "aws:ssoadmin/managedPolicyAttachment:ManagedPolicyAttachment": "managedPolicyArn",
    "aws:ssoadmin/managedPolicyAttachmentsExclusive:ManagedPolicyAttachmentsExclusive": "managedPolicyArns",
};

/** Attachments by name, of whatever policy has it in each account. */
const BY_NAME: Readonly<Record<string, string>> = {
    "aws:ssoadmin/customerManagedPolicyAttachment:CustomerManagedPolicyAttachment": "customerManagedPolicyReference",
    "aws:ssoadmin/customerManagedPolicyAttachmentsExclusive:CustomerManagedPolicyAttachmentsExclusive":
        "customerManagedPolicyReferences",
};

const POLICY = "aws:iam/policy:Policy";

export const iamManagedPolicyDenylist: Rule = {
    id: "iam-managed-policy-denylist",
    description: "attached managed policies are known, with every action of theirs, and give no power over signers",
    severity: "critical",
    framework: NIST_LEAST_PRIVILEGE,
    threats: ["T10", "T11", "T14", "T81"],
    types: [...Object.keys(ATTACHMENTS), ...Object.keys(BY_NAME)],
    fix: "write an inline policy with the least that is needed, or list the stack's policy in stackPolicies, another's with its document in outsidePolicies",
    reads: [
        "accountId",
        "orgId",
        "regions",
        "signers",
        "controlTables",
        "deployRole",
        "breakGlass",
        "keyAdmins",
        "serviceRoles",
        "outsideRoles",
        "outsidePolicies",
        "stackPolicies",
        "boundaryPolicies",
        "extraActions",
    ],
    good: {
        type: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        provider: EXAMPLE_PROVIDER,
        props: { role: "countersign-dev-prepare", policyArn: "arn:aws:iam::aws:policy/AWSXrayReadOnlyAccess" },
    },
    bad: roleExample(LAMBDA_TRUST, { managedPolicyArns: ["arn:aws:iam::aws:policy/PowerUserAccess"] }),
    check: (resource, settings) => [
        ...arnsOf(resource).flatMap(({ at, arn }) =>
            arn.kind === "known" ? arnFindings(at, arn.value, resource, settings) : [],
        ),
        ...(Object.hasOwn(BY_NAME, resource.type)
            ? [{ at: BY_NAME[resource.type]!, saw: "a policy by name, expected an ARN", threat: "T11" }]
            : []),
    ],
    checkStack: (resources, settings) => resources.flatMap((resource) => unresolved(resource, resources, settings)),
};

function arnsOf(resource: ResourceView): { at: string; arn: Read<string> }[] {
    const property = Object.hasOwn(ATTACHMENTS, resource.type) ? ATTACHMENTS[resource.type]! : undefined;
    if (property === undefined) return [];
    const arns = readList<string>(() => resource.props[property]);
    if (arns.kind !== "known") return arns.kind === "unknown" ? [{ at: property, arn: arns }] : [];
    return arns.value.map((arn, i) => ({ at: arns.value.length === 1 ? property : `${property}[${i}]`, arn }));
}

function arnFindings(at: string, arn: string, resource: ResourceView, settings: Settings): Finding[] {
    if (!isManagedArn(arn)) return customerFindings(at, arn, resource, settings);
    const verdicts = managedVerdicts(arn);
    if (verdicts === undefined) return [{ at, saw: `${shownArn(arn)} is not in the table of AWS managed policies` }];
    if (verdicts.length === 0)
        return isKnownManaged(arn)
            ? []
            : [{ at, saw: `${shownArn(arn)} allows actions that are not on the list of known ones`, threat: "T10" }];
    const capabilities = verdicts.map(({ capability, certain }) => `${capability}${certain ? "" : " (conditionally)"}`);
    return [{ at, saw: `${shownArn(arn)} gives ${capabilities.join(", ")}`, action: capabilities[0]!, threat: "T10" }];
}

/** The stack's own by name, whose document other rules judge; those of others by the document that the settings hold. */
function customerFindings(at: string, arn: string, resource: ResourceView, settings: Settings): Finding[] {
    const scope = scopeOf(resource, settings);
    if (scope === undefined) return [NO_SCOPE];
    const name = nameHere(arn, scope);
    if (name !== undefined && settings.boundaryPolicies.some((one) => one.toLowerCase() === name.toLowerCase()))
        return [boundaryFinding(at, arn)];
    if (name !== undefined && settings.stackPolicies.includes(name)) return [];
    const outside = settings.outsidePolicies.filter((one) => one.arn === arn);
    if (outside.length > 0)
        return outside.flatMap(({ document }) =>
            outsidePowers("document", document, settings, scope).map((finding) => ({
                ...finding,
                at: `${at} outsidePolicies ${finding.at}`,
                threat: finding.threat ?? "T11",
            })),
        );
    return [
        {
            at,
            saw: `${shownArn(arn)} is a customer policy that neither stackPolicies nor outsidePolicies list`,
            threat: "T11",
        },
    ];
}

/** Name of a customer managed policy of this account. */
function nameHere(arn: string, { partition, accountId }: Scope): string | undefined {
    const prefix = `arn:${partition}:iam::${accountId}:policy/`;
    return arn.startsWith(prefix) ? arn.slice(arn.lastIndexOf("/") + 1) : undefined;
}

function boundaryFinding(at: string, arn: string): Finding {
    return { at, saw: `${shownArn(arn)} is a boundary by the settings, and attached here`, threat: "T14" };
}

function shownArn(arn: string): string {
    return /^arn:[a-z-]+:iam::(aws|[0-9]{12}):policy\/[\w+=,.@/-]{1,128}$/.test(arn) ? arn : "not an ARN of a policy";
}

/** An ARN that is not known yet, or that stackPolicies names, has to be a policy of this stack, whose document is judged itself. */
function unresolved(resource: ResourceView, resources: readonly ResourceView[], settings: Settings): StackFinding[] {
    const policies = resources.filter(({ type }) => type === POLICY);
    const attached = arnsOf(resource);
    const boundaries = Object.values(resource.dependencies ?? {})
        .flat()
        .flatMap((urn) => policies.find((one) => one.urn === urn && isBoundary(one, settings.boundaryPolicies)) ?? []);
    return attached.flatMap(({ at, arn }): StackFinding[] => {
        const property = at.replace(/\[.*$/, "");
        const from = resource.dependencies?.[property] ?? [];
        if (boundaries.some(({ urn }) => from.includes(urn)))
            return [{ resource, at, saw: "a boundary by the settings, and attached here", threat: "T14" }];
        if (arn.kind === "known") return undeclared(at, arn.value, resource, policies, settings);
        if (arn.kind === "absent") return [];
        const isOwn = from.length > 0 && from.every((urn) => policies.some((one) => one.urn === urn));
        return isOwn
            ? []
            : [{ resource, at, saw: "unknown, and it depends on no policy of this stack", threat: "T11" }];
    });
}

function undeclared(
    at: string,
    arn: string,
    resource: ResourceView,
    policies: readonly ResourceView[],
    settings: Settings,
): StackFinding[] {
    const scope = scopeOf(resource, settings);
    const name = scope && nameHere(arn, scope);
    if (scope === undefined || name === undefined || !settings.stackPolicies.includes(name)) return [];
    const isDeclared = policies.some(
        (policy) =>
            arnOfPolicy(policy, scope) === arn && documentsOf(policy).every(({ text }) => text.kind === "known"),
    );
    if (isDeclared) return [];
    const saw = `${shownArn(arn)} is in stackPolicies, and this stack declares no such policy with a known document`;
    return [{ resource, at, saw, threat: "T11" }];
}

function arnOfPolicy({ props }: ResourceView, { partition, accountId }: Scope): string | undefined {
    const name = valueOf(read<string>(() => props.name));
    const path = read<string>(() => props.path);
    if (name === undefined || path.kind === "unknown") return undefined;
    return `arn:${partition}:iam::${accountId}:policy${valueOf(path) ?? "/"}${name}`;
}
