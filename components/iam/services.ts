import { namesOf } from "../names";
import { alarmArn, functionArn, logGroupArn, queueArn, ruleArn, stateMachineArn, topicArn, type Scope } from "./arns";
import { document, type PolicyDocument, type Statement } from "./document";

/** Documents for what services do on the stack's behalf: queues, topic, state machine, rules. */

/** EventBridge's rule about key uses, and nobody else, sends; the dead-letter queue takes what that rule could not deliver. */
export function usesQueuePolicy(scope: Scope, queue: string): PolicyDocument {
    return document(
        {
            Sid: "KeyUses",
            Effect: "Allow",
            Principal: { Service: "events.amazonaws.com" },
            Action: "sqs:SendMessage",
            Resource: queueArn(scope, queue),
            Condition: { ArnEquals: { "aws:SourceArn": ruleArn(scope, namesOf(scope.prefix).rules.keyUses) } },
        },
        {
            Sid: "DenyPlainHttp",
            Effect: "Deny",
            Principal: "*",
            Action: "sqs:*",
            Resource: queueArn(scope, queue),
            Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
    );
}

export function alarmTopicPolicy(scope: Scope): PolicyDocument {
    const { alarmTopic, rules } = namesOf(scope.prefix);
    return document(
        {
            Sid: "Alarms",
            Effect: "Allow",
            Principal: { Service: "cloudwatch.amazonaws.com" },
            Action: "sns:Publish",
            Resource: topicArn(scope, alarmTopic),
            Condition: {
                ArnLike: { "aws:SourceArn": alarmArn(scope, `${scope.prefix}-*`) },
                StringEquals: { "aws:SourceAccount": scope.accountId },
            },
        },
        {
            Sid: "KeyChanges",
            Effect: "Allow",
            Principal: { Service: "events.amazonaws.com" },
            Action: "sns:Publish",
            Resource: topicArn(scope, alarmTopic),
            Condition: { ArnEquals: { "aws:SourceArn": ruleArn(scope, rules.keyChanges) } },
        },
        {
            Sid: "DenyPlainHttp",
            Effect: "Deny",
            Principal: "*",
            Action: "sns:Publish",
            Resource: topicArn(scope, alarmTopic),
            Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
    );
}

/** Bound to the state machine that may use the role (confused deputy). */
export function stateMachineTrust(scope: Scope, stateMachine: string): PolicyDocument {
    return serviceTrust("StateMachine", "states.amazonaws.com", scope, stateMachineArn(scope, stateMachine));
}

/**
 * Calls the step functions, and writes its own log: delivery of logs can only be granted on `*`.
 * https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
 */
export function stateMachinePolicy(scope: Scope, functions: readonly string[]): PolicyDocument {
    return document(
        {
            Sid: "Steps",
            Effect: "Allow",
            Action: "lambda:InvokeFunction",
            Resource: functions.map((name) => functionArn(scope, name)),
        },
        {
            Sid: "LogDelivery",
            Effect: "Allow",
            Action: [
                "logs:CreateLogDelivery",
                "logs:GetLogDelivery",
                "logs:UpdateLogDelivery",
                "logs:DeleteLogDelivery",
                "logs:ListLogDeliveries",
                "logs:PutResourcePolicy",
                "logs:DescribeResourcePolicies",
                "logs:DescribeLogGroups",
            ],
            Resource: "*",
        },
        {
            Sid: "Tracing",
            Effect: "Allow",
            Action: [
                "xray:PutTraceSegments",
                "xray:PutTelemetryRecords",
                "xray:GetSamplingRules",
                "xray:GetSamplingTargets",
            ],
            Resource: "*",
        },
    );
}

export function ruleTrust(scope: Scope, rule: string): PolicyDocument {
    return serviceTrust("Rule", "events.amazonaws.com", scope, ruleArn(scope, rule));
}

export function startPolicy(scope: Scope, stateMachine: string): PolicyDocument {
    return document({
        Sid: "Start",
        Effect: "Allow",
        Action: "states:StartExecution",
        Resource: stateMachineArn(scope, stateMachine),
    });
}

/** Of a function's own log group, which exists before it: without CreateLogGroup no group comes without retention and key. */
export function ownLogs(scope: Scope, functionName: string): Statement {
    return {
        Sid: "Logs",
        Effect: "Allow",
        Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
        Resource: `${logGroupArn(scope, `/aws/lambda/${functionName}`)}:*`,
    };
}

function serviceTrust(Sid: string, Service: string, scope: Scope, source: string): PolicyDocument {
    return document({
        Sid,
        Effect: "Allow",
        Principal: { Service },
        Action: "sts:AssumeRole",
        Condition: { StringEquals: { "aws:SourceAccount": scope.accountId }, ArnEquals: { "aws:SourceArn": source } },
    });
}
