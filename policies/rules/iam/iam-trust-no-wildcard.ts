import type { PrincipalEntry, Scope, Statement } from "../../../lib/iam/types";
import { isPositive } from "../../../lib/iam/trust-claims";
import { documentsOf, parseOnce } from "../../documents";
import { reachableRoles } from "../../identity-powers";
import { NO_SCOPE, scopeOf } from "../../place";
import { type Finding, NIST_LEAST_PRIVILEGE, type Rule } from "../../rule";
import type { Settings } from "../../settings";
import { LAMBDA_TRUST, roleExample } from "../example";

/** Services that assume roles without naming a source (IAM User Guide, "Cross-service confused deputy prevention"). */
const WITHOUT_SOURCE = ["lambda.amazonaws.com", "ec2.amazonaws.com", "edgelambda.amazonaws.com"];

/** What runs as a role by resources that the pack judges. Others, such as Roles Anywhere, Pod Identity and IoT, let in whoever has a certificate. */
const SERVICES = [
    ...WITHOUT_SOURCE,
    "cloudtrail.amazonaws.com",
    "ecs.amazonaws.com",
    "ecs-tasks.amazonaws.com",
    "events.amazonaws.com",
    "logs.amazonaws.com",
    "s3.amazonaws.com",
    "scheduler.amazonaws.com",
    "sns.amazonaws.com",
    "states.amazonaws.com",
    "vpc-flow-logs.amazonaws.com",
];

const ACTIONS = ["sts:assumerole", "sts:assumerolewithwebidentity"];

export const iamTrustNoWildcard: Rule = {
    id: "iam-trust-no-wildcard",
    description: "trust policies name whom they trust, and services with the source they act for",
    severity: "high",
    framework: NIST_LEAST_PRIVILEGE,
    threats: ["T24", "T40", "T41", "T49", "T50", "T51"],
    types: ["aws:iam/role:Role"],
    fix: "name each principal, list roles in serviceRoles or outsideRoles, bind services by aws:SourceAccount or aws:SourceArn and other accounts by sts:ExternalId",
    reads: [
        "accountId",
        "orgId",
        "regions",
        "externalAccounts",
        "oidcProviders",
        "serviceRoles",
        "outsideRoles",
        "deployRole",
        "breakGlass",
        "extraServices",
    ],
    good: roleExample(LAMBDA_TRUST),
    bad: roleExample({ Principal: { AWS: "*" } }),
    check: (resource, settings) => {
        const scope = scopeOf(resource, settings);
        if (scope === undefined) return [NO_SCOPE];
        return documentsOf(resource)
            .filter(({ kind }) => kind === "trust")
            .flatMap(({ at, text }) => {
                if (text.kind !== "known") return [];
                const { statements } = parseOnce(text.value, "trust").document;
                return statements
                    .filter(({ effect }) => effect === "Allow")
                    .flatMap((statement) => statementFindings(statement, scope, settings))
                    .map((finding) => ({ ...finding, at: `${at} ${finding.at}`.trim() }));
            });
    },
};

function statementFindings(statement: Statement, scope: Scope, settings: Settings): Finding[] {
    const { at, opaque, principals, actions } = statement;
    if (opaque || principals === undefined) return [{ at, saw: "not understood, so it counts as trust in everyone" }];
    if (principals.negated) return [{ at: principals.at, saw: "NotPrincipal admits everyone else", threat: "T24" }];
    if (actions.negated) return [{ at: actions.at, saw: "NotAction admits every other action", threat: "T50" }];
    return [
        ...actions.entries
            .filter(({ text }) => !ACTIONS.includes(text.toLowerCase()))
            .map(({ at: where, text }) => ({
                at: where,
                saw: `${text}, expected ${ACTIONS.join(" or ")}`,
                threat: "T50",
            })),
        ...principals.entries.flatMap((entry) => entryFindings(entry, statement, scope, settings)),
    ];
}

function entryFindings(
    { kind, text, at }: PrincipalEntry,
    { conditions }: Statement,
    scope: Scope,
    settings: Settings,
): Finding[] {
    const { accountId } = scope;
    const { externalAccounts, oidcProviders, extraServices } = settings;
    const asks = (keys: readonly string[], isNarrow: (text: string) => boolean): boolean =>
        conditions.some(
            (one) =>
                keys.includes(one.key) &&
                (isPositive(one) || isArnCondition(one)) &&
                one.values.length > 0 &&
                one.values.every(({ text: value }) => isNarrow(value)),
        );
    switch (kind) {
        case "everyone":
            return [{ at, saw: "anyone, in any account", threat: "T40" }];
        case "account":
        case "arn": {
            const account = kind === "account" ? text : (text.split(":")[4] ?? "");
            if (text.includes("*") || text.includes("?")) return [{ at, saw: "a wildcard", threat: "T40" }];
            if (account === accountId) return ownFindings(kind === "arn" ? text : rootOf(scope), at, scope, settings);
            if (!externalAccounts.includes(account))
                return [{ at, saw: `account ${account} is not one of externalAccounts`, threat: "T40" }];
            return asks(["sts:externalid", "aws:principalorgid"], isLiteral)
                ? []
                : [{ at, saw: `account ${account} without sts:ExternalId or aws:PrincipalOrgID`, threat: "T40" }];
        }
        case "service":
            if (!SERVICES.includes(text) && !extraServices.some(({ name, reason }) => name === text && reason !== ""))
                return [{ at, saw: `${text}, expected a service that the pack judges`, threat: "T49" }];
            return WITHOUT_SOURCE.includes(text) ||
                asks(["aws:sourceaccount", "aws:sourcearn"], (source) => isOfAccount(source, accountId))
                ? []
                : [{ at, saw: `${text} without aws:SourceAccount or aws:SourceArn of this account`, threat: "T41" }];
        case "federated": {
            const provider = text.slice(text.indexOf(":oidc-provider/") + ":oidc-provider/".length);
            const isOidc = text.includes(":oidc-provider/");
            return isOidc && oidcProviders.some(({ url }) => url === `https://${provider}`)
                ? []
                : [{ at, saw: "an identity provider that is not one of oidcProviders", threat: "T49" }];
        }
        case "unique-id":
        case "canonical":
            return [{ at, saw: "a principal by id, expected an ARN", threat: "T40" }];
    }
}

function rootOf({ partition, accountId }: Scope): string {
    return `arn:${partition}:iam::${accountId}:root`;
}

/** Whoever else of the account may assume roles would be a role of the program, and write its tables. */
function ownFindings(arn: string, at: string, scope: Scope, settings: Settings): Finding[] {
    const { deployRole, breakGlass } = settings;
    const allowed = [...reachableRoles(settings, scope), deployRole, ...breakGlass.map((one) => one.arn)];
    const who =
        arn === rootOf(scope) ? "whoever the account lets assume roles" : "a principal that is no role of this program";
    return allowed.includes(arn)
        ? []
        : [{ at, saw: `${who}, expected a service role or one of outsideRoles`, threat: "T51" }];
}

function isLiteral(text: string): boolean {
    return !/[*?$]/.test(text);
}

/** The account itself, or an ARN whose account field is it; the resource in it may be a pattern. */
function isOfAccount(source: string, accountId: string): boolean {
    const fields = source.split(":");
    return source === accountId || (fields[4] === accountId && isLiteral(fields.slice(0, 5).join(":")));
}

/** ArnEquals and ArnLike, without IfExists and quantifiers. */
function isArnCondition({ operator }: Statement["conditions"][number]): boolean {
    return operator?.base === "ArnLike" && !operator.negated && !operator.ifExists && operator.quantifier === undefined;
}
