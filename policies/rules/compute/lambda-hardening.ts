import { nameOfRole, scopeOf } from "../../place";
import { read, readKeys, readList, type Read, valueOf } from "../../read";
import { type Finding, NIST_LEAST_PRIVILEGE, type ResourceView, type Rule } from "../../rule";
import type { Settings } from "../../settings";

const TYPES = [
    "aws:lambda/function:Function",
    "aws:lambda/permission:Permission",
    "aws:lambda/functionUrl:FunctionUrl",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
] as const;

const ROLE_ARN = /^arn:[a-z-]+:iam::[0-9]{12}:role\/[\w+=,.@/-]+$/;

/** `CallbackFunction` without a role attaches these and more; none of them is the least that a function needs. */
const FULL_ACCESS =
    /^arn:[a-z-]+:iam::aws:policy\/(.*\/)?(.*FullAccess|.*Full_Access|AdministratorAccess|PowerUserAccess|.*PowerUser|AWSLambda_.*)$/;

export const lambdaHardening: Rule = {
    id: "lambda-hardening",
    description: "every function runs under one explicit role, and only named sources invoke it",
    severity: "high",
    framework: NIST_LEAST_PRIVILEGE,
    threats: ["T72"],
    types: TYPES,
    fix: "create functions through components/inline-function.ts with a role of their own; name SourceArn and SourceAccount on permissions",
    reads: ["accountId", "orgId", "regions", "signers"],
    good: {
        props: {
            name: "countersign-dev-prepare",
            role: "arn:aws:iam::111122223333:role/countersign-dev-prepare",
            runtime: "nodejs24.x",
        },
    },
    bad: { props: { name: "countersign-dev-prepare", runtime: "nodejs24.x" } },
    check: (resource, settings) => {
        switch (resource.type as (typeof TYPES)[number]) {
            case "aws:lambda/function:Function":
                return functionFindings(resource, settings);
            case "aws:lambda/permission:Permission":
                return permissionFindings(resource, settings);
            case "aws:lambda/functionUrl:FunctionUrl":
                return urlFindings(resource);
            case "aws:iam/rolePolicyAttachment:RolePolicyAttachment":
                return attachmentFindings(resource);
        }
    },
};

function functionFindings({ props }: ResourceView, settings: Settings): Finding[] {
    const variables = readKeys(() => props.environment?.variables);
    const names = variables.kind === "known" ? variables.value : [];
    return [
        ...roleFindings(
            read<string>(() => props.role),
            read<string>(() => props.name),
            settings,
        ),
        ...(read(() => props.name).kind === "known" ? [] : [{ at: "name", saw: "not an explicit name" }]),
        ...layerFindings(readList<string>(() => props.layers)),
        ...(variables.kind === "unknown"
            ? [{ at: "environment", saw: "unknown, expected names that can be judged" }]
            : []),
        ...names.filter((name) => /SECRET|PASSWORD|TOKEN|PRIVATE_KEY|ACCESS_KEY/i.test(name)).map(secretFinding),
    ];
}

/** A second function under a role does all that the role may: write control tables, say, under code that nobody thought of. */
function roleFindings(role: Read<string>, name: Read<string>, { signers }: Settings): Finding[] {
    if (role.kind !== "known")
        return [{ at: "role", saw: `${role.kind}, expected the ARN of a role of this function's own` }];
    if (!ROLE_ARN.test(role.value)) return [{ at: "role", saw: "not a role ARN built from account and name" }];
    const own = valueOf(name);
    const expected = signers.find((signer) => signer.function === own)?.role ?? own;
    return expected === undefined || nameOfRole(role.value) === expected
        ? []
        : [{ at: "role", saw: `the role of something else, expected one called ${expected}` }];
}

function layerFindings(layers: Read<readonly Read<string>[]>): Finding[] {
    if (layers.kind === "absent" || (layers.kind === "known" && layers.value.length === 0)) return [];
    return [{ at: "layers", saw: "set, expected none: a layer is code that nobody reviewed here" }];
}

function secretFinding(name: string): Finding {
    return { at: `environment.variables.${name}`, saw: "named like a secret, expected configuration only" };
}

function permissionFindings(resource: ResourceView, settings: Settings): Finding[] {
    const { props } = resource;
    const principal = read<string>(() => props.principal);
    const action = read<string>(() => props.action);
    const account = read<string>(() => props.sourceAccount);
    const own = scopeOf(resource, settings)?.accountId;
    return [
        // Principals of an account have identity documents, which the rules of documents judge.
        ...(principal.kind === "known" && /^[a-z0-9.-]+\.amazonaws\.com(\.cn)?$/.test(String(principal.value))
            ? []
            : [{ at: "principal", saw: `${shown(principal)}, expected a service` }]),
        ...(action.kind === "known" && action.value === "lambda:InvokeFunction"
            ? []
            : [{ at: "action", saw: `${shown(action)}, expected lambda:InvokeFunction` }]),
        ...["sourceArn", "sourceAccount"].flatMap((at): Finding[] => {
            const source = read<unknown>(() => props[at]);
            return source.kind === "known" && typeof source.value === "string" && !/[*?]/.test(source.value)
                ? []
                : [{ at, saw: `${shown(source)}, expected an exact value, made of account, region and name` }];
        }),
        ...(account.kind === "known" && own !== undefined && account.value !== own
            ? [{ at: "sourceAccount", saw: `${shown(account)}, expected ${own}` }]
            : []),
        ...["functionUrlAuthType", "principalOrgId", "invokedViaFunctionUrl"]
            .filter((at) => read(() => props[at]).kind !== "absent")
            .map((at) => ({ at, saw: "set, expected absent" })),
    ];
}

function urlFindings({ props }: ResourceView): Finding[] {
    const auth = read<string>(() => props.authorizationType);
    return auth.kind === "known" && auth.value === "AWS_IAM"
        ? []
        : [{ at: "authorizationType", saw: `${shown(auth)}, expected AWS_IAM` }];
}

function attachmentFindings({ props }: ResourceView): Finding[] {
    const arn = read<string>(() => props.policyArn);
    if (arn.kind !== "known" || !FULL_ACCESS.test(arn.value)) return [];
    return [{ at: "policyArn", saw: `${arn.value}, expected a document with the least that the role needs` }];
}

function shown(value: Read<unknown>): string {
    return value.kind === "known" ? String(value.value) : value.kind;
}
