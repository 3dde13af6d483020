import { documentsOf } from "../../documents";
import { read, valueOf } from "../../read";
import { type Finding, NIST_LEAST_PRIVILEGE, type ResourceView, type Rule, type StackFinding } from "../../rule";
import type { Settings, SignerSetting } from "../../settings";
import { type Leaf, mentions, walk } from "../../walk";
import { startFindings, startsOfMachines } from "../../machine-starts";
import { EXAMPLE_PROVIDER } from "../example";

export const signerReferrersAllowlist: Rule = {
    id: "signer-referrers-allowlist",
    description: "whatever names a signer or its function is on the list",
    severity: "critical",
    framework: NIST_LEAST_PRIVILEGE,
    threats: ["T67", "T70"],
    types: "any",
    fix: "take the reference out, or list the resource by type and name in signerReferrers",
    reads: [
        "accountId",
        "orgId",
        "regions",
        "signerTag",
        "signers",
        "signerReferrers",
        "deployRole",
        "breakGlass",
        "boundaryPolicies",
    ],
    good: {
        type: "aws:sfn/stateMachine:StateMachine",
        name: "machine",
        provider: EXAMPLE_PROVIDER,
        props: {
            definition: '{"Resource":"arn:aws:lambda:eu-west-1:111122223333:function:countersign-dev-modules-v1-sign"}',
        },
    },
    bad: {
        type: "aws:lambda/functionUrl:FunctionUrl",
        name: "url",
        provider: EXAMPLE_PROVIDER,
        props: { functionName: "countersign-dev-modules-v1-sign", authorizationType: "AWS_IAM" },
    },
    check: (resource, settings) => {
        // The code of other functions may name whatever it likes: it can do what its role can.
        const { leaves, unknown, cut } = walk(resource.props, ["code"]);
        const blind = unknown
            .filter((at) => callees(resource, BY_NAME).includes(at.replace(/\[.*/, "")))
            .map((at) => ({ at, saw: "unknown, so it may be a signer's function: expected its name", threat: "T67" }));
        if (settings.signers.length === 0) return blind;
        const starts = startFindings(resource, leaves, settings);
        if (isReferrer(resource, settings)) return [...blind, ...turnedDoor(resource, leaves, settings)];
        const found = settings.signers.flatMap((signer): Finding[] => {
            if (isOwn(resource, signer, settings)) return [];
            const leaf = leaves.find(({ value }) => namesOf(signer).some((name) => mentionsInAnyCase(value, name)));
            return leaf === undefined ? [] : [namedFinding(leaf.at, signer)];
        });
        const isSelf = settings.signers.some((signer) => isOwn(resource, signer, settings));
        const pattern = isSelf ? undefined : leaves.find(({ value }) => namesPath(value));
        return [
            ...found,
            ...starts,
            ...(found.length === 0 && pattern !== undefined
                ? [{ at: pattern.at, saw: "names roles under /signing/", threat: "T70" }]
                : []),
            ...(found.length === 0 ? invokerFindings(resource, leaves, settings) : []),
            ...blind,
            ...(cut ? [{ at: "props", saw: "too deep or too large to be looked at" }] : []),
        ];
    },
    checkStack: (resources, settings) => [
        ...byDependency(resources, settings),
        ...resources.flatMap((resource) => unresolved(resource, resources)),
        ...twins(resources, settings),
        ...startsOfMachines(resources, settings, (resource) => isReferrer(resource, settings)),
    ],
};

/** Inputs that call what they name: by name, so that all is known at preview, or by an ARN that another resource gives. */
const BY_NAME: Readonly<Record<string, readonly string[]>> = {
    "aws:lambda/eventSourceMapping:EventSourceMapping": ["functionName"],
    "aws:lambda/permission:Permission": ["function"],
    "aws:lambda/functionUrl:FunctionUrl": ["functionName"],
    "aws:s3/bucketNotification:BucketNotification": ["lambdaFunctions"],
};
const BY_ARN: Readonly<Record<string, readonly string[]>> = {
    "aws:cloudwatch/eventTarget:EventTarget": ["arn"],
    "aws:sns/topicSubscription:TopicSubscription": ["endpoint"],
    // Takes policies away, the Deny of Sign outside the signer's function among them.
    "aws:iam/rolePoliciesExclusive:RolePoliciesExclusive": ["roleName"],
};
/** What calls a function by the function's own policy, whoever caused the event. */
const DOORS = [
    ...Object.keys(BY_NAME),
    "aws:cloudwatch/eventTarget:EventTarget",
    "aws:sns/topicSubscription:TopicSubscription",
];

function callees({ type }: ResourceView, table: typeof BY_NAME): readonly string[] {
    return Object.hasOwn(table, type) ? table[type]! : [];
}

/**
 * Where roles call a signer, nothing else does: a resource that is listed for another signer's sake, the log's minute, is no door to this
 * one.
 */
function turnedDoor({ type }: ResourceView, leaves: readonly Leaf[], { signers }: Settings): Finding[] {
    if (!DOORS.includes(type)) return [];
    return signers
        .filter(({ invokers }) => invokers.length > 0)
        .flatMap((signer) => {
            const leaf = leaves.find(({ value }) => mentions(value, signer.function));
            return leaf === undefined ? [] : [doorFinding(leaf.at, signer)];
        });
}

function doorFinding(at: string, { role, invokers }: SignerSetting): Finding {
    return { at, saw: `a door to a signer that only ${invokers.join(", ")} calls`, target: role, threat: "T67" };
}

/** The list knows type and name; under another parent, there may be both once more. */
function twins(resources: readonly ResourceView[], settings: Settings): StackFinding[] {
    return resources
        .filter((resource) => isReferrer(resource, settings))
        .filter(({ type, name, urn }) => resources.find((one) => one.type === type && one.name === name)?.urn !== urn)
        .map((resource) => ({
            resource,
            at: "name",
            saw: "another resource has this type and name, which the list names once",
        }));
}

/** What runs as a role that may call signers could take the function's name from its input, and so name no signer. */
function invokerFindings({ type, props }: ResourceView, leaves: readonly Leaf[], settings: Settings): Finding[] {
    const own = type === "aws:iam/role:Role" ? valueOf(read<string>(() => props.name)) : undefined;
    const invokers = settings.signers.flatMap(({ invokers: names }) => names).filter((name) => name !== own);
    const leaf = leaves.find(({ value }) => invokers.some((name) => namesRole(value, name)));
    return leaf === undefined
        ? []
        : [{ at: leaf.at, saw: "names a role that may call a signer, and is not on the list", threat: "T67" }];
}

function namesRole(text: string, name: string): boolean {
    return text === name || (/:(role|assumed-role|instance-profile)\//.test(text) && mentions(text, name));
}

/** IAM tells roles apart whatever the case of their names. */
function mentionsInAnyCase(text: string, name: string): boolean {
    return mentions(text.toLowerCase(), name.toLowerCase());
}

function namesOf({ role, function: name }: SignerSetting): string[] {
    return [role, name];
}

function namedFinding(at: string, { role }: SignerSetting): Finding {
    return { at, saw: "names a signer or its function and is not on the list", target: role };
}

/** `role/signing/NAME`, whoever it is; a document that allows something there is judged by the rules of documents, too. */
function namesPath(text: string): boolean {
    return /:role\/+signing\//i.test(text);
}

function isReferrer({ type, name }: ResourceView, { signerReferrers }: Settings): boolean {
    return signerReferrers.some((one) => one.type === type && one.name === name);
}

/** What other rules judge by name: the key, the role, its documents, its function and that function's log. */
function isOwn(resource: ResourceView, signer: SignerSetting, { signerTag }: Settings): boolean {
    const { type, props } = resource;
    const known = (get: () => string | undefined): string | undefined => valueOf(read<string>(get));
    switch (type) {
        case "aws:kms/key:Key":
            return known(() => props.tags?.[signerTag]) === signer.role;
        case "aws:iam/role:Role":
            return known(() => props.name) === signer.role;
        case "aws:iam/rolePolicy:RolePolicy":
            return documentsOf(resource).every(({ owner }) => owner.kind === "known" && owner.value === signer.role);
        case "aws:lambda/function:Function":
            return known(() => props.name) === signer.function;
        case "aws:cloudwatch/logGroup:LogGroup":
            return known(() => props.name) === `/aws/lambda/${signer.function}`;
        default:
            return false;
    }
}

const ROLE = "aws:iam/role:Role";
const FUNCTION = "aws:lambda/function:Function";

/** By dependency, where the value is not known yet. */
function byDependency(resources: readonly ResourceView[], settings: Settings): StackFinding[] {
    return settings.signers.flatMap((signer) => {
        const targets = resources.filter(
            ({ type, props }) =>
                (type === ROLE && valueOf(read<string>(() => props.name)) === signer.role) ||
                (type === FUNCTION && valueOf(read<string>(() => props.name)) === signer.function),
        );
        return resources.flatMap((resource): StackFinding[] => {
            const isListed = isReferrer(resource, settings);
            if (
                targets.includes(resource) ||
                (isListed && !(DOORS.includes(resource.type) && signer.invokers.length > 0))
            )
                return [];
            if (settings.signers.some((one) => isOwn(resource, one, settings))) return [];
            const found = Object.entries(resource.dependencies ?? {}).find(([, from]) =>
                targets.some(({ urn }) => from.includes(urn)),
            );
            if (found === undefined) return [];
            return [{ ...(isListed ? doorFinding : namedFinding)(found[0], signer), resource }];
        });
    });
}

/** An ARN that is not known yet comes from a resource of this stack, or from somewhere that nobody here judged. */
function unresolved(resource: ResourceView, resources: readonly ResourceView[]): StackFinding[] {
    return callees(resource, BY_ARN).flatMap((at): StackFinding[] => {
        if (read<string>(() => resource.props[at]).kind !== "unknown") return [];
        const from = resource.dependencies?.[at] ?? [];
        const isOwn = from.length > 0 && from.every((urn) => resources.some((one) => one.urn === urn));
        return isOwn ? [] : [{ resource, at, saw: "unknown, and it depends on nothing of this stack", threat: "T67" }];
    });
}
