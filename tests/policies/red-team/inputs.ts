import { ACCOUNT, added, changed, type Json, type Mutant, UNKNOWN } from "../mutations/program";
import { functionArn, spoils } from "./helpers";

/** Inputs that nobody thought of: of buckets, which have a resource for each of them, and of functions that write control tables. */

const OTHER = "444455556666";
const UPLOADS = `countersign-local-uploads-${ACCOUNT}-eu-west-1`;
const document = (statement: Json): string =>
    JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "s3:PutObject", ...statement }] });

const bucketInputs: readonly Mutant[] = [
    ...spoils("T65", "s3-artifact-bucket", "Bucket", "pipeline-uploads", {
        "uploads by another account, in the bucket's own policy": {
            policy: document({
                Principal: { AWS: `arn:aws:iam::${OTHER}:root` },
                Resource: `arn:aws:s3:::${UPLOADS}/*`,
            }),
        },
        "uploads by everybody, in the bucket's own policy": {
            policy: document({ Principal: "*", Resource: `arn:aws:s3:::${UPLOADS}/*` }),
        },
        "uploads from any page": { corsRules: [{ allowedMethods: ["PUT"], allowedOrigins: ["*"] }] },
    }),
    ...spoils("T65", "s3-artifact-bucket", "Bucket", "pipeline-results", {
        "results that are copied to somebody": {
            replicationConfiguration: {
                role: `arn:aws:iam::${ACCOUNT}:role/countersign-local-publish`,
                rules: [{ status: "Enabled", destination: { bucket: "arn:aws:s3:::somebody", accountId: OTHER } }],
            },
        },
        "results that expire": { lifecycleRules: [{ enabled: true, expiration: { days: 1 } }] },
        "access logs of results, as uploads": { logging: { targetBucket: UPLOADS, targetPrefix: "kernel/raw/" } },
        "results without versions": { versioning: { enabled: false } },
        "results under somebody's key": {
            serverSideEncryptionConfiguration: {
                rule: {
                    applyServerSideEncryptionByDefault: {
                        sseAlgorithm: "aws:kms",
                        kmsMasterKeyId: `arn:aws:kms:eu-west-1:${OTHER}:key/1234abcd-12ab-34cd-56ef-1234567890ab`,
                    },
                },
            },
        },
        "an input of a bucket that is yet to come": { noveltyConfiguration: { status: "Enabled" } },
    }),
];

/** What a writer's function may be turned into without another line of code. */
const TURNS: Readonly<Record<string, Json>> = {
    "code from somebody's bucket": { s3Bucket: "somebody", s3Key: "x.zip", code: undefined },
    "somebody's image": { packageType: "Image", imageUri: `${OTHER}.dkr.ecr.eu-west-1.amazonaws.com/x:latest` },
    "options of Node.js": { environment: { variables: { NODE_OPTIONS: "--import=data:text/javascript,x" } } },
    "a wrapper": { environment: { variables: { AWS_LAMBDA_EXEC_WRAPPER: "/opt/x" } } },
    "somebody's DynamoDB": { environment: { variables: { AWS_ENDPOINT_URL_DYNAMODB: "https://db.example" } } },
    "somebody's certificates": { environment: { variables: { NODE_EXTRA_CA_CERTS: "/tmp/x" } } },
    "a proxy": { environment: { variables: { https_proxy: "http://proxy.example" } } },
    "a library before all others": { environment: { variables: { LD_PRELOAD: "/tmp/x" } } },
    "somebody's files": {
        fileSystemConfig: {
            arn: `arn:aws:elasticfilesystem:eu-west-1:${OTHER}:access-point/x`,
            localMountPath: "/mnt/x",
        },
    },
    "a runtime of one's own": { runtime: "provided.al2023" },
    "another handler": { handler: "/opt/x.handler" },
    "somebody's machines": { capacityProviderConfig: { lambdaManagedInstancesCapacityProviderConfig: {} } },
    "events that are replayed": { durableConfig: { executionTimeout: 60 } },
    "failures that are handed on": { deadLetterConfig: { targetArn: `arn:aws:sqs:eu-west-1:${OTHER}:q` } },
    versions: { publish: true },
    "an input that is yet to come": { noveltyConfig: { a: 1 } },
};

