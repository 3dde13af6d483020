import { randomUUID } from "node:crypto";

import type { Caller } from "../kms/types";
import { eventSourceOf } from "../services";
import { userIdentity } from "./user-identity";

/** S3 objects stand here without an account. */
export interface RecordResource {
    readonly accountId?: string;
    readonly type: string;
    readonly ARN: string;
}

/** A CloudTrail record, as it stands in log files and as `detail` of the EventBridge event. */
export interface TrailRecord {
    readonly eventVersion: "1.11";
    readonly userIdentity: Readonly<Record<string, unknown>>;
    readonly eventTime: string;
    readonly eventSource: string;
    readonly eventName: string;
    readonly awsRegion: string;
    readonly sourceIPAddress: string;
    readonly userAgent: string;
    readonly errorCode?: string;
    readonly errorMessage?: string;
    readonly requestParameters: unknown;
    readonly responseElements: unknown;
    readonly requestID: string;
    readonly eventID: string;
    readonly readOnly: boolean;
    readonly resources?: readonly RecordResource[];
    readonly eventType: "AwsApiCall";
    readonly managementEvent: boolean;
    readonly recipientAccountId: string;
    /** The same in both records of a use across accounts. */
    readonly sharedEventID?: string;
    readonly eventCategory: "Management" | "Data";
}

/** What is known of a finished call. */
export interface FinishedCall {
    readonly service: string;
    readonly eventName: string;
    readonly region: string;
    readonly caller: Caller | undefined;
    /** Claimed by the request, recorded even where it did not authenticate. */
    readonly accessKeyId: string | undefined;
    readonly anonymous: boolean;
    readonly userAgent: string;
    readonly requestId: string;
    readonly eventId?: string;
    readonly error?: { readonly code: string; readonly message: string };
    readonly requestParameters: unknown;
    readonly responseElements: unknown;
    readonly readOnly: boolean;
    readonly managementEvent: boolean;
    readonly resources?: readonly RecordResource[];
    /** Completion, by the service's clock. */
    readonly at: Date;
}

/**
 * The records of one call: one in the caller's account, and, for a successful use of another account's resource, a
 * second one there. A denied use is recorded at the caller only.
 *
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 *
 * @param homeAccountId where calls are recorded that nobody is known to have made
 */
export function trailRecords(call: FinishedCall, homeAccountId: string): TrailRecord[] {
    const callerAccount = call.caller?.accountId ?? homeAccountId;
    const owners = (call.resources ?? [])
        .map((resource) => resource.accountId)
        .filter((id) => id !== undefined && /^\d{12}$/.test(id)) as string[];
    const others = call.error ? [] : [...new Set(owners)].filter((id) => id !== callerAccount);
    const shared = others.length > 0 ? { sharedEventID: randomUUID() } : {};
    return [callerAccount, ...others].map((recipientAccountId, i) => ({
        eventVersion: "1.11",
        userIdentity: userIdentity(call, recipientAccountId),
        eventTime: call.at.toISOString().replace(/\.\d{3}Z$/, "Z"),
        eventSource: eventSourceOf(call.service),
        eventName: call.eventName,
        awsRegion: call.region,
        sourceIPAddress: "127.0.0.1",
        userAgent: call.userAgent,
        ...(call.error ? { errorCode: call.error.code, errorMessage: call.error.message } : {}),
        requestParameters: call.requestParameters ?? null,
        responseElements: call.responseElements ?? null,
        requestID: call.requestId,
        eventID: i === 0 ? (call.eventId ?? randomUUID()) : randomUUID(),
        readOnly: call.readOnly,
        ...(call.resources && call.resources.length > 0 ? { resources: call.resources } : {}),
        eventType: "AwsApiCall",
        managementEvent: call.managementEvent,
        recipientAccountId,
        ...shared,
        eventCategory: call.managementEvent ? "Management" : "Data",
    }));
}
