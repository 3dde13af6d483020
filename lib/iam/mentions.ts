import { parseIamArn } from "./arn";
import type { Condition, ParsedPolicy, PrincipalEntry } from "./types";

/** Everything that documents say of principals, before it becomes a panel. */
export interface Mentions {
    readonly arns: Set<string>;
    /** Globs over principal ARNs. */
    readonly patterns: Set<string>;
    readonly accounts: Set<string>;
    readonly orgs: Set<string>;
    readonly uniqueIds: Set<string>;
    readonly services: Set<string>;
    readonly federated: Set<string>;
    readonly canonical: Set<string>;
}

export function mentionsOf(policies: readonly ParsedPolicy[]): Mentions {
    const mentions: Mentions = {
        arns: new Set(),
        patterns: new Set(),
        accounts: new Set(),
        orgs: new Set(),
        uniqueIds: new Set(),
        services: new Set(),
        federated: new Set(),
        canonical: new Set(),
    };
    for (const { document } of policies) {
        for (const { principals, conditions } of document.statements) {
            for (const entry of principals?.entries ?? []) mentionEntry(mentions, entry);
            for (const condition of conditions) mentionCondition(mentions, condition);
        }
    }
    return mentions;
}

function mentionEntry(mentions: Mentions, { kind, text, glob }: PrincipalEntry): void {
    switch (kind) {
        case "everyone":
            return;
        case "account":
            mentions.accounts.add(text);
            return;
        case "arn":
            if (glob.literal !== undefined) mentionArn(mentions, text);
            else mentionPattern(mentions, text.includes("${") ? "*" : text);
            return;
        case "unique-id":
            mentions.uniqueIds.add(text);
            return;
        case "service":
            mentions.services.add(text);
            return;
        case "federated":
            mentions.federated.add(text);
            return;
        case "canonical":
            mentions.canonical.add(text);
    }
}

export function mentionArn(mentions: Mentions, arn: string): void {
    mentions.arns.add(arn);
    const account = parseIamArn(arn)?.accountId;
    if (account !== undefined && /^[0-9]{12}$/.test(account)) mentions.accounts.add(account);
}

/** The account it names in full is one of the accounts; the rest is what wildcards may stand for. */
function mentionPattern(mentions: Mentions, pattern: string): void {
    mentions.patterns.add(pattern);
    const account = parseIamArn(pattern)?.accountId;
    if (account !== undefined && /^[0-9]{12}$/.test(account)) mentions.accounts.add(account);
}

function isPrincipalArn(text: string): boolean {
    const parsed = parseIamArn(text);
    return parsed !== undefined && ["role", "user", "root", "federated-user"].includes(parsed.type);
}

/** Of the keys that are bound to callers; what a document asks of other keys nobody's identity decides. */
function mentionCondition(mentions: Mentions, { key, operator, values }: Condition): void {
    const isEquals = operator?.base === "StringEquals";
    for (const { text, glob } of values) {
        switch (key) {
            case "aws:principalarn":
                if (operator?.base === "StringEqualsIgnoreCase") mentions.patterns.add("*");
                else if (glob.literal === undefined && !(isEquals && !text.includes("${"))) {
                    mentionPattern(mentions, text.includes("${") ? "*" : text);
                }
                // Nobody is called by anything else, nor has a star in an ARN that is compared as it stands.
                else if (glob.literal !== undefined && isPrincipalArn(text)) mentionArn(mentions, text);
                break;
            case "aws:principalaccount":
            case "kms:calleraccount":
                if (/^[0-9]{12}$/.test(text)) mentions.accounts.add(text);
                else mentions.patterns.add("*");
                break;
            case "aws:principalorgid":
                mentions.orgs.add(text);
                break;
            // Names and ids of callers whom nothing else tells apart.
            case "aws:username":
            case "aws:userid":
                mentions.patterns.add("*");
                break;
        }
    }
}
