import type { ParameterTier, ParameterType } from "@aws-sdk/client-ssm";
import type { ParameterArgs } from "@pulumi/aws/ssm";
import { found, type Aws } from "../aws";
import { replace, resource, TAGS, update, type ArgsOf } from "../declare";
import { retag, tagList, tagsOf } from "./tags";

/** Id is the parameter's name. */
export const parameter = resource<ParameterArgs>({
    token: "aws:ssm/parameter:Parameter",
    arguments: {
        name: replace(),
        type: update({ required: true }),
        value: update(),
        description: update(),
        tier: update(),
        keyId: update(),
        allowedPattern: update(),
        dataType: replace(),
        overwrite: update(),
        ...TAGS,
    },
    outputs: ["arn", "version"],
    volatile: { version: ["value", "type", "description", "tier", "keyId", "allowedPattern"] },
    autoname: { argument: "name", maxLength: 1011 },
    identity: ["name"],

    async create(aws, args) {
        await put(aws, args, args.overwrite ?? false);
        return { id: args.name ?? "" };
    },

    async complete(aws, id, { tagsAll }) {
        // The creating call takes no tags when it overwrites.
        if (tagsAll) {
            await (
                await aws.ssm()
            ).addTagsToResource({ ResourceType: "Parameter", ResourceId: id, Tags: tagList(tagsAll) });
        }
    },

    async read(aws, id) {
        const ssm = await aws.ssm();
        const made = (await found(ssm.getParameter({ Name: id, WithDecryption: true })))?.Parameter;
        if (!made) {
            return undefined;
        }
        const { TagList } = await ssm.listTagsForResource({ ResourceType: "Parameter", ResourceId: id });
        return {
            arn: made.ARN,
            version: made.Version,
            name: made.Name,
            type: made.Type,
            value: made.Value,
            tagsAll: tagsOf(TagList),
        };
    },

    async update(aws, id, args, { old, of }) {
        const ssm = await aws.ssm();
        if (of("type", "value", "description", "tier", "keyId", "allowedPattern")) {
            await put(aws, args, true);
        }
        if (of("tagsAll")) {
            const it = { ResourceType: "Parameter" as const, ResourceId: id };
            await retag(old.tagsAll, args.tagsAll, {
                set: (tags) => ssm.addTagsToResource({ ...it, Tags: tagList(tags) }),
                unset: (TagKeys) => ssm.removeTagsFromResource({ ...it, TagKeys }),
            });
        }
    },

    async delete(aws, id) {
        await (await aws.ssm()).deleteParameter({ Name: id });
    },
});

async function put(aws: Aws, args: ArgsOf<ParameterArgs>, Overwrite: boolean): Promise<void> {
    await (
        await aws.ssm()
    ).putParameter({
        Name: args.name,
        Type: args.type as ParameterType,
        Value: args.value,
        Description: args.description,
        Tier: args.tier as ParameterTier | undefined,
        KeyId: args.keyId,
        AllowedPattern: args.allowedPattern,
        DataType: args.dataType,
        Overwrite,
    });
}
