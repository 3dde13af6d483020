import type { CloudWatch, Dimension, MetricAlarm } from "@aws-sdk/client-cloudwatch";
import type { MetricAlarmArgs } from "@pulumi/aws/cloudwatch";
import { found } from "../aws";
import { replace, resource, TAGS, update, type ArgsOf } from "../declare";
import { retag, tagList, tagsOf } from "./tags";

type Args = ArgsOf<MetricAlarmArgs>;

/** Id is the alarm's name. */
export const metricAlarm = resource<MetricAlarmArgs>({
    token: "aws:cloudwatch/metricAlarm:MetricAlarm",
    arguments: {
        name: replace(),
        alarmDescription: update(),
        actionsEnabled: update({ default: true }),
        alarmActions: update({ unordered: true }),
        okActions: update({ unordered: true }),
        insufficientDataActions: update({ unordered: true }),
        namespace: update(),
        metricName: update(),
        dimensions: update(),
        statistic: update(),
        extendedStatistic: update(),
        unit: update(),
        period: update(),
        evaluationPeriods: update({ required: true }),
        datapointsToAlarm: update(),
        threshold: update(),
        comparisonOperator: update({ required: true }),
        treatMissingData: update({ default: "missing" }),
        ...TAGS,
    },
    outputs: ["arn"],
    autoname: { argument: "name", maxLength: 255 },
    identity: ["name"],

    async create(aws, args) {
        await (await aws.cloudwatch()).putMetricAlarm({ ...alarm(args), Tags: tagList(args.tagsAll) });
        return { id: args.name ?? "" };
    },

    async read(aws, id) {
        const cloudwatch = await aws.cloudwatch();
        const made = await alarmNamed(cloudwatch, id);
        if (!made) {
            return undefined;
        }
        const tags = await found(cloudwatch.listTagsForResource({ ResourceARN: made.AlarmArn }));
        return { ...observed(made), tagsAll: tagsOf(tags?.Tags) };
    },

    /** The call replaces the whole alarm, but leaves its tags. */
    async update(aws, id, args, { old, of }) {
        const cloudwatch = await aws.cloudwatch();
        await cloudwatch.putMetricAlarm(alarm(args));
        if (of("tagsAll")) {
            const ResourceARN = (await alarmNamed(cloudwatch, id))?.AlarmArn;
            await retag(old.tagsAll, args.tagsAll, {
                set: (tags) => cloudwatch.tagResource({ ResourceARN, Tags: tagList(tags) }),
                unset: (TagKeys) => cloudwatch.untagResource({ ResourceARN, TagKeys }),
            });
        }
    },

    async delete(aws, id) {
        await (await aws.cloudwatch()).deleteAlarms({ AlarmNames: [id] });
    },
});

async function alarmNamed(cloudwatch: CloudWatch, name: string): Promise<MetricAlarm | undefined> {
    const { MetricAlarms = [] } = await cloudwatch.describeAlarms({ AlarmNames: [name] });
    return MetricAlarms[0];
}

function alarm(args: Args) {
    return {
        AlarmName: args.name,
        AlarmDescription: args.alarmDescription,
        ActionsEnabled: args.actionsEnabled,
        AlarmActions: args.alarmActions?.map(String),
        OKActions: args.okActions?.map(String),
        InsufficientDataActions: args.insufficientDataActions?.map(String),
        Namespace: args.namespace,
        MetricName: args.metricName,
        Dimensions: Object.entries(args.dimensions ?? {}).map(([Name, Value]): Dimension => ({ Name, Value })),
        Statistic: args.statistic as "Sum" | undefined,
        ExtendedStatistic: args.extendedStatistic,
        Unit: args.unit as "Count" | undefined,
        Period: args.period,
        EvaluationPeriods: args.evaluationPeriods,
        DatapointsToAlarm: args.datapointsToAlarm,
        Threshold: args.threshold,
        ComparisonOperator: args.comparisonOperator as "GreaterThanThreshold",
        TreatMissingData: args.treatMissingData,
    };
}

function observed(made: MetricAlarm): object {
    return {
        name: made.AlarmName,
        arn: made.AlarmArn,
        actionsEnabled: made.ActionsEnabled,
        ...(made.AlarmDescription ? { alarmDescription: made.AlarmDescription } : {}),
        ...(made.AlarmActions?.length ? { alarmActions: made.AlarmActions } : {}),
        ...(made.OKActions?.length ? { okActions: made.OKActions } : {}),
        ...(made.Namespace ? { namespace: made.Namespace, metricName: made.MetricName } : {}),
        ...(made.Dimensions?.length
            ? { dimensions: Object.fromEntries(made.Dimensions.map(({ Name, Value }) => [Name, Value])) }
            : {}),
        ...(made.Statistic ? { statistic: made.Statistic } : {}),
        period: made.Period,
        evaluationPeriods: made.EvaluationPeriods,
        threshold: made.Threshold,
        comparisonOperator: made.ComparisonOperator,
        treatMissingData: made.TreatMissingData ?? "missing",
    };
}
