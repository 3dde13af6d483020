import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { mockAws } from "./support/aws-mock";
import { capture, json, UNKNOWN, type Graph } from "./support/graph";
import { loadNative, ROOT } from "./support/native";
import { programConfig } from "./support/program";

/** Proves what the program registers, as a whole. Proves nothing about AWS; the engine tests deploy it. */

const program = () => loadNative("index.ts");

/** What the local cloud's provider knows, with what the program makes of each. */
const TYPES: Record<string, number> = {
    "aws:cloudfront/distribution:Distribution": 1,
    "aws:cloudfront/originAccessControl:OriginAccessControl": 1,
    "aws:cloudtrail/trail:Trail": 1,
    "aws:cloudwatch/eventRule:EventRule": 4,
    "aws:cloudwatch/eventTarget:EventTarget": 4,
    "aws:cloudwatch/logGroup:LogGroup": 11,
    "aws:cloudwatch/metricAlarm:MetricAlarm": 2,
    "aws:dynamodb/table:Table": 6,
    "aws:iam/role:Role": 12,
    "aws:iam/rolePolicy:RolePolicy": 15,
    "aws:kms/alias:Alias": 4,
    "aws:kms/key:Key": 4,
    "aws:lambda/eventSourceMapping:EventSourceMapping": 3,
    "aws:lambda/function:Function": 10,
    "aws:lambda/permission:Permission": 1,
    "aws:s3/bucket:Bucket": 4,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": 1,
    "aws:s3/bucketNotification:BucketNotification": 1,
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": 2,
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": 4,
    "aws:s3/bucketPolicy:BucketPolicy": 4,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": 4,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": 4,
    "aws:s3/bucketVersioning:BucketVersioning": 4,
    "aws:sfn/stateMachine:StateMachine": 1,
    "aws:sns/topic:Topic": 1,
    "aws:sns/topicPolicy:TopicPolicy": 1,
    "aws:sqs/queue:Queue": 2,
    "aws:sqs/queuePolicy:QueuePolicy": 2,
    "countersign:index:AuditTrail": 1,
    "countersign:index:DataKey": 1,
    "countersign:index:SigningKey": 3,
    "countersign:index:SigningPipeline": 1,
    "countersign:index:TransparencyLog": 1,
    "pulumi:providers:aws": 1,
    "pulumi:pulumi:Stack": 1,
};

/** Types that take tags. */
const TAGGED =
    /:(Key|Role|Bucket|Table|Function|EventSourceMapping|LogGroup|EventRule|MetricAlarm|Queue|Topic|StateMachine|Distribution|Trail)$/;

