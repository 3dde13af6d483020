import { hitsOf, targetOf } from "../lib/iam/statement";
import { identityDocuments } from "./documents";
import { nameOfRole, scopeOf } from "./place";
import { read, valueOf } from "./read";
import type { Finding, ResourceView, StackFinding } from "./rule";
import type { Settings } from "./settings";
import { type Leaf, mentions } from "./walk";

/**
 * The machine that calls signers takes what it is started with for an upload. So it is started by S3's own events alone: nobody but AWS
 * sends events from `aws.*`, and what a target writes in an event's place would say whatever it likes, with a time of its own choice.
 */

const MACHINE = "aws:sfn/stateMachine:StateMachine";
const TARGET = "aws:cloudwatch/eventTarget:EventTarget";
const RULE = "aws:cloudwatch/eventRule:EventRule";
const REWRITES = ["input", "inputPath", "inputTransformer"];
const STARTS = ["states:StartExecution", "states:StartSyncExecution", "states:RedriveExecution"];

/**
 * By itself: a target that rewrites its events, and another machine that starts this one. The machine has its role's name.
 *
 * @param leaves texts of the inputs, with what JSON in them holds
 */
export function startFindings(
    { type, props }: ResourceView,
    leaves: readonly Leaf[],
    { signers }: Settings,
): Finding[] {
    if (type !== MACHINE && type !== TARGET) return [];
    const names = signers.flatMap(({ invokers }) => invokers);
    const leaf = leaves.find(
        ({ at, value }) =>
            (type === MACHINE || at === "arn") &&
            value.includes(":stateMachine:") &&
            names.some((name) => mentions(value, name)),
    );
    if (leaf === undefined) return [];
    return type === TARGET
        ? rewritten(props)
        : [{ at: leaf.at, saw: "names a machine which may call a signer", threat: "T67" }];
}

function rewritten(props: ResourceView["props"]): Finding[] {
    return REWRITES.filter((at) => read(() => props[at]).kind !== "absent").map((at) => ({
        at,
        saw: "rewrites the event that starts a machine which may call a signer, expected absent",
        threat: "T67",
    }));
}

/** @param isListed for documents that the settings let name signers, and so start the machine */
export function startsOfMachines(
    resources: readonly ResourceView[],
    settings: Settings,
    isListed: (resource: ResourceView) => boolean,
): StackFinding[] {
    return machinesOf(resources, settings).flatMap((machine) => {
        const targets = targetsOf(machine, resources);
        return [
            ...targets.flatMap((target) => targetFindings(target, resources)),
            ...starters(machine, targets, resources, settings, isListed),
        ];
    });
}

/** Machines that run as a role which may call a signer. */
function machinesOf(resources: readonly ResourceView[], { signers }: Settings): ResourceView[] {
    const invokers = signers.flatMap((signer) => signer.invokers);
    return resources.filter(
        ({ type, props }) =>
            type === MACHINE && invokers.includes(nameOfRole(valueOf(read<string>(() => props.roleArn)) ?? "")),
    );
}

function targetsOf(machine: ResourceView, resources: readonly ResourceView[]): ResourceView[] {
    return resources.filter((one) => one.type === TARGET && isFor(one, "arn", machine));
}

function rulesOf(target: ResourceView, resources: readonly ResourceView[]): ResourceView[] {
    return resources.filter((one) => one.type === RULE && isFor(target, "rule", one));
}

/** Buckets whose events start such a machine, by name: what is written there is signed. */
export function uploadBuckets(resources: readonly ResourceView[], settings: Settings): string[] {
    const rules = machinesOf(resources, settings)
        .flatMap((machine) => targetsOf(machine, resources))
        .flatMap((target) => rulesOf(target, resources));
    return [
        ...new Set(rules.flatMap(({ props }) => bucketsIn(valueOf(read<string>(() => props.eventPattern)) ?? "{}"))),
    ];
}

