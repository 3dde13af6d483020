/**
 * Names of condition operators, taken apart (IAM User Guide, "IAM JSON policy elements: Condition operators").
 */
export type OperatorBase =
    | "StringEquals"
    | "StringEqualsIgnoreCase"
    | "StringLike"
    | "ArnLike"
    | "Bool"
    | "Null"
    | "BinaryEquals"
    | "IpAddress"
    | "NumericEquals"
    | "NumericLessThan"
    | "NumericLessThanEquals"
    | "NumericGreaterThan"
    | "NumericGreaterThanEquals"
    | "DateEquals"
    | "DateLessThan"
    | "DateLessThanEquals"
    | "DateGreaterThan"
    | "DateGreaterThanEquals";

export interface Operator {
    readonly base: OperatorBase;
    /** The negation of the whole value list. */
    readonly negated: boolean;
    readonly ifExists: boolean;
    readonly quantifier?: "ForAllValues" | "ForAnyValue";
}

/** Names that are a base, or the negation of one. ArnEquals behaves as ArnLike. */
const BASES: Readonly<Record<string, readonly [OperatorBase, boolean]>> = {
    StringEquals: ["StringEquals", false],
    StringNotEquals: ["StringEquals", true],
    StringEqualsIgnoreCase: ["StringEqualsIgnoreCase", false],
    StringNotEqualsIgnoreCase: ["StringEqualsIgnoreCase", true],
    StringLike: ["StringLike", false],
    StringNotLike: ["StringLike", true],
    ArnEquals: ["ArnLike", false],
    ArnNotEquals: ["ArnLike", true],
    ArnLike: ["ArnLike", false],
    ArnNotLike: ["ArnLike", true],
    Bool: ["Bool", false],
    Null: ["Null", false],
    BinaryEquals: ["BinaryEquals", false],
    IpAddress: ["IpAddress", false],
    NotIpAddress: ["IpAddress", true],
    NumericEquals: ["NumericEquals", false],
    NumericNotEquals: ["NumericEquals", true],
    NumericLessThan: ["NumericLessThan", false],
    NumericLessThanEquals: ["NumericLessThanEquals", false],
    NumericGreaterThan: ["NumericGreaterThan", false],
    NumericGreaterThanEquals: ["NumericGreaterThanEquals", false],
    DateEquals: ["DateEquals", false],
    DateNotEquals: ["DateEquals", true],
    DateLessThan: ["DateLessThan", false],
    DateLessThanEquals: ["DateLessThanEquals", false],
    DateGreaterThan: ["DateGreaterThan", false],
    DateGreaterThanEquals: ["DateGreaterThanEquals", false],
};

/** @returns undefined for a name that IAM does not have; Null takes neither IfExists nor a quantifier */
export function parseOperator(name: string): Operator | undefined {
    const colon = name.indexOf(":");
    const quantifier = colon < 0 ? undefined : name.slice(0, colon);
    if (quantifier !== undefined && quantifier !== "ForAllValues" && quantifier !== "ForAnyValue") return undefined;
    const rest = name.slice(colon + 1);
    const ifExists = rest.endsWith("IfExists");
    const bare = ifExists ? rest.slice(0, -"IfExists".length) : rest;
    const found = Object.prototype.hasOwnProperty.call(BASES, bare) ? BASES[bare] : undefined;
    if (found === undefined || (found[0] === "Null" && (ifExists || quantifier !== undefined))) return undefined;
    return { base: found[0], negated: found[1], ifExists, ...(quantifier !== undefined && { quantifier }) };
}

/** Compares text as text, whatever it means. */
export function isText({ base }: Operator): boolean {
    return base.startsWith("String") || base === "ArnLike" || base === "Null";
}

/** Wants `true` or `false`. */
export function isTruth({ base }: Operator): boolean {
    return base === "Bool" || base === "Null";
}
