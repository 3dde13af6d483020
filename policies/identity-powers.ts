import { compileGlob, intersects } from "../lib/iam/glob";
import { documentMay, identityRoute } from "../lib/iam/identity";
import { keyTarget } from "../lib/iam/key";
import { contextOf, principalOfArn } from "../lib/iam/principal";
import { hitsOf, targetOf } from "../lib/iam/statement";
import { takeoverPaths, type TakeoverPath } from "../lib/iam/takeover";
import { MAKING_VERBS } from "../lib/iam/takeover-catalogue";
import type { DeclaredPrincipal, Scope, Statement } from "../lib/iam/types";
import { type IdentityDocument, parseOnce } from "./documents";
import { held } from "./holder";
import { unknownActions } from "./known-actions";
import { arnOfRole, functionArn, nameOfRole, roleArn, signerArn } from "./place";
import type { Finding } from "./rule";
import type { Settings } from "./settings";
import { worldOfDocument } from "./takeover-world";

/** What one identity document gives to whoever has it; for documents of the stack, and for those of others that the settings hold. */

/** What no identity document may give over any key of the account, whatever the key's policy says. */
const KEY_ACTIONS = ["kms:Sign", "kms:CreateGrant", "kms:PutKeyPolicy"];

export function keyPowers(document: IdentityDocument, settings: Settings, scope: Scope): Finding[] {
    const { at, owner, policy } = held(document, settings, scope);
    const name = owner.kind === "known" ? arnOfRole(scope, owner.value, settings) : "whoever holds the document";
    const principal: DeclaredPrincipal = { arn: name, policies: [{ name: at, policy }], complete: true };
    const caller = principalOfArn(name, scope);
    const facts = { context: contextOf(caller), exact: false };
    const isSigner = settings.signers.some(({ role }) => owner.kind === "known" && owner.value === role);
    return KEY_ACTIONS.flatMap((action): Finding[] => {
        if (isSigner && action === "kms:Sign") return []; // iam-signer-least-privilege
        const { denied, way } = identityRoute(principal, keyTarget(action, scope), facts, caller);
        if (denied || way === undefined) return [];
        const place = way[0]?.at ?? "";
        const saw = `may be granted ${action}, which only a key's own policy gives`;
        return [{ at: `${at} ${place}`.trim(), saw, principal: name, action, target: "keys of the account" }];
    });
}

/** Roles that documents here may hand to services, or assume: the program's own, and those of others that were reviewed. */
export function reachableRoles({ serviceRoles, outsideRoles }: Settings, scope: Scope): string[] {
    return [
        ...serviceRoles.map((name) => roleArn(scope, name)),
        ...outsideRoles.filter(({ reason }) => reason !== "").map(({ arn }) => arn),
    ];
}

/** What is everyday work on what the program declares, and a way out of the stack on anything else. */
interface Scoped {
    readonly actions: readonly string[];
    /** Of any account and partition. */
    readonly any: string;
    readonly threat: string;
    readonly does: string;
    readonly expected: string;
    readonly allowed: (settings: Settings, scope: Scope) => string[];
}

const SCOPED: readonly Scoped[] = [
    {
        actions: ["sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML"],
        any: "arn:*:iam::*:role/*",
        threat: "T62",
        does: "may become",
        expected: "exact ARNs of service roles of this program or of outsideRoles",
        allowed: reachableRoles,
    },
    {
        actions: ["lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration"],
        any: "arn:*:lambda:*:*:function:*",
        threat: "T64",
        does: "runs code of its own as",
        expected: "exact ARNs of this program's functions",
        // A function or a machine has the name of its role (lambda-hardening).
        allowed: ({ serviceRoles }, scope) => serviceRoles.map((name) => functionArn(scope, name)),
    },
    {
        actions: ["states:UpdateStateMachine"],
        any: "arn:*:states:*:*:stateMachine:*",
        threat: "T64",
        does: "runs steps of its own as",
        expected: "exact ARNs of this program's machines",
        allowed: ({ serviceRoles }, { partition, region, accountId }) =>
            serviceRoles.map((name) => `arn:${partition}:states:${region}:${accountId}:stateMachine:${name}`),
    },
];

/** What images, programs and passwords of others are made from; written by a document that names which, and nothing else. */
const SUPPLIES: readonly { readonly action: string; readonly any: string; readonly named: RegExp }[] = [
    { action: "s3:PutObject", any: "arn:*:s3:::*/*", named: /^arn:[a-z-]+:s3:::[a-z0-9.-]+(\/|$)/ },
    { action: "ecr:PutImage", any: "arn:*:ecr:*:*:repository/*", named: /:repository\/[a-z0-9._/-]+$/ },
    {
        action: "secretsmanager:PutSecretValue",
        any: "arn:*:secretsmanager:*:*:secret:*",
        named: /:secret:[\w/+=.@-]+(-[*?]+)?$/,
    },
];

/** By the ARN's own field: a `*` at its end would reach over all that follow. */
function isOfService(arn: string, action: string): boolean {
    return intersects(arn.split(":")[2] ?? "*", action.slice(0, action.indexOf(":")));
}

