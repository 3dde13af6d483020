import { foldCase } from "./glob";
import { entailment, isPositive } from "./trust-claims";
import { show } from "./show";
import { isSourceGuard } from "./source-guard";
import type { Entitlement } from "./subjects";
import type { Condition, ParsedPolicy, PrincipalEntry, Scope, Statement } from "./types";

export type TrustCode =
    | "Action"
    | "AwsPrincipal"
    | "CrossAccount"
    | "Everyone"
    | "LiteralWildcard"
    | "Negation"
    | "NotUnderstood"
    | "Principal"
    | "Provider"
    | "Service"
    | "ServiceSource"
    | "Subject"
    | "TagDeny";

/** A notice is reported, and does not fail. */
export interface TrustFinding {
    readonly at: string;
    readonly code: TrustCode;
    readonly saw: string;
    readonly level: "violation" | "notice";
}

/** Who may become a role, as configured. */
export interface TrustRules {
    readonly scope: Scope;
    /** `sendsSource`: the service sends aws:SourceAccount and aws:SourceArn, so one of them must be asked for. */
    readonly services: readonly { readonly name: string; readonly sendsSource: boolean }[];
    /** Exactly these: role or user ARNs, `arn:...:root` for accounts. */
    readonly awsPrincipals: readonly string[];
    readonly entitlements: readonly Entitlement[];
    readonly tagSession: boolean;
}

/**
 * Judges a trust policy: each Allow must pass by itself, since statements are ORed. Denies take away, and are ignored, but for the one
 * that a tag pattern needs.
 */
export function checkTrust(policy: ParsedPolicy, rules: TrustRules): TrustFinding[] {
    const allows = policy.document.statements.filter(({ effect }) => effect === "Allow");
    const findings = allows.flatMap((statement) => checkAllow(statement, rules, policy));
    const named = allows.flatMap(({ principals }) => principals?.entries ?? []);
    for (const arn of rules.awsPrincipals) {
        if (!named.some((entry) => arnOf(entry, rules.scope) === arn))
            findings.push(violation("", "AwsPrincipal", `${show(arn)} is configured and missing`));
    }
    return findings;
}

function violation(at: string, code: TrustCode, saw: string): TrustFinding {
    return { at, code, saw, level: "violation" };
}

function checkAllow(statement: Statement, rules: TrustRules, policy: ParsedPolicy): TrustFinding[] {
    const { at, opaque, principals, actions } = statement;
    if (opaque || principals === undefined) return [violation(at, "NotUnderstood", "counts as trust in everyone")];
    if (principals.negated) return [violation(principals.at, "Negation", "NotPrincipal admits everyone else")];
    if (actions.negated) return [violation(actions.at, "Negation", "NotAction admits every other action")];
    return [
        ...checkActions(statement, rules),
        ...principals.entries.flatMap((entry) => checkEntry(entry, statement, rules, policy)),
    ];
}

function checkActions({ actions }: Statement, { tagSession }: TrustRules): TrustFinding[] {
    const allowed = ["sts:assumerole", "sts:assumerolewithwebidentity", ...(tagSession ? ["sts:tagsession"] : [])];
    const bad = actions.entries.filter(({ text }) => !allowed.includes(foldCase(text)));
    return bad.map(({ text, at }) => violation(at, "Action", `${show(text)}, expected one of ${allowed.join(", ")}`));
}

function checkEntry(
    entry: PrincipalEntry,
    statement: Statement,
    rules: TrustRules,
    policy: ParsedPolicy,
): TrustFinding[] {
    switch (entry.kind) {
        case "everyone":
            return [violation(entry.at, "Everyone", "anyone, in any account")];
        case "account":
        case "arn":
        case "unique-id":
            return checkAws(entry, statement, rules);
        case "service":
            return checkService(entry, statement, rules);
        case "federated":
            return checkFederated(entry, statement, rules, policy);
        case "canonical":
            return [violation(entry.at, "Principal", "a canonical user cannot assume roles")];
    }
}

/** An account stands for its root ARN, whichever way it was written. */
function arnOf({ kind, text }: PrincipalEntry, { partition }: Scope): string {
    return kind === "account" ? `arn:${partition}:iam::${text}:root` : text;
}

