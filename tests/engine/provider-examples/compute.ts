import type { EventSourceMappingConfiguration, FunctionConfiguration } from "@aws-sdk/client-lambda";
import type { DescribeStateMachineOutput } from "@aws-sdk/client-sfn";
import { SIGNATURE } from "../../../local/provider/wire";
import { TAGS_BASE, TAGS_CHANGE, type Example } from "./example";

interface FunctionSeen {
    made: FunctionConfiguration & { RevisionId?: string };
    tags: object;
    concurrency?: number;
    url: string;
}

interface MachineSeen {
    machine: DescribeStateMachineOutput;
    tags: object;
}

type MappingSeen = { mapping: EventSourceMappingConfiguration; tags: object };

/** As it comes over the wire: an archive of one text. */
export function codeOf(text: string): object {
    return {
        [SIGNATURE]: "0def7320c3a5731c473e5ecbe6d01bc7",
        assets: { "__index.js": { [SIGNATURE]: "c44067f5952c0a294b673a41bacd8c17", text } },
    };
}

function definition(Comment: string): string {
    return JSON.stringify({ StartAt: "a", States: { a: { Type: "Pass", Comment, End: true } } });
}

const REPLACES = "arn:aws:sqs:eu-west-1:111122223333:another";

export const COMPUTE: { readonly [token: string]: Example } = {
    "aws:lambda/function:Function": {
        base: ({ roleArn }) => ({
            name: "example",
            role: roleArn,
            code: codeOf("exports.handler = async () => 1;"),
            handler: "__index.handler",
            runtime: "nodejs24.x",
            tags: TAGS_BASE,
        }),
        async observe(aws, id) {
            const answer = await (await aws.lambda()).getFunction({ FunctionName: id });
            return {
                made: answer.Configuration,
                tags: answer.Tags,
                concurrency: answer.Concurrency?.ReservedConcurrentExecutions,
            };
        },
        arguments: ({ otherRoleArn, keyArn, queueArn }) => ({
            name: { to: "other" },
            packageType: { to: "Image" },
            role: { to: otherRoleArn, at: ({ made }: FunctionSeen) => made.Role },
            code: {
                to: codeOf("exports.handler = async () => 2;"),
                at: ({ made }: FunctionSeen) => made.CodeSha256,
                is: "4",
            },
            architectures: { to: ["arm64"], at: ({ made }: FunctionSeen) => made.Architectures },
            publish: { to: true, unseen: "says how the next change of code is made" },
            handler: { to: "__index.other", at: ({ made }: FunctionSeen) => made.Handler },
            runtime: { to: "nodejs22.x", at: ({ made }: FunctionSeen) => made.Runtime },
            timeout: { to: 30, at: ({ made }: FunctionSeen) => made.Timeout },
            memorySize: { to: 512, at: ({ made }: FunctionSeen) => made.MemorySize },
            description: { to: "text", at: ({ made }: FunctionSeen) => made.Description || undefined },
            environment: {
                to: { variables: { lower_case: "1", UPPER: "2" } },
                at: ({ made }: FunctionSeen) => ({ variables: made.Environment?.Variables ?? {} }),
            },
            kmsKeyArn: { to: keyArn, at: ({ made }: FunctionSeen) => made.KMSKeyArn || undefined },
            deadLetterConfig: {
                to: { targetArn: queueArn },
                at: ({ made }: FunctionSeen) => made.DeadLetterConfig?.TargetArn || undefined,
                is: queueArn,
            },
            tracingConfig: {
                to: { mode: "Active" },
                at: ({ made }: FunctionSeen) => made.TracingConfig?.Mode ?? "PassThrough",
                is: "Active",
            },
            ephemeralStorage: {
                to: { size: 1024 },
                at: ({ made }: FunctionSeen) => made.EphemeralStorage?.Size ?? 512,
                is: 1024,
            },
            loggingConfig: {
                to: { logFormat: "JSON", logGroup: "/example" },
                at: ({ made }: FunctionSeen) => made.LoggingConfig?.LogFormat,
                is: "JSON",
                sticky: true,
            },
            reservedConcurrentExecutions: { to: 2, at: (seen: FunctionSeen) => seen.concurrency },
            tags: { to: TAGS_CHANGE, at: ({ tags }: FunctionSeen) => tags },
        }),
    },
    "aws:lambda/permission:Permission": {
        base: ({ functionName }) => ({
            statementId: "example",
            action: "lambda:InvokeFunction",
            function: functionName,
            principal: "events.amazonaws.com",
        }),
        async observe(aws) {
            const { Policy } = await (await aws.lambda()).getPolicy({ FunctionName: "world-function" });
            return { policy: Policy };
        },
        arguments: ({ otherFunctionName }) => ({
            statementId: { to: "other" },
            action: { to: "lambda:GetFunction" },
            function: { to: otherFunctionName },
            principal: { to: "s3.amazonaws.com" },
            sourceArn: { to: "arn:aws:events:eu-west-1:111122223333:rule/x" },
            sourceAccount: { to: "111122223333" },
            principalOrgId: { to: "o-1234567890" },
            qualifier: { to: "live" },
        }),
    },
    "aws:lambda/eventSourceMapping:EventSourceMapping": {
        base: ({ streamArn, functionName }) => ({
            eventSourceArn: streamArn,
            functionName,
            startingPosition: "LATEST",
            tags: TAGS_BASE,
        }),
        async observe(aws, id) {
            const lambda = await aws.lambda();
            const mapping = await lambda.getEventSourceMapping({ UUID: id });
            const { Tags } = await lambda.listTags({ Resource: mapping.EventSourceMappingArn });
            return { mapping, tags: Tags };
        },
        arguments: ({ otherFunctionName, queueArn }) => ({
            eventSourceArn: { to: REPLACES },
            startingPosition: { to: "TRIM_HORIZON" },
            functionName: {
                to: otherFunctionName,
                at: ({ mapping }: MappingSeen) => mapping.FunctionArn?.split(":").at(-1),
            },
            enabled: { to: false, at: ({ mapping }: MappingSeen) => mapping.State !== "Disabled" },
            batchSize: { to: 7, at: ({ mapping }: MappingSeen) => mapping.BatchSize, sticky: true },
            maximumBatchingWindowInSeconds: {
                to: 5,
                at: ({ mapping }: MappingSeen) => mapping.MaximumBatchingWindowInSeconds,
                sticky: true,
            },
            maximumRetryAttempts: {
                to: 3,
                at: ({ mapping }: MappingSeen) => mapping.MaximumRetryAttempts,
                sticky: true,
            },
            maximumRecordAgeInSeconds: {
                to: 120,
                at: ({ mapping }: MappingSeen) => mapping.MaximumRecordAgeInSeconds,
                sticky: true,
            },
            bisectBatchOnFunctionError: {
                to: true,
                at: ({ mapping }: MappingSeen) => mapping.BisectBatchOnFunctionError,
                sticky: true,
            },
            parallelizationFactor: {
                to: 2,
                at: ({ mapping }: MappingSeen) => mapping.ParallelizationFactor,
                sticky: true,
            },
            functionResponseTypes: {
                to: ["ReportBatchItemFailures"],
                at: ({ mapping }: MappingSeen) => mapping.FunctionResponseTypes ?? [],
            },
            filterCriteria: {
                to: { filters: [{ pattern: '{"eventName":["INSERT"]}' }] },
                at: ({ mapping }: MappingSeen) => mapping.FilterCriteria?.Filters?.[0]?.Pattern,
                is: '{"eventName":["INSERT"]}',
                sticky: true,
            },
            destinationConfig: {
                to: { onFailure: { destinationArn: queueArn } },
                at: ({ mapping }: MappingSeen) => mapping.DestinationConfig?.OnFailure?.Destination,
                is: queueArn,
                sticky: true,
            },
            tags: { to: TAGS_CHANGE, at: ({ tags }: MappingSeen) => tags },
        }),
    },
    "aws:sfn/stateMachine:StateMachine": {
        base: ({ roleArn }) => ({ name: "example", roleArn, definition: definition("before"), tags: TAGS_BASE }),
        async observe(aws, id) {
            const sfn = await aws.sfn();
            const machine = await sfn.describeStateMachine({ stateMachineArn: id });
            const { tags = [] } = await sfn.listTagsForResource({ resourceArn: id });
            return { machine, tags: Object.fromEntries(tags.map(({ key, value }) => [key, value])) };
        },
        arguments: ({ otherRoleArn, logGroupArn, keyArn }) => ({
            name: { to: "other" },
            type: { to: "EXPRESS" },
            roleArn: { to: otherRoleArn, at: ({ machine }: MachineSeen) => machine.roleArn },
            definition: { to: definition("after"), at: ({ machine }: MachineSeen) => machine.definition },
            loggingConfiguration: {
                to: { level: "ALL", includeExecutionData: true, logDestination: `${logGroupArn}:*` },
                at: ({ machine }: MachineSeen) => machine.loggingConfiguration?.level ?? "OFF",
                is: "ALL",
            },
            tracingConfiguration: { to: { enabled: true }, sent: '"tracingConfiguration":{"enabled":true}' },
            encryptionConfiguration: {
                to: { type: "CUSTOMER_MANAGED_KMS_KEY", kmsKeyId: keyArn, kmsDataKeyReusePeriodSeconds: 300 },
                at: ({ machine }: MachineSeen) => machine.encryptionConfiguration?.kmsKeyId,
                is: keyArn,
                sticky: true,
            },
            publish: { to: true, unseen: "says how the next change is made" },
            tags: { to: TAGS_CHANGE, at: ({ tags }: MachineSeen) => tags },
        }),
    },
};
