import { compileGlob, covers } from "../../../lib/iam/glob";
import { identityRoute } from "../../../lib/iam/identity";
import { keyTarget } from "../../../lib/iam/key";
import { contextOf, principalOfArn } from "../../../lib/iam/principal";
import type { ContextValue, DeclaredPrincipal, Scope, Statement } from "../../../lib/iam/types";
import { type IdentityDocument, IDENTITY_TYPES, identityDocuments } from "../../documents";
import { functionArn, NO_SCOPE, scopeOf, signerArn } from "../../place";
import { read, readList, valueOf } from "../../read";
import { type Finding, NIST_LEAST_PRIVILEGE, type ResourceView, type Rule, type StackFinding } from "../../rule";
import type { Settings, SignerSetting } from "../../settings";
import { policyExample } from "../example";
import { isSignerName } from "./iam-signer-trust-exact";

/** Which role gets managed policies; a signer gets none, since others may change them. */
const ATTACHMENTS: Readonly<Record<string, string>> = {
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": "role",
    "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive": "roleName",
    "aws:iam/policyAttachment:PolicyAttachment": "roles",
};

const SIGNER = { role: "countersign-dev-modules-v1-signer", name: "modules-signer" };

export const iamSignerLeastPrivilege: Rule = {
    id: "iam-signer-least-privilege",
    description:
        "a signer may read its key, write its log and do what the settings grant it, and signs in its own function only",
    severity: "critical",
    framework: NIST_LEAST_PRIVILEGE,
    threats: ["T12"],
    types: [...IDENTITY_TYPES, ...Object.keys(ATTACHMENTS)],
    fix: "take the action out, or add it to the signer's grants in the settings; deny Sign outside the signer's function in each document",
    reads: ["accountId", "orgId", "regions", "signers"],
    good: policyExample(
        {
            Effect: "Deny",
            Action: "kms:Sign",
            Resource: "*",
            Condition: {
                ArnNotEquals: {
                    "lambda:SourceFunctionArn":
                        "arn:aws:lambda:eu-west-1:111122223333:function:countersign-dev-modules-v1-sign",
                },
            },
        },
        SIGNER,
    ),
    bad: policyExample({ Action: "s3:PutObject", Resource: "arn:aws:s3:::countersign-dev-results/*" }, SIGNER),
    check: (resource, settings) => {
        if (Object.hasOwn(ATTACHMENTS, resource.type)) return attachmentFindings(resource, settings);
        const documents = identityDocuments(resource);
        if (documents.some(({ owner }) => owner.kind === "unknown"))
            return [{ at: "role", saw: "unknown, so it may be a signer: expected the role's name" }];
        const owned = documents.flatMap((document) => {
            const signer = signerOfDocument(document, settings);
            return signer === undefined ? [] : [{ document, signer }];
        });
        if (owned.length === 0) return [];
        const scope = scopeOf(resource, settings);
        if (scope === undefined) return [NO_SCOPE];
        return owned.flatMap(({ document, signer }) => documentFindings(document, signer, scope));
    },
    checkStack: (resources, settings) => [
        ...settings.signers.flatMap((signer) => missingDeny(signer, resources, settings)),
        ...resources.flatMap((resource) => ofUnknownRole(resource, resources, settings)),
    ],
};

function documentFindings({ at, policy }: IdentityDocument, signer: SignerSetting, scope: Scope): Finding[] {
    const granted = grantsOf(signer, scope);
    return [
        ...policy.document.statements
            .filter(({ effect }) => effect === "Allow")
            .flatMap((statement) => excess(statement, granted, signer))
            .map((finding) => ({ ...finding, at: `${at} ${finding.at}` })),
        ...openElsewhere([{ name: at, policy }], signer, scope, at),
    ];
}

function attachmentFindings({ type, props }: ResourceView, { signers }: Settings): Finding[] {
    const at = ATTACHMENTS[type]!;
    const roles = readList<string>(() => props[at]);
    if (roles.kind !== "known" || isEmptied({ type, props })) return [];
    return roles.value.flatMap((role): Finding[] =>
        role.kind === "known" && isSignerName(role.value.slice(role.value.lastIndexOf("/") + 1), signers)
            ? [{ at, saw: "a managed policy for a signer, expected none: others may change it", principal: role.value }]
            : [],
    );
}

/** `policyArns: []` takes away whatever is attached. */
function isEmptied({ props }: Pick<ResourceView, "type" | "props">): boolean {
    const arns = readList<string>(() => props.policyArns);
    return arns.kind === "known" && arns.value.length === 0;
}

