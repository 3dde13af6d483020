import { parsePolicy } from "../lib/iam/document";
import type { ParsedPolicy, PolicyKind } from "../lib/iam/types";
import { read, readList, type Read, valueOf } from "./read";
import type { ResourceView } from "./rule";

/** Where policy documents live: the one table that every document rule walks. */

interface Place {
    readonly property: string;
    readonly kind: PolicyKind;
    /** The property is a list of objects that hold a document under `policy`. */
    readonly list?: boolean;
    /** Absence is a finding of its own: AWS's default would then hold. */
    readonly required?: boolean;
    /** Property that names the role which the document is attached to. */
    readonly owner?: string;
}

const PLACES: Readonly<Record<string, readonly Place[]>> = {
    "aws:kms/key:Key": [{ property: "policy", kind: "key" }],
    "aws:kms/keyPolicy:KeyPolicy": [{ property: "policy", kind: "key", required: true }],
    "aws:kms/replicaKey:ReplicaKey": [{ property: "policy", kind: "key" }],
    "aws:kms/externalKey:ExternalKey": [{ property: "policy", kind: "key" }],
    "aws:iam/role:Role": [
        { property: "assumeRolePolicy", kind: "trust", required: true },
        { property: "inlinePolicies", kind: "identity", list: true, owner: "name" },
    ],
    "aws:iam/rolePolicy:RolePolicy": [{ property: "policy", kind: "identity", required: true, owner: "role" }],
    "aws:iam/policy:Policy": [{ property: "policy", kind: "managed", required: true }],
    // Without owner: a user that is called like a role is not that role.
    "aws:iam/userPolicy:UserPolicy": [{ property: "policy", kind: "user", required: true }],
    "aws:iam/groupPolicy:GroupPolicy": [{ property: "policy", kind: "group", required: true }],
    "aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy": [
        { property: "inlinePolicy", kind: "identity", required: true },
    ],
    "aws:s3/bucketPolicy:BucketPolicy": [{ property: "policy", kind: "resource", required: true }],
    "aws:s3/bucket:Bucket": [{ property: "policy", kind: "resource" }],
    "aws:sqs/queuePolicy:QueuePolicy": [{ property: "policy", kind: "resource", required: true }],
    "aws:sqs/queue:Queue": [{ property: "policy", kind: "resource" }],
    "aws:sns/topicPolicy:TopicPolicy": [{ property: "policy", kind: "resource", required: true }],
    "aws:sns/topic:Topic": [{ property: "policy", kind: "resource" }],
    "aws:dynamodb/resourcePolicy:ResourcePolicy": [{ property: "policy", kind: "resource", required: true }],
    "aws:secretsmanager/secret:Secret": [{ property: "policy", kind: "resource" }],
    "aws:secretsmanager/secretPolicy:SecretPolicy": [{ property: "policy", kind: "resource", required: true }],
    "aws:ecr/repositoryPolicy:RepositoryPolicy": [{ property: "policy", kind: "resource", required: true }],
    "aws:ec2/vpcEndpoint:VpcEndpoint": [{ property: "policy", kind: "endpoint" }],
    "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy": [{ property: "policy", kind: "endpoint", required: true }],
};

export const DOCUMENT_TYPES: readonly string[] = Object.keys(PLACES);

/** Types whose documents grant to whoever holds them, not to named principals. */
export const IDENTITY_KINDS: readonly PolicyKind[] = ["identity", "user", "group", "managed"];

export interface FoundDocument {
    readonly at: string;
    readonly kind: PolicyKind;
    readonly required: boolean;
    readonly text: Read<string>;
    /** Name of the role; absent for documents that are attached elsewhere. */
    readonly owner: Read<string>;
}

const ABSENT: Read<never> = { kind: "absent" };

/** Every document of a resource, known or not. An object in place of JSON text is written out, as the provider does. */
export function documentsOf(resource: ResourceView): readonly FoundDocument[] {
    const places = Object.hasOwn(PLACES, resource.type) ? PLACES[resource.type]! : [];
    return places.flatMap((place) => (place.list ? listed(resource, place) : [single(resource, place)]));
}

function single(resource: ResourceView, { property, kind, required = false, owner }: Place): FoundDocument {
    return {
        at: property,
        kind,
        required,
        text: asText(() => resource.props[property]),
        owner: ownerOf(resource, owner),
    };
}

function listed(resource: ResourceView, { property, kind, owner: ownerProperty }: Place): readonly FoundDocument[] {
    const members = readList<{ policy?: unknown }>(() => resource.props[property]);
    const owner = ownerOf(resource, ownerProperty);
    if (members.kind === "absent") return [];
    if (members.kind === "unknown") return [{ at: property, kind, required: false, text: { kind: "unknown" }, owner }];
    return members.value.map((member, i) => ({
        at: `${property}[${i}].policy`,
        kind,
        required: false,
        text: member.kind === "known" ? asText(() => member.value.policy) : { kind: "unknown" },
        owner,
    }));
}

/** A role may be given by name, by id (which is its name) or by ARN. */
function ownerOf({ props }: ResourceView, property: string | undefined): Read<string> {
    if (property === undefined) return ABSENT;
    const owner = read<string>(() => props[property]);
    return owner.kind === "known"
        ? { kind: "known", value: owner.value.slice(owner.value.lastIndexOf("/") + 1) }
        : owner;
}

function asText(get: () => unknown): Read<string> {
    const value = read<unknown>(get);
    if (value.kind !== "known" || typeof value.value === "string") return value as Read<string>;
    return read(() => JSON.stringify(value.value)); // throws, hence unknown, if anything inside is
}

const parsed = new Map<string, ParsedPolicy>();
/** Documents of a run are few; a hostile program that makes many pays with parsing again. */
const MAX_PARSED = 2_000;

/** Parses each document once per run, however many rules ask. */
export function parseOnce(text: string, kind: PolicyKind): ParsedPolicy {
    const key = `${kind}\n${text}`;
    const found = parsed.get(key);
    if (found !== undefined) return found;
    const policy = parsePolicy(text, kind);
    if (parsed.size >= MAX_PARSED) parsed.clear();
    parsed.set(key, policy);
    return policy;
}

export interface IdentityDocument {
    readonly at: string;
    readonly owner: Read<string>;
    readonly policy: ParsedPolicy;
}

export const IDENTITY_TYPES: readonly string[] = Object.keys(PLACES).filter((type) =>
    PLACES[type]!.some(({ kind }) => IDENTITY_KINDS.includes(kind)),
);

const POLICY = "aws:iam/policy:Policy";

/** True for a managed policy that the settings name as a boundary only: it grants nothing, and iam-managed-policy-denylist lets nobody have it. */
export function isBoundary({ type, props }: ResourceView, boundaryPolicies: readonly string[]): boolean {
    const name = type === POLICY ? valueOf(read<string>(() => props.name)) : undefined;
    return name !== undefined && boundaryPolicies.includes(name);
}

/**
 * Known identity documents of a resource; that all are known is the rule iam-policy-doc-known.
 *
 * @param boundaryPolicies the setting; without it, boundaries are judged as what anybody may have
 */
export function identityDocuments(
    resource: ResourceView,
    boundaryPolicies: readonly string[] = [],
): readonly IdentityDocument[] {
    if (isBoundary(resource, boundaryPolicies)) return [];
    return documentsOf(resource).flatMap(({ at, kind, text, owner }) =>
        IDENTITY_KINDS.includes(kind) && text.kind === "known"
            ? [{ at, owner, policy: parseOnce(text.value, kind) }]
            : [],
    );
}
