import { managedAttachment } from "../lib/iam/managed";
import type { AttachedPolicy } from "../lib/iam/types";
import { identityDocuments, parseOnce } from "./documents";
import { nameOfRole } from "./place";
import { read, readList, type Read, valueOf } from "./read";
import type { ResourceView } from "./rule";
import type { Settings } from "./settings";

/** The managed policies of a role of the stack, with the documents that they stand for. */

const POLICY = "aws:iam/policy:Policy";

/** Where a role is named, and what it gets. */
const ATTACHMENTS: Readonly<Record<string, { readonly owner: string; readonly arns: string }>> = {
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": { owner: "role", arns: "policyArn" },
    "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive": { owner: "roleName", arns: "policyArns" },
    "aws:iam/policyAttachment:PolicyAttachment": { owner: "roles", arns: "policyArn" },
};

interface Attached {
    readonly arn: Read<string>;
    /** URNs that it may come from. */
    readonly from: readonly string[];
}

/** @returns `complete: false` if some policy is not known: then the role may do everything */
export function managedOf(
    role: ResourceView,
    name: string,
    resources: readonly ResourceView[],
    settings: Settings,
): { policies: AttachedPolicy[]; complete: boolean } {
    const declared = resources.filter(({ type }) => type === POLICY);
    const found = attachedTo(role, name, resources).map((one) => resolved(one, declared, settings));
    return { policies: found.flatMap((one) => one ?? []), complete: found.every((one) => one !== undefined) };
}

function attachedTo(role: ResourceView, name: string, resources: readonly ResourceView[]): Attached[] {
    const others = resources.flatMap((resource) => {
        const place = Object.hasOwn(ATTACHMENTS, resource.type) ? ATTACHMENTS[resource.type]! : undefined;
        return place !== undefined && isFor(resource, place.owner, role, name) ? entries(resource, place.arns) : [];
    });
    return [...entries(role, "managedPolicyArns"), ...others];
}

/** AWS tells roles apart whatever the case of their names. */
function isFor({ props, dependencies }: ResourceView, owner: string, role: ResourceView, name: string): boolean {
    const owners = readList<string>(() => props[owner]);
    const names = owners.kind === "known" ? owners.value.flatMap((one) => valueOf(one) ?? []) : [];
    return (
        names.some((one) => nameOfRole(one).toLowerCase() === name.toLowerCase()) ||
        (dependencies?.[owner] ?? []).includes(role.urn)
    );
}

function entries({ props, dependencies }: ResourceView, property: string): Attached[] {
    const from = dependencies?.[property] ?? [];
    const list = readList<string>(() => props[property]);
    if (list.kind === "absent") return [];
    return list.kind === "unknown" ? [{ arn: list, from }] : list.value.map((arn) => ({ arn, from }));
}

/** An ARN that is not known may be any of the policies that it comes from. */
function resolved(
    { arn, from }: Attached,
    declared: readonly ResourceView[],
    { outsidePolicies, stackPolicies }: Settings,
): AttachedPolicy[] | undefined {
    const own = declared.filter(({ urn }) => from.includes(urn));
    if (arn.kind !== "known") return own.length > 0 ? own.flatMap(documents) : undefined;
    const aws = managedAttachment(arn.value);
    if (aws !== undefined) return [aws];
    const outside = outsidePolicies.filter((one) => one.arn === arn.value);
    if (outside.length > 0)
        return outside.map(({ arn: name, document }) => {
            const text = typeof document === "string" ? document : JSON.stringify(document);
            return { name, policy: parseOnce(text, "managed") };
        });
    const last = nameOfRole(arn.value);
    const named = stackPolicies.includes(last)
        ? declared.filter(({ props }) => valueOf(read<string>(() => props.name)) === last)
        : [];
    const found = named.length > 0 ? named : own;
    return found.length > 0 ? found.flatMap(documents) : undefined;
}

function documents(declared: ResourceView): AttachedPolicy[] {
    return identityDocuments(declared).map(({ policy }) => ({ name: `policy ${declared.name}`, policy }));
}
