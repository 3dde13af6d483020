/** One text an item, under one attribute name, in a table whose items are written once. */
export interface TextTable {
    /** Strong read. */
    get(id: string): Promise<string | undefined>;
    /** Writes unless the item exists. @returns the text that is stored now, ours or the one that was there */
    create(id: string, text: string): Promise<string>;
}

/** Items that change, each with a revision: writes are conditional on the one that was read. */
export interface RevisionTable {
    /** Strong read. */
    get(id: string): Promise<Revision | undefined>;
    /**
     * Writes the item if it is at this revision, 0 for absent. Durable once it returns.
     *
     * @returns false if another writer was first; true also if a hidden retry of our own was
     */
    put(id: string, body: string, expected: number): Promise<boolean>;
}

export interface Revision {
    readonly revision: number;
    readonly body: string;
}

export async function textTable(table: string, attribute: string): Promise<TextTable> {
    const { get, put } = await itemTable(table);
    return {
        get: async (id) => (await get(id))?.[attribute]?.S,
        create: async (id, text) => {
            if (await put({ id: { S: id }, [attribute]: { S: text } }, 0)) return text;
            return (await get(id))?.[attribute]?.S ?? "";
        },
    };
}

export async function revisionTable(table: string): Promise<RevisionTable> {
    const { get, put } = await itemTable(table);
    const read = async (id: string): Promise<Revision | undefined> => {
        const item = await get(id);
        return item && { revision: Number(item.revision?.N), body: item.body?.S ?? "" };
    };
    return {
        get: read,
        put: async (id, body, expected) => {
            const next = expected + 1;
            const item = { id: { S: id }, revision: { N: String(next) }, body: { S: body } };
            if (await put(item, expected)) return true;
            const found = await read(id);
            return found?.revision === next && found.body === body;
        },
    };
}

type Item = Record<string, { S: string } | { N: string }>;

interface ItemTable {
    get(id: string): Promise<Record<string, { readonly S?: string; readonly N?: string }> | undefined>;
    /** @returns false if the item is not at this revision */
    put(item: Item, expected: number): Promise<boolean>;
}

async function itemTable(TableName: string): Promise<ItemTable> {
    const { DynamoDBClient, GetItemCommand, PutItemCommand } = await import("@aws-sdk/client-dynamodb");
    const client = new DynamoDBClient({});
    return {
        get: async (id) => {
            const { Item } = await client.send(
                new GetItemCommand({ TableName, Key: { id: { S: id } }, ConsistentRead: true }),
            );
            return Item;
        },
        put: async (Item, expected) => {
            try {
                await client.send(new PutItemCommand({ TableName, Item, ...atRevision(expected) }));
                return true;
            } catch (error) {
                if ((error as Error).name === "ConditionalCheckFailedException") return false;
                throw error;
            }
        },
    };
}

function atRevision(expected: number): {
    ConditionExpression: string;
    ExpressionAttributeNames?: Record<string, string>;
    ExpressionAttributeValues?: Record<string, { N: string }>;
} {
    if (expected === 0) return { ConditionExpression: "attribute_not_exists(id)" };
    return {
        ConditionExpression: "#revision = :expected",
        ExpressionAttributeNames: { "#revision": "revision" },
        ExpressionAttributeValues: { ":expected": { N: String(expected) } },
    };
}
