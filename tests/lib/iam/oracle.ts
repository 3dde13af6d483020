/**
 * An evaluator for small worlds, written unlike lib/iam: concrete requests only, no unknowns, globs by regular expression, raw JSON.
 * "May" is found by trying every request of the world. Nothing here is imported from lib/.
 */

type Text = string;
type OneOrMany = Text | readonly Text[];

export interface RawStatement {
    Effect: "Allow" | "Deny";
    Principal?: "*" | Record<string, OneOrMany>;
    NotPrincipal?: "*" | Record<string, OneOrMany>;
    Action?: OneOrMany;
    NotAction?: OneOrMany;
    Resource?: OneOrMany;
    NotResource?: OneOrMany;
    Condition?: Record<string, Record<string, OneOrMany>>;
}

export interface RawPolicy {
    Version: "2012-10-17";
    Statement: RawStatement[];
}

/** Somebody, as AWS knows them while they call. */
export interface Person {
    type: "AssumedRole" | "User" | "Account" | "Service" | "Anonymous";
    /** Role (not session), user or root ARN; the name of a service. */
    arn: string;
    account?: string;
    session?: string;
    userId?: string;
}

export interface Request {
    who: Person;
    action: string;
    resource: string;
    context: Record<string, OneOrMany>;
}

export interface Documents {
    keyPolicy: RawPolicy;
    keyAccount: string;
    identity: RawPolicy[];
    boundary?: RawPolicy;
    session?: RawPolicy;
    /** Without operations: of every kind that there is. */
    grants?: { grantee: string; operations?: string[] }[];
    /** How a wildcard in Principal is read, which AWS refuses: as a glob, or as the text that it is. */
    wildcards?: "glob" | "text";
}

const many = (value: OneOrMany | undefined): readonly Text[] =>
    value === undefined ? [] : typeof value === "string" ? [value] : value;

/** Wildcards of the policy, and literals of the request, as one anchored expression. */
function toRegExp(glob: string, ignoreCase: boolean): RegExp {
    const key = `${String(ignoreCase)} ${glob}`;
    const known = expressions.get(key) ?? compile(glob, ignoreCase);
    expressions.set(key, known);
    return known;
}

const expressions = new Map<string, RegExp>();

function compile(glob: string, ignoreCase: boolean): RegExp {
    const source = [...glob].map((char) =>
        char === "*" ? ".*" : char === "?" ? "." : char === STAR ? "\\*" : char.replace(/[^A-Za-z0-9]/g, "\\$&"),
    );
    return new RegExp(`^${source.join("")}$`, ignoreCase ? "is" : "s");
}

/** Stands for a star that is meant literally, once variables are in. */
const STAR = "\u0001";

/** Undefined if a variable has no value. */
function fill(text: string, context: Request["context"]): string | undefined {
    let missing = false;
    const filled = text.replace(/\$\{([^}]+)\}/g, (_, name: string) => {
        if (name === "*") return STAR;
        const value = many(context[name.toLowerCase()]);
        if (value.length !== 1) missing = true;
        return (value[0] ?? "").split("*").join(STAR);
    });
    return missing ? undefined : filled;
}

const plain = (text: string): string => text.split(STAR).join("*");

