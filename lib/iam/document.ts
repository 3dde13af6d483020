import { type Draft, type Report, unknownElement } from "./elements";
import { compileGlob } from "./glob";
import { type JsonNode, readJson } from "./json";
import { parseStatement } from "./statement-parser";
import { entryOf } from "./principal-parser";
import { show } from "./show";
import type { ParsedPolicy, PolicyKind, Problem, ProblemCode, Statement } from "./types";

/**
 * IAM's size limits, characters. White space counts only where AWS counts it (IAM and STS quotas; key and resource policies are
 * measured as sent). A role's trust policy may be raised to 8,192 by quota; 2,048 is what an account starts with.
 */
export const SIZE_LIMITS: Readonly<Record<PolicyKind, { readonly characters: number; readonly countsSpace: boolean }>> =
    {
        key: { characters: 32_768, countsSpace: true },
        identity: { characters: 10_240, countsSpace: false },
        user: { characters: 2_048, countsSpace: false },
        group: { characters: 5_120, countsSpace: false },
        managed: { characters: 6_144, countsSpace: false },
        boundary: { characters: 6_144, countsSpace: false },
        aws: { characters: 1_000_000, countsSpace: false },
        session: { characters: 2_048, countsSpace: true },
        trust: { characters: 2_048, countsSpace: false },
        resource: { characters: 20_480, countsSpace: true },
        endpoint: { characters: 20_480, countsSpace: false },
    };

/** Longer text is refused unread: no document of IAM comes near it, however it is indented. */
const MAX_TEXT = 131_072;
const MAX_DEPTH = 10;
/** Whoever has made so many mistakes is not helped by a longer list; a document of nothing else is not worth more work. */
const MAX_PROBLEMS = 100;

/**
 * Reads a policy document as strictly as IAM does, and more.
 *
 * Never throws: any text gives a document. What was not understood stands in it as an Allow of everything, so that
 * a caller who ignores `problems` is wrong on the safe side; callers report every problem as a violation.
 *
 * Grammar: IAM User Guide, "Grammar of the IAM JSON policy language".
 */
export function parsePolicy(text: string, kind: PolicyKind): ParsedPolicy {
    const problems: Problem[] = [];
    const report: Report = (at, code, saw) =>
        void (problems.length <= MAX_PROBLEMS && problems.push({ at, code, saw }));
    const isHopeless = (): boolean => problems.length > MAX_PROBLEMS;
    const statements = parseStatements(text, kind, report, isHopeless);
    if (!isHopeless()) return { kind, document: { statements }, problems };
    const last: Problem = { at: "", code: "TooMany", saw: `more than ${MAX_PROBLEMS} problems, so it is not read` };
    return {
        kind,
        document: { statements: [allowEverything(kind, "")] },
        problems: [...problems.slice(0, MAX_PROBLEMS), last],
    };
}

/** For whoever only stores or refuses a document, as AWS does. */
export function isWellFormed(policy: ParsedPolicy): boolean {
    return policy.problems.length === 0;
}

/** The statement that stands for what was not understood. */
export function allowEverything(kind: PolicyKind, at: string): Statement {
    const everything = { negated: false, entries: [{ text: "*", at, glob: compileGlob("*") }], at };
    const speaksOfPrincipals = ["key", "trust", "resource", "endpoint"].includes(kind);
    return {
        at,
        effect: "Allow",
        ...(speaksOfPrincipals && {
            principals: { negated: false, entries: [entryOf("everyone", "*", at)], at },
        }),
        actions: everything,
        ...(kind !== "trust" && { resources: everything }),
        conditions: [],
        opaque: true,
        variables: true,
    };
}

function parseStatements(text: string, kind: PolicyKind, report: Report, isHopeless: () => boolean): Statement[] {
    const refuse = (code: ProblemCode, saw: string): Statement[] => {
        report("", code, saw);
        return [allowEverything(kind, "")];
    };
    if (text.length > (kind === "aws" ? 1_000_000 : MAX_TEXT))
        return refuse("TooLong", `${text.length} characters, too long to read`);
    const limit = SIZE_LIMITS[kind];
    const counts = limit.countsSpace || text.length <= limit.characters;
    const size = counts ? text.length : text.replace(/[ \t\n\r]+/g, "").length;
    if (size > limit.characters) report("", "TooLong", `${size} characters, expected at most ${limit.characters}`);

    const result = readJson(text, MAX_DEPTH);
    if (!result.ok) {
        return refuse(
            result.fault.code,
            `${result.fault.code === "TooDeep" ? "nested too deep" : "no JSON"} at offset ${result.fault.offset}`,
        );
    }
    if (result.node.kind !== "object") return refuse("NotJson", `${result.node.kind}, expected an object`);

    const top = readTop(result.node.members, report);
    if (top.confused || top.statement === undefined) {
        if (!top.confused) report("", "Empty", "no Statement");
        return [allowEverything(kind, "")];
    }
    const nodes = top.statement.kind === "array" ? top.statement.items : [top.statement];
    const single = top.statement.kind !== "array";
    if (nodes.length === 0) {
        report("Statement", "Empty", "no statement");
        return [allowEverything(kind, "Statement")];
    }
    const statements: Statement[] = [];
    let sids: Set<string> | undefined;
    for (let i = 0; i < nodes.length && !isHopeless(); i++) {
        const at = single ? "Statement" : `Statement[${i}]`;
        const draft: Draft = { kind, at, variables: top.variables, report };
        const statement = parseStatement(nodes[i] as JsonNode, draft) ?? allowEverything(kind, at);
        statements.push(statement);
        // Older tools write an empty one into every statement, which AWS takes as none.
        if (statement.sid === undefined || statement.sid === "") continue;
        sids ??= new Set();
        if (sids.has(statement.sid)) report(`${at}.Sid`, "DuplicateSid", "a Sid that another statement has");
        sids.add(statement.sid);
    }
    return statements;
}

interface Top {
    readonly statement: JsonNode | undefined;
    readonly variables: boolean;
    /** Two readings are possible, so neither counts. */
    readonly confused: boolean;
}

function readTop(members: readonly { key: string; value: JsonNode }[], report: Report): Top {
    let statement: JsonNode | undefined;
    let version: string | undefined;
    let confused = false;
    const seen: string[] = [];
    for (const { key, value } of members) {
        if (seen.includes(key)) {
            report("", "DuplicateKey", `${show(key)} twice`);
            confused = true;
        }
        if (seen.length < 16) seen.push(key);
        if (key === "Statement") statement = value;
        else if (key === "Version" && value.kind === "string") version = value.text;
        else if (key === "Version" || (key === "Id" && value.kind !== "string")) {
            report(key, "NotAString", value.kind);
        } else if (key !== "Id") {
            report("", ...unknownElement(key, ["Version", "Id", "Statement"]));
            confused = true;
        }
    }
    if (version !== "2012-10-17") {
        report("Version", "Version", `${version === undefined ? "absent" : show(version)}, expected 2012-10-17`);
    }
    return { statement, variables: version === "2012-10-17", confused };
}
