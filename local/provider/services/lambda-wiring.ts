import type { EventSourcePosition, Lambda, FunctionResponseType } from "@aws-sdk/client-lambda";
import type { EventSourceMappingArgs, PermissionArgs } from "@pulumi/aws/lambda";
import { found, whileRoleSpreads } from "../aws";
import { members, replace, resource, TAGS, update, type ArgsOf } from "../declare";
import { until } from "../poll";
import { fromAws, toAws } from "./casing";
import { retag } from "./tags";

/** Who may call a function, and which source does. */

interface Statement {
    Sid: string;
    Action: string;
    Principal: string | { Service?: string; AWS?: string };
    Condition?: { ArnLike?: { "AWS:SourceArn"?: string }; StringEquals?: { "AWS:SourceAccount"?: string } };
}

/** Id is the statement's. */
export const permission = resource<PermissionArgs>({
    token: "aws:lambda/permission:Permission",
    arguments: {
        statementId: replace(),
        action: replace({ required: true }),
        function: replace({ required: true }),
        principal: replace({ required: true }),
        sourceArn: replace(),
        sourceAccount: replace(),
        principalOrgId: replace(),
        qualifier: replace(),
    },
    outputs: [],
    autoname: { argument: "statementId", maxLength: 100 },
    identity: ["statementId", "function"],

    async create(aws, args) {
        await (
            await aws.lambda()
        ).addPermission({
            FunctionName: String(args.function),
            StatementId: args.statementId,
            Action: args.action,
            Principal: args.principal,
            SourceArn: args.sourceArn,
            SourceAccount: args.sourceAccount,
            PrincipalOrgID: args.principalOrgId,
            Qualifier: args.qualifier,
        });
        return { id: args.statementId ?? "" };
    },

    async read(aws, id, known) {
        // An import gives FUNCTION/STATEMENT.
        const [imported, statementId = id] = known.function === undefined ? id.split("/") : [];
        const FunctionName = String(known.function ?? imported);
        const policy = (await found((await aws.lambda()).getPolicy({ FunctionName, Qualifier: known.qualifier })))
            ?.Policy;
        const statements = (JSON.parse(policy ?? "{}") as { Statement?: Statement[] }).Statement ?? [];
        const statement = statements.find(({ Sid }) => Sid === statementId);
        if (!statement) {
            return undefined;
        }
        const { Action, Principal, Condition } = statement;
        const sourceArn = Condition?.ArnLike?.["AWS:SourceArn"];
        const sourceAccount = Condition?.StringEquals?.["AWS:SourceAccount"];
        return {
            statementId,
            function: FunctionName,
            action: Action,
            principal: typeof Principal === "string" ? Principal : (Principal.Service ?? Principal.AWS),
            ...(sourceArn ? { sourceArn } : {}),
            ...(sourceAccount ? { sourceAccount } : {}),
        };
    },

    async update() {
        // Every argument replaces.
    },

    async delete(aws, id, args) {
        await (
            await aws.lambda()
        ).removePermission({ FunctionName: String(args.function), StatementId: id, Qualifier: args.qualifier });
    },
});

type MappingArgs = ArgsOf<EventSourceMappingArgs>;

