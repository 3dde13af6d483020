import { documentsOf } from "../../documents";
import { nameOfRole, NO_SCOPE, roleArn, scopeOf, signerArn } from "../../place";
import { read, valueOf } from "../../read";
import { type Finding, NIST_LEAST_PRIVILEGE, type ResourceView, type Rule, type StackFinding } from "../../rule";
import type { Settings } from "../../settings";
import { walk } from "../../walk";
import { runnerFindings, startedFromOutside } from "../../outside-runners";
import { EXAMPLE_PROVIDER } from "../example";

const ROLE = "aws:iam/role:Role";

/** They attach rights to a role and do not run as it. */
const NOT_RUNNING = [
    ROLE,
    "aws:iam/policy:Policy",
    "aws:iam/rolePolicy:RolePolicy",
    "aws:iam/userPolicy:UserPolicy",
    "aws:iam/groupPolicy:GroupPolicy",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive",
    "aws:iam/rolePoliciesExclusive:RolePoliciesExclusive",
];

export const outsideRoles: Rule = {
    id: "outside-roles",
    description: "services run as roles that this program declares, or that the settings list with a reason",
    severity: "high",
    framework: NIST_LEAST_PRIVILEGE,
    threats: ["T63"],
    types: "any",
    fix: "give the resource a role of its own and list its name in serviceRoles, or list the other's ARN in outsideRoles",
    reads: ["accountId", "orgId", "regions", "signers", "serviceRoles", "outsideRoles", "externalAccounts"],
    good: {
        type: "aws:sfn/stateMachine:StateMachine",
        provider: EXAMPLE_PROVIDER,
        props: { roleArn: "arn:aws:iam::111122223333:role/countersign-dev-signing" },
    },
    bad: {
        type: "aws:scheduler/schedule:Schedule",
        provider: EXAMPLE_PROVIDER,
        props: { target: { roleArn: "arn:aws:iam::111122223333:role/OrganizationAccountAccessRole" } },
    },
    check: (resource, settings) => {
        if (!resource.type.startsWith("aws:") || NOT_RUNNING.includes(resource.type)) return [];
        const scope = scopeOf(resource, settings);
        // Documents are other rules' matter; the roles beside them (a bucket's replication, a topic's feedback) are ours.
        const { leaves, unknown } = walk(resource.props, ["code", ...documentsOf(resource).map(({ at }) => at)]);
        const allowed = scope === undefined ? [] : allowedArns(settings, scope);
        const names = settings.serviceRoles;
        return [
            ...runnerFindings(resource, settings),
            ...unknown
                .filter((at) => isRoleInput(at))
                .map((at) => ({ at, saw: "unknown, expected a role's ARN made from its name" })),
            ...leaves.flatMap(({ at, value, inside }): Finding[] => {
                const arns = roleArnsIn(value);
                const bad = arns.find((arn) => !allowed.includes(arn));
                if (bad !== undefined) return [roleFinding(at, bad)];
                // A bare name in an input that takes roles.
                const isName =
                    !inside && isRoleInput(at) && arns.length === 0 && value !== at.slice(at.lastIndexOf(".") + 1);
                return isName && !names.includes(nameOfRole(value))
                    ? [{ at, saw: `names ${shownName(value)} that is not listed` }]
                    : [];
            }),
            ...(scope === undefined && leaves.some(({ value }) => roleArnsIn(value).length > 0) ? [NO_SCOPE] : []),
        ];
    },
    checkStack: (resources, settings) => [
        ...undeclared(resources, settings),
        ...resources.flatMap((resource) => startedFromOutside(resource, resources)),
    ],
};

function allowedArns(settings: Settings, scope: NonNullable<ReturnType<typeof scopeOf>>): string[] {
    return [
        ...settings.serviceRoles.map((name) => roleArn(scope, name)),
        ...settings.signers.map((signer) => signerArn(scope, signer)), // signer-referrers-allowlist
        ...settings.outsideRoles.filter(({ reason }) => reason !== "").map(({ arn }) => arn),
    ];
}

/** The last name of the path: `target.roleArn`, `executionRole`, `iamInstanceProfile`. */
export function isRoleInput(at: string): boolean {
    if (/(^|\.)iamInstanceProfile(\[[^\]]*\])?\.name$/.test(at)) return true;
    const name = at
        .replace(/\[[^\]]*\]$/, "")
        .slice(at.lastIndexOf(".") + 1)
        .toLowerCase();
    return /(^|[a-z])role(s|arns?|names?|ids?)?$/.test(name) || /instanceprofile/.test(name);
}

/** Service-linked roles are AWS's own: only their service assumes them. */
function roleArnsIn(text: string): string[] {
    const found =
        text.match(/arn:[a-z-]+:(?:iam|sts)::[0-9]*:(?:role|assumed-role|instance-profile)\/[\w+=,.@/*?${}-]+/gi) ?? [];
    return found.filter((arn) => !arn.includes(":role/aws-service-role/"));
}

function shownName(text: string): string {
    return /^[\w+=,.@/-]{1,128}$/.test(text) ? `role ${text}` : "a role";
}

function roleFinding(at: string, arn: string): Finding {
    const shown = /^arn:[a-z-]+:iam::[0-9]{12}:role\/[\w+=,.@/-]{1,128}$/.test(arn) ? arn : "a role";
    return { at, saw: `${shown} is neither a service role of this program nor an outside role of the settings` };
}

/** A name on the list that nobody declares is somebody else's role. */
function undeclared(resources: readonly ResourceView[], settings: Settings): StackFinding[] {
    const roles = resources.filter(({ type }) => type === ROLE);
    const declared = roles.map(({ props }) => valueOf(read<string>(() => props.name)));
    const [first] = roles;
    if (first === undefined) return [];
    return settings.serviceRoles
        .filter((name) => !declared.includes(name))
        .map((name) => ({
            resource: first,
            at: "settings.serviceRoles",
            saw: `${name} is not declared in this stack`,
        }));
}
