import type { ComputeNode, SupplyNode } from "../lib/iam/takeover";
import type { ComputeKind, SupplyKind } from "../lib/iam/takeover-catalogue";
import type { Scope } from "../lib/iam/types";
import { functionArn, nameOfRole, roleArn } from "./place";
import { read, valueOf } from "./read";
import type { ResourceView } from "./rule";
import { walk } from "./walk";

/** What in a stack runs as a role, and what that is made from. Ids are not known before creation, so most ARNs are patterns. */

const ROLE = "aws:iam/role:Role";
const PROFILE = "aws:iam/instanceProfile:InstanceProfile";

interface Runs {
    readonly kinds: readonly ComputeKind[];
    /** Input that names the role, or the instance profile. */
    readonly role: string;
    readonly arn: (scope: Scope, name: string | undefined) => string;
}

const of =
    (service: string, resource: string) =>
    ({ partition, region, accountId }: Scope, name = "*"): string =>
        `arn:${partition}:${service}:${region}:${accountId}:${resource.replace("NAME", name)}`;
const INSTANCES = of("ec2", "instance/*");
/** Where the name alone does not give the ARN: a cluster is between, or a number after. */
const anything = (service: string) => (scope: Scope) => of(service, "*")(scope);

const RUNS: Readonly<Record<string, Runs>> = {
    "aws:lambda/function:Function": {
        kinds: ["lambda"],
        role: "role",
        arn: (scope, name = "*") => functionArn(scope, name),
    },
    "aws:sfn/stateMachine:StateMachine": { kinds: ["states"], role: "roleArn", arn: of("states", "stateMachine:NAME") },
    "aws:ec2/instance:Instance": { kinds: ["ec2"], role: "iamInstanceProfile", arn: INSTANCES },
    "aws:ec2/launchTemplate:LaunchTemplate": {
        kinds: ["ec2", "autoscaling"],
        role: "iamInstanceProfile",
        arn: anything("*"),
    },
    "aws:ecs/taskDefinition:TaskDefinition": { kinds: ["ecs"], role: "taskRoleArn", arn: anything("ecs") },
    "aws:codebuild/project:Project": {
        kinds: ["codebuild"],
        role: "serviceRole",
        arn: of("codebuild", "project/NAME"),
    },
    "aws:glue/job:Job": { kinds: ["glue"], role: "roleArn", arn: anything("glue") },
    "aws:glue/devEndpoint:DevEndpoint": { kinds: ["glue"], role: "roleArn", arn: anything("glue") },
    "aws:sagemaker/notebookInstance:NotebookInstance": {
        kinds: ["sagemaker"],
        role: "roleArn",
        arn: anything("sagemaker"),
    },
};

/** What runs as which role, as far as the stack shows it. */
export function computeNodes(resources: readonly ResourceView[], scope: Scope): ComputeNode[] {
    return resources.flatMap((resource) => {
        const runs = Object.hasOwn(RUNS, resource.type) ? RUNS[resource.type] : undefined;
        const role = runs && roleOf(resource, runs.role, resources, scope);
        if (runs === undefined || role === undefined) return [];
        const arn = runs.arn(scope, valueOf(read<string>(() => resource.props.name)));
        return runs.kinds.map((kind) => ({ kind, arn, roleArn: role }));
    });
}

/** Buckets, repositories, parameters and secrets that what runs as a role is started from. */
export function supplyNodes(resources: readonly ResourceView[], scope: Scope): SupplyNode[] {
    return resources.flatMap((resource) => {
        const runs = Object.hasOwn(RUNS, resource.type) ? RUNS[resource.type] : undefined;
        const role = runs && roleOf(resource, runs.role, resources, scope);
        if (role === undefined) return [];
        const bucket = valueOf(read<string>(() => resource.props.s3Bucket));
        const texts = walk(resource.props, ["code"]).leaves.map(({ value }) => value);
        return [
            ...(bucket === undefined
                ? []
                : [`arn:${scope.partition}:s3:::${bucket}`, `arn:${scope.partition}:s3:::${bucket}/*`]),
            ...texts.flatMap((text) => suppliesIn(text, scope)),
        ].map((arn): SupplyNode => ({ kind: kindOf(arn), arn, roleArn: role }));
    });
}

const SUPPLIES: readonly (readonly [RegExp, SupplyKind])[] = [
    [/^arn:[a-z-]+:s3:::/, "s3"],
    [/^arn:[a-z-]+:ecr:/, "ecr"],
    [/^arn:[a-z-]+:ssm:[^:]*:[^:]*:parameter\//, "ssm"],
    [/^arn:[a-z-]+:secretsmanager:/, "secret"],
    [/^arn:[a-z-]+:imagebuilder:/, "imagebuilder"],
];

function kindOf(arn: string): SupplyKind {
    return SUPPLIES.find(([pattern]) => pattern.test(arn))?.[1] ?? "s3";
}

function suppliesIn(text: string, { partition }: Scope): string[] {
    const image = /^([0-9]{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com\/([a-z0-9._/-]+)/.exec(text);
    if (image !== null) return [`arn:${partition}:ecr:${image[2]}:${image[1]}:repository/${image[3]}`];
    return SUPPLIES.some(([pattern]) => pattern.test(text)) ? [text] : [];
}

/** By ARN, by name, or by the resource that it comes from; through an instance profile, its role. */
function roleOf(
    resource: ResourceView,
    property: string,
    resources: readonly ResourceView[],
    scope: Scope,
): string | undefined {
    const from = Object.entries(resource.dependencies ?? {}).flatMap(([input, urns]) =>
        input === property ? urns : [],
    );
    const given = read<unknown>(() => resource.props[property]);
    const text = given.kind === "known" ? textOf(given.value) : undefined;
    const profile = resources.find(
        ({ type, urn, props }) =>
            type === PROFILE &&
            resource.type !== PROFILE && // which often has its role's name
            (from.includes(urn) ||
                (text !== undefined && nameOfRole(text) === valueOf(read<string>(() => props.name)))),
    );
    if (profile !== undefined) return roleOf(profile, "role", resources, scope);
    if (text?.includes(":role/")) return text;
    const role = resources.find(
        ({ type, urn, props }) =>
            type === ROLE &&
            (from.includes(urn) || (text !== undefined && text === valueOf(read<string>(() => props.name)))),
    );
    if (role === undefined) return undefined;
    const name = valueOf(read<string>(() => role.props.name));
    const path = valueOf(read<string>(() => role.props.path)) ?? "/";
    return name === undefined ? undefined : roleArn(scope, `${path.slice(1)}${name}`);
}

/** A launch template says `{name}` or `{arn}`. */
function textOf(value: unknown): string | undefined {
    if (typeof value === "string") return value;
    if (Array.isArray(value)) return textOf(value[0]);
    if (typeof value !== "object" || value === null) return undefined;
    const { name, arn } = value as Record<string, string | undefined>;
    return valueOf(read(() => arn)) ?? valueOf(read(() => name));
}
