import {
    COMPUTE_VERBS,
    FUNCTION_VERBS,
    KEY_VERBS,
    MAPPING_VERBS,
    PASSED_TO,
    POLICY_VERBS,
    PROVIDER_VERBS,
    ROLE_VERBS,
    SUPPLY_VERBS,
    TABLE_VERBS,
    USER_VERBS,
} from "../../../lib/iam/takeover-catalogue";
import { serviceNames } from "../../../local/gateway/services";

/** Every action of the takeover catalogue, the two that it leaves to rules of their own with it. */
export function catalogue(): readonly string[] {
    const all = [
        "kms:Sign",
        "sts:AssumeRole",
        ...[...ROLE_VERBS, ...USER_VERBS].map(({ action }) => action),
        ...POLICY_VERBS,
        ...PROVIDER_VERBS,
        ...PASSED_TO.flatMap(({ actions }) => actions),
        ...Object.values(COMPUTE_VERBS).flatMap(({ on, elsewhere }) => [...on, ...elsewhere]),
        ...Object.values(SUPPLY_VERBS).flat(),
        ...KEY_VERBS,
        ...FUNCTION_VERBS,
        ...MAPPING_VERBS,
        ...TABLE_VERBS,
    ];
    return [...new Set(all)].sort();
}

/** Permissions of served services that no call of the local cloud can use. */
const WITHOUT_CALL: Readonly<Record<string, string>> = {
    "dynamodb:CreateTableReplica": "a permission of global tables, no operation",
    "dynamodb:ReplicateSettings": "a permission of global tables, no operation",
    "dynamodb:RestoreTableFromAwsBackup": "an operation of AWS Backup",
    "dynamodb:WriteDataForReplication": "a permission of global tables, no operation",
    "lambda:InvokeFunctionUrl": "an HTTP request to a function URL; the signers have none, and making one is tried",
    "lambda:PutResourcePolicy": "not in the SDK",
    "lambda:RunMicrovm": "not in the SDK",
    "s3:ReplicateObject": "done by S3's own replication",
};

/**
 * Operations of served services that the gateway does not pass on, to anyone. They are asked for all the same, so that this
 * list cannot outlive the day on which they are served.
 */
export const NOT_PASSED_ON: readonly string[] = [
    "lambda:CreateAlias",
    "lambda:CreateFunctionUrlConfig",
    "lambda:InvokeAsync",
    "lambda:PutFunctionEventInvokeConfig",
    "lambda:UpdateAlias",
    "lambda:UpdateFunctionEventInvokeConfig",
    "lambda:UpdateFunctionUrlConfig",
];

/** Why an action of the catalogue is not tried; undefined for one that is. */
export function whyNotTried(action: string): string | undefined {
    const service = action.slice(0, action.indexOf(":"));
    if (!serviceNames().includes(service)) return `the local cloud serves no ${service}`;
    return NOT_PASSED_ON.includes(action) ? "the gateway passes it on to nobody" : WITHOUT_CALL[action];
}
