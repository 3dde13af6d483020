import type { PolicyKind } from "../lib/iam/types";
import { read, readList, type Read } from "./read";
import type { ResourceView } from "./rule";

/** Where policy documents live: the one table that every document rule walks. */

interface Place {
    readonly property: string;
    readonly kind: PolicyKind;
    /** The property is a list of objects that hold a document under `policy`. */
    readonly list?: boolean;
    /** Absence is a finding of its own: AWS's default would then hold. */
    readonly required?: boolean;
}

const PLACES: Readonly<Record<string, readonly Place[]>> = {
    "aws:kms/key:Key": [{ property: "policy", kind: "key" }],
    "aws:kms/keyPolicy:KeyPolicy": [{ property: "policy", kind: "key", required: true }],
    "aws:kms/replicaKey:ReplicaKey": [{ property: "policy", kind: "key" }],
    "aws:kms/externalKey:ExternalKey": [{ property: "policy", kind: "key" }],
    "aws:iam/role:Role": [
        { property: "assumeRolePolicy", kind: "trust", required: true },
        { property: "inlinePolicies", kind: "identity", list: true },
    ],
    "aws:iam/rolePolicy:RolePolicy": [{ property: "policy", kind: "identity", required: true }],
    "aws:iam/policy:Policy": [{ property: "policy", kind: "managed", required: true }],
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
}

/** Every document of a resource, known or not. An object in place of JSON text is written out, as the provider does. */
export function documentsOf(resource: ResourceView): readonly FoundDocument[] {
    const places = Object.hasOwn(PLACES, resource.type) ? PLACES[resource.type]! : [];
    return places.flatMap((place) => (place.list ? listed(resource, place) : [single(resource, place)]));
}

function single(resource: ResourceView, { property, kind, required = false }: Place): FoundDocument {
    return { at: property, kind, required, text: asText(() => resource.props[property]) };
}

function listed(resource: ResourceView, { property, kind }: Place): readonly FoundDocument[] {
    const members = readList<{ policy?: unknown }>(() => resource.props[property]);
    if (members.kind === "absent") return [];
    if (members.kind === "unknown") return [{ at: property, kind, required: false, text: { kind: "unknown" } }];
    return members.value.map((member, i) => ({
        at: `${property}[${i}].policy`,
        kind,
        required: false,
        text: member.kind === "known" ? asText(() => member.value.policy) : { kind: "unknown" },
    }));
}

function asText(get: () => unknown): Read<string> {
    const value = read<unknown>(get);
    if (value.kind !== "known" || typeof value.value === "string") return value as Read<string>;
    return read(() => JSON.stringify(value.value)); // throws, hence unknown, if anything inside is
}
