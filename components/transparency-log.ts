import type { Table } from "@pulumi/aws/dynamodb";
import * as lambda from "@pulumi/aws/lambda";
import * as pulumi from "@pulumi/pulumi";
import { fromBase64, quote } from "../lib/encoding";
import { codedError } from "../lib/errors";
import { KeySpec } from "../lib/kms/specs";
import { checkKeyName, encodeVkey, vkeyFromSpki } from "../lib/tlog/vkey";
import { controlTable } from "./control-table";
import { queueArn, type Scope } from "./iam/arns";
import { intakePolicy, reconcilerPolicy, sequencerPolicy } from "./iam/functions";
import { lambdaHandler } from "./inline-code";
import { inlineFunction } from "./inline-function";
import { keyUses } from "./key-uses";
import { logAlarms } from "./log-alarms";
import { logSite } from "./log-site";
import { keyNamesOf, namesOf, type Names } from "./names";
import type { PrivateBucket } from "./private-bucket";
import { functionRole, roleRights } from "./roles";
import { defaultPrefix, scopeOf } from "./scope";
import { sequencerTriggers } from "./sequencer-triggers";
import { SigningKey } from "./signing-key";
import { dataClass } from "./tags";

export interface TransparencyLogArgs {
    /**
     * The log's name in every checkpoint: URL-like, without scheme, white space or plus sign.
     *
     * IMPORTANT: fixed for ever. Another origin is another log, so it is configuration and never derived from a domain.
     */
    origin: string;
    /**
     * Lets the sequencer create the head of an empty log. Set it for the first deployment, then take it out: an empty head
     * later means that the table was lost, and a log that starts again is a fork.
     *
     * @default false
     */
    bootstrap?: boolean;
    /**
     * How long a use of a key may go without record before it is published as unattributed, in seconds, at most 900.
     *
     * @default 300
     */
    graceSeconds?: number;
    /** Encrypts tables, queues, topic and function logs. */
    dataKeyArn: pulumi.Input<string>;
    /** Role ARN of whoever runs `pulumi up`. */
    deployRole: string;
    /** Role ARNs that change the checkpoint key's policy, freeze and delete it. At least one. */
    keyAdmins: string[];
    /** @default PROJECT-STACK */
    namePrefix?: string;
}

/** The public record of every use of a key: intake, sequencer, reconciler, and the site that serves the log. */
export class TransparencyLog extends pulumi.ComponentResource {
    public readonly origin: string;
    public readonly intakeFunction: string;
    public readonly sequencerFunction: string;
    public readonly headTable: string;
    public readonly intakeTable: string;
    public readonly unattributedAlarm: string;
    public readonly logHaltedAlarm: string;
    /** Where anybody reads the log. */
    public readonly url: pulumi.Output<string>;
    /** C2SP signed-note verifier key: all that a verifier has to trust. */
    public readonly vkey: pulumi.Output<string>;
    public readonly bucketName: pulumi.Output<string>;
    public readonly keyArn: pulumi.Output<string>;
    public readonly keySpkiBase64: pulumi.Output<string>;
    public readonly signerRoleArn: pulumi.Output<string>;
    public readonly alarmTopicArn: pulumi.Output<string>;

    private readonly args: ResolvedTransparencyLogArgs;
    private readonly names: Names;
    private readonly scope: pulumi.Output<Scope>;