export function contextOf(who: Person): Record<string, OneOrMany> {
    const isPerson = who.type === "AssumedRole" || who.type === "User" || who.type === "Account";
    return {
        ...(who.type !== "Anonymous" && { "aws:principalisawsservice": String(who.type === "Service") }),
        ...(isPerson && { "aws:principalarn": who.arn, "aws:principaltype": who.type }),
        ...(who.account && { "aws:principalaccount": who.account, "kms:calleraccount": who.account }),
        ...(who.type === "Anonymous" && { "aws:principalaccount": "anonymous", "aws:principaltype": "Anonymous" }),
        ...(who.type === "User" && {
            "aws:username": who.arn.replace(/^.*\//, ""),
            "aws:userid": who.userId ?? "AIDAX",
        }),
        ...(who.type === "AssumedRole" && { "aws:userid": `${who.userId ?? "AROAX"}:${who.session ?? "s"}` }),
        ...(who.type === "Account" && who.account && { "aws:userid": who.account }),
    };
}

function conditionHolds(block: RawStatement["Condition"], context: Request["context"]): boolean {
    return Object.entries(block ?? {}).every(([operator, keys]) =>
        Object.entries(keys).every(([key, wanted]) =>
            operatorHolds(operator, context[key.toLowerCase()], many(wanted), context),
        ),
    );
}

function operatorHolds(
    name: string,
    held: OneOrMany | undefined,
    wanted: readonly Text[],
    context: Request["context"],
): boolean {
    if (name === "Null") return wanted.some((text) => (text === "true") === (held === undefined));
    if (name.endsWith("IfExists")) return held === undefined || operatorHolds(name.slice(0, -8), held, wanted, context);
    const match = (value: Text, base: string): boolean => wanted.some((text) => test(base, value, text, context));
    if (name.startsWith("ForAllValues:")) {
        const base = name.slice(13);
        return many(held).every((value) =>
            base.includes("Not") ? !match(value, base.replace("Not", "")) : match(value, base),
        );
    }
    if (name.startsWith("ForAnyValue:")) {
        const base = name.slice(12);
        return many(held).some((value) =>
            base.includes("Not") ? !match(value, base.replace("Not", "")) : match(value, base),
        );
    }
    if (name.includes("Not")) return !many(held).some((value) => match(value, name.replace("Not", "")));
    return many(held).some((value) => match(value, name));
}

function test(base: string, value: Text, raw: Text, context: Request["context"]): boolean {
    const wanted = fill(raw, context);
    if (wanted === undefined) return false;
    if (base === "StringEquals") return value === plain(wanted);
    if (base === "StringEqualsIgnoreCase" || base === "Bool")
        return value.toLowerCase() === plain(wanted).toLowerCase();
    if (base === "StringLike") return toRegExp(wanted, false).test(value);
    if (base === "ArnLike" || base === "ArnEquals") {
        if (wanted === "*") return true;
        const split = (arn: string): RegExpExecArray | null =>
            /^([^:]*):([^:]*):([^:]*):([^:]*):([^:]*):(.*)$/s.exec(arn);
        const [p, v] = [split(wanted), split(value)];
        return (
            p !== null &&
            v !== null &&
            [1, 2, 3, 4, 5, 6].every((i) => toRegExp(p[i] as string, false).test(v[i] as string))
        );
    }
    if (base.startsWith("Numeric")) return ordered(base.slice(7), Number(value), Number(plain(wanted)));
    if (base.startsWith("Date"))
        return ordered(base.slice(4), new Date(value).getTime(), new Date(plain(wanted)).getTime());
    if (base === "IpAddress") return inRange(value, plain(wanted));
    throw new Error(`the oracle knows no ${base}`);
}

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
    const bits = (text: string): string =>
        text
            .split(".")
            .map((octet) => Number(octet).toString(2).padStart(8, "0"))
            .join("");
    const [base, length = "32"] = range.split("/");
    return bits(address).startsWith(bits(base as string).slice(0, Number(length)));
}

/** "self", "role" (by role ARN), "account" or nothing. */
function namedBy(
    principal: "*" | Record<string, OneOrMany>,
    who: Person,
    wildcards: Documents["wildcards"],
): Set<string> {
    const found = new Set<string>();
    if (principal === "*") return found.add("self");
    for (const entry of many(principal["AWS"])) {
        if (entry === "*") found.add("self");
        else if (
            wildcards === "glob" &&
            /[*?]/.test(entry) &&
            namesOf(who).some((name) => toRegExp(entry, false).test(name))
        )
            found.add("self");
        if (who.account !== undefined && (entry === who.account || entry === `arn:aws:iam::${who.account}:root`))
            found.add("account");
        if (who.type === "AssumedRole" && entry === who.arn) found.add("role");
        if (
            who.type === "AssumedRole" &&
            entry === `arn:aws:sts::${who.account}:assumed-role/${who.arn.replace(/^.*\//, "")}/${who.session}`
        )
            found.add("self");
        if (who.type === "User" && entry === who.arn) found.add("self");
        if (who.userId !== undefined && entry === who.userId) found.add("self");
    }
    for (const entry of many(principal["Service"])) if (who.type === "Service" && entry === who.arn) found.add("self");
    return found;
}

