import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Change, Item, LockStore } from "../log/stores";

/** DynamoDB as the log's lock store: items by `id`, swapped by their attribute `version`. */

type Attributes = Record<string, AttributeValue>;

const MAX_TRANSACTIONS = 5;

/** Reads are retried by the SDK, writes are not: a throw of a write means that nobody knows. */
export async function dynamoLockStore(table: string): Promise<LockStore> {
    const {
        DynamoDBClient,
        GetItemCommand,
        PutItemCommand,
        QueryCommand,
        TransactWriteItemsCommand,
        UpdateItemCommand,
    } = await import("@aws-sdk/client-dynamodb");
    const reads = new DynamoDBClient({ maxAttempts: 3 });
    const writes = new DynamoDBClient({ maxAttempts: 1 });

    const creation = (key: string, value: Item) => ({
        TableName: table,
        Item: { ...encode(value), id: { S: key }, version: { N: "1" } },
        ConditionExpression: "attribute_not_exists(id)",
    });

    return {
        async get(key) {
            const { Item: item } = await reads.send(
                new GetItemCommand({ TableName: table, Key: { id: { S: key } }, ConsistentRead: true }),
            );
            return item && { version: Number(item.version?.N ?? 0), value: decode(item) };
        },

        async create(key, value) {
            try {
                await writes.send(new PutItemCommand(creation(key, value)));
                return "ok";
            } catch (error) {
                if (isRefused(error)) return "exists";
                throw error;
            }
        },

        async createAll(items) {
            const command = new TransactWriteItemsCommand({
                TransactItems: items.map(({ key, value }) => ({ Put: creation(key, value) })),
            });
            for (let attempt = 1; ; attempt += 1) {
                try {
                    await writes.send(command);
                    return "ok";
                } catch (error) {
                    const reasons = cancellationOf(error);
                    if (reasons.includes("ConditionalCheckFailed")) return "exists";
                    // Another transaction on these keys was in flight, and ours did nothing.
                    if (!reasons.includes("TransactionConflict") || attempt === MAX_TRANSACTIONS) throw error;
                }
            }
        },

        async replace(key, version, change) {
            try {
                await writes.send(
                    new UpdateItemCommand({ TableName: table, Key: { id: { S: key } }, ...update(version, change) }),
                );
                return "ok";
            } catch (error) {
                if (isRefused(error)) return "conflict";
                throw error;
            }
        },

        async pending(limit) {
            const { Items: items = [] } = await reads.send(
                new QueryCommand({
                    TableName: table,
                    IndexName: "pending",
                    KeyConditionExpression: "#pending = :pending",
                    ExpressionAttributeNames: { "#pending": "pending" },
                    ExpressionAttributeValues: { ":pending": { S: "1" } },
                    Limit: limit,
                }),
            );
            return items.flatMap(({ id }) => (id?.S === undefined ? [] : [id.S]));
        },
    };
}

/** Placeholders throughout: attribute names may be words that DynamoDB reserves. */
function update(version: number, { set, remove = [] }: Change) {
    const names = Object.keys(set);
    const assignments = names.map((_, i) => `#s${i} = :s${i}`);
    const removals = remove.map((_, i) => `#r${i}`);
    return {
        UpdateExpression: `SET ${[...assignments, "#version = :next"].join(", ")}${removals.length > 0 ? ` REMOVE ${removals.join(", ")}` : ""}`,
        ConditionExpression: "#version = :version",
        ExpressionAttributeNames: {
            "#version": "version",
            ...Object.fromEntries(names.map((name, i) => [`#s${i}`, name])),
            ...Object.fromEntries(remove.map((name, i) => [`#r${i}`, name])),
        },
        ExpressionAttributeValues: {
            ":version": { N: String(version) },
            ":next": { N: String(version + 1) },
            ...Object.fromEntries(Object.values(encode(set)).map((value, i) => [`:s${i}`, value])),
        },
    };
}

function encode(value: Item): Attributes {
    return Object.fromEntries(
        Object.entries(value).map(([name, part]) => [
            name,
            typeof part === "number" ? { N: String(part) } : { S: part },
        ]),
    );
}

function decode(item: Attributes): Item {
    const value: Record<string, string | number> = {};
    for (const [name, { S, N }] of Object.entries(item)) {
        if (name === "id" || name === "version") continue;
        if (S !== undefined) value[name] = S;
        if (N !== undefined) value[name] = Number(N);
    }
    return value;
}

function isRefused(error: unknown): boolean {
    return (error as Error).name === "ConditionalCheckFailedException";
}

function cancellationOf(error: unknown): readonly (string | undefined)[] {
    const { name, CancellationReasons } = error as Error & { CancellationReasons?: readonly { Code?: string }[] };
    return name === "TransactionCanceledException" ? (CancellationReasons ?? []).map(({ Code }) => Code) : [];
}
