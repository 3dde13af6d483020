import { type Container, containersIn, membersOf } from "../../containers";
import { read, readList } from "../../read";
import { type Finding, NIST_CONFIGURATION, type ResourceView, type Rule } from "../../rule";
import { EXAMPLE_PROVIDER } from "../example";

const TASK = "aws:ecs/taskDefinition:TaskDefinition";
const SERVICE = "aws:ecs/service:Service";

const GOOD = {
    containerDefinitions: JSON.stringify([
        {
            name: "tools",
            image: `111122223333.dkr.ecr.eu-west-1.amazonaws.com/tools@sha256:${"0".repeat(64)}`,
            readonlyRootFilesystem: true,
        },
    ]),
    taskRoleArn: "arn:aws:iam::111122223333:role/countersign-dev-prepare",
    executionRoleArn: "arn:aws:iam::111122223333:role/countersign-dev-signing",
};

export const ecsHardening: Rule = {
    id: "ecs-hardening",
    description:
        "containers run a pinned image, unprivileged, on a read-only root, apart from their machine, and nobody gets a shell in them",
    severity: "high",
    framework: NIST_CONFIGURATION,
    threats: ["T64", "T65", "T72"],
    types: [TASK, SERVICE],
    fix: "name images by digest, set readonlyRootFilesystem, leave privileged, enableExecuteCommand, capabilities and whatever is the host's off, use two roles",
    reads: [],
    good: { provider: EXAMPLE_PROVIDER, props: GOOD },
    bad: {
        provider: EXAMPLE_PROVIDER,
        props: { ...GOOD, containerDefinitions: '[{"name":"tools","image":"tools:latest"}]' },
    },
    check: (resource) => (resource.type === TASK ? taskFindings(resource) : serviceFindings(resource)),
};

function serviceFindings({ props }: ResourceView): Finding[] {
    return [
        ...isOff("enableExecuteCommand", () => props.enableExecuteCommand),
        ...isOff("networkConfiguration.assignPublicIp", () => props.networkConfiguration?.assignPublicIp),
    ];
}

function isOff(at: string, get: () => unknown): Finding[] {
    const value = read<unknown>(get);
    return value.kind === "absent" || (value.kind === "known" && String(value.value) === "false")
        ? []
        : [{ at, saw: "not false" }];
}

/** What a task shares with its machine: then whoever is on the one is on the other. */
const SHARED: Readonly<Record<string, readonly string[]>> = {
    networkMode: ["awsvpc", "bridge", "none"],
    pidMode: ["task"],
    ipcMode: ["task", "none"],
};

const ON_MACHINE = "a folder of the machine, or what may be one, expected none";

function sharedFindings({ props }: ResourceView): Finding[] {
    const modes = Object.entries(SHARED).flatMap(([at, apart]): Finding[] => {
        const mode = read<string>(() => props[at]);
        return mode.kind === "absent" || (mode.kind === "known" && apart.includes(mode.value))
            ? []
            : [{ at, saw: `${mode.kind === "known" ? "the machine's own" : "unknown"}, expected one of the task's` }];
    });
    const volumes = readList<{ hostPath?: string; dockerVolumeConfiguration?: { driverOpts?: unknown } }>(
        () => props.volumes,
    );
    const list = volumes.kind === "known" ? volumes.value : [];
    return [
        ...modes,
        ...(volumes.kind === "unknown" ? [{ at: "volumes", saw: "unknown, so it may be the machine's disk" }] : []),
        ...list.flatMap((volume, i): Finding[] => {
            const path = volume.kind === "known" ? read<string>(() => volume.value.hostPath) : volume;
            // Docker's own driver binds a folder of the machine where its options say so.
            const options =
                volume.kind === "known" ? read(() => volume.value.dockerVolumeConfiguration?.driverOpts) : volume;
            return [
                ...(path.kind === "absent" ? [] : [{ at: `volumes[${i}].hostPath`, saw: ON_MACHINE }]),
                ...(options.kind === "absent"
                    ? []
                    : [{ at: `volumes[${i}].dockerVolumeConfiguration.driverOpts`, saw: ON_MACHINE }]),
            ];
        }),
    ];
}

function taskFindings(resource: ResourceView): Finding[] {
    const { props } = resource;
    const at = "containerDefinitions";
    const text = read<string>(() => props.containerDefinitions);
    const task = read<string>(() => props.taskRoleArn);
    const execution = read<string>(() => props.executionRoleArn);
    const same = task.kind === "known" && execution.kind === "known" && task.value === execution.value;
    const containers = text.kind === "known" ? containersIn(text.value) : undefined;
    return [
        ...(same ? [{ at: "taskRoleArn", saw: "also the execution role, expected two roles" }] : []),
        ...sharedFindings(resource),
        ...(containers === undefined
            ? [{ at, saw: "not a JSON list that is known and has each name once, so it cannot be judged" }]
            : containers.flatMap((one, i) => containerFindings(`${at}[${i}]`, one))),
    ];
}

function containerFindings(at: string, container: Container): Finding[] {
    const { image, privileged, readonlyrootfilesystem, user } = container;
    const linux = membersOf(container.linuxparameters);
    const added = membersOf(linux.capabilities).add;
    return [
        ...(typeof image === "string" && /@sha256:[0-9a-f]{64}$/.test(image)
            ? []
            : [{ at: `${at}.image`, saw: "not an image by digest" }]),
        ...(isNothing(privileged) || privileged === false ? [] : [{ at: `${at}.privileged`, saw: "not false" }]),
        ...(readonlyrootfilesystem === true ? [] : [{ at: `${at}.readonlyRootFilesystem`, saw: "not true" }]),
        ...(typeof user === "string" && /^(root|0+)(:|$)/.test(user) ? [{ at: `${at}.user`, saw: "root" }] : []),
        ...(isNothing(added)
            ? []
            : [{ at: `${at}.linuxParameters.capabilities.add`, saw: "capabilities beyond the usual, expected none" }]),
        ...(isNothing(container.dockersecurityoptions) || isOnly(container.dockersecurityoptions, "no-new-privileges")
            ? []
            : [{ at: `${at}.dockerSecurityOptions`, saw: "options that may take protection away" }]),
        ...secretNames(container.environment).map((where) => ({
            at: `${at}.environment${where}`,
            saw: "named like a secret, expected a reference in secrets",
        })),
        ...(isNothing(linux.devices)
            ? []
            : [{ at: `${at}.linuxParameters.devices`, saw: "devices of the machine, expected none" }]),
    ];
}

function isNothing(value: unknown): boolean {
    return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

function secretNames(environment: unknown): string[] {
    if (!Array.isArray(environment)) return isNothing(environment) ? [] : [""];
    return environment.flatMap((one, i) => {
        const { name } = membersOf(one);
        return typeof name === "string" && !/SECRET|PASSWORD|TOKEN|PRIVATE_KEY|ACCESS_KEY/i.test(name)
            ? []
            : [`[${i}]`];
    });
}

function isOnly(list: unknown, expected: string): boolean {
    return Array.isArray(list) && list.every((one) => one === expected);
}