    constructor(name: string, args: TransparencyLogArgs, opts?: pulumi.ComponentResourceOptions) {
        super("countersign:index:TransparencyLog", name, {}, opts);
        this.args = resolveTransparencyLogArgs(args);
        this.names = namesOf(this.args.namePrefix);
        this.scope = scopeOf(this, this.args.namePrefix);
        const { scope, names } = this;
        const { origin, namePrefix: prefix, dataKeyArn, graceSeconds } = this.args;

        const key = this.createKey(name);
        const tables = this.createTables(name);
        const sequencerRole = keyNamesOf(prefix, LOG_KEY.keyName, LOG_KEY.version).signerRole;
        const site = logSite(name, { scope, prefix, sequencerRole }, this);
        const topic = logAlarms(name, { scope, prefix, dataKeyArn }, this);
        this.createIntake(name, tables.intake);
        const sequencer = this.createSequencer(name, key, tables, site.bucket);
        const { intake, reconciler } = tables;
        sequencerTriggers(name, { scope, prefix, sequencer, tables: { intake, reconciler } }, this);
        const uses = keyUses(
            name,
            { scope, prefix, dataKeyArn, graceSeconds, functionTimeoutSeconds: RECONCILER_TIMEOUT },
            this,
        );
        this.createReconciler(name, key, tables, site.bucket, uses);

        this.origin = origin;
        this.intakeFunction = names.functions.intake;
        this.sequencerFunction = names.functions.sequencer;
        this.headTable = names.tables.head;
        this.intakeTable = names.tables.intake;
        this.unattributedAlarm = names.unattributedAlarm;
        this.logHaltedAlarm = names.logHaltedAlarm;
        this.url = site.url;
        this.vkey = key.spkiBase64.apply((spki) => encodeVkey(vkeyFromSpki(origin, fromBase64(spki))));
        this.bucketName = site.bucket.name;
        this.keyArn = key.keyArn;
        this.keySpkiBase64 = key.spkiBase64;
        this.signerRoleArn = key.signerRoleArn;
        this.alarmTopicArn = topic.arn;
        this.registerOutputs({
            url: this.url,
            vkey: this.vkey,
            bucketName: this.bucketName,
            keyArn: this.keyArn,
            keySpkiBase64: this.keySpkiBase64,
            signerRoleArn: this.signerRoleArn,
            alarmTopicArn: this.alarmTopicArn,
        });
    }

    private createKey(name: string): SigningKey {
        const { namePrefix, deployRole, keyAdmins } = this.args;
        return new SigningKey(
            `${name}-key`,
            {
                ...LOG_KEY,
                formats: [],
                signerFunction: this.names.functions.sequencer,
                namePrefix,
                deployRole,
                keyAdmins,
            },
            { parent: this },
        );
    }

    /** Three planes: what the log is, what signers say, what AWS says. No role writes more than one of the last two. */
    private createTables(name: string): LogTables {
        const { dataKeyArn } = this.args;
        const { head, intake, reconciler } = this.names.tables;
        return {
            head: controlTable(`${name}-head`, { tableName: head, dataKeyArn, kept: true }, this),
            intake: controlTable(`${name}-intake`, { tableName: intake, dataKeyArn, kept: true, pending: true }, this),
            reconciler: controlTable(
                `${name}-reconciler`,
                { tableName: reconciler, dataKeyArn, kept: true, pending: true },
                this,
            ),
        };
    }

    private createIntake(name: string, table: Table): void {
        const functionName = this.names.functions.intake;
        const role = functionRole(`${name}-intake`, functionName, this.scope, intakePolicy, this);
        inlineFunction(
            `${name}-intake`,
            {
                functionName,
                description: "Admits records of key uses to the log",
                handler: lambdaHandler("intake", {}),
                roleArn: role.arn,
                environment: { INTAKE_TABLE: table.name },
                dataKeyArn: this.args.dataKeyArn,
            },
            { parent: this, dependsOn: role.ready },
        );
    }

