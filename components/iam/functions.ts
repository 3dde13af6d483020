import { namesOf } from "../names";
import { anyKeyArn, bucketArn, functionArn, queueArn, tableArn, viaService, type Scope } from "./arns";
import { LOG_PREFIXES } from "./buckets";
import { document, type PolicyDocument, type Statement } from "./document";
import { ownLogs } from "./services";
import { denySignElsewhere } from "./signing-key";

/**
 * What each function may do: what its code calls, on the one table or prefix it works on. A function missing from this file
 * has no rights. Only signers reach `kms:Sign`, and not from here: the key policy alone grants it.
 */

/** Admission to the log: rules A to C, one transaction. */
export function intakePolicy(scope: Scope): PolicyDocument {
    const { functions, tables } = namesOf(scope.prefix);
    return document(
        ownLogs(scope, functions.intake),
        table(scope, "Intake", tables.intake, ["GetItem", "PutItem", "UpdateItem", "ConditionCheckItem"]),
        dataKey(scope, "dynamodb"),
    );
}

/** The log's own signer. Its reads of the key are the SigningKey's. */
export function sequencerPolicy(scope: Scope): PolicyDocument {
    const { functions, tables } = namesOf(scope.prefix);
    const sources = [tables.intake, tables.reconciler];
    return document(
        denySignElsewhere(scope, functions.sequencer),
        ownLogs(scope, functions.sequencer),
        table(scope, "Head", tables.head, ["GetItem", "PutItem", "UpdateItem"]),
        table(scope, "Records", sources, ["GetItem", "UpdateItem"]),
        {
            Sid: "Pending",
            Effect: "Allow",
            Action: "dynamodb:Query",
            Resource: sources.map((name) => `${tableArn(scope, name)}/index/pending`),
        },
        {
            Sid: "Streams",
            Effect: "Allow",
            Action: [
                "dynamodb:DescribeStream",
                "dynamodb:GetRecords",
                "dynamodb:GetShardIterator",
                "dynamodb:ListStreams",
            ],
            // A stream is named after the moment of its creation.
            Resource: sources.map((name) => `${tableArn(scope, name)}/stream/*`),
        },
        object(scope, "Log", "log", LOG_PREFIXES, ["GetObject", "PutObject"]),
        listing(scope, "log"),
        metrics(),
        dataKey(scope, "dynamodb"),
    );
}

/** Reads what the log knows, writes what it does not. */
export function reconcilerPolicy(scope: Scope): PolicyDocument {
    const { functions, tables, queues } = namesOf(scope.prefix);
    return document(
        ownLogs(scope, functions.reconciler),
        {
            Sid: "Events",
            Effect: "Allow",
            Action: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
            Resource: queueArn(scope, queues.uses),
        },
        table(scope, "Uses", tables.reconciler, ["GetItem", "PutItem", "UpdateItem", "ConditionCheckItem"]),
        table(scope, "Records", [tables.intake, tables.head], ["GetItem"]),
        object(scope, "Log", "log", "*", ["GetObject"]),
        listing(scope, "log"),
        {
            Sid: "ReadKeys",
            Effect: "Allow",
            // The tag tells whether a key that never registered is one of ours.
            Action: ["kms:GetPublicKey", "kms:ListResourceTags"],
            Resource: anyKeyArn(scope),
        },
        metrics(),
        dataKey(scope, "dynamodb", "sqs"),
    );
}

/** The only writer of requests. */
export function preparePolicy(scope: Scope): PolicyDocument {
    const { functions, tables } = namesOf(scope.prefix);
    return document(
        ownLogs(scope, functions.prepare),
        upload(scope),
        table(scope, "Requests", tables.requests, ["GetItem", "PutItem"]),
        dataKey(scope, "s3", "dynamodb"),
    );
}

/** The only writer of rechecks; reads the request it checks, never writes it. */
export function recheckPolicy(scope: Scope): PolicyDocument {
    const { functions, tables } = namesOf(scope.prefix);
    return document(
        ownLogs(scope, functions.recheck),
        upload(scope),
        table(scope, "Requests", tables.requests, ["GetItem"]),
        table(scope, "Rechecks", tables.rechecks, ["GetItem", "PutItem"]),
        dataKey(scope, "s3", "dynamodb"),
    );
}

