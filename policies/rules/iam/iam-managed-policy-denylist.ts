import { isManagedArn, managedVerdicts } from "../../../lib/iam/managed";
import { readList, type Read } from "../../read";
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

const POLICY = "aws:iam/policy:Policy";

export const iamManagedPolicyDenylist: Rule = {
    id: "iam-managed-policy-denylist",
    description: "attached managed policies are known, and give no power over signers",
    severity: "critical",
    framework: NIST_LEAST_PRIVILEGE,
    threats: ["T10", "T11", "T81"],
    types: Object.keys(ATTACHMENTS),
    fix: "write an inline policy with the least that is needed, or list the customer policy's ARN and digest in outsidePolicies",
    reads: ["outsidePolicies"],
    good: {
        type: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        provider: EXAMPLE_PROVIDER,
        props: { role: "countersign-dev-prepare", policyArn: "arn:aws:iam::aws:policy/AWSXrayReadOnlyAccess" },
    },
    bad: roleExample(LAMBDA_TRUST, { managedPolicyArns: ["arn:aws:iam::aws:policy/PowerUserAccess"] }),
    check: (resource, settings) =>
        arnsOf(resource).flatMap(({ at, arn }) => (arn.kind === "known" ? arnFindings(at, arn.value, settings) : [])),
    checkStack: (resources) => resources.flatMap((resource) => unresolved(resource, resources)),
};

function arnsOf(resource: ResourceView): { at: string; arn: Read<string> }[] {
    const property = Object.hasOwn(ATTACHMENTS, resource.type) ? ATTACHMENTS[resource.type]! : undefined;
    if (property === undefined) return [];
    const arns = readList<string>(() => resource.props[property]);
    if (arns.kind !== "known") return arns.kind === "unknown" ? [{ at: property, arn: arns }] : [];
    return arns.value.map((arn, i) => ({ at: arns.value.length === 1 ? property : `${property}[${i}]`, arn }));
}

function arnFindings(at: string, arn: string, { outsidePolicies }: Settings): Finding[] {
    if (!isManagedArn(arn)) {
        if (outsidePolicies.some((one) => one.arn === arn)) return [];
        return [{ at, saw: `${shownArn(arn)} is a customer policy that outsidePolicies does not list`, threat: "T11" }];
    }
    const verdicts = managedVerdicts(arn);
    if (verdicts === undefined) return [{ at, saw: `${shownArn(arn)} is not in the table of AWS managed policies` }];
    if (verdicts.length === 0) return [];
    const capabilities = verdicts.map(({ capability, certain }) => `${capability}${certain ? "" : " (conditionally)"}`);
    return [{ at, saw: `${shownArn(arn)} gives ${capabilities.join(", ")}`, action: capabilities[0]!, threat: "T10" }];
}

function shownArn(arn: string): string {
    return /^arn:[a-z-]+:iam::(aws|[0-9]{12}):policy\/[\w+=,.@/-]{1,128}$/.test(arn) ? arn : "not an ARN of a policy";
}

/** An ARN that is not known yet has to come from a policy of this stack, whose document is judged itself. */
function unresolved(resource: ResourceView, resources: readonly ResourceView[]): StackFinding[] {
    return arnsOf(resource).flatMap(({ at, arn }): StackFinding[] => {
        if (arn.kind !== "unknown") return [];
        const property = at.replace(/\[.*$/, "");
        const from = resource.dependencies?.[property] ?? [];
        const isOwn =
            from.length > 0 && from.every((urn) => resources.some((one) => one.urn === urn && one.type === POLICY));
        return isOwn
            ? []
            : [{ resource, at, saw: "unknown, and it depends on no policy of this stack", threat: "T11" }];
    });
}