const writers: readonly Mutant[] = ["log-intake", "log-reconciler", "pipeline-prepare"].flatMap((name) =>
    spoils(
        "T68",
        "control-tables",
        "Function",
        name,
        Object.fromEntries(Object.entries(TURNS).map(([turn, properties]) => [`${name} with ${turn}`, properties])),
    ),
);

const signer: readonly Mutant[] = spoils("T69", "signer-runtime-pinned", "Function", "pipeline-sign-modules", {
    "a signer in somebody's network": { vpcConfig: { subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"] } },
    "a signer whose log is elsewhere": { loggingConfig: { logGroup: "elsewhere", logFormat: "JSON" } },
    "a signer that keeps its old code": { skipDestroy: true },
    "a signer whose environment somebody else's key opens": {
        kmsKeyArn: `arn:aws:kms:eu-west-1:${OTHER}:key/1234abcd-12ab-34cd-56ef-1234567890ab`,
    },
    "a signer with files, in the plural of the provider to come": {
        fileSystemConfigs: [{ arn: "x", localMountPath: "/mnt/x" }],
    },
    "a signer with a runtime version of somebody's choice": {
        runtimeManagementConfig: { updateRuntimeOn: "Manual", runtimeVersionArn: "x" },
    },
    "a signer with an input that is yet to come": { noveltyConfig: [{ a: 1 }] },
    "a signer with an input that is not known": { noveltyConfig: UNKNOWN },
});

const door = (name: string, principal: string, sourceArn: string, callee: string): Mutant => ({
    threat: "T68",
    rule: "control-tables",
    name,
    change: (program) => [
        added(program, "aws:lambda/permission:Permission", "mutant", {
            function: callee,
            action: "lambda:InvokeFunction",
            principal,
            sourceArn,
            sourceAccount: ACCOUNT,
        }),
    ],
});

const INTAKE = "countersign-local-intake";

const doors: readonly Mutant[] = [
    door(
        "an API in front of what takes leaves",
        "apigateway.amazonaws.com",
        `arn:aws:execute-api:eu-west-1:${ACCOUNT}:x/prod/POST/leaf`,
        INTAKE,
    ),
    door(
        "messages of devices to what writes requests",
        "iot.amazonaws.com",
        `arn:aws:iot:eu-west-1:${ACCOUNT}:rule/x`,
        functionArn("countersign-local-prepare"),
    ),
    door(
        "mail to what takes leaves, by a partial ARN",
        "ses.amazonaws.com",
        `arn:aws:ses:eu-west-1:${ACCOUNT}:receipt-rule-set/x:receipt-rule/y`,
        `${ACCOUNT}:function:${INTAKE}:live`,
    ),
    door(
        "objects to what writes rechecks, in another case",
        "s3.amazonaws.com",
        "arn:aws:s3:::somebody",
        "COUNTERSIGN-local-recheck",
    ),
    ...spoils("T68", "control-tables", "EventSourceMapping", "log-uses", {
        "uses of keys from another account's queue": { eventSourceArn: `arn:aws:sqs:eu-west-1:${OTHER}:x` },
        "uses of keys from somebody's servers": {
            eventSourceArn: undefined,
            selfManagedEventSource: { endpoints: { KAFKA_BOOTSTRAP_SERVERS: "kafka.example:9092" } },
        },
    }),
    {
        threat: "T68",
        rule: "control-tables",
        name: "a control table by its ARN, whose items expire",
        change: (program) => [
            changed(program.get("Table", "pipeline-attempts"), {
                name: `arn:aws:dynamodb:eu-west-1:${ACCOUNT}:table/countersign-local-attempts`,
                ttl: { attributeName: "x", enabled: true },
            }),
        ],
    },
];

export const inputs: readonly Mutant[] = [...bucketInputs, ...writers, ...signer, ...doors];
