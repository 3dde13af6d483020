import { ACCOUNT, added, type Json, type Mutant, UNKNOWN, withStatement } from "../mutations/program";
import { atStack, functionArn, on, spoils } from "./helpers";

/** Watchers that see, hear or keep nothing any more; and documents that call writers, or write what others are made from. */

const LOG = `countersign-local-log-${ACCOUNT}-eu-west-1`;
const KMS = { source: ["aws.kms", "aws.iam"], "detail-type": ["AWS API Call via CloudTrail"] };

const narrowed: readonly Mutant[] = spoils("T28", "cloudtrail-complete", "EventRule", "trail-changes", {
    "changes of keys, of another account": { eventPattern: JSON.stringify({ ...KMS, account: ["444455556666"] }) },
    "changes of keys, in a region that has none": { eventPattern: JSON.stringify({ ...KMS, region: ["us-east-1"] }) },
    "changes of keys, or nothing": { eventPattern: JSON.stringify({ ...KMS, $or: [{ id: ["x"] }] }) },
    "changes of certain resources": { eventPattern: JSON.stringify({ ...KMS, resources: ["x"] }) },
}).map(atStack);

const alarms: readonly Mutant[] = spoils("T28", "cloudtrail-complete", "MetricAlarm", "log-unattributed", {
    "an alarm that is silent": { actionsEnabled: false },
    "an alarm that may be silent": { actionsEnabled: UNKNOWN },
    "an alarm that tells nobody": { alarmActions: [] },
    "an alarm without actions": { alarmActions: undefined },
});

const expiring = (name: string, rule: Json): Mutant => ({
    threat: "T65",
    rule: "s3-artifact-bucket",
    name,
    change: (program) => [
        added(program, "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "mutant", {
            bucket: LOG,
            rules: [{ id: "x", status: "Enabled", ...rule }],
        }),
    ],
});

const LOST = "a log whose entries expire";
const kept: readonly Mutant[] = [
    expiring(LOST, { expiration: { days: 1 } }),
    expiring("a log whose older versions expire", { noncurrentVersionExpiration: { noncurrentDays: 1 } }),
    atStack({
        threat: "T65",
        rule: "s3-artifact-bucket",
        name: `${LOST}, by dependency`,
        change: (program) => [
            added(
                program,
                "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
                "mutant",
                { bucket: UNKNOWN, rules: [{ id: "x", status: "Enabled", expiration: { days: 1 } }] },
                { propertyDependencies: { bucket: [program.get("Bucket", "log-bucket").urn!] } },
            ),
        ],
    }),
];

function may(threat: string, rule: string, variants: Record<string, Json>): Mutant[] {
    return Object.entries(variants).map(([name, statement]) => ({
        threat,
        rule,
        name,
        change: (program) => [withStatement(program, statement, "pipeline-publish")],
    }));
}

export const quiet: readonly Mutant[] = [
    ...narrowed,
    ...alarms,
    ...kept,
    ...may("T68", "control-tables", {
        "leaves for the log by whoever publishes": on("lambda:InvokeFunction", functionArn("countersign-local-intake")),
        "requests by whoever publishes": on("lambda:InvokeFunction", functionArn("countersign-local-pre*")),
        "an alias of what takes leaves": on("lambda:Invoke*", functionArn("countersign-local-intake:live")),
    }),
    ...may("T65", "iam-no-chains", {
        "objects of any bucket, whoever runs them": on("s3:PutObject", "*"),
        "objects of buckets by a pattern": on("s3:PutObject*", "arn:aws:s3:::cdk-*/*"),
        "objects of whatever bucket a tag says": on("s3:PutObject", "arn:aws:s3:::${aws:PrincipalTag/bucket}/*"),
        "objects of all buckets but one": { Action: "s3:PutObject", NotResource: "arn:aws:s3:::x/*" },
        "images of any repository": on("ecr:PutImage", "*"),
        "images of repositories by a pattern": on("ecr:Put*", `arn:aws:ecr:eu-west-1:${ACCOUNT}:repository/base-*`),
        "any secret": on("secretsmanager:PutSecretValue", `arn:aws:secretsmanager:eu-west-1:${ACCOUNT}:secret:*`),
    }),
];
