import type { AdvancedEventSelector, CloudTrail, EventSelector } from "@aws-sdk/client-cloudtrail";
import type { TrailArgs } from "@pulumi/aws/cloudtrail";
import { found, whileRoleSpreads } from "../aws";
import { members, replace, resource, TAGS, update, type ArgsOf } from "../declare";
import { fromAws, toAws } from "./casing";
import { retag, tagList, tagsOf } from "./tags";

type Args = ArgsOf<TrailArgs>;

/** Id is the trail's ARN. */
export const trail = resource<TrailArgs>({
    token: "aws:cloudtrail/trail:Trail",
    arguments: {
        name: replace(),
        s3BucketName: update({ required: true }),
        s3KeyPrefix: update(),
        kmsKeyId: update(),
        snsTopicName: update(),
        cloudWatchLogsGroupArn: update(),
        cloudWatchLogsRoleArn: update(),
        isMultiRegionTrail: update({ default: false }),
        includeGlobalServiceEvents: update({ default: true }),
        enableLogFileValidation: update({ default: false }),
        enableLogging: update({ default: true }),
        eventSelectors: update({
            members: {
                ...members("readWriteType", "includeManagementEvents", "excludeManagementEventSources"),
                dataResources: members("type", "values"),
            },
        }),
        advancedEventSelectors: update({
            members: {
                name: true,
                fieldSelectors: members(
                    "field",
                    "equals",
                    "notEquals",
                    "startsWith",
                    "notStartsWith",
                    "endsWith",
                    "notEndsWith",
                ),
            },
        }),
        ...TAGS,
    },
    outputs: ["arn", "homeRegion"],
    autoname: { argument: "name", maxLength: 128 },
    identity: ["name"],

    async create(aws, args) {
        const cloudtrail = await aws.cloudtrail();
        const { TrailARN = "" } = await whileRoleSpreads(() => cloudtrail.createTrail(settings(args)));
        return { id: TrailARN, outputs: { arn: TrailARN } };
    },

    async complete(aws, id, args) {
        const cloudtrail = await aws.cloudtrail();
        if (args.tagsAll) {
            // Apart, because the emulator drops the tags of the creating call.
            await cloudtrail.addTags({ ResourceId: id, TagsList: tagList(args.tagsAll) });
        }
        if (args.enableLogging !== false) {
            await cloudtrail.startLogging({ Name: id });
        }
        if (args.eventSelectors || args.advancedEventSelectors) {
            await putSelectors(cloudtrail, id, args);
        }
    },

    async read(aws, id) {
        const cloudtrail = await aws.cloudtrail();
        const made = (await found(cloudtrail.getTrail({ Name: id })))?.Trail;
        if (!made) {
            return undefined;
        }
        const [status, selectors, tags] = await Promise.all([
            cloudtrail.getTrailStatus({ Name: id }),
            cloudtrail.getEventSelectors({ TrailName: id }),
            cloudtrail.listTags({ ResourceIdList: [id] }),
        ]);
        return {
            arn: made.TrailARN,
            homeRegion: made.HomeRegion,
            name: made.Name,
            s3BucketName: made.S3BucketName,
            ...(made.S3KeyPrefix ? { s3KeyPrefix: made.S3KeyPrefix } : {}),
            ...(made.KmsKeyId ? { kmsKeyId: made.KmsKeyId } : {}),
            isMultiRegionTrail: made.IsMultiRegionTrail ?? false,
            includeGlobalServiceEvents: made.IncludeGlobalServiceEvents ?? true,
            enableLogFileValidation: made.LogFileValidationEnabled ?? false,
            enableLogging: status.IsLogging ?? false,
            ...observedSelectors(selectors.EventSelectors, selectors.AdvancedEventSelectors),
            tagsAll: tagsOf(tags.ResourceTagList?.[0]?.TagsList),
        };
    },

    async update(aws, id, args, { old, of }) {
        const cloudtrail = await aws.cloudtrail();
        if (of(...SETTINGS)) {
            await whileRoleSpreads(() => cloudtrail.updateTrail({ ...settings(args), Name: id }));
        }
        if (of("enableLogging")) {
            await (args.enableLogging === false
                ? cloudtrail.stopLogging({ Name: id })
                : cloudtrail.startLogging({ Name: id }));
        }
        if (of("eventSelectors", "advancedEventSelectors")) {
            await putSelectors(cloudtrail, id, args);
        }
        if (of("tagsAll")) {
            await retag(old.tagsAll, args.tagsAll, {
                set: (tags) => cloudtrail.addTags({ ResourceId: id, TagsList: tagList(tags) }),
                unset: (keys) => cloudtrail.removeTags({ ResourceId: id, TagsList: keys.map((Key) => ({ Key })) }),
            });
        }
    },

    async delete(aws, id) {
        await (await aws.cloudtrail()).deleteTrail({ Name: id });
    },
});

const SETTINGS = [
    "s3BucketName",
    "s3KeyPrefix",
    "kmsKeyId",
    "snsTopicName",
    "cloudWatchLogsGroupArn",
    "cloudWatchLogsRoleArn",
    "isMultiRegionTrail",
    "includeGlobalServiceEvents",
    "enableLogFileValidation",
] as const;

/** Empty text takes a setting away; to leave it out would keep it. */
function settings(args: Args) {
    return {
        Name: args.name,
        S3BucketName: args.s3BucketName,
        S3KeyPrefix: args.s3KeyPrefix ?? "",
        KmsKeyId: args.kmsKeyId ?? "",
        SnsTopicName: args.snsTopicName ?? "",
        CloudWatchLogsLogGroupArn: args.cloudWatchLogsGroupArn ?? "",
        CloudWatchLogsRoleArn: args.cloudWatchLogsRoleArn ?? "",
        IsMultiRegionTrail: args.isMultiRegionTrail,
        IncludeGlobalServiceEvents: args.includeGlobalServiceEvents,
        EnableLogFileValidation: args.enableLogFileValidation,
    };
}

/** AWS's own selector where the program has none: all management events. */
async function putSelectors(cloudtrail: CloudTrail, TrailName: string, args: Args): Promise<void> {
    await (args.advancedEventSelectors
        ? cloudtrail.putEventSelectors({
              TrailName,
              AdvancedEventSelectors: toAws<AdvancedEventSelector[]>(args.advancedEventSelectors),
          })
        : cloudtrail.putEventSelectors({ TrailName, EventSelectors: (args.eventSelectors ?? [{}]).map(selectorOf) }));
}

function selectorOf(selector: Partial<NonNullable<Args["eventSelectors"]>[number]>): EventSelector {
    return toAws({ readWriteType: "All", includeManagementEvents: true, ...selector });
}

function observedSelectors(simple: EventSelector[] | undefined, advanced: AdvancedEventSelector[] | undefined): object {
    if (advanced?.length) {
        return { advancedEventSelectors: fromAws(advanced) };
    }
    const filled = (list: unknown[] | undefined) => list !== undefined && list.length > 0;
    return simple?.length
        ? {
              eventSelectors: simple.map(
                  ({
                      ReadWriteType,
                      IncludeManagementEvents,
                      DataResources,
                      ExcludeManagementEventSources: excluded,
                  }) => ({
                      readWriteType: ReadWriteType,
                      includeManagementEvents: IncludeManagementEvents,
                      ...(filled(DataResources) ? { dataResources: fromAws(DataResources) } : {}),
                      ...(filled(excluded) ? { excludeManagementEventSources: excluded } : {}),
                  }),
              ),
          }
        : {};
}
