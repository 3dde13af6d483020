import type { IAM } from "@aws-sdk/client-iam";
import type { RoleArgs, RolePolicyArgs, RolePolicyAttachmentArgs } from "@pulumi/aws/iam";
import { found, whileRoleSpreads } from "../aws";
import { replace, resource, TAGS, update } from "../declare";
import { retag, tagList, tagsOf } from "./tags";

export const role = resource<RoleArgs>({
    token: "aws:iam/role:Role",
    arguments: {
        name: replace(),
        path: replace({ default: "/" }),
        description: update(),
        assumeRolePolicy: update({ required: true, document: true }),
        maxSessionDuration: update({ default: 3600 }),
        permissionsBoundary: update(),
        forceDetachPolicies: update({ default: false }),
        ...TAGS,
    },
    outputs: ["arn", "uniqueId", "createDate"],
    autoname: { argument: "name", maxLength: 64 },
    identity: ["name"],
    regional: false,

    async create(aws, args) {
        const iam = await aws.iam();
        const { Role } = await whileRoleSpreads(() =>
            iam.createRole({
                RoleName: args.name,
                Path: args.path,
                Description: args.description,
                AssumeRolePolicyDocument: String(args.assumeRolePolicy),
                MaxSessionDuration: args.maxSessionDuration,
                PermissionsBoundary: args.permissionsBoundary,
                Tags: tagList(args.tagsAll),
            }),
        );
        return { id: Role?.RoleName ?? "", outputs: { arn: Role?.Arn, uniqueId: Role?.RoleId } };
    },

    async read(aws, id) {
        const Role = (await found((await aws.iam()).getRole({ RoleName: id })))?.Role;
        return (
            Role && {
                arn: Role.Arn,
                uniqueId: Role.RoleId,
                createDate: Role.CreateDate?.toISOString(),
                name: Role.RoleName,
                path: Role.Path,
                description: Role.Description,
                assumeRolePolicy: decodeURIComponent(Role.AssumeRolePolicyDocument ?? ""),
                maxSessionDuration: Role.MaxSessionDuration,
                permissionsBoundary: Role.PermissionsBoundary?.PermissionsBoundaryArn,
                tagsAll: tagsOf(Role.Tags),
            }
        );
    },

    async update(aws, id, args, { old, of }) {
        const iam = await aws.iam();
        if (of("assumeRolePolicy")) {
            await whileRoleSpreads(() =>
                iam.updateAssumeRolePolicy({ RoleName: id, PolicyDocument: String(args.assumeRolePolicy) }),
            );
        }
        if (of("description", "maxSessionDuration")) {
            await iam.updateRole({
                RoleName: id,
                Description: args.description ?? "",
                MaxSessionDuration: args.maxSessionDuration,
            });
        }
        if (of("permissionsBoundary")) {
            await (args.permissionsBoundary
                ? iam.putRolePermissionsBoundary({ RoleName: id, PermissionsBoundary: args.permissionsBoundary })
                : found(iam.deleteRolePermissionsBoundary({ RoleName: id })));
        }
        if (of("tagsAll")) {
            await retag(old.tagsAll, args.tagsAll, {
                set: (tags) => iam.tagRole({ RoleName: id, Tags: tagList(tags) }),
                unset: (TagKeys) => iam.untagRole({ RoleName: id, TagKeys }),
            });
        }
    },

    async delete(aws, id, { forceDetachPolicies }) {
        const iam = await aws.iam();
        if (forceDetachPolicies) {
            const { AttachedPolicies = [] } = await iam.listAttachedRolePolicies({ RoleName: id });
            await Promise.all(
                AttachedPolicies.map(({ PolicyArn }) => iam.detachRolePolicy({ RoleName: id, PolicyArn })),
            );
            const { PolicyNames = [] } = await iam.listRolePolicies({ RoleName: id });
            await Promise.all(PolicyNames.map((PolicyName) => iam.deleteRolePolicy({ RoleName: id, PolicyName })));
        }
        await iam.deleteRole({ RoleName: id });
    },
});

/** Id `ROLE:NAME`. */
export const rolePolicy = resource<RolePolicyArgs>({
    token: "aws:iam/rolePolicy:RolePolicy",
    arguments: {
        name: replace(),
        role: replace({ required: true }),
        policy: update({ required: true, document: true }),
    },
    outputs: [],
    autoname: { argument: "name", maxLength: 128 },
    identity: ["name", "role"],
    regional: false,

    async create(aws, args) {
        const id = `${String(args.role)}:${args.name}`;
        await putRolePolicy(await aws.iam(), id, String(args.policy));
        return { id };
    },

    async read(aws, id) {
        const answer = await found((await aws.iam()).getRolePolicy(rolePolicyOf(id)));
        return (
            answer && {
                role: answer.RoleName,
                name: answer.PolicyName,
                policy: decodeURIComponent(answer.PolicyDocument ?? ""),
            }
        );
    },

    async update(aws, id, { policy }) {
        await putRolePolicy(await aws.iam(), id, String(policy));
    },

    async delete(aws, id) {
        await (await aws.iam()).deleteRolePolicy(rolePolicyOf(id));
    },
});

/** Id `ROLE/ARN`. */
export const rolePolicyAttachment = resource<RolePolicyAttachmentArgs>({
    token: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    arguments: { role: replace({ required: true }), policyArn: replace({ required: true }) },
    outputs: [],
    identity: ["role", "policyArn"],
    regional: false,

    async create(aws, args) {
        const RoleName = String(args.role);
        await (await aws.iam()).attachRolePolicy({ RoleName, PolicyArn: args.policyArn });
        return { id: `${RoleName}/${args.policyArn}` };
    },

    async read(aws, id) {
        const { RoleName, PolicyArn } = attachmentOf(id);
        const answer = await found((await aws.iam()).listAttachedRolePolicies({ RoleName }));
        const attached = answer?.AttachedPolicies?.some((policy) => policy.PolicyArn === PolicyArn);
        return attached ? { role: RoleName, policyArn: PolicyArn } : undefined;
    },

    async update() {
        // Every argument replaces.
    },

    async delete(aws, id) {
        await (await aws.iam()).detachRolePolicy(attachmentOf(id));
    },
});

async function putRolePolicy(iam: IAM, id: string, PolicyDocument: string): Promise<void> {
    await iam.putRolePolicy({ ...rolePolicyOf(id), PolicyDocument });
}

function rolePolicyOf(id: string): { RoleName: string; PolicyName: string } {
    const [RoleName = "", ...name] = id.split(":");
    return { RoleName, PolicyName: name.join(":") };
}

function attachmentOf(id: string): { RoleName: string; PolicyArn: string } {
    const slash = id.indexOf("/");
    return { RoleName: id.slice(0, slash), PolicyArn: id.slice(slash + 1) };
}