/** Id is AWS's UUID. */
export const eventSourceMapping = resource<EventSourceMappingArgs>({
    token: "aws:lambda/eventSourceMapping:EventSourceMapping",
    arguments: {
        eventSourceArn: replace(),
        functionName: update({ required: true }),
        startingPosition: replace(),
        enabled: update({ default: true }),
        batchSize: update(),
        maximumBatchingWindowInSeconds: update(),
        maximumRetryAttempts: update(),
        maximumRecordAgeInSeconds: update(),
        bisectBatchOnFunctionError: update(),
        parallelizationFactor: update(),
        functionResponseTypes: update({ unordered: true }),
        filterCriteria: update({ members: { filters: members("pattern") } }),
        destinationConfig: update({ members: { onFailure: members("destinationArn") } }),
        ...TAGS,
    },
    outputs: ["arn", "uuid", "functionArn", "lastModified", "state"],
    volatile: { functionArn: ["functionName"], state: ["enabled"] },
    identity: ["eventSourceArn", "functionName"],

    async create(aws, args) {
        const lambda = await aws.lambda();
        const made = await whileRoleSpreads(() =>
            lambda.createEventSourceMapping({
                ...mapping(args),
                EventSourceArn: args.eventSourceArn,
                StartingPosition: args.startingPosition as EventSourcePosition | undefined,
                Tags: args.tagsAll,
            }),
        );
        return {
            id: made.UUID ?? "",
            outputs: { arn: made.EventSourceMappingArn, uuid: made.UUID, functionArn: made.FunctionArn },
        };
    },

    async read(aws, id, known) {
        const lambda = await aws.lambda();
        const made = await found(lambda.getEventSourceMapping({ UUID: id }));
        if (!made || made.State === "Deleting") {
            return undefined;
        }
        const named = made.FunctionArn?.split(":").at(-1);
        const tags = made.EventSourceMappingArn
            ? await found(lambda.listTags({ Resource: made.EventSourceMappingArn }))
            : undefined;
        return {
            arn: made.EventSourceMappingArn,
            uuid: made.UUID,
            functionArn: made.FunctionArn,
            lastModified: made.LastModified?.toISOString(),
            state: made.State,
            eventSourceArn: made.EventSourceArn,
            functionName: known.functionName === made.FunctionArn ? made.FunctionArn : named,
            enabled: made.State !== "Disabled" && made.State !== "Disabling",
            batchSize: made.BatchSize,
            ...(made.StartingPosition ? { startingPosition: made.StartingPosition } : {}),
            ...(made.MaximumRetryAttempts === undefined ? {} : { maximumRetryAttempts: made.MaximumRetryAttempts }),
            ...(made.FunctionResponseTypes?.length ? { functionResponseTypes: made.FunctionResponseTypes } : {}),
            ...(made.FilterCriteria?.Filters?.length ? { filterCriteria: fromAws(made.FilterCriteria) } : {}),
            ...(tags ? { tagsAll: tags.Tags ?? {} } : {}),
        };
    },

    async update(aws, id, args, { old, of }) {
        const lambda = await aws.lambda();
        const made = await lambda.updateEventSourceMapping({ UUID: id, ...mapping(args) });
        if (of("tagsAll")) {
            const Resource = made.EventSourceMappingArn;
            await retag(old.tagsAll, args.tagsAll, {
                set: (Tags) => lambda.tagResource({ Resource, Tags }),
                unset: (TagKeys) => lambda.untagResource({ Resource, TagKeys }),
            });
        }
    },

    async delete(aws, id) {
        const lambda = await aws.lambda();
        await lambda.deleteEventSourceMapping({ UUID: id });
        await until(`deletion of mapping ${id}`, async () => ((await isThere(lambda, id)) ? undefined : true));
    },
});

async function isThere(lambda: Lambda, UUID: string): Promise<boolean> {
    return (await found(lambda.getEventSourceMapping({ UUID }))) !== undefined;
}

function mapping(args: MappingArgs) {
    return {
        FunctionName: args.functionName,
        Enabled: args.enabled,
        BatchSize: args.batchSize,
        MaximumBatchingWindowInSeconds: args.maximumBatchingWindowInSeconds,
        MaximumRetryAttempts: args.maximumRetryAttempts,
        MaximumRecordAgeInSeconds: args.maximumRecordAgeInSeconds,
        BisectBatchOnFunctionError: args.bisectBatchOnFunctionError,
        ParallelizationFactor: args.parallelizationFactor,
        // An empty list takes away what was there; undefined would keep it.
        FunctionResponseTypes: (args.functionResponseTypes ?? []) as FunctionResponseType[],
        FilterCriteria: args.filterCriteria && toAws<object>(args.filterCriteria),
        DestinationConfig:
            args.destinationConfig && toAws<object>(args.destinationConfig, { destinationArn: "Destination" }),
    };
}
