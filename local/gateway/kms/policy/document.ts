import { kmsError } from "../errors";

/** A key's policy as it was put, and as it is evaluated. */
export interface StoredPolicy {
    readonly text: string;
    /** Statements without action or resource left out: AWS accepts them and they do nothing. */
    readonly evaluated: string;
    /** IAM principals that the document names, with the unique id each had when the policy was put. */
    readonly bindings: ReadonlyMap<string, string>;
}

/** Quota "key policy document size". */
const MAX_BYTES = 32_768;

export interface PolicyChecks {
    readonly principalId?: (arn: string) => Promise<string | undefined>;
    readonly policyFault?: (document: string) => string | undefined;
}

interface Statement {
    readonly Effect?: unknown;
    readonly Principal?: unknown;
    readonly NotPrincipal?: unknown;
    readonly [member: string]: unknown;
}

/** What KMS gives a key without a policy: every identity policy of the account counts. */
export function defaultPolicy(partition: string, accountId: string): string {
    const statement = {
        Sid: "Enable IAM User Permissions",
        Effect: "Allow",
        Principal: { AWS: `arn:${partition}:iam::${accountId}:root` },
        Action: "kms:*",
        Resource: "*",
    };
    return JSON.stringify({ Version: "2012-10-17", Id: "key-default-1", Statement: [statement] });
}

/** @throws LimitExceededException, MalformedPolicyDocumentException */
export async function readPolicy(text: string, checks: PolicyChecks): Promise<StoredPolicy> {
    if (Buffer.byteLength(text, "utf8") > MAX_BYTES) {
        throw kmsError("LimitExceededException", `Key policy document exceeds the maximum size of ${MAX_BYTES} bytes`);
    }
    const { document, statements } = parse(text);
    for (const statement of statements) checkStatement(statement);
    const fault = checks.policyFault?.(text);
    if (fault !== undefined) throw malformed(fault);
    const works = (s: Statement): boolean =>
        ("Action" in s || "NotAction" in s) && ("Resource" in s || "NotResource" in s);
    return {
        text,
        evaluated: JSON.stringify({ ...document, Statement: statements.filter(works) }),
        bindings: await bind(statements, checks),
    };
}

/** The policy with those principals replaced that are no longer who they were: AWS shows and matches their unique ids. */
export function rebound(text: string, ids: ReadonlyMap<string, string>): string {
    const { document, statements } = parse(text);
    const swap = (value: unknown): unknown => {
        if (typeof value === "string") return ids.get(value) ?? value;
        if (Array.isArray(value)) return value.map(swap);
        if (typeof value === "object" && value !== null) {
            return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, swap(v)]));
        }
        return value;
    };
    const Statement = statements.map((s) => ({
        ...s,
        ...("Principal" in s ? { Principal: swap(s.Principal) } : {}),
        ...("NotPrincipal" in s ? { NotPrincipal: swap(s.NotPrincipal) } : {}),
    }));
    return JSON.stringify({ ...document, Statement });
}

function parse(text: string): { document: Record<string, unknown>; statements: Statement[] } {
    let document: unknown;
    try {
        document = JSON.parse(text);
    } catch {
        throw malformed("The policy is not valid JSON.");
    }
    if (!isObject(document)) throw malformed("The policy is not a JSON object.");
    for (const member of Object.keys(document)) {
        if (!["Version", "Id", "Statement"].includes(member)) throw malformed(`Unknown field ${member}`);
    }
    if (document.Version !== undefined && !["2012-10-17", "2008-10-17"].includes(String(document.Version))) {
        throw malformed("Policy has an invalid Version.");
    }
    const statements = Array.isArray(document.Statement) ? document.Statement : [document.Statement];
    if (statements.length === 0 || !statements.every(isObject)) throw malformed("Policy has no valid statement.");
    return { document, statements };
}

function checkStatement(statement: Statement): void {
    if (statement.Effect !== "Allow" && statement.Effect !== "Deny") {
        throw malformed("Policy statement must contain an Effect of Allow or Deny.");
    }
    if ("Principal" in statement === "NotPrincipal" in statement) {
        throw malformed("Policy statement must contain resources, actions, effect and one Principal element.");
    }
    if ("Action" in statement && "NotAction" in statement) {
        throw malformed("Policy statement cannot contain both Action and NotAction.");
    }
}

/** Account ids, account roots, `*`, services and sessions bind to nothing; a role or user must exist. */
async function bind(
    statements: readonly Statement[],
    { principalId }: PolicyChecks,
): Promise<ReadonlyMap<string, string>> {
    const bindings = new Map<string, string>();
    if (!principalId) return bindings;
    for (const statement of statements) {
        for (const principal of awsPrincipals(statement.Principal ?? statement.NotPrincipal)) {
            if (principal === "*" || /^\d{12}$/.test(principal) || bindings.has(principal)) continue;
            if (/^arn:[^:]+:iam::\d{12}:root$/.test(principal) || /^arn:[^:]+:sts::/.test(principal)) continue;
            const isEntity = /^arn:[^:]+:iam::\d{12}:(?:role|user)\/./.test(principal);
            const id = isEntity ? await principalId(principal) : undefined;
            if (id === undefined) throw malformed("Policy contains a statement with one or more invalid principals.");
            bindings.set(principal, id);
        }
    }
    return bindings;
}

function awsPrincipals(principal: unknown): string[] {
    if (!isObject(principal)) return [];
    const aws = principal.AWS ?? [];
    return (Array.isArray(aws) ? aws : [aws]).filter((item): item is string => typeof item === "string");
}

function isObject(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

const malformed = (message: string): Error => kmsError("MalformedPolicyDocumentException", message);
