import type { CheckerSetting, Settings, SignerSetting } from "../settings";

/** Facts about a deployment that its stack configuration has. */
export interface ProgramFacts {
    readonly prefix: string;
    readonly accountId: string;
    readonly region: string;
    readonly partition: string;
    readonly deployRole: string;
    readonly keyAdmins: readonly string[];
    readonly keys: readonly { readonly name: string; readonly version: number }[];
}

/**
 * Settings for this repository's own program, as a start: `npm run policy -- settings`. What comes out is reviewed and kept as a
 * file; the pack never derives authority from the program's configuration by itself.
 */
export function programSettings(facts: ProgramFacts): Partial<Settings> {
    const { prefix, accountId, region, deployRole, keyAdmins, keys } = facts;
    const signers = [...keys.map((key) => keySigner(facts, key)), logSigner(facts)];
    return {
        accountId,
        regions: [region],
        deployRole,
        keyAdmins,
        signers,
        checkers: ["prepare", "recheck"].map((step) => checker(facts, step)),
        signerReferrers: [
            { type: "aws:sfn/stateMachine:StateMachine", name: "pipeline-machine" },
            { type: "aws:iam/rolePolicy:RolePolicy", name: "pipeline-machine" },
            { type: "aws:s3/bucketPolicy:BucketPolicy", name: "log-bucket" },
            { type: "aws:cloudwatch/eventTarget:EventTarget", name: "log-minute" },
            { type: "aws:lambda/permission:Permission", name: "log-minute" },
            { type: "aws:lambda/eventSourceMapping:EventSourceMapping", name: "log-intake" },
            { type: "aws:lambda/eventSourceMapping:EventSourceMapping", name: "log-reconciler" },
        ],
        keyReferrers: ["log-reconciler", "pipeline-prepare", "pipeline-recheck", "pipeline-verify"].map((name) => ({
            type: "aws:lambda/function:Function",
            name,
        })),
        serviceRoles: [
            "intake",
            "reconciler",
            "prepare",
            "recheck",
            "assemble",
            "verify",
            "publish",
            "signing",
            "uploads-rule",
        ].map((name) => `${prefix}-${name}`),
        controlTables: controlTables(prefix, signers),
        unlockedBuckets: [
            {
                name: `${prefix}-uploads-${accountId}-${region}`,
                reason: "uploads expire; what becomes of them is in results",
            },
        ],
    };
}

function keySigner(facts: ProgramFacts, { name, version }: ProgramFacts["keys"][number]): SignerSetting {
    const { prefix } = facts;
    const base = `${prefix}-${name}-v${version}`;
    return {
        role: `${base}-signer`,
        keys: [`${name}-v${version}`],
        aliases: [`alias/${base}`],
        function: `${base}-sign`,
        codeSha256: [],
        environment: {
            ATTEMPTS_TABLE: `${prefix}-attempts`,
            INTAKE_FUNCTION: `${prefix}-intake`,
            RECHECKS_TABLE: `${prefix}-rechecks`,
            REQUESTS_TABLE: `${prefix}-requests`,
        },
        keyEnvironment: ["KEY_ARN", "KEY_SPKI_SHA256"],
        invokers: [`${prefix}-signing`],
        grants: [
            { actions: ["dynamodb:GetItem"], resources: tables(facts, "requests", "rechecks") },
            {
                actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
                resources: tables(facts, "attempts"),
            },
            {
                actions: ["lambda:InvokeFunction"],
                resources: [regional(facts, "lambda", `function:${prefix}-intake`)],
            },
            { actions: ["kms:Decrypt"], resources: [regional(facts, "kms", "key/*")] },
        ],
    };
}

/** The sequencer: its key signs checkpoints. */
function logSigner(facts: ProgramFacts): SignerSetting {
    const { prefix, partition, accountId, region } = facts;
    const bucket = `arn:${partition}:s3:::${prefix}-log-${accountId}-${region}`;
    return {
        role: `${prefix}-log-v1-signer`,
        keys: ["log-key"],
        aliases: [`alias/${prefix}-log-v1`],
        function: `${prefix}-sequencer`,
        codeSha256: [],
        environment: {
            HEAD_TABLE: `${prefix}-head`,
            INTAKE_TABLE: `${prefix}-intake`,
            KEY_ALIAS: `alias/${prefix}-log-v1`,
            LOG_BUCKET: `${prefix}-log-${accountId}-${region}`,
            METRIC_STACK: prefix,
            RECONCILER_TABLE: `${prefix}-reconciler`,
        },
        keyEnvironment: ["KEY_ARN"],
        invokers: [],
        grants: [
            {
                actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
                resources: tables(facts, "head", "intake", "reconciler"),
            },
            {
                actions: [
                    "dynamodb:Query",
                    "dynamodb:GetItem",
                    "dynamodb:UpdateItem",
                    "dynamodb:DescribeStream",
                    "dynamodb:GetRecords",
                    "dynamodb:GetShardIterator",
                    "dynamodb:ListStreams",
                ],
                resources: tables(facts, "intake", "intake/*", "reconciler", "reconciler/*"),
            },
            { actions: ["s3:GetObject", "s3:PutObject"], resources: [`${bucket}/*`] },
            { actions: ["s3:ListBucket"], resources: [bucket] },
            { actions: ["cloudwatch:PutMetricData"], resources: ["*"] },
            { actions: ["kms:Decrypt"], resources: [regional(facts, "kms", "key/*")] },
        ],
    };
}

/** Of both steps that say what is to be signed. Their keys' ARNs and public keys are in JSON, by name of the key. */
function checker({ prefix, accountId, region, keys }: ProgramFacts, step: string): CheckerSetting {
    const isPrepare = step === "prepare";
    return {
        function: `${prefix}-${step}`,
        role: `${prefix}-${step}`,
        codeSha256: [],
        environment: {
            ...(isPrepare ? {} : { RECHECKS_TABLE: `${prefix}-rechecks` }),
            REQUESTS_TABLE: `${prefix}-requests`,
            UPLOADS_BUCKET: `${prefix}-uploads-${accountId}-${region}`,
        },
        keyEnvironment: [...(isPrepare ? ["KEY_ARNS"] : []), "KEY_SPKIS"],
        keys: keys.map(({ name, version }) => `${name}-v${version}`),
    };
}

function controlTables(prefix: string, signers: readonly SignerSetting[]): Settings["controlTables"] {
    const log = `${prefix}-log-v1-signer`;
    const writers: Readonly<Record<string, readonly string[]>> = {
        head: [log],
        intake: [`${prefix}-intake`, log],
        reconciler: [`${prefix}-reconciler`, log],
        requests: [`${prefix}-prepare`],
        rechecks: [`${prefix}-recheck`],
        attempts: signers.map(({ role }) => role).filter((role) => role !== log),
    };
    return Object.entries(writers).map(([table, names]) => ({ table: `${prefix}-${table}`, writers: names }));
}

function tables(facts: ProgramFacts, ...names: readonly string[]): string[] {
    return names.map((name) => regional(facts, "dynamodb", `table/${facts.prefix}-${name}`));
}

function regional({ partition, region, accountId }: ProgramFacts, service: string, resource: string): string {
    return `arn:${partition}:${service}:${region}:${accountId}:${resource}`;
}