function unnamedSupplies({ at, policy }: IdentityDocument): Finding[] {
    return SUPPLIES.flatMap(({ action, any, named }) => {
        const kind = compileGlob(any);
        return hitsOf(policy, targetOf(action, any)).flatMap(({ statement }): Finding[] => {
            const { effect, resources, at: place } = statement;
            if (effect !== "Allow") return [];
            const loose =
                resources === undefined || resources.negated
                    ? [{ at: resources?.at ?? place }]
                    : resources.entries.filter(
                          ({ text, glob }) => isOfService(text, action) && intersects(glob, kind) && !named.test(text),
                      );
            return loose.map((one) => ({
                at: `${at} ${one.at}`,
                saw: `may ${action} to what it does not name, and others are made from`,
                action,
                threat: "T65",
            }));
        });
    });
}

/** Ways out of the stack, into principals that no rule sees. The deploy role and break-glass roles are exempt. */
export function chainPowers({ at, owner, policy }: IdentityDocument, settings: Settings, scope: Scope): Finding[] {
    if (owner.kind === "known" && isExempt(owner.value, settings, scope)) return [];
    const attached = { name: "whoever holds the document", policy };
    const scoped = SCOPED.flatMap((one) =>
        one.actions.flatMap((action) => {
            const target = targetOf(action, one.any);
            if (documentMay(attached, target, scope) === undefined) return [];
            const allowed = one.allowed(settings, scope);
            return hitsOf(policy, target).flatMap(({ statement }) =>
                beyond(statement, one.any, allowed).map(({ place, what }): Finding => ({
                    at: `${at} ${place}`,
                    saw: `${one.does} ${what}, expected ${one.expected}`,
                    action,
                    threat: one.threat,
                })),
            );
        }),
    );
    const made = Object.entries(MAKING_VERBS).flatMap(([resource, actions]) =>
        actions.flatMap((action): Finding[] => {
            const cause = documentMay(attached, targetOf(action, resource), scope);
            if (cause === undefined) return [];
            const isIdentity = !/^(ssm|ec2-|ecs|codebuild|codedeploy|cloudformation)/.test(action);
            const saw = isIdentity
                ? `may ${action}, which makes or strengthens a principal that no rule sees`
                : `may ${action}, which runs commands as a role that no rule sees`;
            const threat = action === "sts:AssumeRoot" ? "T62" : isIdentity ? "T60" : "T64";
            return [{ at: `${at} ${cause.at}`.trim(), saw, action, threat }];
        }),
    );
    return [...scoped, ...made, ...unnamedSupplies({ at, owner, policy })];
}

/** Entries of an Allow that may name something of a kind that is not allowed. */
function beyond(
    { effect, resources, at }: Statement,
    any: string,
    allowed: readonly string[],
): { place: string; what: string }[] {
    if (effect !== "Allow") return [];
    if (resources === undefined || resources.negated) return [{ place: resources?.at ?? at, what: "all but some" }];
    const kind = compileGlob(any);
    return resources.entries
        .filter(({ text, glob }) => !allowed.includes(text) && intersects(glob, kind))
        .map(({ text, at: place }) => ({ place, what: shown(text) }));
}

function shown(text: string): string {
    return /^arn:[a-z-]+:[a-z]+:[a-z0-9-]*:[0-9]{12}:[\w+=,.@/:-]{1,128}$/.test(text) ? text : "a pattern";
}

/** Role names are unique in an account, whatever their path. */
export function isExempt(name: string, { deployRole, breakGlass }: Settings, { partition, accountId }: Scope): boolean {
    const arns = [deployRole, ...breakGlass.filter(({ reason }) => reason !== "").map(({ arn }) => arn)];
    const here = `arn:${partition}:iam::${accountId}:role/`;
    return arns.some((arn) => arn.startsWith(here) && nameOfRole(arn) === name);
}

/** A takeover as a finding that prints its path. */
export function takeoverFinding({ from, steps, text }: TakeoverPath, at: string): Finding {
    const last = steps[steps.length - 1];
    return {
        at: `${at} ${steps[0]?.cause.at ?? ""}`.trim(),
        saw: "reaches a signer",
        principal: from,
        ...(last && { action: last.action, target: last.target, threat: last.threat }),
        path: text.split(" -> "),
    };
}

/**
 * All that the pack refuses in an identity document, for one of others that anybody may have: what does not parse, power over keys, a
 * signer handed to a service, takeovers, ways out.
 *
 * @param document its JSON, as an object or as text
 */
export function outsidePowers(at: string, document: unknown, settings: Settings, scope: Scope): Finding[] {
    const text = typeof document === "string" ? document : JSON.stringify(document ?? null);
    const policy = parseOnce(text, "managed");
    const problems = policy.problems.map(({ at: place, code, saw }): Finding => ({
        at: `${at} ${place}`.trim(),
        saw: `${code}: ${saw}`,
    }));
    if (problems.length > 0) return problems;
    const one: IdentityDocument = { at, owner: { kind: "absent" }, policy };
    const passed = settings.signers.flatMap((signer): Finding[] => {
        const target = signerArn(scope, signer);
        const cause = documentMay({ name: at, policy }, targetOf("iam:PassRole", target), scope);
        if (cause === undefined) return [];
        return [{ at: `${at} ${cause.at}`, saw: "hands a signer to a service", action: "iam:PassRole", target }];
    });
    return [
        ...keyPowers(one, settings, scope),
        ...passed,
        ...takeoverPaths(worldOfDocument(one, settings, scope)).map((path) => takeoverFinding(path, at)),
        ...chainPowers(one, settings, scope),
        ...unknownActions(policy, settings).map((finding) => ({ ...finding, at: `${at} ${finding.at}` })),
    ];
}
