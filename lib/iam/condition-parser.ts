import type { Draft, Report } from "./elements";
import { compileGlob, foldCase } from "./glob";
import type { JsonNode } from "./json";
import { type Operator, parseOperator } from "./operators";
import { show } from "./show";
import type { Condition } from "./types";

/** Reads a Condition block: operator, key, values. Booleans and numbers are values too, as in IAM's grammar. */
export function parseConditions(node: JsonNode, { at: statement, report, variables }: Draft): Condition[] | undefined {
    const at = `${statement}.Condition`;
    if (node.kind !== "object") {
        report(at, "BadCondition", node.kind);
        return undefined;
    }
    const conditions: Condition[] = [];
    const operators = new Set<string>();
    let clear = true;
    for (const { key: operator, value } of node.members) {
        const known = parseOperator(operator);
        const place = `${at}.${known !== undefined || /^[A-Za-z:]{1,60}$/.test(operator) ? operator : "?"}`;
        if (operators.has(operator) || operator === "__proto__") {
            report(at, operator === "__proto__" ? "PrototypeKey" : "DuplicateKey", show(operator));
            clear = false;
            continue;
        }
        operators.add(operator);
        if (known === undefined) report(place, "UnknownOperator", show(operator));
        const parsed =
            value.kind === "object" ? parseKeys(value, { operator: known, variables }, place, report) : undefined;
        if (value.kind !== "object") report(place, "BadCondition", value.kind);
        if (parsed === undefined) clear = false;
        else conditions.push(...parsed);
    }
    return clear ? conditions : undefined;
}

function parseKeys(
    node: JsonNode & { kind: "object" },
    { operator, variables }: { operator: Operator | undefined; variables: boolean },
    at: string,
    report: Report,
): Condition[] | undefined {
    const conditions: Condition[] = [];
    const options = { variables };
    const seen = new Set<string>();
    let clear = true;
    for (const { key, value } of node.members) {
        const lower = foldCase(key);
        const place = `${at}.${/^[A-Za-z0-9:/_.@+=-]{1,128}$/.test(key) ? key : "?"}`;
        const values = readValues(value, operator, place, report);
        if (["__proto__", "constructor", "prototype"].includes(lower)) {
            report(at, "PrototypeKey", show(key));
            clear = false;
        } else if (seen.has(lower)) {
            report(place, "DuplicateKey", "a key that stands here in another spelling, or twice");
            clear = false;
        } else if (values === undefined) {
            clear = false;
        } else {
            if (!key.includes(":")) report(place, "BadCondition", `${show(key)} is no condition key`);
            seen.add(lower);
            conditions.push({
                operator,
                key: lower,
                variables,
                values: values.map((text) => ({ text, at: place, glob: compileGlob(text, options) })),
                at: place,
            });
        }
    }
    if (node.members.length === 0) report(at, "Empty", "no condition key");
    return clear && node.members.length > 0 ? conditions : undefined;
}

/** An empty list is legal for IAM. A number that has other spellings is read as AWS writes it, which only operators for numbers do not mind. */
function readValues(node: JsonNode, operator: Operator | undefined, at: string, report: Report): string[] | undefined {
    const values: string[] = [];
    for (const item of node.kind === "array" ? node.items : [node]) {
        if (item.kind === "number" && !/^(?:0|-?[1-9][0-9]{0,14})$/.test(item.text) && !isNumeric(operator)) {
            report(at, "BadCondition", "a number that AWS may write otherwise: quote it");
            return undefined;
        }
        if (item.kind === "string" || item.kind === "number" || item.kind === "boolean") values.push(item.text);
        else {
            report(at, "NotAString", item.kind);
            return undefined;
        }
    }
    return values;
}

function isNumeric(operator: Operator | undefined): boolean {
    return operator?.base.startsWith("Numeric") ?? false;
}
