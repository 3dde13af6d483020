import { covers, foldCase, literalGlob } from "./glob";
import { show } from "./show";
import type { Entitlement } from "./subjects";
import type { Condition, ParsedPolicy, Statement } from "./types";

/** Evidence in a trust statement that a token is what was configured. */

export interface Entailment {
    /** Claims without evidence, and what was seen instead. */
    readonly missing: readonly { readonly at: string; readonly saw: string }[];
    /** Values that hold a wildcard under StringEquals. */
    readonly literalWildcards: readonly string[];
}

/**
 * Whether a statement admits nobody but those entitled: for each claim there is a positive StringEquals or StringLike, every value of which
 * a glob of the entitlement covers. Values are ORed, so one loose value spoils the list; keys and operators are ANDed, so one
 * tight operator is enough. IfExists, ForAllValues, ForAnyValue, negations, Null and IgnoreCase are no evidence.
 */
export function entailment({ at, conditions }: Statement, { provider, claims }: Entitlement): Entailment {
    const missing: { at: string; saw: string }[] = [];
    const literalWildcards: string[] = [];
    for (const [claim, globs] of Object.entries(claims)) {
        const key = foldCase(`${provider}:${claim}`);
        const evidence = conditions.filter((condition) => condition.key === key && isPositive(condition));
        for (const { operator, values } of evidence) {
            const wild = operator?.base === "StringEquals" ? values.filter(({ text }) => /[*?]/.test(text)) : [];
            literalWildcards.push(...wild.map((value) => value.at));
        }
        if (evidence.some((condition) => isWithin(condition, claim, globs))) continue;
        missing.push({ at: evidence[0]?.at ?? at, saw: explain(claim, evidence, conditions) });
    }
    return { missing, literalWildcards };
}

/** StringEquals or StringLike that must hold, whether the key is there or not. */
export function isPositive({ operator, values }: Condition): boolean {
    return (
        operator !== undefined &&
        (operator.base === "StringEquals" || operator.base === "StringLike") &&
        !operator.negated &&
        !operator.ifExists &&
        operator.quantifier === undefined &&
        values.length > 0
    );
}

/** What a wildcard under StringEquals, where it is literal, grants nobody: no repository, ref or id holds one. */
function isWithin({ operator, values }: Condition, claim: string, globs: readonly string[]): boolean {
    return values.every(({ text, glob }) => {
        if (operator?.base === "StringLike") return globs.some((allowed) => covers(allowed, glob));
        const wild = text.search(/[*?]/);
        if (wild >= 0 && !mayHoldWildcard(claim, text.slice(0, wild))) return true;
        return !glob.variable && globs.some((allowed) => covers(allowed, literalGlob(text)));
    });
}

/** Environments and workflow files are called what their repository's owner likes, who may be anybody. */
function mayHoldWildcard(claim: string, before: string): boolean {
    if (claim === "sub") return /:(?:environment|context|job_workflow_ref|workflow)(?::|$)/.test(before);
    return !["aud", "ref", "repository", "repository_id", "repository_owner", "repository_owner_id"].includes(claim);
}

function explain(claim: string, evidence: readonly Condition[], conditions: readonly Condition[]): string {
    if (evidence.length > 0) return `${claim} is wider than any configured subject`;
    const elsewhere = conditions.find(({ key }) => key.endsWith(`:${claim}`));
    if (elsewhere === undefined) return `no condition on ${claim}`;
    return isPositive(elsewhere)
        ? `${claim} of another provider: ${show(elsewhere.key)}`
        : `${claim} under an operator that restricts nothing`;
}

export interface OidcWeakness {
    readonly at: string;
    readonly saw: string;
}

/**
 * What any trust in an OpenID Connect provider needs, configured or not: a literal audience, and a subject without
 * wildcards that ids make permanent.
 */
export function oidcWeaknesses(policy: ParsedPolicy): OidcWeakness[] {
    return policy.document.statements.flatMap((statement) => {
        if (statement.effect !== "Allow" || statement.principals === undefined) return [];
        const providers = statement.principals.entries.flatMap(({ kind, text }) => {
            if (kind !== "federated" || text.includes(":saml-provider/")) return [];
            const at = text.indexOf(":oidc-provider/");
            // Some issuers that everybody may use go by their name alone: accounts.google.com.
            return [at < 0 ? text : text.slice(at + ":oidc-provider/".length)];
        });
        return providers.flatMap((provider) => weaknessesOf(statement, provider));
    });
}

function weaknessesOf({ at, conditions }: Statement, provider: string): OidcWeakness[] {
    const literals = (claim: string): string[] | undefined => {
        const found = conditions.find(
            (one) =>
                one.key === foldCase(`${provider}:${claim}`) &&
                isPositive(one) &&
                one.values.every(({ glob }) => glob.literal !== undefined),
        );
        return found?.values.map(({ text }) => text);
    };
    const weaknesses: OidcWeakness[] = [];
    if (literals("aud") === undefined) weaknesses.push({ at, saw: `no literal audience for ${show(provider)}` });
    const [subjects, ids] = [literals("sub"), literals("repository_id")];
    if (subjects === undefined && (ids === undefined || literals("repository_owner_id") === undefined)) {
        weaknesses.push({ at, saw: `neither a literal subject nor ids for ${show(provider)}` });
    }
    const isGithub = provider.startsWith("token.actions.");
    const nameOnly = (subjects ?? []).some(
        (subject) => !/^repo:[^/:@]+@[1-9][0-9]*\/[^/:@]+@[1-9][0-9]*:/.test(subject),
    );
    if (isGithub && nameOnly && ids === undefined)
        weaknesses.push({ at, saw: "a subject by name only, which another may register again" });
    if ((subjects ?? []).some((subject) => subject.endsWith(":pull_request")))
        weaknesses.push({ at, saw: "pull requests" });
    return weaknesses;
}
