/**
 * Every input of every recorded resource, unknown: a mandatory violation, of that resource or of the stack, or an input that the
 * promise does not rest on, which is listed here. Never an advisory, which is what the SDK makes of a rule that touches one.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { RULES } from "../../../policies/rules";
import type { Registered } from "../../support/pack-process";
import { type InProcess, inProcess } from "../../support/recorded";
import { type Program, recordProgram, UNKNOWN } from "./program";

/** By type: inputs on which nothing rests that is told here; whatever is below them, too. `tags` are held by tags-required. */
const IMMATERIAL: Readonly<Record<string, readonly string[]>> = {
    // Names and texts for people, sizes and times.
    "*": ["description", "tags.data-class", "tags"],
    // What the public site does with what is public; the bucket behind it is judged.
    "aws:cloudfront/distribution:Distribution": [
        "comment",
        "defaultCacheBehavior",
        "enabled",
        "httpVersion",
        "isIpv6Enabled",
        "origins",
        "restrictions",
        "viewerCertificate",
    ],
    "aws:cloudfront/originAccessControl:OriginAccessControl": [
        "name",
        "originAccessControlOriginType",
        "signingBehavior",
        "signingProtocol",
    ],
    "aws:cloudtrail/trail:Trail": ["name", "kmsKeyId"],
    "aws:cloudwatch/eventRule:EventRule": ["name", "scheduleExpression", "state"],
    "aws:cloudwatch/eventTarget:EventTarget": ["deadLetterConfig", "rule", "targetId"],
    "aws:cloudwatch/logGroup:LogGroup": ["name", "kmsKeyId"],
    "aws:cloudwatch/metricAlarm:MetricAlarm": [
        "alarmActions",
        "alarmDescription",
        "comparisonOperator",
        "dimensions",
        "evaluationPeriods",
        "metricName",
        "name",
        "namespace",
        "period",
        "statistic",
        "threshold",
        "treatMissingData",
    ],
    "aws:dynamodb/table:Table": [
        "attributes",
        "billingMode",
        "deletionProtectionEnabled",
        "globalSecondaryIndexes",
        "hashKey",
        "serverSideEncryption.kmsKeyArn",
        "streamEnabled",
        "streamViewType",
    ],
    // Of roles that are no signers; theirs are judged.
    "aws:iam/role:Role": ["maxSessionDuration"],
    "aws:iam/rolePolicy:RolePolicy": ["name"],
    "aws:kms/alias:Alias": ["targetKeyId"], // by dependency, at stack level
    // Of the symmetric key, which signs nothing.
    "aws:kms/key:Key": ["customerMasterKeySpec", "deletionWindowInDays", "multiRegion"],
    "aws:lambda/eventSourceMapping:EventSourceMapping": [
        "batchSize",
        "eventSourceArn",
        "filterCriteria",
        "functionResponseTypes",
        "maximumRetryAttempts",
        "startingPosition",
    ],
    // Values of variables; their names are judged. Code, handler and runtime of functions that cannot sign.
    "aws:lambda/function:Function": ["code", "environment.variables", "handler", "memorySize", "runtime", "timeout"],
    "aws:lambda/permission:Permission": ["action", "statementId"],
    // Of uploads, which are not final.
    "aws:s3/bucket:Bucket": ["objectLockEnabled"],
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": ["bucket", "rules"],
    "aws:s3/bucketNotification:BucketNotification": ["bucket", "eventbridge"],
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": ["bucket"],
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": [
        "rules.0.applyServerSideEncryptionByDefault.kmsMasterKeyId",
        "rules.0.bucketKeyEnabled",
    ],
    "aws:sfn/stateMachine:StateMachine": [
        "loggingConfiguration.includeExecutionData",
        "loggingConfiguration.logDestination",
        "name",
        "type",
    ],
    "aws:sns/topic:Topic": ["name", "kmsMasterKeyId"],
    "aws:sns/topicPolicy:TopicPolicy": ["arn"],
    "aws:sqs/queue:Queue": [
        "name",
        "delaySeconds",
        "kmsMasterKeyId",
        "messageRetentionSeconds",
        "redrivePolicy",
        "visibilityTimeoutSeconds",
    ],
    "aws:sqs/queuePolicy:QueuePolicy": ["queueUrl"],
    "pulumi:providers:aws": ["defaultTags", "skipRegionValidation"],
};

