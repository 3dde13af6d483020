import type {
    AttributeDefinition,
    DynamoDB,
    GlobalSecondaryIndex,
    GlobalSecondaryIndexDescription,
    GlobalSecondaryIndexUpdate,
    KeySchemaElement,
    TableDescription,
    UpdateTableCommandInput,
} from "@aws-sdk/client-dynamodb";
import type { TableArgs } from "@pulumi/aws/dynamodb";
import { found } from "../aws";
import { members, replace, resource, TAGS, update, type ArgsOf } from "../declare";
import { equal } from "../diff";
import { until } from "../poll";
import { fromAws, toAws } from "./casing";
import { retag, tagList, tagsOf } from "./tags";

type Args = ArgsOf<TableArgs>;
type Index = NonNullable<Args["globalSecondaryIndexes"]>[number];

export const table = resource<TableArgs>({
    token: "aws:dynamodb/table:Table",
    arguments: {
        name: replace(),
        billingMode: update({ default: "PROVISIONED" }),
        readCapacity: update(),
        writeCapacity: update(),
        hashKey: replace(),
        rangeKey: replace(),
        attributes: update({ unordered: true, members: members("name", "type") }),
        globalSecondaryIndexes: update({
            unordered: true,
            members: {
                ...members("name", "hashKey", "rangeKey", "projectionType", "nonKeyAttributes"),
                ...members("readCapacity", "writeCapacity"),
                keySchemas: members("attributeName", "keyType"),
            },
        }),
        streamEnabled: update(),
        streamViewType: update(),
        serverSideEncryption: update({ members: members("enabled", "kmsKeyArn") }),
        pointInTimeRecovery: update({ members: members("enabled") }),
        ttl: update({ members: members("enabled", "attributeName") }),
        tableClass: update(),
        deletionProtectionEnabled: update(),
        ...TAGS,
    },
    outputs: ["arn", "streamArn", "streamLabel"],
    volatile: { streamArn: ["streamEnabled", "streamViewType"], streamLabel: ["streamEnabled", "streamViewType"] },
    autoname: { argument: "name", maxLength: 255 },
    identity: ["name"],

    async create(aws, args) {
        const { TableDescription: made } = await (
            await aws.dynamodb()
        ).createTable({
            TableName: args.name,
            BillingMode: args.billingMode as "PAY_PER_REQUEST",
            ProvisionedThroughput: throughput(args, args),
            KeySchema: keySchema(args),
            AttributeDefinitions: attributes(args),
            GlobalSecondaryIndexes: args.globalSecondaryIndexes?.map((index) => indexOf(args, index)),
            StreamSpecification: stream(args),
            SSESpecification: encryption(args),
            TableClass: args.tableClass as "STANDARD",
            DeletionProtectionEnabled: args.deletionProtectionEnabled,
            Tags: tagList(args.tagsAll),
        });
        return { id: args.name ?? "", outputs: { arn: made?.TableArn } };
    },

    async complete(aws, id, args) {
        const dynamodb = await aws.dynamodb();
        await active(dynamodb, id);
        await Promise.all([
            args.ttl && putTtl(dynamodb, id, args),
            args.pointInTimeRecovery && putRecovery(dynamodb, id, args),
        ]);
    },

    async read(aws, id, known) {
        const dynamodb = await aws.dynamodb();
        const made = (await found(dynamodb.describeTable({ TableName: id })))?.Table;
        if (!made || made.TableStatus === "DELETING") {
            return undefined;
        }
        const tags = await dynamodb.listTagsOfResource({ ResourceArn: made.TableArn });
        return { ...observed(made, known), tagsAll: tagsOf(tags.Tags) };
    },

    async update(aws, id, args, { old, of }) {
        const dynamodb = await aws.dynamodb();
        const put = async (change: Omit<UpdateTableCommandInput, "TableName">) => {
            await dynamodb.updateTable({ TableName: id, ...change });
            await active(dynamodb, id);
        };
        if (of("billingMode", "readCapacity", "writeCapacity")) {
            await put({
                BillingMode: args.billingMode as "PAY_PER_REQUEST",
                ProvisionedThroughput: throughput(args, args),
            });
        }
        if (of("streamEnabled", "streamViewType")) {
            // A stream cannot be changed, only ended and begun again.
            if (old.streamEnabled) {
                await put({ StreamSpecification: { StreamEnabled: false } });
            }
            if (args.streamEnabled) {
                await put({ StreamSpecification: stream(args) });
            }
        }
        if (of("serverSideEncryption")) {
            await put({ SSESpecification: encryption(args) ?? { Enabled: false } });
        }
        if (of("tableClass")) {
            await put({ TableClass: (args.tableClass ?? "STANDARD") as "STANDARD" });
        }
        if (of("deletionProtectionEnabled")) {
            await put({ DeletionProtectionEnabled: args.deletionProtectionEnabled ?? false });
        }
        if (of("globalSecondaryIndexes", "attributes")) {
            for (const change of indexChanges(old, args)) {
                await put({ AttributeDefinitions: attributes(args), GlobalSecondaryIndexUpdates: [change] });
            }
        }
        if (of("ttl") && (args.ttl || old.ttl)) {
            await putTtl(dynamodb, id, args, old);
        }
        if (of("pointInTimeRecovery") && (args.pointInTimeRecovery || old.pointInTimeRecovery)) {
            await putRecovery(dynamodb, id, args);
        }
        if (of("tagsAll")) {
            const ResourceArn = (await dynamodb.describeTable({ TableName: id })).Table?.TableArn;
            await retag(old.tagsAll, args.tagsAll, {
                set: (tags) => dynamodb.tagResource({ ResourceArn, Tags: tagList(tags) }),
                unset: (TagKeys) => dynamodb.untagResource({ ResourceArn, TagKeys }),
            });
        }
    },

    async delete(aws, id) {
        const dynamodb = await aws.dynamodb();
        await dynamodb.deleteTable({ TableName: id });
        // The name is free only once it is gone.
        await until(`deletion of table ${id}`, async () =>
            (await found(dynamodb.describeTable({ TableName: id }))) ? undefined : true,
        );
    },
});

