import type { Condition } from "./types";

/**
 * Whether a condition admits only what an account caused (IAM User Guide, "The confused deputy problem"): by aws:SourceAccount, or by an
 * aws:SourceArn whose account is one that sources of other accounts cannot spell. The ARN of a bucket names no account, so that anybody's
 * bucket of that name would do.
 */
export function isSourceGuard({ operator, key, values }: Condition, accountId: string | undefined): boolean {
    if (
        accountId === undefined ||
        operator === undefined ||
        operator.negated ||
        operator.ifExists ||
        operator.quantifier !== undefined
    )
        return false;
    if (!["StringEquals", "StringLike", "ArnLike"].includes(operator.base) || values.length === 0) return false;
    if (key === "aws:sourceaccount") return values.every(({ text }) => text === accountId);
    if (key !== "aws:sourcearn") return false;
    return values.every(({ text }) => {
        const fields = text.split(":");
        // StringLike knows no fields: the account's digits may then be the name of something in another account.
        const isFixed = operator.base !== "StringLike" || !/[*?$]/.test(fields.slice(0, 4).join(":"));
        return fields[4] === accountId && isFixed;
    });
}
