import * as dynamodb from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "vitest";
import { createTable } from "../../support/tables";
import type { GatewayStage } from "./stage";

const TableName = "gateway-faults";

/** Failures that a test orders happen once, to the call that it names. */
export function faultsSuite(stage: () => GatewayStage): void {
    describe("faults", () => {
        it("loses a write, or applies it and reports failure all the same", async () => {
            const { cloud, as, deployer } = stage();
            const table = new dynamodb.DynamoDBClient(as(deployer));
            await createTable(table, TableName);
            const put = (id: string) => table.send(new dynamodb.PutItemCommand({ TableName, Item: { id: { S: id } } }));
            const has = async (id: string) => {
                const { Item } = await table.send(
                    new dynamodb.GetItemCommand({
                        TableName,
                        Key: { id: { S: id } },
                        ConsistentRead: true,
                    }),
                );
                return Item !== undefined;
            };
            await cloud.control.addFault({
                service: "dynamodb",
                operation: "PutItem",
                match: "lost-item",
                mode: "lost",
            });
            await cloud.control.addFault({
                service: "dynamodb",
                operation: "PutItem",
                match: "applied-item",
                mode: "applied",
            });
            await expect(put("lost-item")).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } });
            await expect(put("applied-item")).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } });
            expect([await has("lost-item"), await has("applied-item")]).toEqual([false, true]);
            await put("lost-item");
            expect(await has("lost-item")).toBe(true);
        });
    });
}
