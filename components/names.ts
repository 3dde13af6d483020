import { quote } from "../lib/encoding";
import { codedError } from "../lib/errors";

/**
 * Every explicit name of a deployment.
 *
 * Documents name what they allow before it exists, so names are decided here and nowhere else: an ARN of a new resource is
 * unknown in a preview, and one unknown part makes a whole document unknown.
 */

/** Roles and functions, in characters (IAM and Lambda quotas). */
const MAX_NAME = 64;
/** Bucket names have 63 characters and end in `-uploads-ACCOUNT-REGION`; the longest regions have 14. */
const MAX_PREFIX = 63 - "-uploads-".length - 12 - 1 - 14;

export interface Names {
    readonly dataKeyAlias: string;
    readonly trail: string;
    readonly alarmTopic: string;
    readonly unattributedAlarm: string;
    readonly logHaltedAlarm: string;
    readonly functions: Readonly<Record<FunctionName, string>>;
    readonly tables: Readonly<Record<TableName, string>>;
    readonly queues: { readonly uses: string; readonly dead: string };
    readonly rules: Readonly<Record<RuleName, string>>;
    readonly stateMachine: string;
    /** Also the role's: EventBridge starts the state machine with it. */
    readonly uploadsRuleRole: string;
    readonly originAccessControl: string;
}

export type FunctionName =
    "intake" | "sequencer" | "reconciler" | "prepare" | "recheck" | "assemble" | "verify" | "publish";
export type TableName = "head" | "intake" | "reconciler" | "requests" | "rechecks" | "attempts";
export type RuleName = "keyUses" | "keyChanges" | "uploads" | "sequencerMinute";
export type BucketName = "log" | "uploads" | "results" | "trail";

/** @throws BadName unless every name made from the prefix fits */
export function namesOf(prefix: string): Names {
    checkPrefix(prefix);
    return {
        dataKeyAlias: `alias/${prefix}-data`,
        trail: `${prefix}-trail`,
        alarmTopic: `${prefix}-alarms`,
        unattributedAlarm: `${prefix}-unattributed-uses`,
        logHaltedAlarm: `${prefix}-log-halted`,
        functions: {
            intake: `${prefix}-intake`,
            sequencer: `${prefix}-sequencer`,
            reconciler: `${prefix}-reconciler`,
            prepare: `${prefix}-prepare`,
            recheck: `${prefix}-recheck`,
            assemble: `${prefix}-assemble`,
            verify: `${prefix}-verify`,
            publish: `${prefix}-publish`,
        },
        tables: {
            head: `${prefix}-head`,
            intake: `${prefix}-intake`,
            reconciler: `${prefix}-reconciler`,
            requests: `${prefix}-requests`,
            rechecks: `${prefix}-rechecks`,
            attempts: `${prefix}-attempts`,
        },
        queues: { uses: `${prefix}-uses`, dead: `${prefix}-uses-dlq` },
        rules: {
            keyUses: `${prefix}-key-uses`,
            keyChanges: `${prefix}-key-changes`,
            uploads: `${prefix}-uploads`,
            sequencerMinute: `${prefix}-sequencer-minute`,
        },
        stateMachine: `${prefix}-signing`,
        uploadsRuleRole: `${prefix}-uploads-rule`,
        originAccessControl: `${prefix}-log`,
    };
}

export interface KeyNames {
    /** `alias/PREFIX-NAME-vN`, which never moves to another key. */
    readonly alias: string;
    /** Under the path /signing/. */
    readonly signerRole: string;
    readonly signerFunction: string;
}

/** @throws BadName for a name or version that does not fit in an ARN, or makes a name too long */
export function keyNamesOf(prefix: string, keyName: string, version: number): KeyNames {
    checkPrefix(prefix);
    // `*` and `?` in a name would be patterns to every Arn operator.
    if (!/^[a-z][a-z0-9-]*$/.test(keyName)) {
        throw codedError("BadName", `key name ${quote(keyName)} is not lowercase letters, digits and hyphens`);
    }
    if (!Number.isSafeInteger(version) || version < 1) {
        throw codedError("BadName", `version ${quote(version)} of key ${keyName} is not a whole number from 1`);
    }
    const base = `${prefix}-${keyName}-v${version}`;
    const names = { alias: `alias/${base}`, signerRole: `${base}-signer`, signerFunction: `${base}-sign` };
    if (names.signerRole.length > MAX_NAME) {
        throw codedError(
            "BadName",
            `${quote(names.signerRole)} has ${names.signerRole.length} characters, expected at most ${MAX_NAME}: shorten the key's name or namePrefix`,
        );
    }
    return names;
}

/** Bucket names are global, so they end in account and region. */
export function bucketNameOf(prefix: string, bucket: BucketName, accountId: string, region: string): string {
    return `${prefix}-${bucket}-${accountId}-${region}`;
}

function checkPrefix(prefix: string): void {
    if (!/^[a-z][a-z0-9-]*[a-z0-9]$/.test(prefix)) {
        throw codedError(
            "BadName",
            `name prefix ${quote(prefix)} is not lowercase letters, digits and hyphens: set namePrefix`,
        );
    }
    if (prefix.length > MAX_PREFIX) {
        throw codedError(
            "BadName",
            `name prefix ${quote(prefix)} has ${prefix.length} characters, expected at most ${MAX_PREFIX}: set a shorter namePrefix`,
        );
    }
}
