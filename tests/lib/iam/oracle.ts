import { conditionHolds } from "./oracle/conditions";
import { fill, matches } from "./oracle/globs";
import { isGrantee, isSpared, namedBy } from "./oracle/principals";
import {
    type Documents,
    many,
    type OneOrMany,
    type RawPolicy,
    type RawStatement,
    type Reading,
    type Request,
} from "./oracle/shapes";

/**
 * An evaluator for small worlds, written unlike lib/iam: concrete requests only, no unknowns, globs by regular expression, raw JSON.
 * "May" is found by trying every request of the world, and every reading of what AWS leaves open. Nothing here is imported from lib/.
 */
export { contextOf } from "./oracle/principals";
export type { Documents, OneOrMany, Person, RawPolicy, RawStatement, Reading, Request } from "./oracle/shapes";

/** How a statement speaks of the request: not at all, or by which name. */
function speaks(
    statement: RawStatement,
    version: string | undefined,
    { who, action, resource, context }: Request,
    reading: Reading,
): Set<string> {
    const nobody = new Set<string>();
    const names = (globs: OneOrMany): boolean => many(globs).some((glob) => matches(glob, action, true));
    const holds = (globs: OneOrMany): boolean =>
        many(globs).some((glob) => {
            const filled = fill(glob, context, version);
            return filled !== undefined && matches(filled, resource);
        });
    if (statement.Action !== undefined ? !names(statement.Action) : names(statement.NotAction ?? [])) return nobody;
    if (statement.Resource !== undefined ? !holds(statement.Resource) : holds(statement.NotResource ?? []))
        return nobody;
    if (!conditionHolds(statement.Condition, { context, version, reading })) return nobody;
    if (statement.Principal !== undefined) return namedBy(statement.Principal, who, reading.wildcards);
    if (statement.NotPrincipal === undefined) return nobody.add("self");
    return isSpared(statement.NotPrincipal, who, statement.Effect, reading) ? nobody : nobody.add("self");
}

function votes(
    policy: RawPolicy | undefined,
    effect: "Allow" | "Deny",
    request: Request,
    reading: Reading,
): Set<string> {
    const all = (policy?.Statement ?? [])
        .filter((statement) => statement.Effect === effect)
        .flatMap((statement) => [...speaks(statement, policy?.Version, request, reading)]);
    return new Set(all);
}

export type Outcome = "allow" | "explicitDeny" | "implicitDeny";

/** IAM User Guide, evaluation within one account and across accounts, for a key. */
export function decide(documents: Documents, request: Request, reading: Reading = {}): Outcome {
    const { keyPolicy, keyAccount, identity, boundary, session, grants } = documents;
    const everything = [keyPolicy, ...identity, boundary, session];
    if (everything.some((policy) => votes(policy, "Deny", request, reading).size > 0)) return "explicitDeny";

    const byKey = votes(keyPolicy, "Allow", request, reading);
    const inside = [boundary, session].every(
        (policy) => policy === undefined || votes(policy, "Allow", request, reading).size > 0,
    );
    const byIdentity = inside && identity.some((policy) => votes(policy, "Allow", request, reading).size > 0);
    const { who } = request;
    const isRoot = who.type === "Account";

    const granted = grants?.some(
        ({ grantee, operations }) =>
            isGrantee(grantee, who) &&
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