/** The ARNs that a caller goes by. */
function namesOf({ type, arn, account, session }: Person): string[] {
    if (type === "Service" || type === "Anonymous") return [];
    if (type !== "AssumedRole") return [arn];
    return [arn, `arn:aws:sts::${account}:assumed-role/${arn.replace(/^.*\//, "")}/${session}`];
}

/** How a statement speaks of the request: not at all, or by which name. */
function speaks(
    statement: RawStatement,
    { who, action, resource, context }: Request,
    wildcards: Documents["wildcards"],
): Set<string> {
    const hits = (globs: OneOrMany | undefined, value: string, ignoreCase: boolean): boolean =>
        many(globs).some((glob) => {
            const filled = ignoreCase ? glob : fill(glob, context);
            return filled !== undefined && toRegExp(filled, ignoreCase).test(value);
        });
    const nobody = new Set<string>();
    if (
        statement.Action !== undefined ? !hits(statement.Action, action, true) : hits(statement.NotAction, action, true)
    )
        return nobody;
    if (
        statement.Resource !== undefined
            ? !hits(statement.Resource, resource, false)
            : hits(statement.NotResource, resource, false)
    )
        return nobody;
    if (!conditionHolds(statement.Condition, context)) return nobody;
    if (statement.Principal !== undefined) return namedBy(statement.Principal, who, wildcards);
    if (statement.NotPrincipal === undefined) return nobody.add("self");
    const listed = namedBy(statement.NotPrincipal, who, wildcards);
    // A Deny spares whoever is listed in any way; an Allow leaves out only who is listed by every name under which AWS may look for it.
    const left =
        who.type === "Service"
            ? listed.has("self")
            : who.type === "User" && listed.has("self") && listed.has("account");
    const spared = statement.Effect === "Deny" ? listed.size > 0 : left;
    return spared ? nobody : nobody.add("self");
}

function votes(
    policy: RawPolicy | undefined,
    effect: "Allow" | "Deny",
    request: Request,
    wildcards: Documents["wildcards"],
): Set<string> {
    const all = (policy?.Statement ?? [])
        .filter((statement) => statement.Effect === effect)
        .flatMap((statement) => [...speaks(statement, request, wildcards)]);
    return new Set(all);
}

export type Outcome = "allow" | "explicitDeny" | "implicitDeny";

/** IAM User Guide, evaluation within one account and across accounts, for a key. */
export function decide(documents: Documents, request: Request): Outcome {
    const { keyPolicy, keyAccount, identity, boundary, session, grants, wildcards } = documents;
    const everything = [keyPolicy, ...identity, boundary, session];
    if (everything.some((policy) => votes(policy, "Deny", request, wildcards).size > 0)) return "explicitDeny";

    const byKey = votes(keyPolicy, "Allow", request, wildcards);
    const inside = [boundary, session].every(
        (policy) => policy === undefined || votes(policy, "Allow", request, wildcards).size > 0,
    );
    const byIdentity = inside && identity.some((policy) => votes(policy, "Allow", request, wildcards).size > 0);
    const { who } = request;
    const isRoot = who.type === "Account";

    const granted = grants?.some(
        ({ grantee, operations }) =>
            grantee === who.arn &&
            (operations === undefined || operations.includes(request.action.replace("kms:", ""))),
    );
    if (who.account !== undefined && who.account !== keyAccount) {
        const named = byKey.size > 0 || granted === true;
        return named && (isRoot || byIdentity) ? "allow" : "implicitDeny";
    }
    if (byKey.has("self") || (byKey.has("role") && inside)) return "allow";
    if (byKey.has("account") && (isRoot || byIdentity)) return "allow";
    return granted === true ? "allow" : "implicitDeny";
}
