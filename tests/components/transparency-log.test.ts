import { createPublicKey } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import type * as Module from "../../components/transparency-log";
import { mockAws } from "../support/aws-mock";
import { ED25519_SPKI } from "../support/fake-aws";
import { capture, type Graph, shape, UNKNOWN } from "../support/graph";
import { loadNative } from "../support/native";
import { functionsSuite } from "./transparency-log/functions";
import { keyUsesSuite } from "./transparency-log/key-uses";
import { args, program } from "./transparency-log/program";
import { storageSuite } from "./transparency-log/storage";

/** Proves what the component registers. Proves nothing about the log itself; its functions have tests of their own. */

describe("TransparencyLog", () => {
    let graph: Graph;
    beforeAll(async () => {
        graph = await capture(program);
    });

    it("registers these resources, and no others", () =>
        expect(shape(graph)).toEqual([
            "aws:cloudfront/distribution:Distribution log-site < log",
            "aws:cloudfront/originAccessControl:OriginAccessControl log-access < log",
            "aws:cloudwatch/eventRule:EventRule log-minute < log",
            "aws:cloudwatch/eventRule:EventRule log-uses < log",
            "aws:cloudwatch/eventTarget:EventTarget log-minute < log",
            "aws:cloudwatch/eventTarget:EventTarget log-uses < log",
            "aws:cloudwatch/logGroup:LogGroup log-intake-logs < log",
            "aws:cloudwatch/logGroup:LogGroup log-reconciler-logs < log",
            "aws:cloudwatch/logGroup:LogGroup log-sequencer-logs < log",
            "aws:cloudwatch/metricAlarm:MetricAlarm log-halted < log",
            "aws:cloudwatch/metricAlarm:MetricAlarm log-unattributed < log",
            "aws:dynamodb/table:Table log-head < log",
            "aws:dynamodb/table:Table log-intake < log",
            "aws:dynamodb/table:Table log-reconciler < log",
            "aws:iam/role:Role log-intake < log",
            "aws:iam/role:Role log-key-signer < log-key",
            "aws:iam/role:Role log-reconciler < log",
            "aws:iam/rolePolicy:RolePolicy log-intake < log",
            "aws:iam/rolePolicy:RolePolicy log-key-signer < log-key",
            "aws:iam/rolePolicy:RolePolicy log-reconciler < log",
            "aws:iam/rolePolicy:RolePolicy log-sequencer < log",
            "aws:kms/alias:Alias log-key < log-key",
            "aws:kms/key:Key log-key < log-key",
            "aws:lambda/eventSourceMapping:EventSourceMapping log-intake < log",
            "aws:lambda/eventSourceMapping:EventSourceMapping log-reconciler < log",
            "aws:lambda/eventSourceMapping:EventSourceMapping log-uses < log",
            "aws:lambda/function:Function log-intake < log",
            "aws:lambda/function:Function log-reconciler < log",
            "aws:lambda/function:Function log-sequencer < log",
            "aws:lambda/permission:Permission log-minute < log",
            "aws:s3/bucket:Bucket log-bucket < log",
            "aws:s3/bucketOwnershipControls:BucketOwnershipControls log-bucket < log",
            "aws:s3/bucketPolicy:BucketPolicy log-bucket < log",
            "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock log-bucket < log",
            "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration log-bucket < log",
            "aws:s3/bucketVersioning:BucketVersioning log-bucket < log",
            "aws:sns/topic:Topic log-alarms < log",
            "aws:sns/topicPolicy:TopicPolicy log-alarms < log",
            "aws:sqs/queue:Queue log-uses < log",
            "aws:sqs/queue:Queue log-uses-dlq < log",
            "aws:sqs/queuePolicy:QueuePolicy log-uses < log",
            "aws:sqs/queuePolicy:QueuePolicy log-uses-dlq < log",
            "countersign:index:SigningKey log-key < log",
            "countersign:index:TransparencyLog log < countersign-dev",
        ]));

    it("keeps key, bucket with its guards, and tables; all else goes with the stack", () => {
        const kept = graph.resources.filter(({ protect, retainOnDelete }) => protect && retainOnDelete);
        expect(kept.map(({ type, name }) => `${type.split(":").at(-1)} ${name}`).sort()).toEqual([
            "Alias log-key",
            "Bucket log-bucket",
            "BucketOwnershipControls log-bucket",
            "BucketPolicy log-bucket",
            "BucketPublicAccessBlock log-bucket",
            "BucketServerSideEncryptionConfiguration log-bucket",
            "BucketVersioning log-bucket",
            "Key log-key",
            "Table log-head",
            "Table log-intake",
            "Table log-reconciler",
        ]);
        expect(graph.resources.filter(({ protect, retainOnDelete }) => protect !== retainOnDelete)).toEqual([]);
    });

    functionsSuite(() => graph);
    keyUsesSuite(() => graph);
    storageSuite(() => graph);

    it("tells where the log is, and with what to verify it", () =>
        expect(graph.outputs).toEqual({
            url: "https://d111111abcdef8.cloudfront.net",
            origin: "log.example.com/countersign",
            // By hand: SHA-256("log.example.com/countersign\n" || 0x01 || key), first four bytes; then base64 of 0x01 || key.
            vkey: "log.example.com/countersign+8f7c5a06+ARm/RAlphM3+hUG6wWfcO5bIUIaqMLa2ywxcOK1wMWbh",
            bucketName: "countersign-dev-log-111122223333-eu-west-1",
            signerRoleArn: "arn:aws:iam::111122223333:role/signing/countersign-dev-log-v1-signer",
            sequencerFunction: "countersign-dev-sequencer",
            alarmTopicArn: "arn:aws:sns:eu-west-1:111122223333:countersign-dev-alarms",
        }));

    it("takes the mock's key for what it is, the last 32 bytes of an SPKI", () => {
        const spki = Buffer.from(ED25519_SPKI, "base64");
        const { kty, crv, x } = createPublicKey({ key: spki, format: "der", type: "spki" }).export({ format: "jwk" });
        expect([kty, crv, x]).toEqual(["OKP", "Ed25519", spki.subarray(-32).toString("base64url")]);
        const key = Buffer.from(String(graph.outputs.vkey).split("+").slice(2).join("+"), "base64");
        expect(key).toEqual(Buffer.concat([Buffer.of(1), spki.subarray(-32)]));
    });
});