/** A role whose name is not known yet: it is one of the stack's, by dependency, or nobody can say whose document this is. */
function ofUnknownRole(resource: ResourceView, resources: readonly ResourceView[], settings: Settings): StackFinding[] {
    const property = resource.type === ROLE_POLICY ? "role" : ATTACHMENTS[resource.type];
    if (property === undefined) return [];
    const given = readList<string>(() => resource.props[property]);
    const isUnknown =
        given.kind === "unknown" || (given.kind === "known" && given.value.some(({ kind }) => kind === "unknown"));
    if (!isUnknown) return [];
    const from = resource.dependencies?.[property] ?? [];
    const roles = resources.filter(({ type, urn }) => type === ROLE && from.includes(urn));
    if (roles.length === 0)
        return [{ resource, at: property, saw: "unknown, and it depends on no role of this stack", threat: "T91" }];
    return roles.flatMap((role): StackFinding[] => {
        const name = valueOf(read<string>(() => role.props.name));
        const signer = settings.signers.find((one) => name !== undefined && isSignerName(name, [one]));
        const scope = scopeOf(role, settings);
        if (signer === undefined) return []; // a role without known name is iam-signer-trust-exact's
        if (scope === undefined) return [{ ...NO_SCOPE, resource }];
        if (resource.type !== ROLE_POLICY)
            return isEmptied(resource) ? [] : [{ resource, at: property, saw: "a managed policy for a signer" }];
        return identityDocuments(resource)
            .flatMap((document) => documentFindings(document, signer, scope))
            .map((finding) => ({ ...finding, resource }));
    });
}

const ROLE = "aws:iam/role:Role";
const ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy";

function signerOfDocument({ owner }: IdentityDocument, { signers }: Settings): SignerSetting | undefined {
    return owner.kind === "known" ? signers.find((one) => isSignerName(owner.value, [one])) : undefined;
}

interface Granted {
    readonly actions: readonly string[];
    readonly resources: readonly string[];
}

function grantsOf(signer: SignerSetting, { partition, region, accountId }: Scope): readonly Granted[] {
    return [
        { actions: ["kms:DescribeKey", "kms:GetPublicKey", "kms:GetKeyPolicy"], resources: ["*"] },
        {
            actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
            resources: [`arn:${partition}:logs:${region}:${accountId}:log-group:/aws/lambda/${signer.function}:*`],
        },
        ...signer.grants,
    ];
}

/** Conditions only take away, so they are not looked at: what is granted is granted without. */
function excess(statement: Statement, granted: readonly Granted[], { role }: SignerSetting): Finding[] {
    const { actions, resources, at } = statement;
    if (actions.negated || resources === undefined || resources.negated)
        return [{ at, saw: "allows by exclusion, expected actions and resources by name", principal: role }];
    return actions.entries.flatMap((action): Finding[] => {
        const name = compileGlob(action.text.toLowerCase());
        const within = granted.filter((one) => one.actions.some((own) => covers(compileGlob(own.toLowerCase()), name)));
        const loose = resources.entries.find(
            ({ text }) =>
                !within.some((one) => one.resources.some((own) => covers(compileGlob(own), compileGlob(text)))),
        );
        if (loose === undefined) return [];
        const saw = within.length === 0 ? "not among the signer's grants" : "granted, but not on this resource";
        return [{ at: action.at, saw, principal: role, action: action.text, target: loose.text }];
    });
}

/**
 * `lambda:SourceFunctionArn` exists in identity policies only. Each document of a signer holds the Deny, so that it is decided
 * resource by resource; a role without any document is seen in the stack.
 */
function openElsewhere(
    policies: DeclaredPrincipal["policies"],
    signer: SignerSetting,
    scope: Scope,
    at: string,
): Finding[] {
    const principal: DeclaredPrincipal = { arn: signerArn(scope, signer), policies, complete: true };
    const caller = principalOfArn(principal.arn, scope);
    const context = contextOf(caller);
    const denied = (source: ContextValue): boolean =>
        identityRoute(
            principal,
            keyTarget("kms:Sign", scope),
            { context: (key) => (key === "lambda:sourcefunctionarn" ? source : context(key)), exact: false },
            caller,
        ).denied;
    // Any function but the one: a pattern that leaves out one more is no Deny of it.
    const other = { kind: "like", glob: "*", except: [functionArn(scope, signer.function)] } as const;
    const elsewhere: ContextValue[] = [{ kind: "absent" }, other];
    if (elsewhere.every(denied)) return [];
    const saw =
        "nothing denies kms:Sign outside the signer's function, expected a Deny with ArnNotEquals lambda:SourceFunctionArn";
    return [{ at, saw, principal: signer.role, action: "kms:Sign" }];
}

function missingDeny(signer: SignerSetting, resources: readonly ResourceView[], settings: Settings): StackFinding[] {
    const role = resources.find(
        ({ type, props }) => type === ROLE && valueOf(read<string>(() => props.name)) === signer.role,
    );
    const scope = role === undefined ? undefined : scopeOf(role, settings);
    if (role === undefined || scope === undefined) return [];
    const policies = resources.flatMap((resource) =>
        identityDocuments(resource)
            .filter((document) => signerOfDocument(document, settings) === signer || dependsOn(resource, role))
            .map(({ at, policy }) => ({ name: `${resource.name} ${at}`, policy })),
    );
    return openElsewhere(policies, signer, scope, "policies").map((finding) => ({ ...finding, resource: role }));
}

function dependsOn({ type, dependencies }: ResourceView, role: ResourceView): boolean {
    return type === ROLE_POLICY && (dependencies?.role ?? []).includes(role.urn);
}
