import type { MetricAlarm } from "@aws-sdk/client-cloudwatch";
import type { DescribeRuleResponse, Target } from "@aws-sdk/client-eventbridge";
import { expect } from "vitest";
import { policy } from "../../support/documents";
import { record, TAGS_BASE, TAGS_CHANGE, type Example } from "./example";

type Attributes = Record<string, string | undefined>;
interface AttributesSeen {
    attributes: Attributes;
    tags: object;
}
interface AlarmSeen {
    alarm: MetricAlarm;
    tags: object;
}
interface RuleSeen {
    rule: DescribeRuleResponse;
    tags: object;
}
interface GroupSeen {
    group: { retentionInDays?: number; kmsKeyId?: string };
    tags: object;
}

const attribute = (name: string) => (seen: AttributesSeen) => seen.attributes[name] || undefined;
const number = (name: string) => (seen: AttributesSeen) => Number(seen.attributes[name]);

function queuePolicy(Sid: string): string {
    const service = { Service: "events.amazonaws.com" };
    return policy({ Sid, Effect: "Allow", Principal: service, Action: "sqs:SendMessage", Resource: "*" });
}

function topicPolicy(Sid: string, Resource: string): string {
    const service = { Service: "cloudwatch.amazonaws.com" };
    return policy({ Sid, Effect: "Allow", Principal: service, Action: "sns:Publish", Resource });
}

