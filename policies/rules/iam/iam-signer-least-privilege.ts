import { compileGlob, covers } from "../../../lib/iam/glob";
import { identityRoute } from "../../../lib/iam/identity";
import { keyTarget } from "../../../lib/iam/key";
import { contextOf, known, principalOfArn } from "../../../lib/iam/principal";
import type { ContextValue, DeclaredPrincipal, Scope, Statement } from "../../../lib/iam/types";
import { type IdentityDocument, IDENTITY_TYPES, identityDocuments } from "../../documents";
import { functionArn, NO_SCOPE, scopeOf, signerArn } from "../../place";
import { read, valueOf } from "../../read";
import { type Finding, NIST_LEAST_PRIVILEGE, type ResourceView, type Rule, type StackFinding } from "../../rule";
import type { Settings, SignerSetting } from "../../settings";
import { policyExample } from "../example";

const SIGNER = { role: "countersign-dev-modules-v1-signer", name: "modules-signer" };

export const iamSignerLeastPrivilege: Rule = {
    id: "iam-signer-least-privilege",
    description:
        "a signer may read its key, write its log and do what the settings grant it, and signs in its own function only",
    severity: "critical",
    framework: NIST_LEAST_PRIVILEGE,
    threats: ["T12"],
    types: IDENTITY_TYPES,
    fix: "take the action out, or add it to the signer's grants in the settings; keep the Deny of Sign outside the signer's function",
    reads: ["accountId", "orgId", "regions", "signers"],
    good: policyExample({ Action: ["kms:DescribeKey", "kms:GetPublicKey"], Resource: "*" }, SIGNER),
    bad: policyExample({ Action: "s3:PutObject", Resource: "arn:aws:s3:::countersign-dev-results/*" }, SIGNER),
    check: (resource, settings) => {
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
        return owned.flatMap(({ document: { at, policy }, signer }) => {
            const granted = grantsOf(signer, scope);
            return policy.document.statements
                .filter(({ effect }) => effect === "Allow")
                .flatMap((statement) => excess(statement, granted, signer))
                .map((finding) => ({ ...finding, at: `${at} ${finding.at}` }));
        });
    },
    checkStack: (resources, settings) => settings.signers.flatMap((signer) => missingDeny(signer, resources, settings)),
};

function signerOfDocument({ owner }: IdentityDocument, { signers }: Settings): SignerSetting | undefined {
    return owner.kind === "known" ? signers.find(({ role }) => role === owner.value) : undefined;
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

/** `lambda:SourceFunctionArn` exists in identity policies only, so the Deny has to be in one of the signer's documents. */
function missingDeny(signer: SignerSetting, resources: readonly ResourceView[], settings: Settings): StackFinding[] {
    const role = resources.find(
        ({ type, props }) => type === "aws:iam/role:Role" && valueOf(read<string>(() => props.name)) === signer.role,
    );
    const scope = role === undefined ? undefined : scopeOf(role, settings);
    if (role === undefined || scope === undefined) return [];
    const policies = resources.flatMap((resource) =>
        identityDocuments(resource)
            .filter((document) => signerOfDocument(document, settings) === signer || dependsOn(resource, role))
            .map(({ at, policy }) => ({ name: `${resource.name} ${at}`, policy })),
    );
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
    const elsewhere = [{ kind: "absent" } as const, known(functionArn(scope, `${signer.function}-other`))];
    if (elsewhere.every(denied)) return [];
    const saw =
        "nothing denies kms:Sign outside the signer's function, expected a Deny with ArnNotEquals lambda:SourceFunctionArn";
    return [{ resource: role, at: "policies", saw, principal: signer.role, action: "kms:Sign" }];
}

function dependsOn({ type, dependencies }: ResourceView, role: ResourceView): boolean {
    return type === "aws:iam/rolePolicy:RolePolicy" && (dependencies?.role ?? []).includes(role.urn);
}
