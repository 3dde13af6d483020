import type { Role } from "@aws-sdk/client-iam";
import type { KeyMetadata } from "@aws-sdk/client-kms";
import { policy, serviceTrust } from "../../support/documents";
import { record, TAGS_BASE, TAGS_CHANGE, type Example } from "./example";

const PROVIDER_ONLY = "the provider alone acts on it, at deletion";

function keyPolicy(accountId: string, sid: string): string {
    return policy({
        Sid: sid,
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${accountId}:root` },
        Action: "kms:*",
        Resource: "*",
    });
}

interface KeySeen {
    meta: KeyMetadata;
    policy: string;
    tags: object;
    rotation: { on: boolean; days: number };
}

interface RoleSeen {
    role: Role;
    trust: string;
    tags: object;
}

export const IDENTITY: { readonly [token: string]: Example } = {
    "aws:kms/key:Key": {
        base: ({ accountId }) => ({
            description: "before",
            deletionWindowInDays: 30,
            enableKeyRotation: true,
            policy: keyPolicy(accountId, "before"),
            tags: TAGS_BASE,
        }),
        async observe(aws, id) {
            const kms = await aws.kms();
            const { KeyMetadata: meta } = await kms.describeKey({ KeyId: id });
            const { Policy } = await kms.getKeyPolicy({ KeyId: id, PolicyName: "default" });
            const { Tags = [] } = await kms.listResourceTags({ KeyId: id });
            const rotation =
                meta?.KeyState === "Enabled"
                    ? await kms.getKeyRotationStatus({ KeyId: id })
                    : { KeyRotationEnabled: undefined };
            return {
                meta,
                policy: Policy,
                tags: Object.fromEntries(Tags.map(({ TagKey, TagValue }) => [TagKey, TagValue])),
                rotation: {
                    on: rotation.KeyRotationEnabled,
                    days: (rotation as { RotationPeriodInDays?: number }).RotationPeriodInDays,
                },
            };
        },
        arguments: ({ accountId }) => ({
            description: { to: "after", at: ({ meta }: KeySeen) => meta.Description },
            keyUsage: { to: "SIGN_VERIFY" },
            customerMasterKeySpec: { to: "RSA_2048" },
            multiRegion: { to: true },
            deletionWindowInDays: { to: 7, unseen: PROVIDER_ONLY },
            rotationPeriodInDays: { to: 180, at: ({ rotation }: KeySeen) => rotation.days, sticky: true },
            enableKeyRotation: { to: false, at: ({ rotation }: KeySeen) => rotation.on },
            isEnabled: { to: false, at: ({ meta }: KeySeen) => meta.Enabled },
            policy: { to: keyPolicy(accountId, "after"), at: ({ policy: text }: KeySeen) => text },
            bypassPolicyLockoutSafetyCheck: { to: true, unseen: "goes with the policy" },
            tags: { to: TAGS_CHANGE, at: ({ tags }: KeySeen) => tags },
        }),
    },
    "aws:kms/alias:Alias": {
        base: ({ keyId }) => ({ name: "alias/example", targetKeyId: keyId }),
        async observe(aws, id) {
            const { Aliases = [] } = await (await aws.kms()).listAliases({});
            return { target: Aliases.find(({ AliasName }) => AliasName === id)?.TargetKeyId };
        },
        arguments: ({ otherKeyId }) => ({
            name: { to: "alias/other" },
            targetKeyId: { to: otherKeyId, at: ({ target }: { target: string }) => target },
        }),
    },
    "aws:iam/role:Role": {
        base: () => ({
            name: "example",
            description: "before",
            assumeRolePolicy: serviceTrust("lambda.amazonaws.com"),
            tags: TAGS_BASE,
        }),
        async observe(aws, id) {
            const { Role } = await (await aws.iam()).getRole({ RoleName: id });
            return {
                role: Role,
                trust: decodeURIComponent(Role?.AssumeRolePolicyDocument ?? ""),
                tags: record(Role?.Tags),
            };
        },
        arguments: ({ policyArn }) => ({
            name: { to: "other" },
            path: { to: "/signing/" },
            description: { to: "after", at: ({ role }: RoleSeen) => role.Description },
            assumeRolePolicy: { to: serviceTrust("states.amazonaws.com"), at: (seen: RoleSeen) => seen.trust },
            maxSessionDuration: { to: 7200, at: ({ role }: RoleSeen) => role.MaxSessionDuration },
            permissionsBoundary: {
                to: policyArn,
                at: ({ role }: RoleSeen) => role.PermissionsBoundary?.PermissionsBoundaryArn,
            },
            forceDetachPolicies: { to: true, unseen: PROVIDER_ONLY },
            tags: { to: TAGS_CHANGE, at: ({ tags }: RoleSeen) => tags },
        }),
    },
    "aws:iam/rolePolicy:RolePolicy": {
        base: ({ roleName }) => ({
            name: "example",
            role: roleName,
            policy: policy({ Effect: "Allow", Action: "s3:GetObject", Resource: "*" }),
        }),
        async observe(aws, id) {
            const [RoleName, PolicyName] = id.split(":");
            const { PolicyDocument = "" } = await (await aws.iam()).getRolePolicy({ RoleName, PolicyName });
            return { policy: decodeURIComponent(PolicyDocument) };
        },
        arguments: () => ({
            name: { to: "other" },
            role: { to: "other-role" },
            policy: {
                to: policy({ Effect: "Allow", Action: "s3:PutObject", Resource: "*" }),
                at: ({ policy: text }: { policy: string }) => text,
            },
        }),
    },
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": {
        base: ({ roleName, policyArn }) => ({ role: roleName, policyArn }),
        async observe(aws, id) {
            const { AttachedPolicies } = await (
                await aws.iam()
            ).listAttachedRolePolicies({ RoleName: id.split("/")[0] });
            return { attached: AttachedPolicies };
        },
        arguments: () => ({ role: { to: "other-role" }, policyArn: { to: "arn:aws:iam::111122223333:policy/other" } }),
    },
};
