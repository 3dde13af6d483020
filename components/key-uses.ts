import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as sqs from "@pulumi/aws/sqs";
import * as pulumi from "@pulumi/pulumi";
import { queueArn, type Scope } from "./iam/arns";
import { usesQueuePolicy } from "./iam/services";
import { namesOf } from "./names";
import { dataClass } from "./tags";

export interface KeyUsesArgs {
    readonly scope: pulumi.Output<Scope>;
    readonly prefix: string;
    readonly graceSeconds: number;
    readonly dataKeyArn: pulumi.Input<string>;
    /** Of the function that takes the messages. */
    readonly functionTimeoutSeconds: number;
}

/** Seconds: the longest that SQS keeps a message. */
const RETENTION = 14 * 24 * 3600;

/**
 * Every Sign in the account and region, as CloudTrail saw it, held back for the grace time, in which its record should come.
 *
 * Best effort: EventBridge delivers at least once, in any order, and sometimes not at all. The trail's files are the truth.
 *
 * @returns what the queue's reader waits for; its ARN is made from its name
 */
export function keyUses(name: string, args: KeyUsesArgs, parent: pulumi.Resource): pulumi.Resource[] {
    const { scope, graceSeconds } = args;
    const names = namesOf(args.prefix);
    const dead = queue(`${name}-uses-dlq`, { name: names.queues.dead });
    const uses = queue(
        `${name}-uses`,
        {
            name: names.queues.uses,
            delaySeconds: graceSeconds,
            // AWS's advice for Lambda: six times the function's timeout.
            visibilityTimeoutSeconds: 6 * args.functionTimeoutSeconds,
            redrivePolicy: pulumi.jsonStringify({
                deadLetterTargetArn: arnOf(names.queues.dead),
                maxReceiveCount: 5,
            }),
        },
        [dead],
    );
    const rule = new cloudwatch.EventRule(
        `${name}-uses`,
        {
            name: names.rules.keyUses,
            description: "Every Sign in this region, whoever called it",
            eventPattern: JSON.stringify({
                source: ["aws.kms"],
                "detail-type": ["AWS API Call via CloudTrail"],
                detail: { eventSource: ["kms.amazonaws.com"], eventName: ["Sign"] },
            }),
            // Sign is read-only to CloudTrail, and a plain ENABLED leaves read-only events out.
            state: "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
            tags: dataClass("internal"),
        },
        { parent },
    );
    new cloudwatch.EventTarget(
        `${name}-uses`,
        {
            rule: rule.name,
            targetId: "uses",
            arn: arnOf(names.queues.uses),
            deadLetterConfig: { arn: arnOf(names.queues.dead) },
        },
        { parent, dependsOn: [uses, dead] },
    );
    return [uses];

    function queue(
        logicalName: string,
        queueArgs: sqs.QueueArgs & { name: string },
        dependsOn: pulumi.Resource[] = [],
    ): sqs.Queue {
        const created = new sqs.Queue(
            logicalName,
            {
                messageRetentionSeconds: RETENTION,
                kmsMasterKeyId: args.dataKeyArn,
                tags: dataClass("internal"),
                ...queueArgs,
            },
            { parent, dependsOn },
        );
        new sqs.QueuePolicy(
            logicalName,
            {
                queueUrl: created.url,
                policy: scope.apply((known) => JSON.stringify(usesQueuePolicy(known, queueArgs.name))),
            },
            { parent },
        );
        return created;
    }

    function arnOf(queueName: string): pulumi.Output<string> {
        return scope.apply((known) => queueArn(known, queueName));
    }
}
