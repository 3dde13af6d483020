import { ACCOUNT, type Json, type Mutant, redocumented, UNKNOWN, withStatement } from "../mutations/program";
import { atStack, on, spoils } from "./helpers";

/** Whoever writes an upload has it signed: by the bucket's policy, by documents of roles, through a service; and who is not told of a use. */

const BUCKET = `countersign-local-uploads-${ACCOUNT}-eu-west-1`;
const OBJECTS = `arn:aws:s3:::${BUCKET}/*`;
const own = { StringEquals: { "aws:SourceAccount": ACCOUNT } };

const admitted: readonly Mutant[] = Object.entries({
    "uploads by whoever the account lets": {
        Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
        Action: "s3:PutObject",
    },
    "uploads by the account's id": { Principal: { AWS: ACCOUNT }, Action: "s3:Put*" },
    "uploads by a user": { Principal: { AWS: `arn:aws:iam::${ACCOUNT}:user/ops` }, Action: "s3:PutObject" },
    "uploads by somebody's federation": {
        Principal: { AWS: `arn:aws:sts::${ACCOUNT}:federated-user/ops` },
        Action: "s3:PutObject",
    },
    "access logs of the account's buckets, as uploads": {
        Principal: { Service: "logging.s3.amazonaws.com" },
        Action: "s3:PutObject",
        Condition: own,
    },
    "inventories of the account's buckets, as uploads": {
        Principal: { Service: "s3.amazonaws.com" },
        Action: "s3:PutObject",
        Condition: own,
    },
    "mail, as uploads": { Principal: { Service: "ses.amazonaws.com" }, Action: "s3:PutObject", Condition: own },
    "uploads through a distribution": {
        Principal: { Service: "cloudfront.amazonaws.com" },
        Action: "s3:PutObject",
        Condition: { StringEquals: { "aws:SourceArn": `arn:aws:cloudfront::${ACCOUNT}:distribution/X` } },
    },
    "copies of another bucket, as uploads": {
        Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
        Action: "s3:ReplicateObject",
    },
}).map(([name, statement]: [string, Json]) => ({
    threat: "T65",
    rule: "s3-artifact-bucket",
    name,
    change: (program) => [
        redocumented(program.get("BucketPolicy", "pipeline-uploads"), "policy", (document) => ({
            ...document,
            Statement: [...document.Statement, { Effect: "Allow", Resource: OBJECTS, ...statement }],
        })),
    ],
}));

const byDocument: readonly Mutant[] = Object.entries({
    "a function that writes uploads": on("s3:PutObject", OBJECTS),
    "a function that writes below one tenant's name": on("s3:PutObject", OBJECTS.replace("*", "dev-team/raw/*")),
    "a function that writes to every bucket": on("s3:Put*", "*"),
    "a function that replicates into uploads": on("s3:ReplicateObject", OBJECTS),
}).map(([name, statement]) => ({
    threat: "T65",
    rule: "s3-artifact-bucket",
    name,
    change: (program) => [withStatement(program, statement, "pipeline-publish")],
}));

export const uploads: readonly Mutant[] = [
    ...[...admitted, ...byDocument].map(atStack),
    ...spoils("T68", "control-tables", "EventSourceMapping", "log-uses", {
        "uses of keys that nobody hears of": { enabled: false },
        "uses of keys that nobody may hear of": { enabled: UNKNOWN },
        "uses of keys, but for those that matter": { filterCriteria: { filters: [{ pattern: '{"body":{"a":[1]}}' }] } },
    }),
];
