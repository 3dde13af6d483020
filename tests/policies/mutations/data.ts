import { each, from, gone, inputs, news, on, others, takes } from "./build";
import { ACCOUNT, type Json, type Mutant, redocumented, UNKNOWN } from "./program";

/** Tables, buckets, queues, images, secrets: what the signer believes, and what is made of it. */

const REQUESTS = `arn:aws:dynamodb:eu-west-1:${ACCOUNT}:table/countersign-local-requests`;

const allowsAll = (document: Json): Json => ({
    ...document,
    Statement: [
        ...document.Statement,
        { Sid: "Mutant", Effect: "Allow", Principal: "*", Action: "sqs:SendMessage", Resource: "*" },
    ],
});

export const dataMutants: readonly Mutant[] = [
    ...news("T65", "ecr-immutable", [
        [
            "a mutable tag",
            "aws:ecr/repository:Repository",
            { imageTagMutability: "MUTABLE", imageScanningConfiguration: { scanOnPush: true } },
        ],
        [
            "a public repository",
            "aws:ecr/repositoryPolicy:RepositoryPolicy",
            {
                policy: '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"ecr:PutImage"}]}',
            },
        ],
    ]),
    ...news("T65", "ecs-hardening", [
        [
            "an image by tag",
            "aws:ecs/taskDefinition:TaskDefinition",
            { containerDefinitions: '[{"image":"tools:latest","readonlyRootFilesystem":true}]' },
        ],
    ]),
    ...news("T65", "secrets-hardening", [
        ["a secret in the program", "aws:secretsmanager/secretVersion:SecretVersion", { secretString: "x" }],
    ]),
    ...others("T65", "s3-artifact-bucket", [
        [
            "an unversioned results bucket",
            "BucketVersioning",
            "pipeline-results",
            { versioningConfiguration: { status: "Suspended" } },
        ],
        ["a log bucket without lock", "Bucket", "log-bucket", { objectLockEnabled: false }],
        ["public ACLs", "BucketPublicAccessBlock", "log-bucket", { blockPublicAcls: false }],
        [
            "objects of others",
            "BucketOwnershipControls",
            "pipeline-results",
            { rule: { objectOwnership: "ObjectWriter" } },
        ],
        ["a bucket that goes with its stack", "Bucket", "trail-bucket", { forceDestroy: true }],
        [
            "everyone writes uploads",
            "BucketPolicy",
            "pipeline-uploads",
            {
                policy: '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::b/*"}]}',
            },
        ],
    ]),
    ...["BucketPublicAccessBlock", "BucketVersioning", "BucketServerSideEncryptionConfiguration"].map(
        (type): Mutant => ({
            threat: "T65",
            rule: "s3-artifact-bucket",
            name: `results without ${type}`,
            level: "stack",
            ...gone(type, "pipeline-results"),
        }),
    ),
    ...takes(
        "T68",
        {
            "PutItem into requests by another role": on(
                "dynamodb:PutItem",
                `arn:aws:dynamodb:eu-west-1:${ACCOUNT}:table/countersign-local-rechecks`,
            ),
            "everything of DynamoDB on requests": on("dynamodb:*", `${REQUESTS.slice(0, -8)}*`),
            PartiQL: on("dynamodb:PartiQL*"),
            "an import into any table": on("dynamodb:ImportTable"),
        },
        "control-tables",
    ),
    ...news("T68", "control-tables", [
        [
            "an item",
            "aws:dynamodb/tableItem:TableItem",
            { tableName: "countersign-local-requests", hashKey: "id", item: "{}" },
        ],
        [
            "an item into a table not known",
            "aws:dynamodb/tableItem:TableItem",
            { tableName: UNKNOWN, hashKey: "id", item: "{}" },
        ],
        ["a resource policy", "aws:dynamodb/resourcePolicy:ResourcePolicy", { resourceArn: REQUESTS, policy: "{}" }],
    ]),
    ...others("T68", "control-tables", [
        ["a table that starts with somebody's backup", "Table", "pipeline-requests", { restoreSourceName: "old" }],
    ]),
    ...each(
        "T68",
        "control-tables",
        {
            "an item of a table that is only depended on": from(
                "aws:dynamodb/tableItem:TableItem",
                "tableName",
                ["Table", "pipeline-requests"],
                { hashKey: "id", item: "{}" },
            ),
            "a resource policy of a table that is only depended on": from(
                "aws:dynamodb/resourcePolicy:ResourcePolicy",
                "resourceArn",
                ["Table", "log-head"],
                { policy: '{"Version":"2012-10-17","Statement":[]}' },
            ),
        },
        { level: "stack" },
    ),
    ...each("T72", "queues-topics-encrypted", {
        "a queue without key": inputs("Queue", "log-uses", { kmsMasterKeyId: undefined }),
        "a topic without key": inputs("Topic", "log-alarms", { kmsMasterKeyId: undefined }),
        "a queue for everyone": (program) => [
            redocumented(program.get("QueuePolicy", "log-uses"), "policy", allowsAll),
        ],
    }),
];