/** Beside what its SigningKey gives it: requests and rechecks to read, attempts to write, the log's intake to call. */
export function signFunctionPolicy(scope: Scope, functionName: string): PolicyDocument {
    const { functions, tables } = namesOf(scope.prefix);
    return document(
        denySignElsewhere(scope, functionName),
        ownLogs(scope, functionName),
        table(scope, "Requests", [tables.requests, tables.rechecks], ["GetItem"]),
        table(scope, "Attempts", tables.attempts, ["GetItem", "PutItem", "UpdateItem"]),
        {
            Sid: "Intake",
            Effect: "Allow",
            Action: "lambda:InvokeFunction",
            Resource: functionArn(scope, functions.intake),
        },
        dataKey(scope, "dynamodb"),
    );
}

export function assemblePolicy(scope: Scope): PolicyDocument {
    const { functions, tables } = namesOf(scope.prefix);
    return document(
        ownLogs(scope, functions.assemble),
        upload(scope),
        table(scope, "Requests", [tables.requests, tables.attempts], ["GetItem"]),
        object(scope, "Assembled", "results", "assembled/*", ["PutObject"]),
        dataKey(scope, "s3", "dynamodb"),
    );
}

/** Writes nothing at all: its answer is its only effect. */
export function verifyPolicy(scope: Scope): PolicyDocument {
    const { functions, tables } = namesOf(scope.prefix);
    return document(
        ownLogs(scope, functions.verify),
        upload(scope),
        table(scope, "Requests", [tables.requests, tables.attempts], ["GetItem"]),
        object(scope, "Assembled", "results", "assembled/*", ["GetObject"]),
        object(scope, "Log", "log", ["checkpoint", "tile/*", "index/digest/*"], ["GetObject"]),
        listing(scope, "log", "results"),
        dataKey(scope, "s3", "dynamodb"),
    );
}

export function publishPolicy(scope: Scope): PolicyDocument {
    const { functions, tables } = namesOf(scope.prefix);
    return document(
        ownLogs(scope, functions.publish),
        table(scope, "Requests", tables.requests, ["GetItem"]),
        object(scope, "Assembled", "results", "assembled/*", ["GetObject"]),
        object(scope, "Released", "results", "released/*", ["GetObject", "PutObject"]),
        listing(scope, "results"),
        dataKey(scope, "s3", "dynamodb"),
    );
}

function table(scope: Scope, Sid: string, names: string | readonly string[], actions: readonly string[]): Statement {
    return {
        Sid,
        Effect: "Allow",
        Action: actions.map((action) => `dynamodb:${action}`),
        Resource: [names].flat().map((name) => tableArn(scope, name)),
    };
}

function object(
    scope: Scope,
    Sid: string,
    bucket: "log" | "results",
    keys: string | readonly string[],
    actions: readonly string[],
): Statement {
    return {
        Sid,
        Effect: "Allow",
        Action: actions.map((action) => `s3:${action}`),
        Resource: [keys].flat().map((key) => bucketArn(scope, bucket, key)),
    };
}

/** By version: what was uploaded under the same key later is another file. */
function upload(scope: Scope): Statement {
    return {
        Sid: "Upload",
        Effect: "Allow",
        Action: ["s3:GetObject", "s3:GetObjectVersion"],
        Resource: bucketArn(scope, "uploads", "*"),
    };
}

/** Without it an absent object reads as 403, and absence is an answer that the readers act on. */
function listing(scope: Scope, ...buckets: readonly ("log" | "results")[]): Statement {
    return {
        Sid: "Absence",
        Effect: "Allow",
        Action: "s3:ListBucket",
        Resource: buckets.map((bucket) => bucketArn(scope, bucket)),
    };
}

/** PutMetricData knows no resource; the namespace is the bound. */
function metrics(): Statement {
    return {
        Sid: "Metrics",
        Effect: "Allow",
        Action: "cloudwatch:PutMetricData",
        Resource: "*",
        Condition: { StringEquals: { "cloudwatch:namespace": METRIC_NAMESPACE } },
    };
}

export const METRIC_NAMESPACE = "countersign";

/**
 * The data key, through services that encrypt with it. Key ids are unknown at preview, so the statement says every key;
 * a signing key cannot decrypt, and other keys' policies do not let these roles in.
 */
function dataKey(scope: Scope, ...services: readonly ("s3" | "dynamodb" | "sqs")[]): Statement {
    return {
        Sid: "DataKey",
        Effect: "Allow",
        // SQS and DynamoDB only decrypt for a caller; S3 also makes an object's key.
        Action: services.includes("s3") ? ["kms:Decrypt", "kms:GenerateDataKey"] : "kms:Decrypt",
        Resource: anyKeyArn(scope),
        Condition: { StringEquals: { "kms:ViaService": services.map((service) => viaService(scope, service)) } },
    };
}
