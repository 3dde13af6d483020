import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as sns from "@pulumi/aws/sns";
import type * as pulumi from "@pulumi/pulumi";
import { topicArn, type Scope } from "./iam/arns";
import { METRIC_NAMESPACE } from "./iam/functions";
import { alarmTopicPolicy } from "./iam/services";
import { namesOf } from "./names";
import { dataClass } from "./tags";

export interface LogAlarmsArgs {
    readonly scope: pulumi.Output<Scope>;
    readonly prefix: string;
    readonly dataKeyArn: pulumi.Input<string>;
}

/** Seconds: the resolution of the metrics. A shorter period would look for data where CloudWatch keeps none. */
const PERIOD = 60;

/** Who is told, and of what: a use of a key without record, and a log that stopped itself. Subscribe people to the topic. */
export function logAlarms(
    name: string,
    { scope, prefix, dataKeyArn }: LogAlarmsArgs,
    parent: pulumi.Resource,
): sns.Topic {
    const names = namesOf(prefix);
    const topic = new sns.Topic(
        `${name}-alarms`,
        { name: names.alarmTopic, kmsMasterKeyId: dataKeyArn, tags: dataClass("internal") },
        { parent },
    );
    new sns.TopicPolicy(
        `${name}-alarms`,
        {
            arn: scope.apply((known) => topicArn(known, names.alarmTopic)),
            policy: scope.apply((known) => JSON.stringify(alarmTopicPolicy(known))),
        },
        { parent, dependsOn: [topic] },
    );
    alarm("unattributed", {
        name: names.unattributedAlarm,
        metricName: "UnattributedUses",
        alarmDescription:
            "A key signed and nobody recorded it: the log shows when, docs/threat-model.md what it can mean",
    });
    alarm("halted", {
        name: names.logHaltedAlarm,
        metricName: "LogHalted",
        alarmDescription: "The log stopped before signing a checkpoint: its head and its published state disagree",
    });
    return topic;

    function alarm(role: string, args: { name: string; metricName: string; alarmDescription: string }): void {
        new cloudwatch.MetricAlarm(
            `${name}-${role}`,
            {
                ...args,
                namespace: METRIC_NAMESPACE,
                dimensions: { Stack: prefix },
                statistic: "Sum",
                period: PERIOD,
                evaluationPeriods: 1,
                threshold: 1,
                comparisonOperator: "GreaterThanOrEqualToThreshold",
                // No news is the normal case.
                treatMissingData: "notBreaching",
                alarmActions: [scope.apply((known) => topicArn(known, names.alarmTopic))],
                tags: dataClass("internal"),
            },
            { parent, dependsOn: [topic] },
        );
    }
}
