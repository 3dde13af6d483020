import type { TrailRecord } from "./record";
import type { TrailStore } from "./store";
import { userNameOf } from "./user-identity";

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html */
export interface LookupInput {
    readonly LookupAttributes?: readonly { readonly AttributeKey?: string; readonly AttributeValue?: string }[];
    /** Epoch seconds. */
    readonly StartTime?: number;
    readonly EndTime?: number;
    readonly MaxResults?: number;
    readonly NextToken?: string;
}

export type LookupResult =
    { readonly Events: unknown[]; readonly NextToken?: string } | { readonly code: string; readonly message: string };

type Attribute = (record: TrailRecord) => readonly (string | undefined)[];

const ATTRIBUTES: Readonly<Record<string, Attribute>> = {
    AccessKeyId: (record) => [record.userIdentity["accessKeyId"] as string | undefined],
    EventId: (record) => [record.eventID],
    EventName: (record) => [record.eventName],
    EventSource: (record) => [record.eventSource],
    ReadOnly: (record) => [String(record.readOnly)],
    ResourceName: (record) => (record.resources ?? []).map((resource) => resource.ARN),
    ResourceType: (record) => (record.resources ?? []).map((resource) => resource.type),
    Username: (record) => [userNameOf(record.userIdentity)],
};

/** Management events of one account and region, newest first, at most 50 a page; works with every trail stopped. */
export function lookupEvents(store: TrailStore, accountId: string, region: string, input: LookupInput): LookupResult {
    const attributes = input.LookupAttributes ?? [];
    const attribute = attributes[0];
    if (attributes.length > 1 || (attribute && !Object.hasOwn(ATTRIBUTES, attribute.AttributeKey ?? ""))) {
        return {
            code: "InvalidLookupAttributesException",
            message: "You can only specify one of the lookup attributes",
        };
    }
    const max = input.MaxResults ?? 50;
    if (!Number.isInteger(max) || max < 1 || max > 50) {
        return { code: "InvalidMaxResultsException", message: "A max results value of 1 to 50 is allowed" };
    }
    if (input.NextToken !== undefined && !/^\d{1,9}$/.test(input.NextToken)) {
        return { code: "InvalidNextTokenException", message: "The specified next token is invalid" };
    }
    const skip = Number(input.NextToken ?? 0);
    const found: TrailRecord[] = [];
    let seen = 0;
    for (const record of store.newestFirst()) {
        if (!record.managementEvent || record.recipientAccountId !== accountId || record.awsRegion !== region) continue;
        const at = Date.parse(record.eventTime) / 1000;
        if (at < (input.StartTime ?? 0) || at > (input.EndTime ?? Infinity)) continue;
        if (attribute && !ATTRIBUTES[attribute.AttributeKey!]!(record).includes(attribute.AttributeValue)) continue;
        if (seen++ < skip) continue;
        if (found.length === max) return { Events: found.map(eventOf), NextToken: String(skip + max) };
        found.push(record);
    }
    return { Events: found.map(eventOf) };
}

function eventOf(record: TrailRecord): unknown {
    return {
        EventId: record.eventID,
        EventName: record.eventName,
        ReadOnly: String(record.readOnly),
        AccessKeyId: record.userIdentity["accessKeyId"],
        EventTime: Date.parse(record.eventTime) / 1000,
        EventSource: record.eventSource,
        Username: userNameOf(record.userIdentity),
        Resources: (record.resources ?? []).map((resource) => ({
            ResourceType: resource.type,
            ResourceName: resource.ARN,
        })),
        CloudTrailEvent: JSON.stringify(record),
    };
}
