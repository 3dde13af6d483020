import type { Caller } from "../kms/types";
import type { FinishedCall } from "./record";

/**
 * `userIdentity` of a record.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
 */
export function userIdentity(
    call: Pick<FinishedCall, "caller" | "accessKeyId" | "anonymous">,
    recipientAccountId: string,
): Record<string, unknown> {
    const { caller } = call;
    if (call.anonymous) return { type: "AWSAccount", principalId: "", accountId: "ANONYMOUS_PRINCIPAL" };
    if (!caller)
        return { type: "Unknown", principalId: "", ...(call.accessKeyId ? { accessKeyId: call.accessKeyId } : {}) };
    // The owner of a resource learns which account used it, not who there.
    if (caller.accountId !== recipientAccountId) {
        return { type: "AWSAccount", principalId: caller.principalId, accountId: caller.accountId };
    }
    return {
        type: caller.type,
        principalId: caller.principalId,
        arn: caller.arn,
        accountId: caller.accountId,
        ...(call.accessKeyId ? { accessKeyId: call.accessKeyId } : {}),
        ...(caller.type === "IAMUser" ? { userName: lastSegment(caller.arn) } : {}),
        ...(caller.type === "AssumedRole" ? { sessionContext: sessionContext(caller) } : {}),
    };
}

/** The session ARN drops the role's path; the issuer keeps it. */
function sessionContext(caller: Caller): Record<string, unknown> {
    const given = (caller.sessionContext ?? {}) as { attributes?: unknown; sessionIssuer?: Record<string, unknown> };
    return {
        sessionIssuer: {
            type: "Role",
            principalId: caller.principalId.split(":")[0],
            arn: caller.principalArn,
            accountId: caller.accountId,
            userName: lastSegment(caller.principalArn),
            ...given.sessionIssuer,
        },
        attributes: given.attributes ?? { mfaAuthenticated: "false" },
    };
}

/** What LookupEvents shows and searches as the user name. */
export function userNameOf(identity: Readonly<Record<string, unknown>>): string | undefined {
    switch (identity["type"]) {
        case "IAMUser":
            return identity["userName"] as string;
        case "Root":
            return "root";
        case "AssumedRole":
            return lastSegment(identity["arn"] as string);
        default:
            return undefined;
    }
}

function lastSegment(arn: string): string {
    return arn.slice(arn.lastIndexOf("/") + 1);
}
