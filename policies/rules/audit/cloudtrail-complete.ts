import { isOurs, isSigningUsage } from "../../keys";
import { read, readList, valueOf } from "../../read";
import { type Finding, NIST_CONFIGURATION, type ResourceView, type Rule, type StackFinding } from "../../rule";
import type { Settings } from "../../settings";
import { EXAMPLE_PROVIDER } from "../example";

const TRAIL = "aws:cloudtrail/trail:Trail";
const EVENT_RULE = "aws:cloudwatch/eventRule:EventRule";
const ALL = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS";

const WHOLE = ["source", "detail-type", "detail"];
const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";

/** Events by which somebody could come to sign, or a key be lost: a rule has to name each. */
const TOLD = ["PutKeyPolicy", "CreateGrant", "ScheduleKeyDeletion", "UpdateAssumeRolePolicy"];

const GOOD = {
    s3BucketName: "countersign-dev-trail-111122223333-eu-west-1",
    isMultiRegionTrail: true,
    enableLogFileValidation: true,
    kmsKeyId: "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    eventSelectors: [{ readWriteType: "All", includeManagementEvents: true }],
};

export const cloudtrailComplete: Rule = {
    id: "cloudtrail-complete",
    description: "the trail has every use of every key, in every region, rules see reads, and alarms tell somebody",
    severity: "high",
    framework: NIST_CONFIGURATION,
    threats: ["T28", "T60"],
    types: [TRAIL, EVENT_RULE, ALARM],
    fix: "take trail and rules from components/audit-trail.ts and components/key-uses.ts",
    reads: ["nonSigningKeys"],
    good: { provider: EXAMPLE_PROVIDER, protect: true, props: GOOD },
    bad: {
        provider: EXAMPLE_PROVIDER,
        protect: true,
        props: {
            ...GOOD,
            eventSelectors: [
                {
                    readWriteType: "All",
                    includeManagementEvents: true,
                    excludeManagementEventSources: ["kms.amazonaws.com"],
                },
            ],
        },
    },
    check: (resource) => {
        if (resource.type === ALARM) return alarmFindings(resource);
        return resource.type === TRAIL ? trailFindings(resource) : ruleFindings(resource);
    },
    checkStack: (resources, settings) => absences(resources, settings),
};

/** An alarm that tells nobody is none. */
function alarmFindings({ props }: ResourceView): Finding[] {
    const enabled = read<boolean>(() => props.actionsEnabled);
    const actions = readList<string>(() => props.alarmActions);
    return [
        ...(enabled.kind === "absent" || (enabled.kind === "known" && enabled.value)
            ? []
            : [{ at: "actionsEnabled", saw: "not true" }]),
        ...(actions.kind === "unknown" || (actions.kind === "known" && actions.value.length > 0)
            ? []
            : [{ at: "alarmActions", saw: "none, expected a topic or a function" }]),
    ];
}

function trailFindings({ props, opts }: ResourceView): Finding[] {
    const flag = (at: string, whenAbsent: boolean): Finding[] => {
        const value = read<boolean>(() => props[at]);
        const isOn = value.kind === "known" ? value.value === true : value.kind === "absent" && whenAbsent;
        return isOn ? [] : [{ at, saw: `${value.kind === "known" ? "false" : value.kind}, expected true` }];
    };
    return [
        ...(opts.protect ? [] : [{ at: "opts.protect", saw: "not protected" }]),
        ...flag("isMultiRegionTrail", false),
        ...flag("enableLogFileValidation", false),
        ...flag("enableLogging", true),
        ...flag("includeGlobalServiceEvents", true),
        ...(read(() => props.s3BucketName).kind === "known"
            ? []
            : [{ at: "s3BucketName", saw: "not known, expected a bucket of this stack by name" }]),
        ...(read(() => props.kmsKeyId).kind === "absent"
            ? [{ at: "kmsKeyId", saw: "absent, expected the data key" }]
            : []),
        ...(read(() => props.advancedEventSelectors).kind === "absent"
            ? []
            : [{ at: "advancedEventSelectors", saw: "set, expected eventSelectors that take everything" }]),
        ...selectorFindings(props),
    ];
}

interface Selector {
    readonly readWriteType?: string;
    readonly includeManagementEvents?: boolean;
    readonly excludeManagementEventSources?: readonly string[];
}

function selectorFindings(props: ResourceView["props"]): Finding[] {
    const selectors = readList<Selector>(() => props.eventSelectors);
    if (selectors.kind === "absent") return []; // AWS's default: all management events
    if (selectors.kind === "unknown") return [{ at: "eventSelectors", saw: "unknown, so it cannot be judged" }];
    const takesAll = selectors.value.some((one) => {
        if (one.kind !== "known") return false;
        const kind = read<string>(() => one.value.readWriteType);
        const events = read<boolean>(() => one.value.includeManagementEvents);
        const excluded = readList<string>(() => one.value.excludeManagementEventSources);
        return (
            (kind.kind === "absent" || valueOf(kind) === "All") &&
            (events.kind === "absent" || valueOf(events) === true) &&
            (excluded.kind === "absent" || (excluded.kind === "known" && excluded.value.length === 0))
        );
    });
    return takesAll
        ? []
        : [{ at: "eventSelectors", saw: "none takes all management events, reads and KMS among them" }];
}

