import { documentsOf, parseOnce } from "./documents";
import { scopeOf } from "./place";
import { isSourceGuard } from "../lib/iam/source-guard";
import type { Statement } from "../lib/iam/types";
import type { Finding, ResourceView } from "./rule";
import type { Settings } from "./settings";

/**
 * Principals of other accounts are those of the settings: whoever writes an upload has it signed, and whoever writes the queue of key uses
 * invents them. Everyone and services are judged by the rules themselves.
 */
export function foreignGrants(resource: ResourceView, settings: Settings): Finding[] {
    const account = scopeOf(resource, settings)?.accountId;
    return documentsOf(resource).flatMap(({ at, text }) =>
        text.kind !== "known"
            ? []
            : parseOnce(text.value, "resource").document.statements.flatMap(({ effect, principals }) =>
                  (effect === "Allow" ? (principals?.entries ?? []) : [])
                      .filter(({ kind, text: who }) => {
                          if (kind === "everyone" || kind === "service") return false;
                          if (kind !== "account" && kind !== "arn") return true;
                          const owner = kind === "account" ? who : (who.split(":")[4] ?? "");
                          return owner !== account && !settings.externalAccounts.includes(owner);
                      })
                      .map((entry) => ({
                          at: `${at} ${entry.at}`,
                          saw: "an Allow to a principal by id or of another account, expected one of this account or of externalAccounts",
                      })),
              ),
    );
}

/**
 * True if the statement admits only what this account caused: by `aws:SourceAccount`, or by an `aws:SourceArn` that names the account. The
 * ARN of a bucket names none, so that anybody's bucket of that name would do.
 */
export function bindsOwnSource({ conditions }: Pick<Statement, "conditions">, account: string | undefined): boolean {
    return conditions.some((condition) => isSourceGuard(condition, account));
}
