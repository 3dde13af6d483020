import { read } from "../../read";
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
    description: "containers run a pinned image, unprivileged, on a read-only root, and nobody gets a shell in them",
    severity: "high",
    framework: NIST_CONFIGURATION,
    threats: ["T64", "T65"],
    types: [TASK, SERVICE],
    fix: "name images by digest, set readonlyRootFilesystem, leave privileged and enableExecuteCommand off, use two roles",
    reads: [],
    good: { provider: EXAMPLE_PROVIDER, props: GOOD },
    bad: {
        provider: EXAMPLE_PROVIDER,
        props: { ...GOOD, containerDefinitions: '[{"name":"tools","image":"tools:latest"}]' },
    },
    check: (resource) => (resource.type === TASK ? taskFindings(resource) : serviceFindings(resource)),
};

function serviceFindings({ props }: ResourceView): Finding[] {
    const exec = read<boolean>(() => props.enableExecuteCommand);
    return exec.kind === "absent" || (exec.kind === "known" && !exec.value)
        ? []
        : [{ at: "enableExecuteCommand", saw: "not false" }];
}

interface Container {
    readonly image?: unknown;
    readonly privileged?: unknown;
    readonly readonlyRootFilesystem?: unknown;
}

function taskFindings({ props }: ResourceView): Finding[] {
    const at = "containerDefinitions";
    const text = read<string>(() => props.containerDefinitions);
    const task = read<string>(() => props.taskRoleArn);
    const execution = read<string>(() => props.executionRoleArn);
    const same = task.kind === "known" && execution.kind === "known" && task.value === execution.value;
    const containers = text.kind === "known" ? containersOf(text.value) : undefined;
    if (containers === undefined) return [{ at, saw: "not a JSON list that is known, so it cannot be judged" }];
    return [
        ...(same ? [{ at: "taskRoleArn", saw: "also the execution role, expected two roles" }] : []),
        ...containers.flatMap(({ image, privileged, readonlyRootFilesystem }, i): Finding[] => [
            ...(typeof image === "string" && /@sha256:[0-9a-f]{64}$/.test(image)
                ? []
                : [{ at: `${at}[${i}].image`, saw: "not an image by digest" }]),
            ...(privileged === undefined || privileged === false
                ? []
                : [{ at: `${at}[${i}].privileged`, saw: "not false" }]),
            ...(readonlyRootFilesystem === true ? [] : [{ at: `${at}[${i}].readonlyRootFilesystem`, saw: "not true" }]),
        ]),
    ];
}

function containersOf(text: string): readonly Container[] | undefined {
    try {
        const value: unknown = JSON.parse(text);
        return Array.isArray(value) ? (value as Container[]) : undefined;
    } catch {
        return undefined;
    }
}
