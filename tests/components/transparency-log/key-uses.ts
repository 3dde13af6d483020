import { expect, it } from "vitest";
import { type Graph, json } from "../../support/graph";
import { DATA_KEY } from "./program";

/** The way of each use of a key from CloudTrail to the reconciler, and the bells at its end. */
export function keyUsesSuite(graph: () => Graph): void {
    const inputs = (type: string, name: string) => graph().one(type, name).inputs;

    it("hears of every Sign, reads included, and holds each back for the grace time", () => {
        const rule = inputs("aws:cloudwatch/eventRule:EventRule", "log-uses");
        expect(rule).toMatchObject({
            name: "countersign-dev-key-uses",
            state: "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
        });
        expect(json(rule.eventPattern)).toEqual({
            source: ["aws.kms"],
            "detail-type": ["AWS API Call via CloudTrail"],
            detail: { eventSource: ["kms.amazonaws.com"], eventName: ["Sign"] },
        });
        expect(inputs("aws:cloudwatch/eventTarget:EventTarget", "log-uses")).toEqual({
            rule: "countersign-dev-key-uses",
            targetId: "uses",
            arn: "arn:aws:sqs:eu-west-1:111122223333:countersign-dev-uses",
            deadLetterConfig: { arn: "arn:aws:sqs:eu-west-1:111122223333:countersign-dev-uses-dlq" },
        });
        const { redrivePolicy, ...queue } = inputs("aws:sqs/queue:Queue", "log-uses");
        expect(queue).toEqual({
            name: "countersign-dev-uses",
            delaySeconds: 7,
            visibilityTimeoutSeconds: 180,
            messageRetentionSeconds: 1_209_600,
            kmsMasterKeyId: DATA_KEY,
            tags: { "data-class": "internal" },
        });
        expect(json(redrivePolicy)).toEqual({
            deadLetterTargetArn: "arn:aws:sqs:eu-west-1:111122223333:countersign-dev-uses-dlq",
            maxReceiveCount: 5,
        });
        expect(inputs("aws:lambda/eventSourceMapping:EventSourceMapping", "log-uses")).toEqual({
            eventSourceArn: "arn:aws:sqs:eu-west-1:111122223333:countersign-dev-uses",
            functionName: "countersign-dev-reconciler",
            batchSize: 10,
            functionResponseTypes: ["ReportBatchItemFailures"],
            tags: { "data-class": "internal" },
        });
    });

    it("lets that rule send to the queues, and nobody else", () => {
        const policyOf = (name: string) => json(inputs("aws:sqs/queuePolicy:QueuePolicy", name).policy);
        const uses = {
            Version: "2012-10-17",
            Statement: [
                {
                    Sid: "KeyUses",
                    Effect: "Allow",
                    Principal: { Service: "events.amazonaws.com" },
                    Action: "sqs:SendMessage",
                    Resource: "arn:aws:sqs:eu-west-1:111122223333:countersign-dev-uses",
                    Condition: {
                        ArnEquals: {
                            "aws:SourceArn": "arn:aws:events:eu-west-1:111122223333:rule/countersign-dev-key-uses",
                        },
                    },
                },
                {
                    Sid: "DenyPlainHttp",
                    Effect: "Deny",
                    Principal: "*",
                    Action: "sqs:*",
                    Resource: "arn:aws:sqs:eu-west-1:111122223333:countersign-dev-uses",
                    Condition: { Bool: { "aws:SecureTransport": "false" } },
                },
            ],
        };
        expect(policyOf("log-uses")).toEqual(uses);
        const dead = JSON.stringify(uses).replaceAll(':countersign-dev-uses"', ':countersign-dev-uses-dlq"');
        expect(policyOf("log-uses-dlq")).toEqual(JSON.parse(dead));
    });

    it("rings for a use without record and for a halted log, at the first, and not for silence", () => {
        for (const [name, metricName] of [
            ["log-unattributed", "UnattributedUses"],
            ["log-halted", "LogHalted"],
        ] as const) {
            expect(inputs("aws:cloudwatch/metricAlarm:MetricAlarm", name)).toMatchObject({
                namespace: "countersign",
                metricName,
                dimensions: { Stack: "countersign-dev" },
                statistic: "Sum",
                period: 60,
                evaluationPeriods: 1,
                threshold: 1,
                comparisonOperator: "GreaterThanOrEqualToThreshold",
                treatMissingData: "notBreaching",
                alarmActions: ["arn:aws:sns:eu-west-1:111122223333:countersign-dev-alarms"],
            });
        }
    });
}
