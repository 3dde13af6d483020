import type { EncryptionConfiguration, LoggingConfiguration } from "@aws-sdk/client-sfn";
import type { StateMachineArgs } from "@pulumi/aws/sfn";
import { found, whileRoleSpreads } from "../aws";
import { members, replace, resource, TAGS, update, type ArgsOf } from "../declare";
import { until } from "../poll";
import { retag } from "./tags";

type Args = ArgsOf<StateMachineArgs>;

/** Id is the machine's ARN. */
export const stateMachine = resource<StateMachineArgs>({
    token: "aws:sfn/stateMachine:StateMachine",
    arguments: {
        name: replace(),
        type: replace({ default: "STANDARD" }),
        roleArn: update({ required: true }),
        definition: update({ required: true, document: true }),
        loggingConfiguration: update({ members: members("level", "includeExecutionData", "logDestination") }),
        tracingConfiguration: update({ members: members("enabled") }),
        encryptionConfiguration: update({ members: members("type", "kmsKeyId", "kmsDataKeyReusePeriodSeconds") }),
        publish: update({ default: false }),
        ...TAGS,
    },
    outputs: ["arn", "creationDate", "revisionId", "status"],
    volatile: { revisionId: ["definition", "roleArn"] },
    autoname: { argument: "name", maxLength: 80 },
    identity: ["name"],

    async create(aws, args) {
        const sfn = await aws.sfn();
        const { stateMachineArn = "" } = await whileRoleSpreads(() =>
            sfn.createStateMachine({
                ...machine(args),
                name: args.name,
                type: args.type as "STANDARD",
                tags: Object.entries(args.tagsAll ?? {}).map(([key, value]) => ({ key, value })),
            }),
        );
        return { id: stateMachineArn, outputs: { arn: stateMachineArn } };
    },

    async read(aws, id) {
        const sfn = await aws.sfn();
        const made = await found(sfn.describeStateMachine({ stateMachineArn: id }));
        if (!made || made.status === "DELETING") {
            return undefined;
        }
        const { tags = [] } = await sfn.listTagsForResource({ resourceArn: id });
        return {
            arn: id,
            name: made.name,
            type: made.type,
            status: made.status,
            creationDate: made.creationDate?.toISOString(),
            revisionId: made.revisionId ?? "",
            roleArn: made.roleArn,
            definition: made.definition,
            ...observedLogging(made.loggingConfiguration),
            ...(made.tracingConfiguration?.enabled === undefined
                ? {}
                : { tracingConfiguration: { enabled: made.tracingConfiguration.enabled } }),
            tagsAll: Object.fromEntries(tags.map(({ key = "", value }) => [key, value])),
        };
    },

    async update(aws, id, args, { old, of }) {
        const sfn = await aws.sfn();
        if (
            of(
                "roleArn",
                "definition",
                "loggingConfiguration",
                "tracingConfiguration",
                "encryptionConfiguration",
                "publish",
            )
        ) {
            await whileRoleSpreads(() =>
                sfn.updateStateMachine({ stateMachineArn: id, ...blank(old, args), ...machine(args) }),
            );
        }
        if (of("tagsAll")) {
            await retag(old.tagsAll, args.tagsAll, {
                set: (tags) =>
                    sfn.tagResource({
                        resourceArn: id,
                        tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
                    }),
                unset: (tagKeys) => sfn.untagResource({ resourceArn: id, tagKeys }),
            });
        }
    },

    async delete(aws, id) {
        const sfn = await aws.sfn();
        await sfn.deleteStateMachine({ stateMachineArn: id });
        // Goes once its executions have ended; its name is taken until then.
        await until(`deletion of state machine ${id}`, async () =>
            (await found(sfn.describeStateMachine({ stateMachineArn: id }))) ? undefined : true,
        );
    },
});

function machine(args: Args) {
    const { loggingConfiguration: logging, tracingConfiguration: tracing, encryptionConfiguration: encryption } = args;
    return {
        roleArn: args.roleArn,
        definition: args.definition,
        publish: args.publish,
        ...(logging ? { loggingConfiguration: loggingOf(logging) } : {}),
        ...(tracing ? { tracingConfiguration: { enabled: tracing.enabled } } : {}),
        ...(encryption ? { encryptionConfiguration: encryption as EncryptionConfiguration } : {}),
    };
}

/** To leave a part out means to keep it. */
function blank(old: Args, args: Args) {
    return {
        ...(old.loggingConfiguration && !args.loggingConfiguration
            ? { loggingConfiguration: { level: "OFF" as const } }
            : {}),
        ...(old.tracingConfiguration && !args.tracingConfiguration ? { tracingConfiguration: { enabled: false } } : {}),
    };
}

function loggingOf({
    level,
    includeExecutionData,
    logDestination,
}: NonNullable<Args["loggingConfiguration"]>): LoggingConfiguration {
    const destinations = logDestination ? [{ cloudWatchLogsLogGroup: { logGroupArn: logDestination } }] : undefined;
    return { level: level as "ALL", includeExecutionData: includeExecutionData ?? false, destinations };
}

function observedLogging(logging: LoggingConfiguration | undefined): object {
    if (!logging?.level) {
        return {};
    }
    const logDestination = logging.destinations?.[0]?.cloudWatchLogsLogGroup?.logGroupArn;
    const { level, includeExecutionData = false } = logging;
    return { loggingConfiguration: { level, includeExecutionData, ...(logDestination ? { logDestination } : {}) } };
}