function checkAws(
    entry: PrincipalEntry,
    { conditions }: Statement,
    { awsPrincipals, scope }: TrustRules,
): TrustFinding[] {
    const arn = arnOf(entry, scope);
    if (!awsPrincipals.includes(arn)) return [violation(entry.at, "AwsPrincipal", `${show(arn)} is not configured`)];
    const account = arn.split(":")[4];
    const guarded = conditions.some((one) => isPositive(one) && isGuard(one, scope));
    if (account === scope.accountId || guarded) return [];
    return [violation(entry.at, "CrossAccount", `${show(arn)} without sts:ExternalId or aws:PrincipalOrgID`)];
}

/** An external id, or the organisation: literals, since a wildcard asks for nothing. */
function isGuard({ key, values }: Condition, { orgId }: Scope): boolean {
    if (!values.every(({ text, glob }) => glob.literal !== undefined && text !== "")) return false;
    if (key === "aws:principalorgid") return values.every(({ text }) => orgId === undefined || text === orgId);
    return key === "sts:externalid";
}

function checkService(
    entry: PrincipalEntry,
    { conditions }: Statement,
    { services, scope }: TrustRules,
): TrustFinding[] {
    const configured = services.find(({ name }) => name === entry.text);
    if (configured === undefined) return [violation(entry.at, "Service", `${show(entry.text)} is not configured`)];
    const guarded = conditions.some((one) => isSourceGuard(one, scope.accountId));
    if (!configured.sendsSource || guarded) return [];
    return [
        violation(
            entry.at,
            "ServiceSource",
            `${show(entry.text)} without aws:SourceAccount or aws:SourceArn of this account`,
        ),
    ];
}

function checkFederated(
    entry: PrincipalEntry,
    statement: Statement,
    rules: TrustRules,
    policy: ParsedPolicy,
): TrustFinding[] {
    const { partition, accountId } = rules.scope;
    const prefix = `arn:${partition}:iam::${accountId}:oidc-provider/`;
    const provider = entry.text.startsWith(prefix) ? entry.text.slice(prefix.length) : undefined;
    const candidates = rules.entitlements.filter((one) => one.provider === provider);
    if (provider === undefined || candidates.length === 0)
        return [violation(entry.at, "Provider", `${show(entry.text)} is not configured`)];
    if (
        !statement.actions.entries.every(({ text }) =>
            ["sts:assumerolewithwebidentity", "sts:tagsession"].includes(foldCase(text)),
        )
    ) {
        return [
            violation(
                statement.actions.at,
                "Action",
                "a provider's tokens are taken by sts:AssumeRoleWithWebIdentity alone",
            ),
        ];
    }
    const results = candidates.map((one) => ({ one, result: entailment(statement, one) }));
    const notices = results[0]?.result.literalWildcards.map((at): TrustFinding => ({
        at,
        code: "LiteralWildcard",
        saw: "a wildcard under StringEquals is literal, so this value grants nothing",
        level: "notice",
    }));
    const accepted = results.find(({ result }) => result.missing.length === 0);
    if (accepted === undefined) {
        // The nearest configured subject explains best.
        const nearest = results.reduce((a, b) => (b.result.missing.length < a.result.missing.length ? b : a));
        return [...(notices ?? []), ...nearest.result.missing.map(({ at, saw }) => violation(at, "Subject", saw))];
    }
    const lacksDeny = accepted.one.deny !== undefined && !deniesBelow(policy, accepted.one);
    const denied = lacksDeny
        ? [violation(statement.at, "TagDeny", "a tag pattern without a Deny of the same pattern followed by /*")]
        : [];
    return [...(notices ?? []), ...denied];
}

/** A Deny for the provider's tokens, under no other condition, of all subjects below each pattern. */
function deniesBelow(policy: ParsedPolicy, { provider, deny }: Entitlement): boolean {
    const denied = policy.document.statements.flatMap(({ effect, actions, principals, conditions }) => {
        const [condition] = conditions;
        const isDeny =
            effect === "Deny" &&
            conditions.length === 1 &&
            condition?.operator?.base === "StringLike" &&
            isPositive(condition) &&
            condition.key === foldCase(`${provider}:sub`) &&
            !actions.negated &&
            actions.entries.some(({ text }) =>
                ["*", "sts:*", "sts:assumerolewithwebidentity"].includes(foldCase(text)),
            ) &&
            principals?.negated === false &&
            principals.entries.some(
                ({ kind, text }) => kind === "everyone" || text.endsWith(`:oidc-provider/${provider}`),
            );
        return isDeny ? condition.values.map(({ text }) => text) : [];
    });
    return (deny ?? []).every((glob) => denied.includes(glob));
}
