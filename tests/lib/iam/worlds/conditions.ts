import type { RawStatement } from "../oracle";
import type { Random } from "../random";
import { callerClause, type Clause } from "./caller-conditions";
import { SIGNER } from "./names";
import { requestClause } from "./request-conditions";

/** Blocks of one or two clauses: with IfExists, set operators, and keys in another case. */
export function condition(random: Random): RawStatement["Condition"] {
    if (random.chance(0.08)) return absence(random);
    const block: Record<string, Record<string, string | string[]>> = {};
    const rounds = random.chance(0.25) ? 2 : 1;
    for (let i = 0; i < rounds; i++) {
        const [operator, key, values]: Clause = random.chance(0.88) ? callerClause(random) : requestClause(random);
        const suffix = operator !== "Null" && !operator.endsWith("IfExists") && random.chance(0.12) ? "IfExists" : "";
        const prefix =
            operator !== "Null" && !operator.includes(":") && random.chance(0.06)
                ? random.pick(["ForAllValues:", "ForAnyValue:"])
                : "";
        const spelled = random.chance(0.2) ? key.toUpperCase() : key;
        const name = `${prefix}${operator}${suffix}`;
        block[name] = {
            ...block[name],
            [spelled]: values.length === 1 && random.chance(0.5) ? (values[0] as string) : values,
        };
        // One key in two spellings is refused by the parser.
        const lower = Object.keys(block[name]).map((one) => one.toLowerCase());
        if (new Set(lower).size !== lower.length) block[name] = { [spelled]: values };
    }
    return block;
}

/** Operators that say something about absence, beside one that compares. */
function absence(random: Random): RawStatement["Condition"] {
    const [key, values] = random.pick<[string, string[]]>([
        ["aws:SourceVpce", ["vpce-1"]],
        ["aws:PrincipalTag/team", ["release"]],
        ["aws:TagKeys", ["a"]],
        ["aws:username", ["eve"]],
        ["aws:PrincipalArn", [SIGNER]],
    ]);
    const operator = random.pick([
        "StringEqualsIfExists",
        "StringNotEqualsIfExists",
        "ForAllValues:StringEquals",
        "ForAllValues:StringLikeIfExists",
        "ForAnyValue:StringEqualsIfExists",
        "ForAnyValue:StringNotEquals",
    ]);
    return { Null: { [key]: random.pick(["true", "false", "false"]) }, [operator]: { [key]: values } };
}
