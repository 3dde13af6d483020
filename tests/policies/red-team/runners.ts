import { ACCOUNT, type Json, type Mutant, SIGNER_NAME, UNKNOWN } from "../mutations/program";
import { roleArn, news, spoils, atStack, PREPARE, machineOf, MACHINE } from "./helpers";

/** Services and inputs that run something, or hand it on, beside the roads of documents. */

const TARGET = "aws:cloudwatch/eventTarget:EventTarget";
const outside = (service: string, resource: string): string => `arn:aws:${service}:eu-west-1:${ACCOUNT}:${resource}`;
const asRule = { rule: "countersign-local-uploads", roleArn: roleArn("countersign-local-uploads-rule") };

/** A bucket policy that lets them write uploads. */
function uploadsOf(AWS: string): Json {
    const bucket = `countersign-local-uploads-${ACCOUNT}-eu-west-1`;
    const Resource = `arn:aws:s3:::${bucket}/*`;
    const Statement = [{ Effect: "Allow", Principal: { AWS }, Action: "s3:PutObject", Resource }];
    return { bucket, policy: JSON.stringify({ Version: "2012-10-17", Statement }) };
}

/** Services that run somebody's command as a role which nobody here has seen. */
export const runners: readonly Mutant[] = [
    ...news("T63", "outside-roles", TARGET, {
        "a rule that runs shell commands": {
            ...asRule,
            arn: "arn:aws:ssm:eu-west-1::document/AWS-RunShellScript",
            runCommandTargets: [{ key: "tag:Name", values: ["admin"] }],
            input: '{"commands":["aws iam put-role-policy"]}',
        },
        "a rule that runs an automation": { ...asRule, arn: outside("ssm", "automation-definition/X:1") },
        "a rule that builds": {
            ...asRule,
            arn: outside("codebuild", "project/other"),
            input: '{"buildspecOverride":"x"}',
        },
        "a rule that runs a task of somebody": {
            ...asRule,
            arn: outside("ecs", "cluster/other"),
            ecsTarget: { taskDefinitionArn: outside("ecs", "task-definition/admin:3") },
            input: '{"containerOverrides":[{"name":"x","command":["sh"]}]}',
        },
        "a rule that submits a job": {
            ...asRule,
            arn: outside("batch", "job-queue/q"),
            batchTarget: { jobDefinition: "admin", jobName: "x" },
        },
        "a rule that runs SQL": {
            ...asRule,
            arn: outside("redshift", "cluster:c"),
            redshiftTarget: { database: "d", sql: "x" },
        },
        "a rule that starts a pipeline": { ...asRule, arn: outside("codepipeline", "p") },
        "a rule that calls an API": { ...asRule, arn: outside("execute-api", "x/prod/POST/sign") },
        "a rule that calls a destination": { ...asRule, arn: outside("events", "api-destination/x/y") },
    }),
    ...news("T63", "outside-roles", "aws:cloudwatch/metricAlarm:MetricAlarm", {
        "an alarm that runs an automation": {
            alarmActions: [`arn:aws:ssm-incidents::${ACCOUNT}:response-plan/x`],
            tags: { owner: "x", "data-class": "x" },
        },
    }),
    ...news("T63", "outside-roles", "aws:ec2/launchTemplate:LaunchTemplate", {
        "a template with an outside profile, by name": {
            metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 1 },
            iamInstanceProfile: { name: "AdminProfile" },
            tags: { owner: "x", "data-class": "x" },
        },
    }),
    ...news("T63", "outside-roles", "aws:ec2/instance:Instance", {
        "an instance from somebody's template": {
            metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 1 },
            rootBlockDevice: { encrypted: true },
            launchTemplate: { name: "admin-template" },
            tags: { owner: "x", "data-class": "x" },
        },
    }).map(atStack),
    ...news("T63", "outside-roles", "aws:ecs/service:Service", {
        "a service of somebody's task definition": {
            taskDefinition: "admin:3",
            cluster: "c",
            tags: { owner: "x", "data-class": "x" },
        },
    }).map(atStack),
    ...news("T68", "control-tables", "aws:iam/instanceProfile:InstanceProfile", {
        "an instance profile of a writer": { role: PREPARE },
    }),
    ...news("T68", "control-tables", "aws:ecs/taskDefinition:TaskDefinition", {
        "a task that runs as a writer": {
            taskRoleArn: roleArn(PREPARE),
            containerDefinitions: JSON.stringify([
                { name: "x", image: `x@sha256:${"0".repeat(64)}`, readonlyRootFilesystem: true },
            ]),
            tags: { owner: "x", "data-class": "x" },
        },
    }),
    ...news("T68", "control-tables", MACHINE, {
        "a machine that runs as a writer": machineOf("arn:aws:states:::sqs:sendMessage", PREPARE),
    }),
    ...spoils("T68", "control-tables", "Table", "pipeline-requests", {
        "a table from a backup by ARN": { restoreBackupArn: outside("dynamodb", "table/x/backup/1") },
        "a table whose items expire": { ttl: { attributeName: "expires", enabled: true } },
        "a table with a witness": { globalTableWitness: { regionName: "us-east-1" } },
        "a table from the latest of another": {
            restoreToLatestTime: true,
            restoreSourceTableArn: outside("dynamodb", "table/x"),
        },
    }),
    ...spoils("T69", "signer-runtime-pinned", "Function", "pipeline-sign-modules", {
        "the signer on somebody's machines": {
            capacityProviderConfig: { lambdaManagedInstancesCapacityProviderConfig: { capacityProviderArn: "x" } },
        },
        "a durable signer": { durableConfig: { executionTimeout: 600 } },
        "the signer, whose failures go to a queue": { deadLetterConfig: { targetArn: outside("sqs", "q") } },
        "a signer of many tenants": { tenancyConfig: { tenantIsolationMode: "PER_TENANT" } },
    }),
    ...news("T65", "s3-artifact-bucket", "aws:s3/bucketPolicy:BucketPolicy", {
        "uploads of another account": uploadsOf("arn:aws:iam::444455556666:root"),
        "uploads of everybody in the organisation, by id": uploadsOf("AROAIIIIIIIIIIIIIIIII"),
    }),
    ...spoils("T28", "cloudtrail-complete", "EventRule", "trail-changes", {
        "the rule of key changes, on another bus": { eventBusName: "quiet" },
        "the rule of key changes, switched off the old way": { isEnabled: false },
    }),
    ...news("T70", "signer-referrers-allowlist", "aws:iam/rolePoliciesExclusive:RolePoliciesExclusive", {
        "the signer's policies, all taken away": { roleName: SIGNER_NAME, policyNames: [] },
    }),
    ...news("T70", "signer-referrers-allowlist", "aws:iam/rolePoliciesExclusive:RolePoliciesExclusive", {
        "a role's policies, all taken away, whoever it is": { roleName: UNKNOWN, policyNames: [] },
    }).map(atStack),
];
