import * as cloudwatch from "@pulumi/aws/cloudwatch";
import type { Function } from "@pulumi/aws/lambda";
import * as s3 from "@pulumi/aws/s3";
import * as sfn from "@pulumi/aws/sfn";
import * as pulumi from "@pulumi/pulumi";
import { controlTable } from "./control-table";
import { functionArn, stateMachineArn, type Scope } from "./iam/arns";
import { resultsBucketPolicy, uploadsBucketPolicy } from "./iam/buckets";
import { ruleTrust, startPolicy, stateMachinePolicy, stateMachineTrust } from "./iam/services";
import { namesOf, type Names } from "./names";
import { resolvePipelineArgs, type ResolvedPipelineArgs, type SigningPipelineArgs } from "./pipeline-args";
import { createSigners, createSteps, type PipelineStores } from "./pipeline-functions";
import { privateBucket, type PrivateBucket } from "./private-bucket";
import { serviceRole } from "./roles";
import { scopeOf } from "./scope";
import { signingMachine } from "./signing-machine";
import { dataClass } from "./tags";

export type { SigningPipelineArgs, TenantArgs } from "./pipeline-args";

/** What becomes of an upload: two readings of it, a signature, a released file or a reason. */
export class SigningPipeline extends pulumi.ComponentResource {
    public readonly uploadsBucket: pulumi.Output<string>;
    public readonly resultsBucket: pulumi.Output<string>;
    public readonly stateMachineArn: pulumi.Output<string>;

    private readonly args: ResolvedPipelineArgs;
    private readonly names: Names;
    private readonly scope: pulumi.Output<Scope>;

    constructor(name: string, args: SigningPipelineArgs, opts?: pulumi.ComponentResourceOptions) {
        super("countersign:index:SigningPipeline", name, {}, opts);
        this.args = resolvePipelineArgs(args);
        this.names = namesOf(this.args.namePrefix);
        this.scope = scopeOf(this, this.args.namePrefix);

        const uploads = this.createUploads(name);
        const results = this.createResults(name);
        const stores = this.createStores(name, uploads, results);
        const steps = createSteps(name, this.args, stores, this.scope, this);
        const signers = createSigners(name, this.args, stores, this.scope, this);
        const machine = this.createMachine(name, [...steps, ...signers]);
        this.createRule(name, uploads, machine);

        this.uploadsBucket = uploads.name;
        this.resultsBucket = results.name;
        this.stateMachineArn = machine.arn;
        this.registerOutputs({
            uploadsBucket: this.uploadsBucket,
            resultsBucket: this.resultsBucket,
            stateMachineArn: this.stateMachineArn,
        });
    }

    private createUploads(name: string): PrivateBucket {
        const { dataKeyArn, tenants, uploadDays } = this.args;
        const bucket = privateBucket(
            `${name}-uploads`,
            {
                bucket: "uploads",
                scope: this.scope,
                policy: (scope) => uploadsBucketPolicy(scope, tenants),
                dataClass: "confidential",
                dataKeyArn,
            },
            this,
        );
        const kept = { parent: this, protect: true, retainOnDelete: true, dependsOn: bucket.ready };
        new s3.BucketNotification(`${name}-uploads`, { bucket: bucket.name, eventbridge: true }, kept);
        new s3.BucketLifecycleConfiguration(
            `${name}-uploads`,
            {
                bucket: bucket.name,
                rules: [
                    {
                        id: "uploads",
                        status: "Enabled",
                        filter: { prefix: "" },
                        expiration: { days: uploadDays },
                        noncurrentVersionExpiration: { noncurrentDays: uploadDays },
                        abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
                    },
                ],
            },
            kept,
        );
        return bucket;
    }

    private createResults(name: string): PrivateBucket {
        const { dataKeyArn, tenants, objectLock } = this.args;
        const { assemble, publish } = this.names.functions;
        return privateBucket(
            `${name}-results`,
            {
                bucket: "results",
                scope: this.scope,
                policy: (scope) => resultsBucketPolicy(scope, tenants, { assemble, publish }),
                dataClass: "confidential",
                dataKeyArn,
                objectLock,
            },
            this,
        );
    }

