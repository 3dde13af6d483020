import { quote } from "../../lib/encoding";
import { codedError } from "../../lib/errors";

/** A use of a key as CloudTrail recorded it, cut down to what the log compares. It has neither digest nor signature. */
export interface UseEvent {
    readonly eventId: string;
    readonly requestId: string;
    /** `YYYY-MM-DDTHH:MM:SSZ`, completion by the service's clock. */
    readonly eventTime: string;
    readonly keyArn: string;
    readonly signingAlgorithm: string;
    /** KMS reads a missing one as RAW. */
    readonly messageType: string;
    /** Role ARN with path for sessions, else the identity's own ARN. Never published. */
    readonly principal: string;
}

interface CloudTrailRecord {
    readonly eventSource?: unknown;
    readonly eventName?: unknown;
    readonly eventID?: unknown;
    readonly eventTime?: unknown;
    readonly requestID?: unknown;
    readonly errorCode?: unknown;
    readonly recipientAccountId?: unknown;
    readonly requestParameters?: { readonly signingAlgorithm?: unknown; readonly messageType?: unknown } | null;
    readonly resources?: readonly { readonly ARN?: unknown; readonly type?: unknown }[];
    readonly userIdentity?: {
        readonly arn?: unknown;
        readonly type?: unknown;
        readonly sessionContext?: { readonly sessionIssuer?: { readonly arn?: unknown } };
    };
}

/** Why an event is no use of a key of ours. */
export type Ignored = "unrelated" | "failed" | "foreign";

/**
 * @param body of the message: an EventBridge event
 * @throws BadJson for what CloudTrail never sends; it ends in the dead-letter queue, where a person sees it
 */
export function parseUseEvent(body: string): UseEvent | Ignored {
    const record = parseDetail(body);
    if (record.eventSource !== "kms.amazonaws.com" || record.eventName !== "Sign") return "unrelated";
    // DryRun too: it always ends in an error.
    if (record.errorCode !== undefined) return "failed";
    const keyArn = text(record.resources?.find(({ type }) => type === "AWS::KMS::Key")?.ARN, "resources[].ARN");
    // Use across accounts is recorded in both: the key's owner answers for it.
    if (accountOf(keyArn) !== record.recipientAccountId) return "foreign";
    return {
        eventId: text(record.eventID, "eventID"),
        requestId: text(record.requestID, "requestID"),
        eventTime: text(record.eventTime, "eventTime"),
        keyArn,
        signingAlgorithm: text(record.requestParameters?.signingAlgorithm, "requestParameters.signingAlgorithm"),
        messageType: text(record.requestParameters?.messageType ?? "RAW", "requestParameters.messageType"),
        principal: principalOf(record),
    };
}

function parseDetail(body: string): CloudTrailRecord {
    try {
        const { detail } = JSON.parse(body) as { detail?: unknown };
        if (typeof detail === "object" && detail !== null) return detail as CloudTrailRecord;
    } catch (error) {
        throw codedError("BadJson", `message ${quote(body)} is not JSON`, error);
    }
    throw codedError(
        "BadJson",
        `message ${quote(body)} has no detail, expected a CloudTrail record in an EventBridge event`,
    );
}

function text(value: unknown, member: string): string {
    if (typeof value !== "string" || value === "") {
        throw codedError("BadJson", `${member} of a Sign event is ${quote(value)}, expected text`);
    }
    return value;
}

/** The session's ARN drops the role's path; its issuer keeps it. */
function principalOf({ userIdentity }: CloudTrailRecord): string {
    const seen = userIdentity?.sessionContext?.sessionIssuer?.arn ?? userIdentity?.arn ?? userIdentity?.type;
    return text(seen, "userIdentity");
}

/** `arn:PARTITION:SERVICE:REGION:ACCOUNT:...` */
export function accountOf(arn: string): string {
    return arn.split(":")[4] ?? "";
}

/** Role names are unique in an account whatever their path, so name and account are enough. */
export function isRole(principal: string, account: string, roleName: string): boolean {
    const [, , service, , owner, resource = ""] = principal.split(":");
    return (
        service === "iam" &&
        owner === account &&
        resource.startsWith("role/") &&
        resource.split("/").at(-1) === roleName
    );
}