describe("the program", () => {
    let graph: Graph;
    beforeAll(async () => {
        graph = await capture(program, { config: programConfig });
    });

    it("registers these types, this often, and no others", () => {
        const counts: Record<string, number> = {};
        for (const { type } of graph.resources) counts[type] = (counts[type] ?? 0) + 1;
        expect(counts).toEqual(TYPES);
    });

    it("uses one explicit provider, bound to account and region", () => {
        expect(graph.one("pulumi:providers:aws", "aws").inputs).toEqual({
            region: "eu-west-1",
            allowedAccountIds: JSON.stringify(["111122223333"]),
            defaultTags: JSON.stringify({ tags: { owner: "tests", project: "countersign", stack: "dev" } }),
            skipCredentialsValidation: "false",
            skipRegionValidation: "true",
        });
        const others = graph.resources.filter(({ type, provider }) => type.startsWith("aws:") && provider !== "aws");
        expect(others.map(({ type, name }) => [type, name])).toEqual([]);
    });

    it("says of everything that takes tags what it holds", () => {
        const classes = graph.resources
            .filter(({ type }) => TAGGED.test(type) && type.startsWith("aws:"))
            .map(({ inputs: { tags } }) => (tags as Record<string, string> | undefined)?.["data-class"]);
        expect(new Set(classes)).toEqual(new Set(["public", "internal", "confidential", "key"]));
    });

    it("starts every name with the prefix", () => {
        const names = graph.resources.flatMap(({ type, inputs }) => {
            const name = inputs.name ?? (type === "aws:s3/bucket:Bucket" ? inputs.bucket : undefined);
            return typeof name === "string" ? [name] : [];
        });
        expect(names.length).toBeGreaterThan(60);
        expect(
            names.filter((name) => !/^(alias\/|\/aws\/(lambda|vendedlogs\/states)\/)?countersign-dev-/.test(name)),
        ).toEqual([]);
    });

    it("makes no role that anybody but one service assumes, and attaches no managed policy", () => {
        const trusted = graph.ofType("aws:iam/role:Role").map(({ inputs }) => {
            const { Statement } = json(inputs.assumeRolePolicy) as { Statement: { Principal: unknown }[] };
            return JSON.stringify(Statement.map(({ Principal }) => Principal));
        });
        expect([...new Set(trusted)].sort()).toEqual([
            '[{"Service":"events.amazonaws.com"}]',
            '[{"Service":"lambda.amazonaws.com"}]',
            '[{"Service":"states.amazonaws.com"}]',
        ]);
    });

    it("keeps what must not be lost: keys, buckets, trail, and the log's tables", () => {
        const kept = graph.resources.filter(({ protect }) => protect);
        expect(kept.filter(({ retainOnDelete }) => !retainOnDelete)).toEqual([]);
        const of = (type: RegExp) =>
            kept
                .filter((resource) => type.test(resource.type))
                .map(({ name }) => name)
                .sort();
        expect(of(/:Key$/)).toEqual(["data", "files-v1", "log-key", "modules-v1"]);
        expect(of(/:Alias$/)).toEqual(["data", "files-v1", "log-key", "modules-v1"]);
        expect(of(/:Bucket$/)).toEqual(["log-bucket", "pipeline-results", "pipeline-uploads", "trail-bucket"]);
        expect(of(/:Table$/)).toEqual(["log-head", "log-intake", "log-reconciler"]);
        expect(of(/:Trail$/)).toEqual(["trail"]);
    });

    it("ignores no change", () => expect(graph.resources.flatMap(({ ignoreChanges }) => ignoreChanges)).toEqual([]));

    it("tells what contract and documentation promise", () => {
        const documented = readFileSync(join(ROOT, "components/stack-outputs.ts"), "utf8");
        const names = [...documented.matchAll(/^ {4}readonly (\w+):/gm)].map(([, name]) => name!);
        const flat = names.flatMap((name) => (/^[A-Z]/.test(name) ? [`modules${name}`, `files${name}`] : [name]));
        expect(Object.keys(graph.outputs).sort()).toEqual(flat.sort());
        expect(graph.outputs).toMatchObject({
            logOrigin: "log.example.com/countersign",
            keyNames: ["modules", "files"],
            modulesKeyAlias: "alias/countersign-dev-modules-v1",
            filesSignerFunction: "countersign-dev-files-v1-sign",
            namePrefix: "countersign-dev",
            unattributedAlarm: "countersign-dev-unattributed-uses",
        });
        expect(Object.values(graph.outputs).filter((value) => value === undefined)).toEqual([]);
    });

    it("has an index that is read in one go", () =>
        expect(readFileSync(join(ROOT, "index.ts"), "utf8").split("\n").length).toBeLessThan(81));
});

describe("the program in a first preview", () => {
    it("knows every policy, trust, pattern and definition, and where each role is", async () => {
        const graph = await capture(program, {
            config: programConfig,
            preview: true,
            mock: mockAws({ preview: true }),
        });
        const inputs = [
            "policy",
            "assumeRolePolicy",
            "eventPattern",
            "definition",
            "role",
            "roleArn",
            "redrivePolicy",
            "sourceArn",
            "functionName",
            "rule",
        ];
        let known = 0;
        for (const { type, name, inputs: given } of graph.resources) {
            for (const input of inputs.filter((candidate) => candidate in given)) {
                expect([type, name, input, given[input]]).not.toContain(UNKNOWN);
                known++;
            }
        }
        expect(known).toBeGreaterThan(70);
    });
});

describe("two stacks of the program", () => {
    it("have no name in common", async () => {
        const names = async (stack: string) => {
            const { resources } = await capture(program, { config: programConfig, stack });
            return resources.flatMap(({ type, inputs }) => {
                const name = inputs.name ?? inputs.bucket;
                return type.startsWith("aws:") && typeof name === "string" ? [`${type} ${name}`] : [];
            });
        };
        const dev = await names("dev");
        const prod = new Set(await names("prod"));
        expect(dev.length).toBeGreaterThan(60);
        expect(dev.filter((name) => prod.has(name))).toEqual([]);
    });
});

describe("rotation", () => {
    it("adds a key beside the old one, which no function can use any more", async () => {
        const [modules, files] = programConfig.keys as Record<string, unknown>[];
        const config = { ...programConfig, keys: [modules, { ...modules, version: 2 }, files] };
        const graph = await capture(program, { config });
        expect(
            graph
                .ofType("aws:kms/key:Key")
                .map(({ name }) => name)
                .sort(),
        ).toEqual(["data", "files-v1", "log-key", "modules-v1", "modules-v2"]);
        const signers = graph.ofType("aws:lambda/function:Function").map(({ inputs }) => inputs.name);
        expect(signers.filter((name) => String(name).endsWith("-sign")).sort()).toEqual([
            "countersign-dev-files-v1-sign",
            "countersign-dev-modules-v2-sign",
        ]);
        expect(graph.outputs.modulesKeyAlias).toBe("alias/countersign-dev-modules-v2");
    });
});