/** Sign is read-only to CloudTrail, and a plain ENABLED leaves read-only events out. */
function ruleFindings({ props }: ResourceView): Finding[] {
    const pattern = patternOf(props);
    if (pattern === "unknown") return [{ at: "eventPattern", saw: "unknown, so it may be one of keys" }];
    if (!isKmsTrail(pattern)) return [];
    const state = read<string>(() => props.state);
    return [
        ...(state.kind === "known" && state.value === ALL
            ? []
            : [{ at: "state", saw: `${state.kind === "known" ? "another" : state.kind}, expected ${ALL}` }]),
        ...(isOnDefaultBus(props) ? [] : [{ at: "eventBusName", saw: "not the default bus, where AWS's events are" }]),
        ...(read(() => props.isEnabled).kind === "absent"
            ? []
            : [{ at: "isEnabled", saw: "set, expected state alone" }]),
    ];
}

function isOnDefaultBus(props: ResourceView["props"]): boolean {
    const bus = read<string>(() => props.eventBusName);
    return bus.kind === "absent" || (bus.kind === "known" && bus.value === "default");
}

interface EventPattern {
    readonly source?: readonly unknown[];
    readonly "detail-type"?: readonly unknown[];
    readonly detail?: { readonly eventName?: readonly unknown[]; readonly [member: string]: unknown };
}

function patternOf(props: ResourceView["props"]): EventPattern | undefined | "unknown" {
    const text = read<string>(() => props.eventPattern);
    if (text.kind !== "known") return text.kind === "unknown" ? "unknown" : undefined;
    try {
        const value: unknown = JSON.parse(text.value);
        return typeof value === "object" && value !== null ? (value as EventPattern) : undefined;
    } catch {
        return undefined;
    }
}

function isKmsTrail(pattern: EventPattern | undefined): boolean {
    return (
        (pattern?.source?.includes("aws.kms") ?? false) &&
        (pattern?.["detail-type"]?.includes("AWS API Call via CloudTrail") ?? false)
    );
}

/** A rule without a target tells nobody, and one that is off tells nothing. */
function isHeard(rule: ResourceView, resources: readonly ResourceView[]): boolean {
    const name = valueOf(read<string>(() => rule.props.name));
    return (
        valueOf(read<string>(() => rule.props.state)) === ALL &&
        isOnDefaultBus(rule.props) &&
        resources.some(
            ({ type, props, dependencies }) =>
                type === "aws:cloudwatch/eventTarget:EventTarget" &&
                // What is written in its place says nothing of the event.
                ["input", "inputPath", "inputTransformer"].every((at) => read(() => props[at]).kind === "absent") &&
                ((name !== undefined && valueOf(read<string>(() => props.rule)) === name) ||
                    (dependencies?.rule ?? []).includes(rule.urn)),
        )
    );
}

/** A known name decides; a dependency stands in for one that is not known yet. */
function hasOwnBucket({ props, dependencies }: ResourceView, resources: readonly ResourceView[]): boolean {
    const name = valueOf(read<string>(() => props.s3BucketName));
    return resources
        .filter(({ type }) => type === "aws:s3/bucket:Bucket")
        .some(({ urn, props: own }) =>
            name === undefined
                ? (dependencies?.s3BucketName ?? []).includes(urn)
                : valueOf(read<string>(() => own.bucket)) === name,
        );
}

function absences(resources: readonly ResourceView[], settings: Settings): StackFinding[] {
    const key = resources.find((one) => one.type === "aws:kms/key:Key" && isSigningUsage(one) && isOurs(one, settings));
    if (key === undefined) return [];
    const patterns = resources.flatMap((resource): EventPattern[] => {
        const pattern =
            resource.type === EVENT_RULE && isHeard(resource, resources) ? patternOf(resource.props) : undefined;
        // By account, region or `$or`, too, a rule leaves events out.
        const isWhole = Object.keys(pattern ?? {}).every((member) => WHOLE.includes(member));
        return pattern === undefined || pattern === "unknown" || !isWhole ? [] : [pattern];
    });
    const seen = (name: string): boolean =>
        patterns.some(({ source, detail = {} }) => {
            const isTheirs = source?.includes(name === "UpdateAssumeRolePolicy" ? "aws.iam" : "aws.kms") ?? false;
            const isNarrowed = Object.keys(detail).some((member) => !["eventSource", "eventName"].includes(member));
            return isTheirs && !isNarrowed && (detail.eventName === undefined || detail.eventName.includes(name));
        });
    return [
        ...(resources.some(({ type }) => type === TRAIL)
            ? []
            : [{ resource: key, at: "trail", saw: "no trail in this stack" }]),
        ...resources
            .filter((trail) => trail.type === TRAIL && !hasOwnBucket(trail, resources))
            .map((trail) => ({ resource: trail, at: "s3BucketName", saw: "a bucket that is not of this stack" })),
        ...["Sign", ...TOLD]
            .filter((name) => !seen(name))
            .map((name) => ({ resource: key, at: "rules", saw: `no event rule with a target tells of every ${name}` })),
    ];
}
