import { matches } from "./globs";
import { many, type OneOrMany, type Person, type Reading } from "./shapes";

/** Who somebody is: the keys that a request holds of its caller, and the names that a Principal element may hold. */

export function contextOf(who: Person): Record<string, OneOrMany> {
    const { type, arn, account, session, userId } = who;
    const name = arn.replace(/^.*\//, "");
    return {
        ...(type !== "Anonymous" && { "aws:principalisawsservice": String(type === "Service") }),
        ...(type !== "Anonymous" && type !== "Service" && { "aws:principalarn": arn, "aws:principaltype": type }),
        ...(account && { "aws:principalaccount": account, "kms:calleraccount": account }),
        ...(type === "Anonymous" && { "aws:principalaccount": "anonymous", "aws:principaltype": "Anonymous" }),
        ...(type === "User" && { "aws:username": name, "aws:userid": userId ?? "AIDAX" }),
        ...(type === "AssumedRole" && { "aws:userid": `${userId ?? "AROAX"}:${session ?? "s"}` }),
        ...(type === "FederatedUser" && { "aws:userid": `${account}:${name}` }),
        ...(type === "Account" && account && { "aws:userid": account }),
    };
}

const sessionArn = ({ account, arn, session }: Person): string =>
    `arn:aws:sts::${account}:assumed-role/${arn.replace(/^.*\//, "")}/${session}`;

/** "self", "role" (by role ARN), "account" or nothing. */
export function namedBy(
    principal: "*" | Record<string, OneOrMany>,
    who: Person,
    wildcards: Reading["wildcards"],
): Set<string> {
    const found = new Set<string>();
    if (principal === "*") return found.add("self");
    const isPerson = who.type !== "Service" && who.type !== "Anonymous";
    const names = !isPerson ? [] : who.type === "AssumedRole" ? [who.arn, sessionArn(who)] : [who.arn];
    // What a user is given is its own and that of its federated users.
    if (who.issuer !== undefined) names.push(who.issuer);
    for (const entry of many(principal["AWS"])) {
        if (entry === "*") found.add("self");
        if (wildcards === "glob" && /[*?]/.test(entry) && names.some((name) => matches(entry, name))) found.add("self");
        if (entry === who.account || entry === `arn:aws:iam::${who.account}:root`) found.add("account");
        if (who.type === "AssumedRole" && entry === who.arn) found.add("role");
        else if (names.includes(entry)) found.add("self");
        if (isPerson && entry === who.userId) found.add("self");
    }
    for (const entry of many(principal["Service"])) if (who.type === "Service" && entry === who.arn) found.add("self");
    return found;
}

/** All names under which AWS may look for somebody. A session is one of its own, beside its role's and its account's. */
const NAMES_OF: Readonly<Record<Person["type"], readonly string[]>> = {
    AssumedRole: ["self", "role", "account"],
    User: ["self", "account"],
    FederatedUser: ["self", "account"],
    Account: ["account"],
    Service: ["self"],
    Anonymous: ["self"],
};

/** Whether NotPrincipal leaves somebody out. */
export function isSpared(
    principal: "*" | Record<string, OneOrMany>,
    who: Person,
    effect: "Allow" | "Deny",
    { listed, wildcards }: Reading,
): boolean {
    const found = namedBy(principal, who, wildcards);
    const bySome = found.size > 0;
    const needed = NAMES_OF[who.type];
    const byAll = needed.every((name) => found.has(name));
    if (listed === undefined) return effect === "Deny" ? bySome : byAll && who.type !== "AssumedRole";
    return listed === "some" ? bySome : byAll;
}

/** Grants name a role, user, federated user, session, account or service. */
export function isGrantee(grantee: string, who: Person): boolean {
    if (grantee === who.arn) return true;
    if (who.account === undefined) return false;
    if (grantee === `arn:aws:iam::${who.account}:root`) return true;
    return who.type === "AssumedRole" && grantee === sessionArn(who);
}