async function active(dynamodb: DynamoDB, TableName: string): Promise<TableDescription> {
    return until(`table ${TableName}`, async () => {
        const { Table } = await dynamodb.describeTable({ TableName });
        const indexes = Table?.GlobalSecondaryIndexes ?? [];
        const ready =
            Table?.TableStatus === "ACTIVE" &&
            indexes.every(({ IndexStatus }) => (IndexStatus ?? "ACTIVE") === "ACTIVE");
        return ready ? Table : undefined;
    });
}

/** Every index that is to go, then every one that is to come: one may hardly be changed, only made anew. */
function indexChanges(old: Args, args: Args): GlobalSecondaryIndexUpdate[] {
    const [before, after] = [old.globalSecondaryIndexes ?? [], args.globalSecondaryIndexes ?? []];
    const kept = (index: Index, others: Index[]) => others.some((other) => equal(index, other));
    return [
        ...before.filter((index) => !kept(index, after)).map(({ name }) => ({ Delete: { IndexName: name } })),
        ...after.filter((index) => !kept(index, before)).map((index) => ({ Create: indexOf(args, index) })),
    ];
}

function indexOf(args: Args, index: Index): GlobalSecondaryIndex {
    return {
        IndexName: index.name,
        KeySchema: index.keySchemas ? toAws(index.keySchemas) : keySchema(index),
        Projection: { ProjectionType: index.projectionType as "ALL", NonKeyAttributes: index.nonKeyAttributes },
        ProvisionedThroughput: throughput(args, index),
    };
}

function keySchema({ hashKey, rangeKey }: { hashKey?: string; rangeKey?: string }): KeySchemaElement[] {
    return [
        { AttributeName: hashKey, KeyType: "HASH" },
        ...(rangeKey ? [{ AttributeName: rangeKey, KeyType: "RANGE" as const }] : []),
    ];
}

function attributes({ attributes = [] }: Args): AttributeDefinition[] {
    return attributes.map(({ name, type }) => ({ AttributeName: name, AttributeType: type as "S" }));
}

