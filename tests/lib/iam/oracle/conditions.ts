import { fill, matches, plain } from "./globs";
import { lower, many, type OneOrMany, type RawStatement, type Reading, type Request } from "./shapes";

/** IAM User Guide, "Condition operators", "Multivalued context keys". */

interface Asked {
    readonly context: Request["context"];
    readonly version: string | undefined;
    readonly reading: Reading;
}

export function conditionHolds(block: RawStatement["Condition"], asked: Asked): boolean {
    return Object.entries(block ?? {}).every(([operator, keys]) =>
        Object.entries(keys).every(([key, wanted]) => {
            const held = asked.context[lower(key)];
            const open = asked.reading.open;
            if (open !== undefined && isOpen(operator, lower(key), held, many(wanted))) return open;
            return operatorHolds(operator, held, many(wanted), asked);
        }),
    );
}

/** What callers are called. */
const NAMES = [
    "aws:principalarn",
    "aws:principalaccount",
    "kms:calleraccount",
    "aws:principalorgid",
    "aws:principaltype",
    "aws:username",
    "aws:userid",
];

/** Nothing is said of this, or what is said is disputed. */
function isOpen(operator: string, key: string, held: OneOrMany | undefined, wanted: readonly string[]): boolean {
    if (wanted.length === 0) return true;
    if (/Bool|Null/.test(operator) && wanted.some((text) => /[A-Z]/.test(text))) return true;
    if (operator.startsWith("ForAnyValue:") && operator.endsWith("IfExists") && held === undefined) return true;
    if (operator.includes("IgnoreCase") && held !== undefined && /[^ -~]/.test([...wanted, ...many(held)].join("")))
        return true;
    return /Numeric|Date|IpAddress|Binary|Bool/.test(operator) && NAMES.includes(key) && held !== undefined;
}

function operatorHolds(name: string, held: OneOrMany | undefined, wanted: readonly string[], asked: Asked): boolean {
    if (name === "Null") return wanted.some((text) => (lower(text) === "true") === (held === undefined));
    if (name.endsWith("IfExists")) return held === undefined || operatorHolds(name.slice(0, -8), held, wanted, asked);
    const colon = name.indexOf(":");
    const bare = name.slice(colon + 1);
    const isNegated = bare.includes("Not");
    const base = bare.replace("Not", "");
    const match = (value: string): boolean => wanted.some((text) => test(base, value, text, asked));
    if (colon >= 0) {
        const holds = (value: string): boolean => match(value) !== isNegated;
        return name.startsWith("ForAllValues:") ? many(held).every(holds) : many(held).some(holds);
    }
    return many(held).some(match) !== isNegated;
}

function test(base: string, value: string, raw: string, { context, version }: Asked): boolean {
    const wanted = fill(raw, context, version);
    if (wanted === undefined) return false;
    const text = plain(wanted);
    if (base === "StringEquals") return value === text;
    if (base === "StringEqualsIgnoreCase") return lower(value) === lower(text);
    if (base === "Bool") return /^(?:true|false)$/i.test(text) && lower(value) === lower(text);
    if (base === "BinaryEquals") return value === text && Buffer.from(text, "base64").toString("base64") === text;
    if (base === "StringLike") return matches(wanted, value);
    if (base === "ArnLike" || base === "ArnEquals") return wanted === "*" || matchesFields(wanted, value);
    if (base.startsWith("Numeric")) return ordered(base.slice(7), number(value), number(text));
    if (base.startsWith("Date")) return ordered(base.slice(4), seconds(value), seconds(text));
    if (base === "IpAddress") return inRange(value, text);
    throw new Error(`the oracle knows no ${base}`);
}

function matchesFields(pattern: string, arn: string): boolean {
    const split = (text: string): RegExpExecArray | null =>
        /^([^:]*):([^:]*):([^:]*):([^:]*):([^:]*):(.*)$/s.exec(text);
    const [p, v] = [split(pattern), split(arn)];
    return p !== null && v !== null && [1, 2, 3, 4, 5, 6].every((i) => matches(p[i] as string, v[i] as string));
}

const number = (text: string): number => (text.trim() === "" ? NaN : Number(text));
const seconds = (text: string): number => (/^-?\d+$/.test(text) ? Number(text) : new Date(text).getTime() / 1000);

function ordered(relation: string, a: number, b: number): boolean {
    const results: Record<string, boolean> = {
        Equals: a === b,
        LessThan: a < b,
        LessThanEquals: a <= b,
        GreaterThan: a > b,
        GreaterThanEquals: a >= b,
    };
    return results[relation] as boolean;
}

function inRange(address: string, range: string): boolean {
    const [base, length] = range.split("/") as [string, string | undefined];
    const [a, b] = [bits(address), bits(base)];
    return a !== undefined && a.length === b?.length && a.startsWith(b.slice(0, Number(length ?? b.length)));
}

/** 32 or 128 digits. */
function bits(text: string): string | undefined {
    if (/^\d+\.\d+\.\d+\.\d+$/.test(text)) {
        return text
            .split(".")
            .map((octet) => Number(octet).toString(2).padStart(8, "0"))
            .join("");
    }
    if (!/^[0-9a-f:]+$/.test(text) || !text.includes(":")) return undefined;
    const closed = text.replace(/^::/, "0::").replace(/::$/, "::0");
    return closed
        .replace("::", `:${"0:".repeat(9 - closed.split(":").length)}`)
        .split(":")
        .map((group) => parseInt(group, 16).toString(2).padStart(16, "0"))
        .join("");
}
