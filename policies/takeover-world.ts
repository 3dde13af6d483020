import {
    type Exemption,
    type SignerNode,
    steppingStones,
    type TableNode,
    type TakeoverWorld,
} from "../lib/iam/takeover";
import type { AttachedPolicy, DeclaredPrincipal, ParsedPolicy, Scope } from "../lib/iam/types";
import { documentsOf, type IdentityDocument, identityDocuments, parseOnce } from "./documents";
import { held } from "./holder";
import { arnOfRole, functionArn, nameOfRole, roleArn, signerArn, tableArn } from "./place";
import { read, valueOf } from "./read";
import type { ResourceView } from "./rule";
import type { Settings } from "./settings";
import { computeNodes, supplyNodes } from "./takeover-compute";
import { managedOf } from "./takeover-managed";

/** The world of the takeover graph, from the settings alone and from all resources. */

/** Signers as they ought to be; that they are, other rules say. */
function signerNodes(settings: Settings, scope: Scope): SignerNode[] {
    return settings.signers.map((signer) => ({
        roleArn: signerArn(scope, signer),
        keyName: signer.keys.join(" "),
        // No key policy: AWS's default, so that whatever an identity document could do to some key counts.
        key: { scope, principals: [], grants: [] },
        // An invoke of a version, alias or $LATEST asks for the qualified ARN.
        functionArns: [functionArn(scope, signer.function), `${functionArn(scope, signer.function)}:*`],
        invokers: signer.invokers.map((name) => arnOfRole(scope, name, settings)),
    }));
}

/** As iam-signer-trust-exact lets it be: Lambda alone or, in direct mode, holders of a configured issuer's tokens. */
function signerTrust({ directMode, oidcProviders }: Settings, { partition, accountId }: Scope): ParsedPolicy {
    const federated = oidcProviders.map(({ url }) => ({
        Effect: "Allow",
        Principal: {
            Federated: `arn:${partition}:iam::${accountId}:oidc-provider/${url.replace(/^https:\/\//, "")}`,
        },
        Action: "sts:AssumeRoleWithWebIdentity",
    }));
    const lambda = { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" };
    const Statement = [lambda, ...(directMode ? federated : [])];
    return parseOnce(JSON.stringify({ Version: "2012-10-17", Statement }), "trust");
}

function tableNodes({ controlTables, ...settings }: Settings, scope: Scope): TableNode[] {
    return controlTables.map(({ table, writers }) => ({
        arn: tableArn(scope, table),
        writers: writers.map((name) => arnOfRole(scope, name, { controlTables, ...settings })),
    }));
}

function exemptions({ deployRole, breakGlass, keyAdmins }: Settings): Exemption[] {
    return [
        ...(deployRole === "" ? [] : [{ arn: deployRole, reason: "it applies the program" }]),
        ...breakGlass.filter(({ reason }) => reason !== ""),
        ...keyAdmins.map((arn): Exemption => ({ arn, reason: "it changes key policies", threats: ["T66"] })),
    ];
}

function base(settings: Settings, scope: Scope): TakeoverWorld {
    const signers = signerNodes(settings, scope);
    const trust = signerTrust(settings, scope);
    const tables = tableNodes(settings, scope);
    const stones = [...new Set(signers.flatMap((signer) => steppingStones({ signers, tables }, signer)))];
    return {
        scope,
        signers,
        principals: [
            ...signers.map(({ roleArn: arn }) => ({ arn, policies: [], complete: true, trust })),
            // Without trust, which may then be in anyone: what the stack declares takes their place.
            ...stones.map((arn) => ({ arn, policies: [], complete: true })),
        ],
        compute: [
            ...settings.signers.map((signer) => ({
                kind: "lambda" as const,
                arn: functionArn(scope, signer.function),
                roleArn: signerArn(scope, signer),
            })),
            ...stones.flatMap((role) => computeOfStone(role, scope)),
        ],
        supplies: [],
        tables,
        unattached: [],
        exempt: exemptions(settings),
    };
}

/** A function or a machine has the name of its role (lambda-hardening). */
function computeOfStone(role: string, scope: Scope): TakeoverWorld["compute"] {
    const { partition, region, accountId } = scope;
    const name = nameOfRole(role);
    return [
        { kind: "lambda", arn: functionArn(scope, name), roleArn: role },
        { kind: "states", arn: `arn:${partition}:states:${region}:${accountId}:stateMachine:${name}`, roleArn: role },
    ];
}

/** One identity document against the signers, functions and tables of the settings: nothing else has to exist. */
export function worldOfDocument(document: IdentityDocument, settings: Settings, scope: Scope): TakeoverWorld {
    const { at, owner, policy } = held(document, settings, scope);
    const world = base(settings, scope);
    const attached: AttachedPolicy = { name: at, policy };
    const arn = owner.kind === "known" ? arnOfRole(scope, owner.value, settings) : holderOf("the-document", scope);
    const holder: DeclaredPrincipal = { arn, policies: [attached], complete: true };
    return { ...world, principals: [...world.principals.filter((one) => one.arn !== arn), holder] };
}

/** Whoever gets a document that is attached to nobody here: a role like any other, so that keys do not take it for an unknown caller. */
function holderOf(name: string, scope: Scope): string {
    return roleArn(scope, `holder-of-${name.replace(/[^\w+=,.@-]/g, "-")}`);
}

/** All that the stack declares. */
export function worldOfStack(resources: readonly ResourceView[], settings: Settings, scope: Scope): TakeoverWorld {
    const world = base(settings, scope);
    const roles = resources.filter(({ type }) => type === "aws:iam/role:Role");
    const declared = roles.flatMap((role) => declaredRole(role, resources, settings, scope));
    const names = new Set(declared.map(({ arn }) => arn));
    return {
        ...world,
        principals: [
            ...world.principals.filter(({ arn }) => !names.has(arn)),
            ...declared,
            ...resources
                .filter(({ type }) => type === "aws:iam/policy:Policy")
                .flatMap((policy) =>
                    identityDocuments(policy, settings.boundaryPolicies).map((one) => ({
                        arn: holderOf(policy.name, scope),
                        policies: [{ name: `policy ${policy.name}`, policy: held(one, settings, scope).policy }],
                        complete: true,
                    })),
                ),
        ],
        compute: [...world.compute, ...computeNodes(resources, scope)],
        supplies: supplyNodes(resources, scope),
    };
}

function declaredRole(
    role: ResourceView,
    resources: readonly ResourceView[],
    settings: Settings,
    scope: Scope,
): DeclaredPrincipal[] {
    const name = valueOf(read<string>(() => role.props.name));
    if (name === undefined) return [];
    const path = valueOf(read<string>(() => role.props.path)) ?? "/";
    const trust = documentsOf(role).find(({ kind }) => kind === "trust")?.text;
    const inline = resources.flatMap((resource) =>
        identityDocuments(resource)
            .filter(({ owner }) =>
                owner.kind === "known" ? owner.value === name : (resource.dependencies?.role ?? []).includes(role.urn),
            )
            .map((one): AttachedPolicy => ({ name: `${resource.name} ${one.at}`, policy: one.policy })),
    );
    const managed = managedOf(role, name, resources, settings);
    return [
        {
            arn: roleArn(scope, `${path.slice(1)}${name}`),
            policies: [...inline, ...managed.policies],
            complete: managed.complete,
            ...(trust?.kind === "known" && { trust: parseOnce(trust.value, "trust") }),
        },
    ];
}