function throughput(
    { billingMode }: Args,
    { readCapacity, writeCapacity }: { readCapacity?: number; writeCapacity?: number },
) {
    return billingMode === "PAY_PER_REQUEST"
        ? undefined
        : { ReadCapacityUnits: readCapacity ?? 1, WriteCapacityUnits: writeCapacity ?? 1 };
}

function stream({ streamEnabled, streamViewType }: Args) {
    return streamEnabled ? { StreamEnabled: true, StreamViewType: streamViewType as "KEYS_ONLY" } : undefined;
}

function encryption({ serverSideEncryption: sse }: Args) {
    return sse?.enabled
        ? { Enabled: true, ...(sse.kmsKeyArn ? { SSEType: "KMS" as const, KMSMasterKeyId: sse.kmsKeyArn } : {}) }
        : undefined;
}

async function putTtl(dynamodb: DynamoDB, TableName: string, { ttl }: Args, old?: Args): Promise<void> {
    const AttributeName = ttl?.attributeName ?? old?.ttl?.attributeName;
    await dynamodb.updateTimeToLive({
        TableName,
        TimeToLiveSpecification: { AttributeName, Enabled: ttl?.enabled ?? ttl !== undefined },
    });
}

async function putRecovery(dynamodb: DynamoDB, TableName: string, { pointInTimeRecovery }: Args): Promise<void> {
    const PointInTimeRecoveryEnabled = pointInTimeRecovery?.enabled ?? false;
    await dynamodb.updateContinuousBackups({
        TableName,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled },
    });
}

/** Encryption is told only where the program gave it: AWS encrypts in any case. */
function observed(made: TableDescription, known: Partial<Args>): object {
    const streams = made.StreamSpecification?.StreamEnabled;
    return {
        name: made.TableName,
        arn: made.TableArn,
        ...(streams
            ? { streamArn: made.LatestStreamArn, streamLabel: made.LatestStreamLabel }
            : { streamArn: "", streamLabel: "" }),
        billingMode: made.BillingModeSummary?.BillingMode ?? "PROVISIONED",
        ...keyNames(made.KeySchema),
        attributes: made.AttributeDefinitions?.map(({ AttributeName, AttributeType }) => ({
            name: AttributeName,
            type: AttributeType,
        })),
        ...(made.GlobalSecondaryIndexes?.length
            ? { globalSecondaryIndexes: made.GlobalSecondaryIndexes.map((index) => observedIndex(index, known)) }
            : {}),
        ...(streams ? { streamEnabled: true, streamViewType: made.StreamSpecification?.StreamViewType } : {}),
        deletionProtectionEnabled: made.DeletionProtectionEnabled ?? false,
        ...(known.serverSideEncryption ? { serverSideEncryption: observedEncryption(made) } : {}),
    };
}

function observedEncryption({ SSEDescription: sse }: TableDescription): object {
    return { enabled: sse?.Status === "ENABLED", ...(sse?.KMSMasterKeyArn ? { kmsKeyArn: sse.KMSMasterKeyArn } : {}) };
}

/** Keys of an index are told in the form the program chose: two names, or a schema. */
function observedIndex(
    { IndexName, KeySchema, Projection }: GlobalSecondaryIndexDescription,
    known: Partial<Args>,
): object {
    const nonKeyAttributes = Projection?.NonKeyAttributes;
    const asSchema = known.globalSecondaryIndexes?.some(({ name, keySchemas }) => name === IndexName && keySchemas);
    return {
        name: IndexName,
        ...(asSchema ? { keySchemas: fromAws(KeySchema) } : keyNames(KeySchema)),
        projectionType: Projection?.ProjectionType,
        ...(nonKeyAttributes?.length ? { nonKeyAttributes } : {}),
    };
}

function keyNames(schema: readonly KeySchemaElement[] | undefined): object {
    const named = (type: string) => schema?.find(({ KeyType }) => KeyType === type)?.AttributeName;
    return { hashKey: named("HASH"), ...(named("RANGE") ? { rangeKey: named("RANGE") } : {}) };
}
