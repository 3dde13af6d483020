import { ACCOUNT, added, changed, type Json, type Mutant, type Program, redocumented, UNKNOWN } from "./program";

/** What surrounds the key: twins and references that only the whole stack shows, buckets, queues, logs, endpoints, tags. */

type Change = Mutant["change"];

function each(threat: string, rule: string, variants: Record<string, Change>, more: Partial<Mutant> = {}): Mutant[] {
    return Object.entries(variants).map(([name, change]) => ({ threat, rule, name, change, ...more }));
}

const inputs =
    (type: string, name: string, properties: Record<string, unknown>): Change =>
    (program) => [changed(program.get(type, name), properties)];

const news =
    (type: string, properties: Record<string, unknown>): Change =>
    (program) => [added(program, type, "mutant", properties)];

/** A resource whose input comes from another: its value is unknown, its origin is not. */
const from =
    (type: string, property: string, of: readonly [string, string], properties: Json = {}): Change =>
    (program) => [
        added(
            program,
            type,
            "mutant",
            { ...properties, [property]: UNKNOWN },
            { propertyDependencies: { [property]: [program.get(...of).urn!] } },
        ),
    ];

const allowsAll = (document: Json): Json => ({
    ...document,
    Statement: [
        ...document.Statement,
        { Sid: "Mutant", Effect: "Allow", Principal: "*", Action: "sqs:SendMessage", Resource: "*" },
    ],
});

const gone = (type: string, name: string) => ({
    change: () => [],
    without: (program: Program) => [program.get(type, name)],
});

export const surroundingMutants: readonly Mutant[] = [
    ...each(
        "T27",
        "kms-no-grants",
        {
            "a grant on the key, whose id is not known yet": from(
                "aws:kms/grant:Grant",
                "keyId",
                ["Key", "modules-v1"],
                { granteePrincipal: `arn:aws:iam::${ACCOUNT}:role/reader`, operations: ["DescribeKey"] },
            ),
            "a grant on a key of nobody": news("aws:kms/grant:Grant", {
                keyId: UNKNOWN,
                granteePrincipal: `arn:aws:iam::${ACCOUNT}:role/reader`,
                operations: ["DescribeKey"],
            }),
        },
        { level: "stack" },
    ),
    ...each(
        "T91",
        "iam-signer-trust-exact",
        {
            "a second resource for the signer role": (program) => [
                added(program, "aws:iam/role:Role", "twin", {
                    ...program.get("Role", "modules-v1-signer").properties,
                }),
            ],
            "the same in another case": (program) => [
                added(program, "aws:iam/role:Role", "twin", {
                    ...program.get("Role", "modules-v1-signer").properties,
                    name: String(program.get("Role", "modules-v1-signer").properties.name).toUpperCase(),
                }),
            ],
        },
        { level: "stack" },
    ),
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
    {
        threat: "T63",
        rule: "outside-roles",
        name: "a role of the settings that the program does not declare",
        level: "stack",
        ...gone("Role", "pipeline-publish"),
    },
    ...["BucketPublicAccessBlock", "BucketVersioning", "BucketServerSideEncryptionConfiguration"].map(
        (type): Mutant => ({
            threat: "T65",
            rule: "s3-artifact-bucket",
            name: `results without ${type}`,
            level: "stack",
            ...gone(type, "pipeline-results"),
        }),
    ),
    ...each("T01", "iam-admin-star", {
        "a whole service on everything": (program) => [
            redocumented(program.get("RolePolicy", "pipeline-verify"), "policy", (document) => ({
                ...document,
                Statement: [...document.Statement, { Effect: "Allow", Action: "sqs:*", Resource: "*" }],
            })),
        ],
        "a whole service on every one of its ARNs": (program) => [
            redocumented(program.get("RolePolicy", "pipeline-verify"), "policy", (document) => ({
                ...document,
                Statement: [...document.Statement, { Effect: "Allow", Action: "sqs:**", Resource: "arn:aws:sqs:*" }],
            })),
        ],
    }),
    ...each("T72", "lambda-hardening", {
        "a permission for everyone": inputs("Permission", "log-minute", { principal: "*" }),
        "a permission without source": inputs("Permission", "log-minute", {
            sourceArn: undefined,
            sourceAccount: undefined,
        }),
        "a permission by pattern": inputs("Permission", "log-minute", { sourceArn: "arn:aws:events:*" }),
        "a layer": inputs("Function", "pipeline-prepare", { layers: ["arn:aws:lambda:eu-west-1:1:layer:x:1"] }),
        "a secret in the environment": inputs("Function", "pipeline-prepare", {
            environment: { variables: { API_TOKEN: "x" } },
        }),
    }),
    ...each("T22", "vpce-kms-policy", {
        "an endpoint without policy": news("aws:ec2/vpcEndpoint:VpcEndpoint", {
            serviceName: "com.amazonaws.eu-west-1.kms",
            privateDnsEnabled: true,
        }),
        "an endpoint for everyone": news("aws:ec2/vpcEndpoint:VpcEndpoint", {
            serviceName: "com.amazonaws.eu-west-1.kms",
            privateDnsEnabled: true,
            policy: JSON.stringify({
                Version: "2012-10-17",
                Statement: [{ Effect: "Allow", Principal: "*", Action: "kms:*", Resource: "*" }],
            }),
        }),
    }),
    ...each("T72", "queues-topics-encrypted", {
        "a queue without key": inputs("Queue", "log-uses", { kmsMasterKeyId: undefined }),
        "a topic without key": inputs("Topic", "log-alarms", { kmsMasterKeyId: undefined }),
        "a queue for everyone": (program) => [
            redocumented(program.get("QueuePolicy", "log-uses"), "policy", allowsAll),
        ],
    }),
    ...each("T32", "tags-required", {
        "a key without signer tag": inputs("Key", "modules-v1", { tags: { "data-class": "key" } }),
        "a table without data class": inputs("Table", "pipeline-requests", { tags: undefined }),
    }),
    ...each("T28", "log-retention-encrypted", {
        "a log kept for a week": inputs("LogGroup", "log-sequencer-logs", { retentionInDays: 7 }),
        "a log without key": inputs("LogGroup", "log-sequencer-logs", { kmsKeyId: undefined }),
    }),
];
