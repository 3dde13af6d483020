import * as dynamodb from "@pulumi/aws/dynamodb";
import type * as pulumi from "@pulumi/pulumi";
import { dataClass } from "./tags";

export interface ControlTableArgs {
    readonly tableName: string;
    readonly dataKeyArn: pulumi.Input<string>;
    /** Adds the index `pending`, by arrival, and a stream that wakes the sequencer. */
    readonly pending?: boolean;
    /** The table outlives the stack: what it decides holds for ever. */
    readonly kept: boolean;
}

/** A table of items by `id`. Deduplication lasts for ever, so nothing in it expires. */
export function controlTable(name: string, args: ControlTableArgs, parent: pulumi.Resource): dynamodb.Table {
    return new dynamodb.Table(
        name,
        {
            name: args.tableName,
            billingMode: "PAY_PER_REQUEST",
            hashKey: "id",
            attributes: [{ name: "id", type: "S" }, ...(args.pending ? PENDING_ATTRIBUTES : [])],
            ...(args.pending && {
                globalSecondaryIndexes: [PENDING_INDEX],
                streamEnabled: true,
                streamViewType: "KEYS_ONLY",
            }),
            serverSideEncryption: { enabled: true, kmsKeyArn: args.dataKeyArn },
            deletionProtectionEnabled: args.kept,
            tags: dataClass("internal"),
        },
        { parent, protect: args.kept, retainOnDelete: args.kept },
    );
}

const PENDING_ATTRIBUTES = [
    { name: "pending", type: "S" },
    { name: "received_at", type: "S" },
];

/** Items lose `pending` once logged, so the index holds what waits. A hint: readers confirm each key by a strong read. */
const PENDING_INDEX = {
    name: "pending",
    keySchemas: [
        { attributeName: "pending", keyType: "HASH" },
        { attributeName: "received_at", keyType: "RANGE" },
    ],
    projectionType: "KEYS_ONLY",
};