    /** One writer each: what `prepare` asked for, what `recheck` found too, what signers did. */
    private createStores(name: string, uploads: PrivateBucket, results: PrivateBucket): PipelineStores {
        const { dataKeyArn } = this.args;
        const table = (role: "requests" | "rechecks" | "attempts") =>
            controlTable(`${name}-${role}`, { tableName: this.names.tables[role], dataKeyArn, kept: false }, this);
        return {
            uploads: uploads.name,
            results: results.name,
            requests: table("requests"),
            rechecks: table("rechecks"),
            attempts: table("attempts"),
        };
    }

    private createMachine(name: string, functions: Function[]): sfn.StateMachine {
        const { stateMachine, functions: names } = this.names;
        const steps = [names.prepare, names.recheck, names.assemble, names.verify, names.publish];
        const signers = this.args.keys.map(({ keyName, signerFunction }) => ({ keyName, signerFunction }));
        const logs = new cloudwatch.LogGroup(
            `${name}-machine-logs`,
            {
                // The prefix saves Step Functions from growing the account's log resource policy.
                name: `/aws/vendedlogs/states/${stateMachine}`,
                retentionInDays: 365,
                kmsKeyId: this.args.dataKeyArn,
                tags: dataClass("internal"),
            },
            { parent: this },
        );
        const role = serviceRole(
            `${name}-machine`,
            stateMachine,
            this.scope,
            {
                trust: (scope) => stateMachineTrust(scope, stateMachine),
                policy: (scope) =>
                    stateMachinePolicy(scope, [...steps, ...signers.map(({ signerFunction }) => signerFunction)]),
            },
            this,
        );
        return new sfn.StateMachine(
            `${name}-machine`,
            {
                name: stateMachine,
                type: "STANDARD",
                roleArn: role.arn,
                definition: this.scope.apply((scope) => {
                    const arn = (functionName: string) => functionArn(scope, functionName);
                    const definition = signingMachine(scope.partition, {
                        functions: {
                            prepare: arn(names.prepare),
                            recheck: arn(names.recheck),
                            assemble: arn(names.assemble),
                            verify: arn(names.verify),
                            publish: arn(names.publish),
                        },
                        signers: Object.fromEntries(
                            signers.map(({ keyName, signerFunction }) => [keyName, arn(signerFunction)]),
                        ),
                    });
                    return JSON.stringify(definition);
                }),
                loggingConfiguration: {
                    level: "ALL",
                    includeExecutionData: true,
                    logDestination: pulumi.interpolate`${logs.arn}:*`,
                },
                tracingConfiguration: { enabled: true },
                tags: dataClass("internal"),
            },
            { parent: this, dependsOn: [...role.ready, ...functions] },
        );
    }

    private createRule(name: string, uploads: PrivateBucket, machine: sfn.StateMachine): void {
        const { rules, uploadsRuleRole, stateMachine } = this.names;
        const role = serviceRole(
            `${name}-rule`,
            uploadsRuleRole,
            this.scope,
            {
                trust: (scope) => ruleTrust(scope, rules.uploads),
                policy: (scope) => startPolicy(scope, stateMachine),
            },
            this,
        );
        const rule = new cloudwatch.EventRule(
            `${name}-uploads`,
            {
                name: rules.uploads,
                description: "A file was uploaded to be signed",
                eventPattern: pulumi.jsonStringify({
                    source: ["aws.s3"],
                    "detail-type": ["Object Created"],
                    detail: { bucket: { name: [uploads.name] } },
                }),
                state: "ENABLED",
                tags: dataClass("internal"),
            },
            { parent: this },
        );
        new cloudwatch.EventTarget(
            `${name}-uploads`,
            {
                rule: rule.name,
                targetId: "signing",
                arn: this.scope.apply((scope) => stateMachineArn(scope, stateMachine)),
                roleArn: role.arn,
            },
            { parent: this, dependsOn: [machine, ...role.ready] },
        );
    }
}
