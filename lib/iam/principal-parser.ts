import { lastPart, parseIamArn } from "./arn";
import { readStrings, type Report } from "./elements";
import { compileGlob } from "./glob";
import type { JsonNode } from "./json";
import { show } from "./show";
import type { Negatable, PrincipalEntry, PrincipalEntryKind, SessionName } from "./types";

const TYPES = ["AWS", "Service", "Federated", "CanonicalUser"] as const;
type PrincipalType = (typeof TYPES)[number];

/** Reads Principal or NotPrincipal: `"*"` or lists by type (IAM User Guide, "AWS JSON policy elements: Principal"). */
export function parsePrincipals(
    node: JsonNode,
    negated: boolean,
    at: string,
    report: Report,
): Negatable<PrincipalEntry> | undefined {
    if (node.kind === "string") {
        if (node.text === "*") return { negated, entries: [entryOf("everyone", "*", at)], at };
        report(at, "BadPrincipal", show(node.text));
        return undefined;
    }
    if (node.kind !== "object" || node.members.length === 0) {
        report(at, "BadPrincipal", node.kind === "object" ? "an empty object" : node.kind);
        return undefined;
    }
    const entries: PrincipalEntry[] = [];
    const seen: string[] = [];
    let clear = true;
    for (const { key, value } of node.members) {
        const type = TYPES.includes(key as PrincipalType) ? (key as PrincipalType) : undefined;
        if (type === undefined || seen.includes(key)) {
            report(
                at,
                type === undefined ? "BadPrincipal" : "DuplicateKey",
                `${show(key)}${type === undefined ? "" : " twice"}`,
            );
            clear = false;
            continue;
        }
        seen.push(key);
        const texts = readStrings(value, `${at}.${key}`, report);
        if (texts === undefined) clear = false;
        for (const { text, at: where } of texts ?? []) {
            const entry = parseEntry(type, text, where, report);
            if (entry === undefined) clear = false;
            else entries.push(entry);
        }
    }
    return clear ? { negated, entries, at } : undefined;
}

/** Wildcards and variables within an entry are refused by AWS; they stay readable as a glob, so they are reported and counted as one. */
function parseEntry(type: PrincipalType, text: string, at: string, report: Report): PrincipalEntry | undefined {
    if (text === "*" && type === "AWS") return entryOf("everyone", text, at);
    const entry = type === "AWS" ? awsEntry(text, at) : parseOther(type, text, at);
    if (entry === undefined || text.includes("${")) report(at, "BadPrincipal", show(text));
    else if (text.includes("*") || text.includes("?")) report(at, "PrincipalWildcard", show(text));
    return entry;
}

/** An account, an ARN of a caller, or a unique id, as AWS writes those of its own accounts; undefined for anything else. */
export function awsEntry(text: string, at: string): PrincipalEntry | undefined {
    if (text.length === 12 && /^[0-9]{12}$/.test(text)) return entryOf("account", text, at);
    const root = text.endsWith(":root") ? /^arn:[a-z-]+:iam::([0-9]{12}):root$/.exec(text) : null;
    if (root?.[1] !== undefined) return entryOf("account", root[1], at);
    if (/^A[A-Z]{3}[A-Z0-9]{12,124}$/.test(text)) return entryOf("unique-id", text, at);
    // A role's session has a name.
    if (/^arn:[^:]*:sts::[^:]*:assumed-role\/[^/]*$/.test(text)) return undefined;
    if (text.length <= 2_048 && /^arn:[^:]*:(?:iam|sts|\*):[^:]*:[^:]*:[^]+$/.test(text))
        return entryOf("arn", text, at);
    // Wildcards that leave no six fields.
    return text.length <= 2_048 && /^[^]*[*?][^]*$/.test(text) ? entryOf("arn", text, at) : undefined;
}

function parseOther(type: Exclude<PrincipalType, "AWS">, text: string, at: string): PrincipalEntry | undefined {
    if (text.length === 0 || text.length > 2_048) return undefined;
    if (type === "CanonicalUser") return entryOf("canonical", text, at);
    if (type === "Federated") return entryOf("federated", text, at);
    return /^[a-z0-9.*?-]+$/.test(text) ? entryOf("service", text, at) : undefined;
}

export function entryOf(kind: PrincipalEntryKind, text: string, at: string): PrincipalEntry {
    const session = kind === "arn" && text.includes(":assumed-role/") ? sessionOf(text) : undefined;
    return { kind, text, at, glob: compileGlob(text, WITH_VARIABLES), session };
}

const WITH_VARIABLES = { variables: true };

function sessionOf(text: string): SessionName | undefined {
    const arn = parseIamArn(text);
    if (arn?.service !== "sts" || arn.type !== "assumed-role") return undefined;
    const slash = arn.name.indexOf("/");
    if (slash < 0) return undefined;
    return { accountId: arn.accountId, role: arn.name.slice(0, slash), session: lastPart(arn.name) };
}
