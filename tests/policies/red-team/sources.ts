import {
    ACCOUNT,
    added,
    changed,
    type Json,
    type Mutant,
    SIGN_FUNCTION_ARN,
    UNKNOWN,
    withStatement,
} from "../mutations/program";

/** Who may cause what a service does, qualified names, and references that come from nowhere. */

const UPLOADS = `countersign-local-uploads-${ACCOUNT}-eu-west-1`;
const OTHER = "444455556666";

const document = (statement: Json): string =>
    JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Resource: "*", ...statement }] });

function uploadsFrom(Condition: Json, service = "s3.amazonaws.com"): Record<string, unknown> {
    return {
        bucket: UPLOADS,
        policy: document({ Principal: { Service: service }, Action: "s3:PutObject", Condition }),
    };
}

export const sources: readonly Mutant[] = [
    ...Object.entries({
        "an inventory of somebody's bucket, as an upload": { ArnLike: { "aws:SourceArn": "arn:aws:s3:::somebody" } },
        "an inventory of anybody's bucket, as an upload": { ArnLike: { "aws:SourceArn": "arn:aws:s3:::*" } },
        "a source of another account": { StringEquals: { "aws:SourceAccount": OTHER } },
        "a source of this account or another": { StringEquals: { "aws:SourceAccount": [ACCOUNT, OTHER] } },
        "a source of no account": { StringEquals: { "aws:SourceAccount": [] } },
        "a source by a wildcard": { StringLike: { "aws:SourceAccount": "*" } },
    }).map(([name, condition]): Mutant => ({
        threat: "T65",
        rule: "s3-artifact-bucket",
        name,
        change: (program) => [added(program, "aws:s3/bucketPolicy:BucketPolicy", "mutant", uploadsFrom(condition))],
    })),
    ...Object.entries({
        "events of everybody's rules": { ArnLike: { "aws:SourceArn": "*" } },
        "events of another account's rules": { ArnLike: { "aws:SourceArn": `arn:aws:events:*:${OTHER}:rule/*` } },
        "events of any account's rules": { ArnLike: { "aws:SourceArn": "arn:aws:events:eu-west-1:*:rule/x" } },
    }).map(([name, Condition]): Mutant => ({
        threat: "T65",
        rule: "queues-topics-encrypted",
        name,
        change: (program) => [
            changed(program.get("QueuePolicy", "log-uses"), {
                policy: document({ Principal: "*", Action: "sqs:SendMessage", Condition }),
            }),
        ],
    })),
    ...Object.entries({
        "an invoke of the signer's latest version": `${SIGN_FUNCTION_ARN}:$LATEST`,
        "an invoke of the signer by any qualifier": `${SIGN_FUNCTION_ARN}:*`,
        "an invoke of an alias of the signer": `${SIGN_FUNCTION_ARN}:live`,
    }).map(([name, Resource]): Mutant => ({
        threat: "T67",
        rule: "iam-signer-takeover",
        name,
        change: (program) => [withStatement(program, { Action: "lambda:InvokeFunction", Resource }, "pipeline-verify")],
    })),
    {
        threat: "T67",
        rule: "signer-referrers-allowlist",
        name: "the minute's target, from another signer by dependency",
        level: "stack",
        change: (program) => [
            {
                ...changed(program.get("EventTarget", "log-minute"), { arn: UNKNOWN }),
                propertyDependencies: { arn: [program.get("Function", "pipeline-sign-modules").urn!] },
            },
        ],
    },
    {
        threat: "T67",
        rule: "signer-referrers-allowlist",
        name: "a subscription whose function was only read",
        level: "stack",
        change: (program) => [
            added(program, "aws:sns/topicSubscription:TopicSubscription", "mutant", {
                topic: "t",
                protocol: "lambda",
                endpoint: UNKNOWN,
            }),
        ],
    },
    {
        threat: "T31",
        rule: "kms-alias-target",
        name: "the signer's alias on a key of somebody, by its id",
        level: "stack",
        change: (program) => [
            {
                ...changed(
                    program.resources.find(
                        ({ type, properties }) =>
                            type === "aws:kms/alias:Alias" && String(properties.name).includes("modules"),
                    )!,
                    {
                        targetKeyId: "1234abcd-12ab-34cd-56ef-1234567890ab",
                    },
                ),
                propertyDependencies: {},
            },
        ],
    },
    {
        threat: "T60",
        rule: "iam-signer-takeover",
        name: "rights that the program gives to the administrator of keys",
        change: (program) => [
            added(program, "aws:iam/rolePolicy:RolePolicy", "mutant", {
                role: "countersign-administrator",
                policy: document({ Action: "lambda:UpdateFunctionCode", Resource: SIGN_FUNCTION_ARN }),
            }),
        ],
    },
];
