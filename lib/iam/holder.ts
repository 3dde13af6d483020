import { judgeConditions } from "./condition";
import { isBound } from "./principal";
import type { Context, ParsedPolicy, Statement } from "./types";

/**
 * A document as its holder has it, where the holder is one of many: conditions on who calls are decided beforehand for all that it may be,
 * and are gone. An Allow stays unless it surely misses every one of them, a Deny only if it surely hits each.
 *
 * @param holder what is known of the keys that are bound to a caller; what it may be is `like` or unknown
 */
export function heldBy(policy: ParsedPolicy, holder: Context): ParsedPolicy {
    const facts = { context: holder, exact: false };
    const statements = policy.document.statements.flatMap((statement): Statement[] => {
        const bound = statement.conditions.filter(({ key }) => isBound(key));
        if (bound.length === 0) return [statement];
        const holds = judgeConditions(bound, facts);
        const stays = statement.effect === "Allow" ? holds !== "false" : holds === "true";
        return stays ? [{ ...statement, conditions: statement.conditions.filter(({ key }) => !isBound(key)) }] : [];
    });
    return { ...policy, document: { statements } };
}
