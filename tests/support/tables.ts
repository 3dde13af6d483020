import { CreateTableCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";

const hash = (AttributeName: string) => ({ AttributeName, KeyType: "HASH" as const });
const text = (AttributeName: string) => ({ AttributeName, AttributeType: "S" as const });

/** With a string `id` as its key. */
export async function createTable(client: DynamoDBClient, TableName: string): Promise<void> {
    await client.send(
        new CreateTableCommand({
            TableName,
            BillingMode: "PAY_PER_REQUEST",
            KeySchema: [hash("id")],
            AttributeDefinitions: [text("id")],
        }),
    );
}

/** As the log's inboxes are: with an index of what is `pending`, oldest first. */
export async function createInbox(client: DynamoDBClient, TableName: string): Promise<void> {
    await client.send(
        new CreateTableCommand({
            TableName,
            BillingMode: "PAY_PER_REQUEST",
            KeySchema: [hash("id")],
            AttributeDefinitions: ["id", "pending", "received_at"].map(text),
            GlobalSecondaryIndexes: [
                {
                    IndexName: "pending",
                    KeySchema: [hash("pending"), { AttributeName: "received_at", KeyType: "RANGE" }],
                    Projection: { ProjectionType: "KEYS_ONLY" },
                },
            ],
        }),
    );
}
