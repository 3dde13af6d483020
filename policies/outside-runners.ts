import { scopeOf } from "./place";
import { read, readList, valueOf } from "./read";
import type { Finding, ResourceView, StackFinding } from "./rule";
import type { Settings } from "./settings";

/** Services that run a command, task or build as a role which nothing here names: the role is their own. */

const TARGET = "aws:cloudwatch/eventTarget:EventTarget";

/** What an event may be handed to: what only passes it on, and functions and machines, whose roles the stack names. */
const TARGET_SERVICES = ["lambda", "states", "sqs", "sns", "logs", "kinesis", "firehose"];

/** Inputs that say what is to run. */
const RUNNING = [
    "runCommandTargets",
    "ecsTarget",
    "batchTarget",
    "redshiftTarget",
    "sagemakerPipelineTarget",
    "httpTarget",
    "appsyncTarget",
];

const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
/** Not among them: Systems Manager, whose response plans run automations. */
const ALARM_SERVICES = ["sns", "lambda", "autoscaling", "automate", "swf"];

export function runnerFindings(resource: ResourceView, settings: Settings): Finding[] {
    if (resource.type === ALARM) return alarmFindings(resource);
    return resource.type === TARGET ? [...targetFindings(resource), ...foreignTarget(resource, settings)] : [];
}

/** What tells of uses of keys, or starts something, would be told to somebody else. */
function foreignTarget(resource: ResourceView, settings: Settings): Finding[] {
    const arn = valueOf(read<string>(() => resource.props.arn));
    const account = arn?.split(":")[4];
    const own = scopeOf(resource, settings)?.accountId;
    return account === undefined || account === own || settings.externalAccounts.includes(account)
        ? []
        : [{ at: "arn", saw: "of another account, expected this one's or one of externalAccounts" }];
}

function alarmFindings({ props }: ResourceView): Finding[] {
    return ["alarmActions", "okActions", "insufficientDataActions"].flatMap((at) => {
        const actions = readList<string>(() => props[at]);
        return (actions.kind === "known" ? actions.value : []).flatMap((action, i): Finding[] =>
            action.kind !== "known" || ALARM_SERVICES.includes(action.value.split(":")[2] ?? "")
                ? []
                : [{ at: `${at}[${i}]`, saw: "runs what nobody here judges, expected a topic or a function" }],
        );
    });
}

function targetFindings({ props }: ResourceView): Finding[] {
    const arn = read<string>(() => props.arn);
    const fields = valueOf(arn)?.split(":");
    const service = fields?.[2] ?? "";
    const isBus = service === "events" && (fields?.[5] ?? "").startsWith("event-bus/");
    const saw =
        "runs what nobody here judges, as a role that nobody here judges: expected a function, machine, queue or topic";
    return [
        ...(arn.kind === "known" && !TARGET_SERVICES.includes(service) && !isBus ? [{ at: "arn", saw }] : []),
        ...RUNNING.filter((at) => {
            const value = readList<unknown>(() => props[at]);
            return value.kind === "unknown" || (value.kind === "known" && value.value.length > 0);
        }).map((at) => ({ at, saw })),
    ];
}

interface Start {
    readonly at: string;
    readonly get: (props: ResourceView["props"]) => unknown;
    readonly of: string;
    /** Inputs of the other resource that name it. */
    readonly names: readonly string[];
}

/** What starts from another resource takes that one's role, and its commands. */
const STARTS: Readonly<Record<string, readonly Start[]>> = {
    "aws:ec2/instance:Instance": ["name", "id"].map((member) => ({
        at: `launchTemplate.${member}`,
        get: (props) => soleOf(props.launchTemplate)?.[member],
        of: "aws:ec2/launchTemplate:LaunchTemplate",
        names: ["name", "id"],
    })),
    "aws:ecs/service:Service": [
        {
            at: "taskDefinition",
            get: (props) => props.taskDefinition,
            of: "aws:ecs/taskDefinition:TaskDefinition",
            names: ["family", "arn", "arnWithoutRevision"],
        },
    ],
};

/** The provider takes a list of one for the one object that it wants. */
function soleOf(value: unknown): Record<string, unknown> | undefined {
    return (Array.isArray(value) ? value[0] : value) as Record<string, unknown> | undefined;
}

/** By a name that a resource of the stack has, or by dependency where that is not known. */
export function startedFromOutside(resource: ResourceView, resources: readonly ResourceView[]): StackFinding[] {
    const starts = Object.hasOwn(STARTS, resource.type) ? STARTS[resource.type]! : [];
    return starts.flatMap(({ at, get, of, names }): StackFinding[] => {
        const given = read(() => get(resource.props));
        if (given.kind === "absent") return [];
        const from = resource.dependencies?.[at.split(".")[0]!] ?? [];
        // A dependency says where a value was made, not what was made of it: what is known decides.
        const isOwn = resources.some(
            ({ type, urn, props }) =>
                type === of &&
                (given.kind === "known"
                    ? names.some((name) => valueOf(read(() => props[name])) === given.value)
                    : from.includes(urn)),
        );
        return isOwn
            ? []
            : [{ resource, at, saw: `of another stack, expected a ${of.split(":")[2] ?? of} of this one` }];
    });
}