describe("TransparencyLog in a first preview", () => {
    it("knows every document, and every name in an environment", async () => {
        const graph = await capture(program, { preview: true, mock: mockAws({ preview: true }) });
        const documents = graph.resources.flatMap(({ name, inputs }) =>
            ["policy", "assumeRolePolicy"].filter((one) => one in inputs).map((one) => [name, inputs[one]]),
        );
        // Seven policies of roles and key, three roles' trust, those of bucket and topic, and of two queues.
        expect(documents).toHaveLength(12);
        expect(documents.filter(([, text]) => text === UNKNOWN)).toEqual([]);
        const unknown = graph.ofType("aws:lambda/function:Function").flatMap(({ name, inputs }) => {
            const { variables } = inputs.environment as { variables: Record<string, string> };
            return Object.keys(variables).flatMap((key) => (variables[key] === UNKNOWN ? [`${name} ${key}`] : []));
        });
        expect(unknown.sort()).toEqual(["log-reconciler LOG_KEY_ARN", "log-sequencer KEY_ARN"]);
    });
});

describe("TransparencyLog's arguments, refused in the constructor", () => {
    const { resolveTransparencyLogArgs } = loadNative<typeof Module>("components/transparency-log.ts");
    const resolve = (overrides: Partial<Module.TransparencyLogArgs>) => () =>
        resolveTransparencyLogArgs({ ...args, namePrefix: "countersign-dev", ...overrides });

    it("has defaults", () =>
        expect(resolve({ graceSeconds: undefined })()).toMatchObject({ graceSeconds: 300, bootstrap: false }));

    it.each([
        ["an origin with white space", { origin: "log example" }, "BadName"],
        ["an empty origin", { origin: "" }, "BadName"],
        ["an origin with a plus sign", { origin: "log+1" }, "BadName"],
        ["a grace time that SQS cannot wait", { graceSeconds: 901 }, "BadConfig"],
        ["a negative grace time", { graceSeconds: -1 }, "BadConfig"],
        ["half a second", { graceSeconds: 0.5 }, "BadConfig"],
    ])("refuses %s", (_what, overrides, code) => expect(resolve(overrides)).toThrow(expect.objectContaining({ code })));
});
