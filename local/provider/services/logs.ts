import type { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import type { LogGroupArgs } from "@pulumi/aws/cloudwatch";
import { found } from "../aws";
import { replace, resource, TAGS, update } from "../declare";
import { retag } from "./tags";

/** Id is the group's name; `arn` has no `:*` at its end. */
export const logGroup = resource<LogGroupArgs>({
    token: "aws:cloudwatch/logGroup:LogGroup",
    arguments: {
        name: replace(),
        retentionInDays: update({ default: 0 }),
        kmsKeyId: update(),
        logGroupClass: replace(),
        skipDestroy: update({ default: false }),
        ...TAGS,
    },
    outputs: ["arn"],
    autoname: { argument: "name", maxLength: 512 },
    identity: ["name"],

    async create(aws, args) {
        const logGroupClass = args.logGroupClass as "STANDARD" | undefined;
        await (
            await aws.logs()
        ).createLogGroup({ logGroupName: args.name, kmsKeyId: args.kmsKeyId, logGroupClass, tags: args.tagsAll });
        return { id: args.name ?? "" };
    },

    async complete(aws, id, { retentionInDays }) {
        if (retentionInDays) {
            await putRetention(await aws.logs(), id, retentionInDays);
        }
    },

    async read(aws, id) {
        const logs = await aws.logs();
        const { logGroups = [] } = (await found(logs.describeLogGroups({ logGroupNamePrefix: id }))) ?? {};
        const group = logGroups.find(({ logGroupName }) => logGroupName === id);
        if (!group) {
            return undefined;
        }
        const arn = (group.logGroupArn ?? group.arn ?? "").replace(/:\*$/, "");
        const { tags } = await logs.listTagsForResource({ resourceArn: arn });
        return {
            arn,
            name: id,
            retentionInDays: group.retentionInDays ?? 0,
            ...(group.kmsKeyId ? { kmsKeyId: group.kmsKeyId } : {}),
            tagsAll: tags ?? {},
        };
    },

    async update(aws, id, args, { old, of }) {
        const logs = await aws.logs();
        if (of("retentionInDays")) {
            await putRetention(logs, id, args.retentionInDays ?? 0);
        }
        if (of("kmsKeyId") && (args.kmsKeyId || old.kmsKeyId)) {
            await (args.kmsKeyId
                ? logs.associateKmsKey({ logGroupName: id, kmsKeyId: args.kmsKeyId })
                : logs.disassociateKmsKey({ logGroupName: id }));
        }
        if (of("tagsAll")) {
            const { logGroups = [] } = await logs.describeLogGroups({ logGroupNamePrefix: id });
            const resourceArn = logGroups.find(({ logGroupName }) => logGroupName === id)?.arn?.replace(/:\*$/, "");
            await retag(old.tagsAll, args.tagsAll, {
                set: (tags) => logs.tagResource({ resourceArn, tags }),
                unset: (tagKeys) => logs.untagResource({ resourceArn, tagKeys }),
            });
        }
    },

    async delete(aws, id, { skipDestroy }) {
        if (!skipDestroy) {
            await (await aws.logs()).deleteLogGroup({ logGroupName: id });
        }
    },
});

/** 0 means for ever, which AWS spells as no policy. */
async function putRetention(logs: CloudWatchLogs, logGroupName: string, retentionInDays: number): Promise<void> {
    await (retentionInDays > 0
        ? logs.putRetentionPolicy({ logGroupName, retentionInDays })
        : logs.deleteRetentionPolicy({ logGroupName }));
}