    /**
     * No reserved concurrency: two runs at once are safe (the head's compare-and-swap is the lock), and a small account has
     * no concurrency to reserve.
     */
    private createSequencer(name: string, key: SigningKey, tables: LogTables, bucket: PrivateBucket): lambda.Function {
        const functionName = this.names.functions.sequencer;
        const { origin, bootstrap, namePrefix } = this.args;
        const rights = roleRights(
            `${name}-sequencer`,
            functionName,
            key.signerRoleName,
            this.scope,
            sequencerPolicy,
            this,
        );
        return inlineFunction(
            `${name}-sequencer`,
            {
                functionName,
                description: "Puts records into the tree, signs and publishes checkpoints",
                handler: lambdaHandler("sequencer", { origin, bootstrap }),
                roleArn: key.signerRoleArn,
                environment: {
                    HEAD_TABLE: tables.head.name,
                    INTAKE_TABLE: tables.intake.name,
                    RECONCILER_TABLE: tables.reconciler.name,
                    LOG_BUCKET: bucket.name,
                    KEY_ARN: key.keyArn,
                    KEY_ALIAS: key.alias,
                    METRIC_STACK: namePrefix,
                },
                dataKeyArn: this.args.dataKeyArn,
                timeoutSeconds: 60,
                memoryMb: 1024,
            },
            { parent: this, dependsOn: [key, rights, ...bucket.ready] },
        );
    }

    private createReconciler(
        name: string,
        key: SigningKey,
        tables: LogTables,
        bucket: PrivateBucket,
        uses: pulumi.Resource[],
    ): void {
        const functionName = this.names.functions.reconciler;
        const { origin, namePrefix, dataKeyArn } = this.args;
        const role = functionRole(`${name}-reconciler`, functionName, this.scope, reconcilerPolicy, this);
        const reconciler = inlineFunction(
            `${name}-reconciler`,
            {
                functionName,
                description: "Compares uses of keys, as AWS saw them, with the records in the log",
                handler: lambdaHandler("reconciler", { origin }),
                roleArn: role.arn,
                environment: {
                    INTAKE_TABLE: tables.intake.name,
                    RECONCILER_TABLE: tables.reconciler.name,
                    HEAD_TABLE: tables.head.name,
                    LOG_BUCKET: bucket.name,
                    LOG_KEY_ARN: key.keyArn,
                    METRIC_STACK: namePrefix,
                },
                dataKeyArn,
                timeoutSeconds: RECONCILER_TIMEOUT,
            },
            { parent: this, dependsOn: role.ready },
        );
        new lambda.EventSourceMapping(
            `${name}-uses`,
            {
                eventSourceArn: this.scope.apply((scope) => queueArn(scope, this.names.queues.uses)),
                functionName: reconciler.name,
                batchSize: 10,
                functionResponseTypes: ["ReportBatchItemFailures"],
                tags: dataClass("internal"),
            },
            { parent: this, dependsOn: uses },
        );
    }
}

interface LogTables {
    readonly head: Table;
    readonly intake: Table;
    readonly reconciler: Table;
}

/** Public witnesses accept Ed25519 checkpoints only, so the log's key is of that kind. */
const LOG_KEY = { keyName: "log", version: 1, spec: KeySpec.ECC_NIST_EDWARDS25519 };
/** Seconds. */
const RECONCILER_TIMEOUT = 30;

type ResolvedTransparencyLogArgs = Readonly<Required<TransparencyLogArgs>>;

/** SQS's limit for a delay, in seconds. */
const MAX_GRACE = 900;

/**
 * Applies defaults and checks, in the constructor.
 *
 * @throws BadName for an origin that cannot be a note's key name, BadConfig for a grace time out of range
 */
export function resolveTransparencyLogArgs(args: TransparencyLogArgs): ResolvedTransparencyLogArgs {
    const { origin, graceSeconds = 300 } = args;
    checkKeyName(origin);
    if (!Number.isSafeInteger(graceSeconds) || graceSeconds < 0 || graceSeconds > MAX_GRACE) {
        throw codedError(
            "BadConfig",
            `graceSeconds ${quote(graceSeconds)} is not a whole number of seconds from 0 to ${MAX_GRACE}`,
        );
    }
    return {
        ...args,
        bootstrap: args.bootstrap ?? false,
        graceSeconds,
        namePrefix: args.namePrefix ?? defaultPrefix(),
    };
}
