import * as cloudtrail from "@pulumi/aws/cloudtrail";
import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as pulumi from "@pulumi/pulumi";
import type { Scope } from "./iam/arns";
import { trailBucketPolicy } from "./iam/buckets";
import { namesOf, type Names } from "./names";
import { privateBucket, type ObjectLock, type PrivateBucket } from "./private-bucket";
import { defaultPrefix, scopeOf } from "./scope";
import { dataClass } from "./tags";

export interface AuditTrailArgs {
    /** Encrypts the trail and its bucket. */
    dataKeyArn: pulumi.Input<string>;
    /** Retention of the trail's files. */
    objectLock: ObjectLock;
    /** Of the TransparencyLog with the same namePrefix, whose topic policy admits this component's rule. */
    alarmTopicArn: pulumi.Input<string>;
    /** @default PROJECT-STACK */
    namePrefix?: string;
}

/**
 * AWS's own record of every call, kept where nobody deletes it. Sign is a read-only event to CloudTrail, so reads are in; and
 * without a trail, EventBridge gets no event of any key use.
 */
export class AuditTrail extends pulumi.ComponentResource {
    public readonly trailArn: pulumi.Output<string>;

    constructor(name: string, args: AuditTrailArgs, opts?: pulumi.ComponentResourceOptions) {
        super("countersign:index:AuditTrail", name, {}, opts);
        const { namePrefix = defaultPrefix() } = args;
        const names = namesOf(namePrefix);
        const scope = scopeOf(this, namePrefix);

        const bucket = this.createBucket(name, args, names, scope);
        const trail = this.createTrail(name, args, names, bucket);
        this.createKeyChanges(name, args, names);

        this.trailArn = trail.arn;
        this.registerOutputs({ trailArn: this.trailArn });
    }

    private createBucket(
        name: string,
        { dataKeyArn, objectLock }: AuditTrailArgs,
        { trail }: Names,
        scope: pulumi.Output<Scope>,
    ): PrivateBucket {
        return privateBucket(
            `${name}-bucket`,
            {
                bucket: "trail",
                scope,
                policy: (known) => trailBucketPolicy(known, trail),
                dataClass: "internal",
                dataKeyArn,
                objectLock,
            },
            this,
        );
    }

    private createTrail(
        name: string,
        { dataKeyArn }: AuditTrailArgs,
        { trail }: Names,
        bucket: PrivateBucket,
    ): cloudtrail.Trail {
        return new cloudtrail.Trail(
            name,
            {
                name: trail,
                s3BucketName: bucket.name,
                kmsKeyId: dataKeyArn,
                enableLogging: true,
                isMultiRegionTrail: true,
                includeGlobalServiceEvents: true,
                enableLogFileValidation: true,
                // No excludeManagementEventSources: it could leave KMS out.
                eventSelectors: [{ readWriteType: "All", includeManagementEvents: true }],
                tags: dataClass("internal"),
            },
            { parent: this, protect: true, retainOnDelete: true, dependsOn: bucket.ready },
        );
    }

    /** Whoever may change a key's policy or a role's trust can come to sign; so every such change is told at once. */
    private createKeyChanges(name: string, { alarmTopicArn }: AuditTrailArgs, names: Names): void {
        const rule = new cloudwatch.EventRule(
            `${name}-changes`,
            {
                name: names.rules.keyChanges,
                description: "Changes by which somebody could come to sign, or a key be lost",
                eventPattern: JSON.stringify({
                    source: ["aws.kms", "aws.iam"],
                    "detail-type": ["AWS API Call via CloudTrail"],
                    detail: { eventName: KEY_CHANGES },
                }),
                state: "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
                tags: dataClass("internal"),
            },
            { parent: this },
        );
        new cloudwatch.EventTarget(
            `${name}-changes`,
            { rule: rule.name, targetId: "alarms", arn: alarmTopicArn },
            { parent: this },
        );
    }
}

/** IAM's events reach EventBridge in us-east-1 only; elsewhere the trail's files have them. */
const KEY_CHANGES = [
    "PutKeyPolicy",
    "CreateGrant",
    "ScheduleKeyDeletion",
    "DisableKey",
    "UpdateAlias",
    "DeleteAlias",
    "UpdateAssumeRolePolicy",
];