export const MESSAGING: { readonly [token: string]: Example } = {
    "aws:sqs/queue:Queue": {
        base: () => ({ name: "example", tags: TAGS_BASE }),
        async observe(aws, id) {
            const sqs = await aws.sqs();
            const { Attributes: attributes } = await sqs.getQueueAttributes({ QueueUrl: id, AttributeNames: ["All"] });
            const { Tags } = await sqs.listQueueTags({ QueueUrl: id });
            return { attributes, tags: Tags };
        },
        arguments: ({ keyId, otherQueueArn }) => ({
            name: { to: "other" },
            fifoQueue: { to: true },
            delaySeconds: { to: 3, at: number("DelaySeconds") },
            maxMessageSize: { to: 2048, at: number("MaximumMessageSize") },
            messageRetentionSeconds: { to: 1209600, at: number("MessageRetentionPeriod") },
            receiveWaitTimeSeconds: { to: 2, at: number("ReceiveMessageWaitTimeSeconds") },
            visibilityTimeoutSeconds: { to: 90, at: number("VisibilityTimeout") },
            kmsMasterKeyId: { to: keyId, at: attribute("KmsMasterKeyId") },
            kmsDataKeyReusePeriodSeconds: { to: 600, at: number("KmsDataKeyReusePeriodSeconds"), sticky: true },
            sqsManagedSseEnabled: { to: true, at: attribute("SqsManagedSseEnabled"), is: "true", sticky: true },
            redrivePolicy: {
                to: JSON.stringify({ deadLetterTargetArn: otherQueueArn, maxReceiveCount: 5 }),
                at: attribute("RedrivePolicy"),
            },
            redriveAllowPolicy: {
                to: JSON.stringify({ redrivePermission: "denyAll" }),
                at: attribute("RedriveAllowPolicy"),
            },
            policy: { to: queuePolicy("after"), at: attribute("Policy") },
            tags: { to: TAGS_CHANGE, at: ({ tags }: AttributesSeen) => tags },
        }),
    },
    "aws:sqs/queuePolicy:QueuePolicy": {
        base: ({ queueUrl }) => ({ queueUrl, policy: queuePolicy("before") }),
        async observe(aws, id) {
            const answer = await (await aws.sqs()).getQueueAttributes({ QueueUrl: id, AttributeNames: ["Policy"] });
            return { attributes: answer.Attributes };
        },
        arguments: () => ({
            queueUrl: { to: "http://127.0.0.1/other" },
            policy: { to: queuePolicy("after"), at: attribute("Policy") },
        }),
    },
    "aws:sns/topic:Topic": {
        base: () => ({ name: "example", tags: TAGS_BASE }),
        async observe(aws, id) {
            const sns = await aws.sns();
            const { Attributes: attributes } = await sns.getTopicAttributes({ TopicArn: id });
            const { Tags } = await sns.listTagsForResource({ ResourceArn: id });
            return { attributes, tags: record(Tags as { Key: string; Value: string }[]) };
        },
        arguments: ({ keyId, accountId, region }) => ({
            name: { to: "other" },
            fifoTopic: { to: true },
            displayName: { to: "Example", at: attribute("DisplayName") },
            kmsMasterKeyId: { to: keyId, at: attribute("KmsMasterKeyId") },
            policy: {
                to: topicPolicy("after", `arn:aws:sns:${region}:${accountId}:example`),
                at: attribute("Policy"),
                sticky: true,
            },
            deliveryPolicy: {
                to: JSON.stringify({ http: { disableSubscriptionOverrides: true } }),
                at: attribute("DeliveryPolicy"),
            },
            tags: { to: TAGS_CHANGE, at: ({ tags }: AttributesSeen) => tags },
        }),
    },
    "aws:sns/topicPolicy:TopicPolicy": {
        // A topic is never without: AWS's own takes its place.
        leaves: { attributes: { Policy: expect.stringContaining("__default_policy_ID") as string } },
        base: ({ topicArn }) => ({ arn: topicArn, policy: topicPolicy("before", topicArn) }),
        async observe(aws, id) {
            return { attributes: (await (await aws.sns()).getTopicAttributes({ TopicArn: id })).Attributes };
        },
        arguments: ({ topicArn }) => ({
            arn: { to: "arn:aws:sns:eu-west-1:111122223333:other" },
            policy: { to: topicPolicy("after", topicArn), at: attribute("Policy") },
        }),
    },
    "aws:sns/topicSubscription:TopicSubscription": {
        base: ({ topicArn, queueArn }) => ({ topic: topicArn, protocol: "sqs", endpoint: queueArn }),
        async observe(aws, id) {
            return {
                attributes: (await (await aws.sns()).getSubscriptionAttributes({ SubscriptionArn: id })).Attributes,
            };
        },
        arguments: ({ otherQueueArn }) => ({
            topic: { to: "arn:aws:sns:eu-west-1:111122223333:other" },
            protocol: { to: "lambda" },
            endpoint: { to: otherQueueArn },
            rawMessageDelivery: {
                to: true,
                at: ({ attributes }: AttributesSeen) => attributes["RawMessageDelivery"] === "true",
            },
        }),
    },
    "aws:cloudwatch/logGroup:LogGroup": {
        base: () => ({ name: "/example/group", tags: TAGS_BASE }),
        async observe(aws, id) {
            const logs = await aws.logs();
            const { logGroups = [] } = await logs.describeLogGroups({ logGroupNamePrefix: id });
            const { tags } = await logs.listTagsForResource({ resourceArn: logGroups[0]?.arn?.replace(/:\*$/, "") });
            return { group: logGroups[0], tags };
        },
        arguments: ({ keyArn }) => ({
            name: { to: "/example/other" },
            logGroupClass: { to: "INFREQUENT_ACCESS" },
            retentionInDays: { to: 30, at: ({ group }: GroupSeen) => group.retentionInDays },
            kmsKeyId: { to: keyArn, refused: /AssociateKmsKey/ },
            skipDestroy: { to: true, unseen: "the provider alone acts on it, at deletion" },
            tags: { to: TAGS_CHANGE, at: ({ tags }: GroupSeen) => tags },
        }),
    },
    "aws:cloudwatch/metricAlarm:MetricAlarm": {
        base: () => ({
            name: "example",
            namespace: "before",
            metricName: "Before",
            statistic: "Sum",
            period: 60,
            evaluationPeriods: 1,
            threshold: 0,
            comparisonOperator: "GreaterThanThreshold",
            tags: TAGS_BASE,
        }),
        async observe(aws, id) {
            const cloudwatch = await aws.cloudwatch();
            const { MetricAlarms = [] } = await cloudwatch.describeAlarms({ AlarmNames: [id] });
            const { Tags } = await cloudwatch.listTagsForResource({ ResourceARN: MetricAlarms[0]?.AlarmArn });
            return { alarm: MetricAlarms[0], tags: record(Tags as { Key: string; Value: string }[]) };
        },
        arguments: ({ topicArn }) => ({
            name: { to: "other" },
            alarmDescription: { to: "text", at: ({ alarm }: AlarmSeen) => alarm.AlarmDescription || undefined },
            actionsEnabled: { to: false, at: ({ alarm }: AlarmSeen) => alarm.ActionsEnabled },
            alarmActions: { to: [topicArn], at: ({ alarm }: AlarmSeen) => alarm.AlarmActions },
            okActions: { to: [topicArn], at: ({ alarm }: AlarmSeen) => alarm.OKActions },
            insufficientDataActions: { to: [topicArn], at: ({ alarm }: AlarmSeen) => alarm.InsufficientDataActions },
            namespace: { to: "after", at: ({ alarm }: AlarmSeen) => alarm.Namespace },
            metricName: { to: "After", at: ({ alarm }: AlarmSeen) => alarm.MetricName },
            dimensions: {
                to: { Stack: "x" },
                at: ({ alarm }: AlarmSeen) => alarm.Dimensions,
                is: [{ Name: "Stack", Value: "x" }],
            },
            statistic: { to: "Maximum", at: ({ alarm }: AlarmSeen) => alarm.Statistic },
            unit: { to: "Count", at: ({ alarm }: AlarmSeen) => alarm.Unit || undefined },
            period: { to: 300, at: ({ alarm }: AlarmSeen) => alarm.Period },
            evaluationPeriods: { to: 2, at: ({ alarm }: AlarmSeen) => alarm.EvaluationPeriods },
            datapointsToAlarm: { to: 1, at: ({ alarm }: AlarmSeen) => alarm.DatapointsToAlarm || undefined },
            threshold: { to: 4, at: ({ alarm }: AlarmSeen) => alarm.Threshold },
            comparisonOperator: { to: "LessThanThreshold", at: ({ alarm }: AlarmSeen) => alarm.ComparisonOperator },
            treatMissingData: { to: "breaching", at: ({ alarm }: AlarmSeen) => alarm.TreatMissingData },
            extendedStatistic: {
                to: "p99",
                with: { statistic: undefined },
                at: ({ alarm }: AlarmSeen) => alarm.ExtendedStatistic || undefined,
            },
            tags: { to: TAGS_CHANGE, at: ({ tags }: AlarmSeen) => tags },
        }),
    },
    "aws:cloudwatch/eventRule:EventRule": {
        base: () => ({
            name: "example",
            eventPattern: JSON.stringify({ source: ["aws.kms"] }),
            tags: TAGS_BASE,
        }),
        async observe(aws, id) {
            const events = await aws.events();
            const rule = await events.describeRule({ Name: id });
            const { Tags } = await events.listTagsForResource({ ResourceARN: rule.Arn });
            return { rule, tags: record(Tags as { Key: string; Value: string }[]) };
        },
        arguments: ({ roleArn }) => ({
            name: { to: "other" },
            eventBusName: { to: "other" },
            description: { to: "text", at: ({ rule }: RuleSeen) => rule.Description || undefined },
            eventPattern: {
                to: JSON.stringify({ source: ["aws.s3"] }),
                at: ({ rule }: RuleSeen) => rule.EventPattern || undefined,
            },
            state: {
                to: "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
                at: ({ rule }: RuleSeen) => rule.State,
            },
            roleArn: { to: roleArn, at: ({ rule }: RuleSeen) => rule.RoleArn, sticky: true },
            scheduleExpression: {
                to: "rate(5 minutes)",
                with: { eventPattern: undefined },
                at: ({ rule }: RuleSeen) => rule.ScheduleExpression || undefined,
            },
            forceDestroy: { to: true, unseen: "the provider alone acts on it, at deletion" },
            tags: { to: TAGS_CHANGE, at: ({ tags }: RuleSeen) => tags },
        }),
    },
    "aws:cloudwatch/eventTarget:EventTarget": {
        base: ({ ruleName, queueArn }) => ({ rule: ruleName, targetId: "example", arn: queueArn }),
        async observe(aws) {
            const { Targets = [] } = await (await aws.events()).listTargetsByRule({ Rule: "world-rule" });
            return { target: Targets.find(({ Id }) => Id === "example") };
        },
        arguments: ({ otherQueueArn, roleArn }) => ({
            rule: { to: "other" },
            targetId: { to: "other" },
            eventBusName: { to: "other" },
            arn: { to: otherQueueArn, at: ({ target }: TargetSeen) => target.Arn },
            roleArn: { to: roleArn, at: ({ target }: TargetSeen) => target.RoleArn },
            input: { to: '{"a":1}', at: ({ target }: TargetSeen) => target.Input },
            inputPath: { to: "$.detail", at: ({ target }: TargetSeen) => target.InputPath },
            inputTransformer: {
                to: { inputPaths: { id: "$.id" }, inputTemplate: '{"id": <id>}' },
                at: ({ target }: TargetSeen) => target.InputTransformer,
                is: { InputPathsMap: { id: "$.id" }, InputTemplate: '{"id": <id>}' },
            },
            deadLetterConfig: {
                to: { arn: otherQueueArn },
                at: ({ target }: TargetSeen) => target.DeadLetterConfig?.Arn,
                is: otherQueueArn,
            },
            retryPolicy: {
                to: { maximumEventAgeInSeconds: 300, maximumRetryAttempts: 3 },
                at: ({ target }: TargetSeen) => target.RetryPolicy,
                is: { MaximumEventAgeInSeconds: 300, MaximumRetryAttempts: 3 },
            },
        }),
    },
};

interface TargetSeen {
    target: Target;
}
