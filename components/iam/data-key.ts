import { namesOf } from "../names";
import {
    alarmArn,
    bucketArn,
    logGroupArn,
    queueArn,
    rootArn,
    topicArn,
    trailArn,
    viaService,
    type Scope,
} from "./arns";
import { document, type PolicyDocument, type Statement } from "./document";
import { custody, denials, type SigningKeyPolicyArgs } from "./signing-key";

export interface DataKeyPolicyArgs extends Pick<SigningKeyPolicyArgs, "deployRole" | "keyAdmins"> {
    /** Role ARNs of all tenants. Their objects are encrypted in their name, so they need the key; only through S3. */
    readonly submitters: readonly string[];
}

/**
 * One symmetric key for logs, queues, topic, tables and buckets. Each service is bound by what it encrypts, and the account
 * gets no `kms:*`: identity policies decide about use through S3, DynamoDB and SQS, and about nothing else.
 */
export function dataKeyPolicy(scope: Scope, args: DataKeyPolicyArgs): PolicyDocument {
    return document(
        ...custody(scope, args, ["kms:EnableKeyRotation"]),
        throughServices(scope),
        ...tableCreation(scope, args.deployRole),
        args.submitters.length === 0 ? undefined : submitters(scope, args.submitters),
        ...services(scope),
        ...denials(scope, args),
    );
}

function throughServices(scope: Scope): Statement {
    return {
        Sid: "ThroughServices",
        Effect: "Allow",
        Principal: { AWS: rootArn(scope) },
        Action: ["kms:Decrypt", "kms:GenerateDataKey"],
        Resource: "*",
        Condition: {
            StringEquals: {
                "kms:ViaService": [viaService(scope, "s3"), viaService(scope, "dynamodb"), viaService(scope, "sqs")],
            },
        },
    };
}

/**
 * DynamoDB works on a table with a grant that whoever creates the table makes for it.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
 */
function tableCreation(scope: Scope, deployRole: string): Statement[] {
    const dynamodb = { "kms:ViaService": viaService(scope, "dynamodb") };
    return [
        {
            Sid: "TableKeys",
            Effect: "Allow",
            Principal: { AWS: deployRole },
            Action: ["kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:GenerateDataKey"],
            Resource: "*",
            Condition: { StringEquals: dynamodb },
        },
        {
            Sid: "TableGrants",
            Effect: "Allow",
            Principal: { AWS: deployRole },
            Action: "kms:CreateGrant",
            Resource: "*",
            Condition: { StringEquals: dynamodb, Bool: { "kms:GrantIsForAWSResource": "true" } },
        },
    ];
}

function submitters(scope: Scope, roles: readonly string[]): Statement {
    return {
        Sid: "Submitters",
        Effect: "Allow",
        Principal: { AWS: roles },
        Action: ["kms:Decrypt", "kms:GenerateDataKey"],
        Resource: "*",
        Condition: {
            StringEquals: {
                "kms:ViaService": viaService(scope, "s3"),
                // With bucket keys the context is the bucket, not the object.
                "kms:EncryptionContext:aws:s3:arn": [bucketArn(scope, "uploads"), bucketArn(scope, "results")],
            },
        },
    };
}

function services(scope: Scope): Statement[] {
    const names = namesOf(scope.prefix);
    const { accountId, region, prefix } = scope;
    const topic = { "kms:EncryptionContext:aws:sns:topicArn": topicArn(scope, names.alarmTopic) };
    return [
        service("Logs", `logs.${region}.amazonaws.com`, ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey"], {
            ArnLike: {
                "kms:EncryptionContext:aws:logs:arn": [
                    logGroupArn(scope, `/aws/lambda/${prefix}-*`),
                    logGroupArn(scope, `/aws/vendedlogs/states/${prefix}-*`),
                ],
            },
        }),
        // EventBridge sends KMS no source ARN or account (AWS's SNS guide, key management), so the context is the bound.
        service("EventsToQueues", "events.amazonaws.com", ["kms:Decrypt", "kms:GenerateDataKey"], {
            StringEquals: {
                "kms:EncryptionContext:aws:sqs:arn": [
                    queueArn(scope, names.queues.uses),
                    queueArn(scope, names.queues.dead),
                ],
            },
        }),
        service("EventsToTopic", "events.amazonaws.com", ["kms:Decrypt", "kms:GenerateDataKey"], {
            StringEquals: topic,
        }),
        service("AlarmsToTopic", "cloudwatch.amazonaws.com", ["kms:Decrypt", "kms:GenerateDataKey"], {
            StringEquals: { ...topic, "aws:SourceAccount": accountId },
            ArnLike: { "aws:SourceArn": alarmArn(scope, `${prefix}-*`) },
        }),
        service("Trail", "cloudtrail.amazonaws.com", ["kms:DescribeKey", "kms:GenerateDataKey"], {
            StringEquals: { "aws:SourceArn": trailArn(scope, names.trail) },
        }),
    ];
}

function service(
    Sid: string,
    principal: string,
    Action: readonly string[],
    Condition: NonNullable<Statement["Condition"]>,
): Statement {
    return { Sid, Effect: "Allow", Principal: { Service: principal }, Action, Resource: "*", Condition };
}
