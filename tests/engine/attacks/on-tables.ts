import { ACCOUNT } from "../../../local/story/settings";
import type { Attempt } from "./attempt";
import type { Crafted } from "../deployed/craft";
import { arnOf, type Targets } from "./targets";

/** T68: the tables that decide what is signed and what is logged. Each item is one that its readers would take for theirs. */
export function onTables({ tables, prefix, buckets }: Targets, forged: Crafted): Attempt[] {
    return tables.flatMap((TableName) => {
        const item = itemOf(TableName.slice(prefix.length + 1), forged);
        const call = (action: string, command: string, input: object): Attempt => {
            return { action: `dynamodb:${action}`, target: TableName, service: "dynamodb", command, input };
        };
        const { id, ...rest } = item;
        const [name, value] = Object.entries(rest)[0]!;
        const update = {
            UpdateExpression: "SET #name = :value",
            ExpressionAttributeNames: { "#name": name },
            ExpressionAttributeValues: { ":value": value },
        };
        const statement = (Statement: string): object => ({ Statement });
        const policy = { Effect: "Allow", Principal: { AWS: ACCOUNT }, Action: "dynamodb:*", Resource: "*" };
        return [
            call("PutItem", "PutItem", { TableName, Item: item }),
            call("UpdateItem", "UpdateItem", { TableName, Key: { id }, ...update }),
            call("DeleteItem", "DeleteItem", { TableName, Key: { id } }),
            call("BatchWriteItem", "BatchWriteItem", {
                RequestItems: { [TableName]: [{ PutRequest: { Item: item } }] },
            }),
            call("PartiQLInsert", "ExecuteStatement", statement(`INSERT INTO "${TableName}" VALUE {'id': '${id.S}'}`)),
            call(
                "PartiQLUpdate",
                "ExecuteStatement",
                statement(`UPDATE "${TableName}" SET attack = 'x' WHERE id = '${id.S}'`),
            ),
            call("PartiQLDelete", "ExecuteStatement", statement(`DELETE FROM "${TableName}" WHERE id = '${id.S}'`)),
            call("PutResourcePolicy", "PutResourcePolicy", {
                ResourceArn: arnOf.table(TableName),
                Policy: JSON.stringify({ Version: "2012-10-17", Statement: [policy] }),
            }),
            call("ImportTable", "ImportTable", {
                S3BucketSource: { S3Bucket: buckets.uploads },
                InputFormat: "DYNAMODB_JSON",
                TableCreationParameters: {
                    TableName,
                    AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
                    KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
                    BillingMode: "PAY_PER_REQUEST",
                },
            }),
            call("RestoreTableFromBackup", "RestoreTableFromBackup", {
                TargetTableName: TableName,
                BackupArn: `${arnOf.table(TableName)}/backup/01489602797149-73d8d5bc`,
            }),
            call("RestoreTableToPointInTime", "RestoreTableToPointInTime", {
                SourceTableName: TableName,
                TargetTableName: `${TableName}-restored`,
            }),
            // The stream that starts the sequencer, what makes items vanish, a copy with another door.
            call("UpdateTable", "UpdateTable", { TableName, StreamSpecification: { StreamEnabled: false } }),
            call("UpdateTimeToLive", "UpdateTimeToLive", {
                TableName,
                TimeToLiveSpecification: { Enabled: true, AttributeName: "id" },
            }),
            call("CreateGlobalTable", "CreateGlobalTable", {
                GlobalTableName: TableName,
                ReplicationGroup: [{ RegionName: "us-east-1" }],
            }),
            call("UpdateGlobalTable", "UpdateGlobalTable", {
                GlobalTableName: TableName,
                ReplicaUpdates: [{ Create: { RegionName: "us-east-1" } }],
            }),
            call("DeleteTable", "DeleteTable", { TableName }),
        ];
    });
}

type Item = { readonly id: { readonly S: string } } & Readonly<Record<string, { readonly S: string }>>;

/** Of the log's tables nothing that the sequencer would look for: what is written there has to stay harmless to later steps. */
function itemOf(table: string, { id, request, messagesSha256 }: Crafted): Item {
    switch (table) {
        case "requests":
            return { id: { S: id }, request: { S: request } };
        case "rechecks":
            return { id: { S: id }, messages_sha256: { S: messagesSha256 } };
        case "attempts":
            return { id: { S: `done#${id}` }, signatures: { S: "[]" } };
        default:
            return { id: { S: `attack#${id}` }, leaf: { S: "{}" } };
    }
}
