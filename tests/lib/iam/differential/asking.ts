import {
    type DeclaredPrincipal,
    type KeyWorld,
    parsePolicy,
    type Principal,
    principalOfArn,
    principalWithoutArn,
} from "../../../../lib/iam";
import { decide, type Person, type RawPolicy, type Reading } from "../oracle";
import type { Random } from "../random";
import { ACCOUNT, contexts, DECLARED, EVE, freeKeysOf, KEY_ARNS, ROLE_ID, spell, USER_ID, type World } from "../worlds";

/** One small world, as lib/iam reads it and as the oracle tries it. */

export const SCOPE = { partition: "aws", region: "eu-west-1", accountId: ACCOUNT };
export const EVERYTHING: RawPolicy = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
};

/** `arn:aws:kms:*` and wildcards in principals are refused, and read as the globs that they are; so are other Versions. */
const TOLERATED = ["BadResource", "Version"];

export function toWorld(small: World, declared: readonly string[], random: Random): KeyWorld {
    const { keyPolicy, identity, boundary, grants, isWild } = small;
    const read = (raw: RawPolicy, kind: "key" | "identity"): ReturnType<typeof parsePolicy> => {
        const text = spell(raw, random);
        const parsed = parsePolicy(text, kind);
        const tolerated = [...TOLERATED, ...(isWild ? ["PrincipalWildcard"] : [])];
        if (parsed.problems.some(({ code }) => !tolerated.includes(code)))
            throw new Error(`${text}: ${JSON.stringify(parsed.problems)}`);
        return parsed;
    };
    const principals = declared.map((arn): DeclaredPrincipal => {
        const edge = boundary[arn];
        return {
            arn,
            policies: (identity[arn] ?? []).map((raw, i) => ({ name: `document ${i}`, policy: read(raw, "identity") })),
            complete: !small.incomplete.includes(arn),
            ...(edge !== undefined && { boundary: { name: "boundary", policy: read(edge, "identity") } }),
        };
    });
    return {
        scope: { ...SCOPE, ...(small.knowsOrg && { orgId: "o-own" }) },
        ...(small.keyArn !== undefined && { keyArn: small.keyArn }),
        ...(!small.isDefault && { keyPolicy: read(keyPolicy, "key") }),
        principals,
        grants: grants.map((grant, i) => ({ name: `${i}`, ...grant })),
    };
}

export function toPrincipal({ type, arn }: Person, knowsOrg = true): Principal {
    if (type === "Service") return principalWithoutArn("service", arn);
    if (type === "Anonymous") return principalWithoutArn("anonymous", arn);
    return principalOfArn(arn, { ...SCOPE, ...(knowsOrg && { orgId: "o-own" }) });
}

/** All that decides about a person, but for grants. */
export function documentsOf(small: World, { arn }: Person): RawPolicy[] {
    const edge = small.boundary[arn];
    return [small.keyPolicy, ...(small.identity[arn] ?? []), ...(edge ? [edge] : [])];
}

/** The ways to settle what is open in these documents. */
export function readingsOf(isWild: boolean, documents: readonly RawPolicy[]): Reading[] {
    const text = JSON.stringify(documents);
    let all: Reading[] = [{}];
    const add = (name: keyof Reading, values: readonly unknown[]): void => {
        all = all.flatMap((one) => values.map((value) => ({ ...one, [name]: value })));
    };
    if (isWild) add("wildcards", ["glob", "text"]);
    if (text.includes('"NotPrincipal"')) add("listed", ["some", "all"]);
    if (/:\[\]|ForAnyValue:\w+IfExists|Numeric|Date|IpAddress|Binary|Bool|True|False|[^ -~]/.test(text))
        add("open", [true, false]);
    return all;
}

/** Whoever a person may be at one time or another: sessions, ids of which nobody knows whose they are, tokens that a user asked for. */
function selvesOf(who: Person, text: string): Person[] {
    const sessions = who.type === "AssumedRole" ? ["s1", "s2"] : [undefined];
    const id = who.type === "AssumedRole" ? ROLE_ID : who.type === "User" ? USER_ID : undefined;
    const ids = id !== undefined && text.includes(id) ? [undefined, id] : [undefined];
    const issuers = who.type === "FederatedUser" && text.includes(EVE) ? [undefined, EVE] : [undefined];
    return sessions.flatMap((session) =>
        ids.flatMap((userId) =>
            issuers.map((issuer) => ({
                ...who,
                ...(session && { session }),
                ...(userId && { userId }),
                ...(issuer && { issuer }),
            })),
        ),
    );
}

/** Whether some request of this person is allowed, whatever key id the key gets and whatever identity an undeclared person has. */
export function mayByTrying(small: World, who: Person, action: string): boolean {
    const documents = documentsOf(small, who);
    const text = JSON.stringify(documents);
    const needsOrg = text.toLowerCase().includes("principalorgid");
    const keys = freeKeysOf(documents);
    const readings = readingsOf(small.isWild, documents);
    const isDeclared = DECLARED.includes(who.arn);
    const isOpen = !isDeclared || small.incomplete.includes(who.arn);
    const boundary = small.boundary[who.arn];
    const all = {
        keyPolicy: small.keyPolicy,
        keyAccount: ACCOUNT,
        identity: [...(small.identity[who.arn] ?? []), ...(isOpen ? [EVERYTHING] : [])],
        grants: small.grants,
        ...(boundary && { boundary }),
    };
    const resources = small.keyArn === undefined ? KEY_ARNS : [small.keyArn];
    return selvesOf(who, text).some((self) =>
        contexts(self, keys, needsOrg, small.knowsOrg).some((context) =>
            resources.some((resource) =>
                readings.some((reading) => decide(all, { who: self, action, resource, context }, reading) === "allow"),
            ),
        ),
    );
}

/** Whether a member of the panel speaks for a person. The account that nobody mentions stands for none that the panel has itself. */
export function standsFor(member: Principal, person: Principal, all: readonly Principal[]): boolean {
    if (member.kind === "unique-id") return person.kind === "role" || person.kind === "user";
    if (member.kind !== person.kind) return false;
    if (person.kind === "anonymous") return true;
    if (member.name === person.name || member.name === "unnamed.amazonaws.com") return true;
    if (member.arn === undefined || person.arn === undefined) return false;
    const account = member.accountId ?? "";
    const isMentioned = all.some(({ accountId }) => accountId === person.accountId);
    const sameAccount =
        account === person.accountId || account.includes("?") || (/^9{6}/.test(account) && !isMentioned);
    // Of a pattern over accounts: the caller of that name in an account that nobody mentions.
    const sameName = member.arn.split(":")[5] === person.arn.split(":")[5];
    return sameAccount && (member.isClass || member.name.endsWith("/*") || member.kind === "root" || sameName);
}