function bucketsIn(pattern: string): string[] {
    const { detail } = patternOf(pattern) as { detail?: { bucket?: { name?: unknown } } };
    const names = detail?.bucket?.name;
    return Array.isArray(names) ? names.filter((name) => typeof name === "string") : [];
}

function patternOf(text: string): object {
    try {
        const value: unknown = JSON.parse(text);
        return typeof value === "object" && value !== null ? value : {};
    } catch {
        return {};
    }
}

/** By name at the end of an ARN or alone, or by dependency where it is not known. */
function isFor({ props, dependencies }: ResourceView, input: string, other: ResourceView): boolean {
    const given = read<string>(() => props[input]);
    const name = valueOf(read<string>(() => other.props.name));
    if (given.kind !== "known") return (dependencies?.[input] ?? []).includes(other.urn);
    return name !== undefined && given.value.slice(given.value.lastIndexOf(":") + 1) === name;
}

function targetFindings(target: ResourceView, resources: readonly ResourceView[]): StackFinding[] {
    const rules = rulesOf(target, resources);
    const isOurs = rules.length > 0 && rules.every(isOfAws);
    return [
        ...rewritten(target.props).map((finding) => ({ ...finding, resource: target })),
        ...(isOurs
            ? []
            : [
                  {
                      resource: target,
                      at: "rule",
                      saw: "starts a machine which may call a signer, expected a rule of this stack for events of aws.* on the default bus alone",
                      threat: "T67",
                  },
              ]),
    ];
}

function isOfAws({ props }: ResourceView): boolean {
    const bus = read<string>(() => props.eventBusName);
    const pattern = read<string>(() => props.eventPattern);
    if (pattern.kind !== "known" || read(() => props.scheduleExpression).kind !== "absent") return false;
    return (bus.kind === "absent" || (bus.kind === "known" && bus.value === "default")) && isSentByAws(pattern.value);
}

function isSentByAws(pattern: string): boolean {
    const { source } = patternOf(pattern) as { source?: unknown };
    return (
        Array.isArray(source) &&
        source.length > 0 &&
        source.every((one) => typeof one === "string" && /^aws\.[a-z0-9.-]+$/.test(one))
    );
}

/** Whoever may start it is a role that one of the rules starts it as. */
function starters(
    machine: ResourceView,
    targets: readonly ResourceView[],
    resources: readonly ResourceView[],
    settings: Settings,
    isListed: (resource: ResourceView) => boolean,
): StackFinding[] {
    const scope = scopeOf(machine, settings);
    const name = valueOf(read<string>(() => machine.props.name)) ?? "*";
    if (scope === undefined) return []; // the rules of documents say so
    const arn = `arn:${scope.partition}:states:${scope.region}:${scope.accountId}:stateMachine:${name}`;
    const allowed = targets.map(({ props }) => nameOfRole(valueOf(read<string>(() => props.roleArn)) ?? ""));
    const exempt = [settings.deployRole, ...settings.breakGlass.map((one) => one.arn)].map(nameOfRole);
    return resources
        .filter((resource) => !isListed(resource))
        .flatMap((resource) =>
            identityDocuments(resource, settings.boundaryPolicies).flatMap(({ at, owner, policy }): StackFinding[] => {
                const holder = owner.kind === "known" ? owner.value : undefined;
                if (holder !== undefined && [...allowed, ...exempt].includes(holder)) return [];
                const [hit] = STARTS.flatMap((action) => hitsOf(policy, targetOf(action, arn))).filter(
                    ({ statement }) => statement.effect === "Allow",
                );
                return hit === undefined
                    ? []
                    : [
                          {
                              resource,
                              at: `${at} ${hit.at}`.trim(),
                              saw: `starts machine ${name}, which may call a signer, expected only ${allowed.join(", ") || "nobody"}`,
                              threat: "T67",
                          },
                      ];
            }),
        );
}