/** What a signer, its key, or the log of its uses rests on: never listed as immaterial, whatever the table says of its type. */
const CARRYING: Readonly<Record<string, readonly string[]>> = {
    "Key modules-v1": ["policy", "keyUsage", "customerMasterKeySpec", "multiRegion", "deletionWindowInDays", "tags"],
    "Role modules-v1-signer": ["name", "path", "assumeRolePolicy", "maxSessionDuration"],
    "RolePolicy pipeline-sign-modules": ["policy", "role"],
    "Function pipeline-sign-modules": ["name", "role", "code", "handler", "runtime", "environment"],
    "Bucket log-bucket": ["bucket", "objectLockEnabled"],
    "EventRule log-uses": ["eventPattern", "state"],
    "EventRule trail-changes": ["eventPattern", "state"],
    "StateMachine pipeline-machine": ["definition", "roleArn", "loggingConfiguration"],
};

let program: Program;
let pack: InProcess;
beforeAll(async () => {
    program = await recordProgram();
    pack = inProcess(RULES, program.settings);
}, 120_000);

describe("the unknown sentinel", () => {
    it("is never silent and never only advisory, in whatever input of whatever resource", async () => {
        const advisory: string[] = [];
        const silent: string[] = [];
        let judged = 0;
        for (const resource of program.resources) {
            for (const path of pathsOf(resource.properties)) {
                const found = await pack.analyze(blinded(resource, path));
                const where = `${resource.type} ${resource.name} ${path.join(".")}`;
                judged += 1;
                if (found.some(({ level }) => level === 0)) advisory.push(where);
                if (found.some(({ level }) => level === 1) || isImmaterial(resource.type, path)) continue;
                if (!(await byStack(resource, path))) silent.push(where);
            }
        }
        expect(judged).toBeGreaterThan(500);
        expect(advisory).toEqual([]);
        expect(silent).toEqual([]);
    }, 120_000);

    it.each(Object.entries(CARRYING).flatMap(([name, paths]) => paths.map((path) => [name, path] as const)))(
        "stops %s where %s is unknown, at resource level",
        async (which, path) => {
            const [type, name] = which.split(" ") as [string, string];
            const found = await pack.analyze(blinded(program.get(type, name), path.split(".")));
            expect(found.filter(({ level }) => level === 1)).not.toEqual([]);
        },
    );

    it("gives nothing away of what it cannot read", async () => {
        const found = await pack.analyze(blinded(program.get("Key", "modules-v1"), ["policy"]));
        expect(found.filter(({ message }) => message.includes(UNKNOWN))).toEqual([]);
    });
});

function isImmaterial(type: string, path: readonly string[]): boolean {
    const text = path.join(".");
    const listed = [...(IMMATERIAL["*"] ?? []), ...(IMMATERIAL[type] ?? [])];
    return listed.some((one) => text === one || text.startsWith(`${one}.`));
}

async function byStack(resource: Registered, path: readonly string[]): Promise<boolean> {
    const others = program.resources.filter(({ urn }) => urn !== resource.urn);
    const blind = { ...blinded(resource, path), propertyDependencies: {} };
    return (await pack.analyzeStack([...others, blind])).some(({ level }) => level === 1);
}

/** Members and members of members, four deep; code is one value. */
function pathsOf(value: object, above: readonly string[] = []): string[][] {
    return Object.entries(value).flatMap(([key, member]) => {
        const path = [...above, key];
        const inner: unknown = key === "code" ? undefined : member;
        const below = typeof inner === "object" && inner !== null && above.length < 3 ? pathsOf(inner, path) : [];
        return [path, ...below];
    });
}

function blinded(resource: Registered, path: readonly string[]): Registered {
    const properties = structuredClone(resource.properties);
    let parent = properties as Record<string, unknown>;
    for (const key of path.slice(0, -1)) parent = parent[key] as Record<string, unknown>;
    parent[path[path.length - 1]!] = UNKNOWN;
    return { ...resource, properties };
}
